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
    first: Option<EncodedEvents>,
    filter: Option<Filter>,
    has_ended: bool,
}

type Filter = Box<dyn Fn(&EncodedEvent) -> bool + Send + Sync>;

impl Subscription {
    pub(crate) fn new(shared: Arc<Shared>, key: Key) -> Self {
        Self { shared, key, first: None, filter: None, has_ended: false }
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

    /// Sends an event to this subscriber alone, before all others: the state so far, or the news
    /// that events are missing.
    pub fn starting_with(mut self, event: impl Into<EncodedEvent>) -> Self {
        self.first = Some(EncodedEvents::from(event.into()));
        self
    }
}

impl Stream for Subscription {
    type Item = Result<EncodedEvents, SubscriptionError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.has_ended {
            return Poll::Ready(None);
        }
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(first)));
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
