//! Follows an event stream and saves the counts: one run, which may be interrupted at any moment.
//!
//! Saves as soon as no further event is available, so that a single event is saved at once, and a
//! burst costs one write. Saved events are acknowledged: after a disconnect the session resumes
//! after them.

use std::{error::Error, future, path::Path, process, time::Duration};

use futures_util::FutureExt;
use sse_examples::printable;
use sse_reqwest::{
    ClientBuilderExt, ClientSseSession, IdleTimeout, ReconnectPolicy, SessionEvent, SseClient,
    SseConfig,
};

use crate::state::State;

/// Fault to inject.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    None,
    /// Crashes after this number of events, before the last of them is saved.
    Crash {
        after: u64,
    },
    /// Hangs after this number of events has been saved.
    Hang {
        after: u64,
    },
}

pub(crate) async fn run(url: &str, path: &Path, fault: Fault) -> Result<(), Box<dyn Error>> {
    let saved = State::load(path)?;
    match saved.last_event_id() {
        "" => println!("starting from the beginning"),
        id => println!("resuming after {}", printable(id)),
    }
    let config = SseConfig::new()
        .last_event_id(saved.last_event_id())
        .acknowledge_events(true)
        .reconnect(ReconnectPolicy::exponential())
        .head_timeout(Duration::from_secs(30))
        .idle_timeout(IdleTimeout::auto());
    let http = reqwest::Client::builder().for_event_streams().build()?;
    let client = SseClient::new(http, config);
    let mut session = client.sse_session(url).await?;
    let mut follower = Follower { path, current: saved.clone(), saved, counted: 0 };
    let followed = follower.follow(&mut session, fault).await;
    // The counted events are valid even if the session failed.
    follower.save(&mut session)?;
    followed?;
    println!("ended: {:?}", session.end_reason());
    Ok(())
}

struct Follower<'a> {
    path: &'a Path,
    current: State,
    /// State that the file contains.
    saved: State,
    /// Number of events that this run has counted.
    counted: u64,
}

impl Follower<'_> {
    async fn follow(
        &mut self,
        session: &mut ClientSseSession,
        fault: Fault,
    ) -> Result<(), Box<dyn Error>> {
        loop {
            // Dropping the future loses no event.
            let available = session.lifecycle().next().now_or_never();
            let step = match available {
                Some(step) => step,
                None => {
                    self.save(session)?;
                    if matches!(fault, Fault::Hang { after } if after <= self.counted) {
                        future::pending::<()>().await;
                    }
                    session.lifecycle().next().await
                }
            };
            match step.transpose()? {
                Some(SessionEvent::Event(event)) => {
                    self.current.count(&event);
                    self.counted += 1;
                    if matches!(fault, Fault::Crash { after } if after == self.counted) {
                        println!("crashing: {} was counted and not saved", event.event_type());
                        process::abort();
                    }
                }
                Some(SessionEvent::Disconnected { .. }) => {
                    // Events that were not acknowledged are received again.
                    self.current = self.saved.clone();
                    println!("disconnected: resuming after the last saved event");
                }
                Some(_) => {}
                None => return Ok(()),
            }
        }
    }

    /// Saves and acknowledges all events that have been counted.
    fn save(&mut self, session: &mut ClientSseSession) -> Result<(), Box<dyn Error>> {
        if self.current == self.saved {
            return Ok(());
        }
        self.current.save(self.path)?;
        session.acknowledge(session.ack_token());
        self.saved = self.current.clone();
        match self.saved.last_event_id() {
            "" => println!("saved, but the server sends no IDs to resume from"),
            id => println!("saved up to {}", printable(id)),
        }
        Ok(())
    }
}
