//! Broadcaster: the sender of events.

use std::{fmt, sync::Arc, time::Duration};

use sse_core::EncodedEvent;

use crate::{
    counts::Counts,
    history::Place,
    options::BroadcasterBuilder,
    state::{End, Shared, State},
    subscription::Subscription,
    waiters::Begun,
};

/// Sender of events to any number of [`Subscription`]s, with a bounded history.
///
/// A clone sends to the same subscriptions. When the last clone is dropped, they end once they have
/// read everything, as after [`close`](Self::close).
///
/// # Memory
///
/// The history, once for all subscriptions, with a fixed overhead for each event, and a few words
/// for each subscription.
#[derive(Clone)]
pub struct Broadcaster {
    handle: Arc<Handle>,
}

/// Handle that closes the broadcaster when it is dropped.
struct Handle {
    shared: Arc<Shared>,
}

impl BroadcasterBuilder {
    /// Creates the broadcaster.
    #[must_use]
    pub fn build(self) -> Broadcaster {
        let shared = Arc::new(Shared::new(self.into_options()));
        Broadcaster { handle: Arc::new(Handle { shared }) }
    }
}

impl Broadcaster {
    /// Creates a broadcaster that keeps up to 1,000 events or 1 MiB, and what was last sent.
    #[must_use]
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Returns a builder with the default options.
    pub fn builder() -> BroadcasterBuilder {
        BroadcasterBuilder::new()
    }

    /// Sends an event to every subscription. Does nothing once the broadcaster is closed.
    pub fn send(&self, event: impl Into<EncodedEvent>) {
        self.send_all([event.into()]);
    }

    /// Sends events to every subscription, which is woken once for all of them. Does nothing once
    /// the broadcaster is closed.
    ///
    /// They are kept until the next call, however many they are, so that every subscription that
    /// has read all events before can read them.
    ///
    /// ```
    /// # use sse_core::{BuildError, ServerSentEvent};
    /// # use sse_fanout::Broadcaster;
    /// let broadcaster = Broadcaster::new();
    /// let events = ["one", "two"].map(|data| ServerSentEvent::builder().data(data).build());
    /// broadcaster.send_all(events.into_iter().collect::<Result<Vec<_>, BuildError>>()?);
    /// assert_eq!(broadcaster.counts().sent, 2);
    /// # Ok::<(), BuildError>(())
    /// ```
    pub fn send_all(&self, events: impl IntoIterator<Item = impl Into<EncodedEvent>>) {
        // Encoded, and taken from the iterator, before the state is locked.
        let events: Vec<EncodedEvent> = events.into_iter().map(Into::into).collect();
        let now = self.shared().options.now();
        self.shared().change_and_wake(|state| {
            state.send(events, now);
        });
    }

    /// Sends a comment to every subscription that has nothing else to send, so that no proxy closes
    /// the connection as idle.
    ///
    /// The comment is not part of the history. One timer that calls this every 15 seconds or so
    /// replaces a timer for each connection.
    pub fn keep_alive(&self) {
        self.shared().change_and_wake(|state| state.waiters.keep_alive());
    }

    /// Subscribes to the events that are sent from now on.
    pub fn subscribe(&self) -> Subscription {
        let now = self.shared().options.now();
        let mut state = self.shared().lock();
        let end = state.history.end();
        self.subscription(&mut state, end, now)
    }

    /// Subscribes to the events that the history has, and to those that are sent from now on.
    pub fn subscribe_with_history(&self) -> Subscription {
        let now = self.shared().options.now();
        let mut state = self.shared().lock();
        let first = state.history.first();
        self.subscription(&mut state, first, now)
    }

    /// Subscribes to the events after the last one with this ID: the `Last-Event-ID` of a client
    /// that reconnects.
    ///
    /// Returns `None` if an event after it may be missing: the ID is unknown or empty, several
    /// events had it, or the event is older than the history. The caller decides what such a client
    /// receives. An example is below.
    ///
    /// IDs must differ between runs of the program. If they count from 1 in each run, a client of
    /// an earlier run resumes at the wrong event. A prefix that names the run prevents that.
    ///
    /// ```
    /// use sse_core::{BuildError, ServerSentEvent};
    /// use sse_fanout::{Broadcaster, Subscription};
    ///
    /// fn resume(broadcaster: &Broadcaster, id: &str) -> Result<Subscription, BuildError> {
    ///     if let Some(resumed) = broadcaster.subscribe_after(id) {
    ///         return Ok(resumed);
    ///     }
    ///     let gap = ServerSentEvent::builder().event("gap").data("load it all again").build()?;
    ///     Ok(broadcaster.subscribe_with_history().starting_with(gap))
    /// }
    /// # assert!(resume(&Broadcaster::new(), "7").is_ok());
    /// ```
    #[must_use]
    pub fn subscribe_after(&self, last_event_id: &str) -> Option<Subscription> {
        let now = self.shared().options.now();
        let mut state = self.shared().lock();
        let Some(place) = state.history.place_after(last_event_id) else {
            state.counts.unknown_ids += 1;
            return None;
        };
        state.counts.resumed += 1;
        Some(self.subscription(&mut state, place, now))
    }

    /// Returns the ID of the oldest event in the history that has one.
    ///
    /// If IDs are numbers, it shows how many events a client has missed that cannot be resumed.
    #[must_use]
    pub fn oldest_id(&self) -> Option<String> {
        let state = self.shared().lock();
        state.history.oldest_id().map(str::to_owned)
    }

    /// Ends every subscription, once it has read what was sent before. No more events can be sent.
    pub fn close(&self) {
        self.end(End::Closed);
    }

    /// Fails every subscription with [`Aborted`](crate::SubscriptionError::Aborted), once it has
    /// read what was sent before, so that the clients reconnect. No more events can be sent.
    pub fn abort(&self) {
        self.end(End::Aborted);
    }

    /// Returns the current counters.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let state = self.shared().lock();
        let behind = state.waiters.places().map(|place| state.history.bytes_behind(place));
        Counts {
            subscribers: state.waiters.places().count(),
            most_behind_bytes: behind.max().unwrap_or(0),
            ..state.counts
        }
    }

    fn subscription(&self, state: &mut State, place: Place, now: Duration) -> Subscription {
        let begun = Begun { end: state.history.end(), at: now };
        Subscription::new(Arc::clone(&self.handle.shared), state.waiters.insert(place, begun))
    }

    fn end(&self, end: End) {
        self.shared().end(end);
    }

    fn shared(&self) -> &Shared {
        &self.handle.shared
    }
}

impl Default for Broadcaster {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.end(End::Closed);
    }
}

impl fmt::Debug for Broadcaster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broadcaster").field("counts", &self.counts()).finish_non_exhaustive()
    }
}
