//! Leadership: one process at a time follows the upstream, and appends its events to the engine.
//!
//! Responsible for the lease, for resuming the upstream after the last event that was stored, and
//! for waiting when the engine does not take events: the upstream then waits too, by flow control.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use serde_json::json;
use sse_direct::{ClientSseSession, ServerSentEvent, SseClient, SseConfig};
use tokio::time::{Instant, sleep};

use crate::{
    engine::{Acquired, Appended, Batch, Engine, Renewed, Stored, Term},
    hub::{GAP, Hub},
    place::Place,
    status::Status,
    upstream,
};

/// Makes a client of the upstream, with these options.
pub(crate) type Connect = Arc<dyn Fn(SseConfig) -> SseClient + Send + Sync>;

/// State of a process that leads, or waits to lead.
pub(crate) struct Leader {
    pub(crate) engine: Engine,
    pub(crate) hub: Hub,
    pub(crate) status: Status,
    pub(crate) connect: Connect,
    pub(crate) upstream: String,
    /// Name of this process in the lease.
    pub(crate) owner: String,
    pub(crate) lease: Duration,
}

/// Lease of a term, as the leader knows it.
#[derive(Debug, Clone)]
struct Lease {
    until: Instant,
    /// Token of the newest acquisition.
    token: String,
}

/// Reason why a term has ended.
#[derive(Debug)]
enum Ended {
    /// The lease expired, or somebody else has it.
    Lease,
    /// The upstream failed in a way that the session does not survive, or has no more events.
    Upstream(String),
}

impl Leader {
    /// Follows the upstream whenever this process is the leader. Never returns.
    pub(crate) async fn run(self) {
        loop {
            let began = Instant::now();
            match self.engine.acquire(&self.owner, &self.hub.seen()).await {
                Ok(Acquired::Held(term)) => {
                    let place = &term.place;
                    eprintln!("leader: epoch {}, from {place}", term.epoch);
                    self.status.holds_lease();
                    self.status.became_leader();
                    let ended = self.lead(term, began + self.lease).await;
                    self.status.became_follower();
                    match ended {
                        Ended::Lease => eprintln!("leader: no longer, the lease is lost"),
                        Ended::Upstream(why) => {
                            eprintln!("leader: no longer, {why}");
                            // If that fails, the lease expires.
                            let _ = self.engine.release(&self.owner).await;
                            sleep(UPSTREAM_PAUSE).await;
                        }
                    }
                }
                Ok(Acquired::Other(remaining)) => {
                    self.status.another_leads();
                    // Not all at once when it expires.
                    let jitter = LEASE_POLL.mul_f64(fastrand::f64());
                    sleep(remaining.min(LEASE_POLL) / 2 + jitter / 2).await;
                }
                Err(error) => {
                    self.status.lease_failed(&error);
                    sleep(RETRY).await;
                }
            }
        }
    }

    /// Follows the upstream for as long as the lease is held.
    async fn lead(&self, term: Term, until: Instant) -> Ended {
        let lease = Mutex::new(Lease { until, token: term.token.clone() });
        tokio::select! {
            biased;
            // First: it notes a newer acquisition, by which a reply to a renewal is judged.
            ended = self.follow(term, &lease) => ended,
            () = self.renew(&lease) => Ended::Lease,
        }
    }

    /// Renews the lease until it is lost. The time that counts is that before a request.
    async fn renew(&self, lease: &Mutex<Lease>) {
        let current = || {
            let lease = lease.lock().unwrap_or_else(PoisonError::into_inner).clone();
            (lease.until.saturating_duration_since(Instant::now()), lease.token)
        };
        let mut pause = self.lease / 3;
        loop {
            let shorter = pause.min(current().0);
            sleep(shorter).await;
            let began = Instant::now();
            let (rest, token) = current();
            if rest.is_zero() {
                return;
            }
            let renewed = self.engine.renew(&self.owner, &token, rest).await;
            if token != current().1 {
                // Acquired again meanwhile: the reply is about the earlier acquisition.
                continue;
            }
            match renewed {
                Ok(Renewed::Held) => {
                    self.status.holds_lease();
                    lease.lock().unwrap_or_else(PoisonError::into_inner).until = began + self.lease;
                    pause = self.lease / 3;
                }
                Ok(Renewed::Other) => return,
                // The next batch starts a history, if one comes in time.
                Ok(Renewed::Lost) => pause = self.lease / 10,
                Err(error) => {
                    self.status.lease_failed(&error);
                    pause = self.lease / 10;
                }
            }
        }
    }

    async fn follow(&self, mut term: Term, lease: &Mutex<Lease>) -> Ended {
        let config = upstream::config().last_event_id(term.last_upstream_id.clone());
        let client = (self.connect)(config);
        let mut session = match client.sse_session(self.upstream.as_str()).await {
            Ok(session) => session,
            Err(error) => return Ended::Upstream(error.to_string()),
        };
        let mut seq = 0;
        let Place { mut generation, number: mut count } = term.place.clone();
        let mut reading = Reading { began: count, connections: 1, restarts: 0 };
        let mut batch = Vec::new();
        if count > 0 && term.last_upstream_id.is_empty() {
            batch.push(restart());
        }
        loop {
            let failure = reading.batch(&mut session, &mut batch, count).await;
            if !batch.is_empty() {
                match self.append(&mut term, lease, &mut seq, reading.began, &batch).await {
                    Some(place) => {
                        // A new history has none of the earlier IDs.
                        if place.generation != generation {
                            reading.began = 0;
                            generation = place.generation;
                        }
                        count = place.number;
                    }
                    None => return Ended::Lease,
                }
                batch.clear();
            }
            match failure {
                None => {}
                Some(Some(error)) => return Ended::Upstream(error),
                Some(None) => {
                    eprintln!("leader: the upstream has no more events");
                    // The lease is kept, so that no other process asks again.
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    /// Appends a batch, however often that has to be tried. Returns the place of the newest event,
    /// or `None` if this process is not the leader any more.
    async fn append(
        &self,
        term: &mut Term,
        lease: &Mutex<Lease>,
        seq: &mut u64,
        mut began: u64,
        events: &[Stored],
    ) -> Option<Place> {
        *seq += 1;
        let mut pause = RETRY_AT_FIRST;
        loop {
            match self.engine.append(&Batch { term, seq: *seq, began, events }).await {
                Ok(Appended::Stored { count, duplicates }) => {
                    self.status.appended(events.len() as u64 - duplicates, duplicates);
                    return Some(Place::new(term.place.generation.clone(), count));
                }
                Ok(Appended::Refused) => {
                    *term = self.continued(lease).await?;
                    *seq = 1;
                    began = 0;
                }
                Err(error) => {
                    self.status.append_failed(&error);
                    sleep(pause).await;
                    pause = (pause * 2).min(RETRY);
                }
            }
        }
    }

    /// Returns a term in which the session can go on: the history was lost, and nobody else has
    /// started another.
    async fn continued(&self, lease: &Mutex<Lease>) -> Option<Term> {
        let began = Instant::now();
        match self.engine.acquire(&self.owner, &self.hub.seen()).await {
            Ok(Acquired::Held(term)) if term.is_started => {
                eprintln!(
                    "leader: the history is lost, a new one starts: {}",
                    term.place.generation
                );
                let acquired = Lease { until: began + self.lease, token: term.token.clone() };
                *lease.lock().unwrap_or_else(PoisonError::into_inner) = acquired;
                Some(term)
            }
            Ok(_) => None,
            Err(error) => {
                self.status.lease_failed(&error);
                None
            }
        }
    }
}

/// Progress of reading the session of a term.
#[derive(Debug)]
struct Reading {
    /// Number of the newest event when the current connection began.
    began: u64,
    connections: u64,
    restarts: u32,
}

impl Reading {
    /// Waits for events and takes those that are there, up to a limit. Returns `None` if more may
    /// come, `Some(None)` at the end of the upstream, and else its error.
    async fn batch(
        &mut self,
        session: &mut ClientSseSession,
        batch: &mut Vec<Stored>,
        count: u64,
    ) -> Option<Option<String>> {
        let mut next = session.next().await;
        let mut bytes = 0;
        loop {
            let event = match next {
                None => return Some(None),
                Some(Err(error)) => return Some(Some(error.to_string())),
                Some(Ok(event)) => event,
            };
            if session.connections() > self.connections {
                self.connections = session.connections();
                self.began = count + batch.len() as u64;
            }
            if session.restarts() > self.restarts {
                self.restarts = session.restarts();
                batch.push(restart());
            }
            bytes += event.data().len();
            batch.push(stored(&event, session.last_event_id()));
            if batch.len() >= MAX_BATCH || bytes >= MAX_BATCH_BYTES {
                return None;
            }
            match session.next().now_or_never() {
                None => return None,
                Some(another) => next = another,
            }
        }
    }
}

fn stored(event: &ServerSentEvent, last_upstream_id: &str) -> Stored {
    Stored {
        number: 0,
        event: event.event().unwrap_or_default().to_owned(),
        data: event.data().to_owned(),
        upstream_id: event.id().unwrap_or_default().to_owned(),
        last_upstream_id: last_upstream_id.to_owned(),
    }
}

/// Event that says that the upstream, which has sent no IDs, was followed again: events before it
/// may be missing, and events after it may be repeated.
fn restart() -> Stored {
    Stored {
        number: 0,
        event: GAP.to_owned(),
        data: json!({ "missed": null, "because": "upstream has no IDs" }).to_string(),
        upstream_id: String::new(),
        last_upstream_id: String::new(),
    }
}

/// Longest time until a process notices that the lease is free.
const LEASE_POLL: Duration = Duration::from_millis(250);
const RETRY_AT_FIRST: Duration = Duration::from_millis(20);
const RETRY: Duration = Duration::from_millis(500);
/// Time for which a process does not try to lead after the upstream has failed, so that another
/// can.
const UPSTREAM_PAUSE: Duration = Duration::from_secs(2);
const MAX_BATCH: usize = 256;
const MAX_BATCH_BYTES: usize = 1024 * 1024;
