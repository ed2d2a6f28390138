//! Events that are encoded and joined once.

use std::task::{Poll, Waker};

use sse_core::EncodedEvents;
use sse_fanout::{Broadcaster, Subscription};

use crate::support::{event, events, poll, poll_with};

fn next(subscription: &mut Subscription) -> EncodedEvents {
    match poll_with(subscription, Waker::noop()) {
        Poll::Ready(Some(Ok(events))) => events,
        other => panic!("no events: {other:?}"),
    }
}

#[test]
fn subscriptions_that_have_read_the_same_share_the_bytes_of_the_next_batch() {
    let broadcaster = Broadcaster::new();
    let [mut one, mut two] = [broadcaster.subscribe(), broadcaster.subscribe()];
    for numbers in [1..=1, 2..=9] {
        broadcaster.send_all(numbers.map(event));
        let (one, two) = (next(&mut one), next(&mut two));
        assert_eq!(one.as_bytes().as_ptr_range(), two.as_bytes().as_ptr_range());
    }
}

#[test]
fn subscriptions_at_different_places_get_what_they_have_not_read() {
    let broadcaster = Broadcaster::new();
    let mut early = broadcaster.subscribe();
    broadcaster.send(event(1));
    let mut late = broadcaster.subscribe();
    broadcaster.send(event(2));
    assert_eq!(poll(&mut late), events([2]));
    assert_eq!(poll(&mut early), events([1, 2]));
}

#[test]
fn a_batch_is_at_most_16_kib_or_one_event() {
    let broadcaster = Broadcaster::new();
    let mut subscription = broadcaster.subscribe();
    let sizes = [10_000, 6_000, 1_000, 20_000, 1_000];
    let events = sizes.map(|len| {
        let data = "x".repeat(len - "data: \n\n".len());
        sse_core::ServerSentEvent::builder().data(data).build().unwrap()
    });
    broadcaster.send_all(events);
    let batches = [(); 4].map(|()| next(&mut subscription).as_bytes().len());
    assert_eq!(batches, [16_000, 1_000, 20_000, 1_000]);
}
