//! State of the gateway: a broadcaster, and what the gateway adds to the events of the upstream.
//!
//! Responsible for the IDs, for the events of the gateway's own, and for where a browser starts.
//! The broadcaster keeps the history and wakes the browsers. Knows nothing of HTTP.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::json;
use sse_core::{BuildError, EncodedEvent, ServerSentEvent};
use sse_fanout::{Broadcaster, Subscription};
use tokio::sync::watch;

/// Type of the event that announces the types of later events, as a JSON array of strings. An
/// `EventSource` ignores events of types without a listener.
pub(crate) const TYPES: &str = "gateway-types";

/// Type of the event that reports a gap, as a JSON object. Its `missed` is the number of missed
/// events, or null if the browser sent an ID that the gateway does not know.
pub(crate) const GAP: &str = "gateway-gap";

/// Handle on the gateway. Clones share its state.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    broadcaster: Broadcaster,
    numbering: Arc<Mutex<Numbering>>,
    stage: watch::Sender<Stage>,
}

/// Limits of the history. The events that were sent together last are kept in addition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { events: 1000, bytes: 16 * 1024 * 1024 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The upstream may send more events.
    Live,
    /// The upstream has no more events.
    Ended,
    /// The gateway is shutting down.
    Closed,
}

/// IDs and types of the events so far.
///
/// IDs of the upstream may be missing or repeated, and do not say where in the history an event is.
/// Each event therefore gets the ID `RUN-NUMBER`. The number counts from 1. The run is different
/// each time the gateway starts, so that IDs of an earlier run are recognized.
#[derive(Debug)]
struct Numbering {
    run: String,
    /// Number of the newest event.
    last: u64,
    /// Event types, in the order of their first events.
    types: Vec<String>,
}

impl Gateway {
    /// Creates a gateway whose event IDs start with the name of the run.
    pub(crate) fn new(run: String, bounds: Bounds) -> Self {
        let broadcaster = Broadcaster::builder()
            .history_events(bounds.events)
            .history_bytes(bounds.bytes)
            .build();
        let numbering = Numbering { run, last: 0, types: Vec::new() };
        let stage = watch::Sender::new(Stage::Live);
        Self { broadcaster, numbering: Arc::new(Mutex::new(numbering)), stage }
    }

    /// Sends events to all browsers, each of which is woken once for all of them.
    pub(crate) fn publish(&self, events: &[ServerSentEvent]) -> Result<(), BuildError> {
        let mut numbering = self.numbering();
        let mut encoded = Vec::with_capacity(events.len());
        let mut numbered = Ok(());
        for event in events {
            // One that cannot be numbered is left out; the others are sent.
            if let Err(error) = numbering.number(event, &mut encoded) {
                numbered = Err(error);
            }
        }
        // Locked until the events are sent: no browser starts in between.
        self.broadcaster.send_all(encoded);
        numbered
    }

    /// Subscribes a browser to the events after its last one, or returns `None` if it has received
    /// all that there will be.
    pub(crate) fn subscribe(
        &self,
        last_event_id: Option<&str>,
        reconnection_time: Duration,
    ) -> Result<Option<Subscription>, BuildError> {
        let id = last_event_id.filter(|id| !id.is_empty());
        let numbering = self.numbering();
        let resumed = id.and_then(|id| self.broadcaster.subscribe_after(id));
        let missed = match id {
            Some(id) if resumed.is_none() => self.missed(&numbering, id),
            _ => Some(0),
        };
        let subscription = resumed.unwrap_or_else(|| self.broadcaster.subscribe_with_history());
        if *self.stage.borrow() == Stage::Ended && subscription.is_over() {
            return Ok(None);
        }
        let retry = ServerSentEvent::builder().retry(reconnection_time).build()?;
        let mut subscription = subscription.starting_with(retry);
        if !numbering.types.is_empty() {
            subscription = subscription.starting_with(numbering.announcement()?);
        }
        if missed != Some(0) {
            subscription = subscription.starting_with(own(GAP, &json!({ "missed": missed }))?);
        }
        Ok(Some(subscription))
    }

    /// Returns how many events after this ID have left the history, or `None` if the ID is not one
    /// of this run.
    fn missed(&self, numbering: &Numbering, id: &str) -> Option<u64> {
        let seen = numbering.parse(id)?;
        let oldest = self.broadcaster.oldest_id().and_then(|id| numbering.parse(&id))?;
        oldest.checked_sub(seen + 1)
    }

    /// Sends a comment to every browser that has received everything.
    pub(crate) fn keep_alive(&self) {
        self.broadcaster.keep_alive();
    }

    /// Marks the history as complete: browsers receive the remaining events, and the end.
    pub(crate) fn end(&self) {
        self.enter(Stage::Ended);
    }

    /// Ends the responses, once browsers have read what was sent, and the server.
    pub(crate) fn close(&self) {
        self.enter(Stage::Closed);
    }

    /// Waits until the gateway is closed.
    pub(crate) async fn closed(&self) {
        // Fails if no handle is left, which could close the gateway.
        let _ = self.stage.subscribe().wait_for(|stage| *stage == Stage::Closed).await;
    }

    /// Returns the number of connected browsers.
    pub(crate) fn browsers(&self) -> usize {
        self.broadcaster.counts().subscribers
    }

    fn enter(&self, stage: Stage) {
        self.stage.send_replace(stage);
        self.broadcaster.close();
    }

    fn numbering(&self) -> MutexGuard<'_, Numbering> {
        self.numbering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Numbering {
    /// Encodes an event under its own ID, after an announcement if its type is new.
    fn number(
        &mut self,
        event: &ServerSentEvent,
        encoded: &mut Vec<EncodedEvent>,
    ) -> Result<(), BuildError> {
        let id = format!("{}-{}", self.run, self.last + 1);
        let mut numbered = ServerSentEvent::builder().id(id).data(event.data());
        if let Some(event_type) = event.event() {
            numbered = numbered.event(event_type);
        }
        let numbered = numbered.build()?;
        let event_type = event.event_type();
        if self.types.len() < MAX_TYPES && !self.types.iter().any(|it| it == event_type) {
            self.types.push(event_type.to_owned());
            encoded.push(self.announcement()?.into());
        }
        self.last += 1;
        encoded.push(numbered.into());
        Ok(())
    }

    fn announcement(&self) -> Result<ServerSentEvent, BuildError> {
        own(TYPES, &json!(self.types))
    }

    /// Returns the number in an ID of this run.
    fn parse(&self, id: &str) -> Option<u64> {
        let number = id.strip_prefix(&self.run)?.strip_prefix('-')?.parse().ok()?;
        (1..=self.last).contains(&number).then_some(number)
    }
}

/// Makes an event of the gateway's own. It has no ID, so that no browser's last event ID changes.
fn own(event_type: &str, data: &serde_json::Value) -> Result<ServerSentEvent, BuildError> {
    ServerSentEvent::builder().event(event_type).data(data.to_string()).build()
}

/// Number of event types that are announced. It bounds the memory that an upstream can make the
/// gateway use with ever new types.
const MAX_TYPES: usize = 256;
