//! Events, and helpers that poll subscriptions.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::Stream;
use sse_core::{EncodedEvents, ServerSentEvent};
use sse_fanout::{Subscription, SubscriptionError};

/// Returns an event whose ID and data are this number.
pub(crate) fn event(number: usize) -> ServerSentEvent {
    let number = number.to_string();
    ServerSentEvent::builder().id(&number).data(&number).build().unwrap()
}

/// Returns the wire format of events with these numbers.
pub(crate) fn wire(numbers: impl IntoIterator<Item = usize>) -> String {
    numbers.into_iter().map(|number| event(number).to_string()).collect()
}

/// Result of polling a subscription once.
#[derive(Debug, PartialEq)]
pub(crate) enum Seen {
    Events(String),
    Failed(SubscriptionError),
    End,
    Nothing,
}

pub(crate) fn events(numbers: impl IntoIterator<Item = usize>) -> Seen {
    Seen::Events(wire(numbers))
}

pub(crate) fn poll(subscription: &mut Subscription) -> Seen {
    match poll_with(subscription, Waker::noop()) {
        Poll::Ready(Some(Ok(events))) => {
            Seen::Events(String::from_utf8(events.into_bytes().into()).unwrap())
        }
        Poll::Ready(Some(Err(error))) => Seen::Failed(error),
        Poll::Ready(None) => Seen::End,
        Poll::Pending => Seen::Nothing,
    }
}

pub(crate) fn poll_with(
    subscription: &mut Subscription,
    waker: &Waker,
) -> Poll<Option<Result<EncodedEvents, SubscriptionError>>> {
    Pin::new(subscription).poll_next(&mut Context::from_waker(waker))
}

/// Waker that counts.
#[derive(Debug, Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn new() -> (Arc<Self>, Waker) {
        let wakes = Arc::new(Self::default());
        (Arc::clone(&wakes), Waker::from(wakes))
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
