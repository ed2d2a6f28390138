//! One subscriber's view of the events.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_core::Stream;
use sse_core::{EncodedEvent, EncodedEvents};

use crate::{
    error::SubscriptionError,
    state::{Next, Shared},
    waiters::Key,
};

/// Stream of the events that a [`Broadcaster`](crate::Broadcaster) sends, from one place on.
///
/// Each item is all that was sent since the last one, up to 16 KiB or one event. Subscriptions that
/// have read the same share the bytes of an item. Ends once the broadcaster is closed and everything
/// is read.
///
/// A subscription that is not polled takes no memory beyond its own few words, and cannot be ended
/// from here: a server ends the connection of a client that does not read by a timeout of its own.
///
/// # Cancel safety
///
/// Nothing is lost if polling is abandoned.
#[must_use = "streams do nothing unless polled"]
pub struct Subscription {
    shared: Arc<Shared>,
    key: Key,
    /// Events of this subscriber alone, until they are sent.
    first: Vec<EncodedEvent>,
    filter: Option<Filter>,
    has_ended: bool,
}

type Filter = Box<dyn Fn(&EncodedEvent) -> bool + Send + Sync>;

impl Subscription {
    pub(crate) fn new(shared: Arc<Shared>, key: Key) -> Self {
        Self { shared, key, first: Vec::new(), filter: None, has_ended: false }
    }

    /// Sends only the events for which `filter` returns `true`. Keep-alives are sent in any case.
    ///
    /// The filter is called for each event of each subscription, outside the lock of the
    /// broadcaster. For topics, one broadcaster each costs less. Defaults to all events.
    pub fn with_filter(
        mut self,
        filter: impl Fn(&EncodedEvent) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.filter = Some(Box::new(filter));
        self
    }

    /// Sends an event to this subscriber alone, before all others: the state so far, a reconnection
    /// time, or the news that events are missing.
    ///
    /// Each call adds an event after those of earlier calls.
    pub fn starting_with(mut self, event: impl Into<EncodedEvent>) -> Self {
        self.first.push(event.into());
        self
    }

    /// Returns `true` if there is nothing to read and nothing will come, because the broadcaster is
    /// closed.
    ///
    /// A server then responds with 204 to a client that has received everything, so that the client
    /// does not reconnect:
    ///
    /// ```
    /// use sse_core::{BuildError, ServerSentEvent};
    /// use sse_fanout::Broadcaster;
    ///
    /// let broadcaster = Broadcaster::new();
    /// for id in ["1", "2"] {
    ///     broadcaster.send(ServerSentEvent::builder().id(id).data("x").build()?);
    /// }
    /// broadcaster.close();
    /// let is_over = |id| broadcaster.subscribe_after(id).map(|it| it.is_over());
    /// assert_eq!([is_over("1"), is_over("2")], [Some(false), Some(true)]);
    /// # Ok::<(), BuildError>(())
    /// ```
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.has_ended || (self.first.is_empty() && self.shared.lock().is_over(self.key))
    }
}

impl Stream for Subscription {
    type Item = Result<EncodedEvents, SubscriptionError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.has_ended {
            return Poll::Ready(None);
        }
        if !this.first.is_empty() {
            let first = std::mem::take(&mut this.first);
            return Poll::Ready(Some(Ok(first.iter().collect())));
        }
        loop {
            let has_filter = this.filter.is_some();
            let options = &this.shared.options;
            let next = this.shared.lock().next(this.key, options, has_filter, cx.waker());
            return match next {
                Next::Batch(events) => Poll::Ready(Some(Ok(events))),
                Next::Events(mut events) => {
                    events.retain(|event| this.filter.as_ref().is_none_or(|filter| filter(event)));
                    if events.is_empty() {
                        continue;
                    }
                    Poll::Ready(Some(Ok(events.iter().collect())))
                }
                Next::KeepAlive => Poll::Ready(Some(Ok(EncodedEvent::keep_alive().into()))),
                Next::Failed(error) => {
                    this.has_ended = true;
                    Poll::Ready(Some(Err(error)))
                }
                Next::Ended => {
                    this.has_ended = true;
                    Poll::Ready(None)
                }
                Next::Waiting => Poll::Pending,
            };
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.shared.lock().waiters.remove(self.key);
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("has_ended", &self.has_ended).finish_non_exhaustive()
    }
}
