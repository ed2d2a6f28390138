//! The newest events in this process: read from the engine once, and sent to all browsers by a
//! broadcaster.
//!
//! Responsible for following the history, also over lost connections to the engine, and for where a
//! browser can join it. A browser that needs older events reads them from the engine first, in
//! [`browser`](crate::browser).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sse_core::{BuildError, EncodedEvent, ServerSentEvent};
use sse_fanout::{Broadcaster, Subscription};
use tokio::{sync::watch, time::sleep};

use crate::{
    engine::{Engine, EngineError, Seen, Stored},
    page::PageSize,
    place::Place,
    status::Status,
};

/// Type of the event that reports a gap, as a JSON object. Its `missed` is the number of missed
/// events, or null if that is not known.
pub(crate) const GAP: &str = "gateway-gap";

/// Handle on the newest events. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    live: Arc<Mutex<Live>>,
    changed: watch::Sender<()>,
    bounds: Bounds,
    status: Status,
    page: PageSize,
}

/// Limits of the events that a process keeps. The events that were sent together last are kept in
/// addition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { events: 2000, bytes: 16 * 1024 * 1024 }
    }
}

#[derive(Debug, Default)]
struct Live {
    /// `None` until the engine has responded once.
    broadcaster: Option<Broadcaster>,
    seen: Seen,
    /// Set when the process ends.
    is_closed: bool,
}

/// Answer to a browser that wants to join.
#[derive(Debug)]
pub(crate) enum Join {
    /// At its place, with the newest events.
    Live(Subscription),
    /// The engine has the events in between.
    Read,
    /// This process has not read that far, or follows another generation, or none yet.
    Wait,
    Closed,
}

impl Hub {
    pub(crate) fn new(bounds: Bounds, status: Status) -> Self {
        let changed = watch::Sender::new(());
        Self { live: Arc::default(), changed, bounds, status, page: PageSize::default() }
    }

    /// Follows the history of the engine. Never returns.
    pub(crate) async fn follow(self, engine: Engine) {
        loop {
            let Err(error) = self.follow_once(&engine).await;
            self.status.read_failed(&error);
            sleep(RETRY).await;
        }
    }

    /// Follows the history until the engine fails. The next call continues there.
    async fn follow_once(&self, engine: &Engine) -> Result<std::convert::Infallible, EngineError> {
        loop {
            let seen = self.seen();
            let newest = engine.check(&seen).await?;
            let is_known = self.lock().broadcaster.is_some();
            if !is_known || newest.generation != seen.place.generation {
                self.begin(engine, newest.clone()).await?;
            }
            // Otherwise, the events in between are still to be read.
            if self.seen().place.number >= newest.number {
                self.status.engine_responded();
            }
            loop {
                let place = self.seen().place;
                let waited = engine.wait(&place, self.page.limit(PAGE_BYTES, PAGE)).await;
                self.page.learn(&waited);
                let events = waited?;
                let Some(first) = events.first() else {
                    if place.generation == newest.generation && place.number < newest.number {
                        return Err(behind(engine, &newest));
                    }
                    break;
                };
                if first.number != place.number + 1 {
                    // This process was cut off for longer than the history is.
                    let newest = Place::new(place.generation, first.number - 1);
                    self.begin(engine, newest).await?;
                    break;
                }
                self.send(events);
                self.status.engine_responded();
            }
        }
    }

    /// Starts to follow a generation, with the events before `newest` that fit into the memory.
    /// Browsers of another generation are disconnected, so that they come back and learn what they
    /// have missed.
    async fn begin(&self, engine: &Engine, newest: Place) -> Result<(), EngineError> {
        let kept = self.bounds.events as u64;
        let mut place = Place::new(newest.generation.clone(), newest.number.saturating_sub(kept));
        let new = || {
            Broadcaster::builder()
                .history_events(self.bounds.events)
                .history_bytes(self.bounds.bytes)
                .build()
        };
        let mut broadcaster = new();
        let mut last_upstream_id = None;
        loop {
            let read = engine.read(&place, self.page.limit(PAGE_BYTES, PAGE)).await;
            self.page.learn(&read);
            let events = read?;
            let (Some(first), Some(last)) = (events.first(), events.last()) else { break };
            if first.number != place.number + 1 {
                // The events in between have left the history since the last page.
                broadcaster = new();
            }
            place.number = last.number;
            last_upstream_id = Some(last.last_upstream_id.clone());
            broadcaster.send_all(encoded(&place.generation, &events));
        }
        // The newest event leaves the history only when there is a newer one.
        if place.number < newest.number {
            return Err(behind(engine, &newest));
        }
        let mut live = self.lock();
        let earlier = live.broadcaster.replace(broadcaster);
        live.seen.place = place;
        if let Some(id) = last_upstream_id {
            live.seen.last_upstream_id = id;
        }
        drop(live);
        if let Some(earlier) = earlier {
            earlier.abort();
        }
        self.changed.send_replace(());
        Ok(())
    }

    fn send(&self, events: Vec<Stored>) {
        let mut live = self.lock();
        let encoded = encoded(&live.seen.place.generation, &events);
        if let Some(last) = events.into_iter().last() {
            live.seen.place.number = last.number;
            live.seen.last_upstream_id = last.last_upstream_id;
        }
        // Locked until the events are sent: no browser joins in between.
        if let Some(broadcaster) = &live.broadcaster {
            broadcaster.send_all(encoded);
        }
        drop(live);
        self.changed.send_replace(());
    }

    /// Joins the newest events after a place, if they are here.
    pub(crate) fn join(&self, after: &Place) -> Join {
        let live = self.lock();
        let Place { generation, number } = &live.seen.place;
        let Some(broadcaster) = &live.broadcaster else {
            return if live.is_closed { Join::Closed } else { Join::Wait };
        };
        if *generation != after.generation || after.number > *number {
            return Join::Wait;
        }
        if after.number == *number {
            return Join::Live(broadcaster.subscribe());
        }
        if let Some(subscription) = broadcaster.subscribe_after(&after.to_string()) {
            return Join::Live(subscription);
        }
        if broadcaster.oldest_id().is_some_and(|oldest| oldest == after.next().to_string()) {
            return Join::Live(broadcaster.subscribe_with_history());
        }
        Join::Read
    }

    /// Returns `true` if the process ends.
    pub(crate) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// Returns the sizes of the events that this process has read.
    pub(crate) fn page(&self) -> &PageSize {
        &self.page
    }

    /// Returns what this process has seen of the history.
    pub(crate) fn seen(&self) -> Seen {
        self.lock().seen.clone()
    }

    /// Returns a receiver that is notified of new events.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Sends a comment to every browser that has received everything.
    pub(crate) fn keep_alive(&self) {
        if let Some(broadcaster) = &self.lock().broadcaster {
            broadcaster.keep_alive();
        }
    }

    /// Ends all responses as truncated ones, so that the browsers connect to another process.
    pub(crate) fn close(&self) {
        let mut live = self.lock();
        live.is_closed = true;
        if let Some(broadcaster) = live.broadcaster.take() {
            broadcaster.abort();
        }
        drop(live);
        self.changed.send_replace(());
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reports that the connections for reads do not see an event that was checked, and abandons them:
/// after a failover, they may still be those to the earlier server.
fn behind(engine: &Engine, newest: &Place) -> EngineError {
    engine.reconnect_reads();
    EngineError::Unreachable(format!("event {newest} cannot be read"))
}

/// Encodes events under the IDs of the history.
pub(crate) fn encoded(generation: &str, events: &[Stored]) -> Vec<EncodedEvent> {
    let encode = |event: &Stored| -> Result<EncodedEvent, BuildError> {
        let id = Place::new(generation, event.number).to_string();
        let mut built = ServerSentEvent::builder().id(id).data(event.data.as_str());
        if !event.event.is_empty() {
            built = built.event(event.event.as_str());
        }
        Ok(built.build()?.into())
    };
    let log = |error| eprintln!("history: cannot send an event: {error}");
    events.iter().filter_map(|event| encode(event).map_err(log).ok()).collect()
}

/// Number of events that are read at once, at most, and about how many bytes.
const PAGE: usize = 512;
const PAGE_BYTES: usize = 1024 * 1024;
const RETRY: std::time::Duration = std::time::Duration::from_millis(200);
