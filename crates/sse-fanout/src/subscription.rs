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
/// Each item contains everything that was sent since the last one, up to 16 KiB or one event.
/// Subscriptions that have read the same share the bytes of an item. Ends once the broadcaster is
/// closed and everything is read.
///
/// A subscription that is not polled takes only a few words of memory, and cannot be ended from
/// here: a server ends the connection of a client that does not read by a timeout of its own.
///
/// # Cancellation safety
///
/// Abandoning a poll loses no event.
#[must_use = "streams do nothing unless polled"]
pub struct Subscription {
    shared: Arc<Shared>,
    key: Key,
    /// Events of this subscriber only, until they are sent.
    first: Vec<EncodedEvent>,
    filter: Option<Filter>,
    ended: Option<Ended>,
}

/// End of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Regularly,
    Failed,
}

type Filter = Box<dyn Fn(&EncodedEvent) -> bool + Send + Sync>;

impl Subscription {
    pub(crate) fn new(shared: Arc<Shared>, key: Key) -> Self {
        Self { shared, key, first: Vec::new(), filter: None, ended: None }
    }

    /// Sends only the events for which `filter` returns `true`. Keep-alives are sent in any case.
    ///
    /// The filter is called for each event of each subscription, outside the lock of the
    /// broadcaster. For topics, a broadcaster for each topic costs less. Defaults to all events.
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
    /// Each call adds an event after those of earlier calls. A [filter](Self::with_filter) does not
    /// apply to it. Defaults to none.
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
    ///
    /// The last event that is sent should have an ID. Otherwise a client that has received it
    /// cannot report that, and receives it again on each reconnection.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match (self.ended, &self.filter) {
            (Some(ended), _) => ended == Ended::Regularly,
            _ if !self.first.is_empty() => false,
            (None, None) => self.shared.lock().is_over(self.key),
            (None, Some(filter)) => {
                let unread = self.shared.lock().unread_to_the_end(self.key);
                unread.is_some_and(|events| !events.iter().any(filter))
            }
        }
    }
}

impl Stream for Subscription {
    type Item = Result<EncodedEvents, SubscriptionError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.ended.is_some() {
            return Poll::Ready(None);
        }
        if !this.first.is_empty() {
            let first = std::mem::take(&mut this.first);
            return Poll::Ready(Some(Ok(first.iter().collect())));
        }
        for _ in 0..MAX_REJECTED_BATCHES {
            let options = &this.shared.options;
            let (now, has_filter) = (options.now(), this.filter.is_some());
            // Unlocked before user code is dropped or called.
            let next = this.shared.lock().next(this.key, options, now, has_filter, cx.waker());
            return match next {
                Next::Batch(events) => Poll::Ready(Some(Ok(events))),
                Next::Events(mut events) => {
                    events.retain(|event| this.filter.as_ref().is_none_or(|filter| filter(event)));
                    if events.is_empty() {
                        continue;
                    }
                    this.shared.lock().waiters.take_keep_alive(this.key);
                    Poll::Ready(Some(Ok(events.iter().collect())))
                }
                Next::KeepAlive => Poll::Ready(Some(Ok(EncodedEvent::keep_alive().into()))),
                Next::Failed(error) => {
                    this.ended = Some(Ended::Failed);
                    Poll::Ready(Some(Err(error)))
                }
                Next::Ended => {
                    this.ended = Some(Ended::Regularly);
                    Poll::Ready(None)
                }
                Next::Waiting(earlier) => {
                    drop(earlier);
                    Poll::Pending
                }
            };
        }
        // Yields to other tasks before more is rejected.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Number of batches, of 16 KiB each, that a filter may reject before the subscription yields to
/// other tasks.
const MAX_REJECTED_BATCHES: usize = 8;

impl Drop for Subscription {
    fn drop(&mut self) {
        // A separate statement, so that the waker is dropped after the lock.
        let waker = self.shared.lock().waiters.remove(self.key);
        drop(waker);
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("ended", &self.ended).finish_non_exhaustive()
    }
}
