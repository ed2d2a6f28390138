//! Subscriptions that choose their events.

use sse_fanout::Broadcaster;

use crate::support::{Seen, Wakes, event, events, poll, poll_with};

#[test]
fn with_filter_sends_the_chosen_events_only_and_waits_if_there_are_none() {
    let broadcaster = Broadcaster::new();
    let is_even = |id: &str| id.parse::<usize>().is_ok_and(|id| id % 2 == 0);
    let mut even =
        broadcaster.subscribe().with_filter(move |event| event.id().is_some_and(is_even));
    broadcaster.send_all((0..5).map(event));
    assert_eq!(poll(&mut even), events([0, 2, 4]));
    broadcaster.send(event(5));
    let (wakes, waker) = Wakes::new();
    assert!(poll_with(&mut even, &waker).is_pending());
    broadcaster.send(event(6));
    assert_eq!((wakes.count(), poll(&mut even)), (1, events([6])));
}

#[test]
fn a_filter_may_call_the_broadcaster() {
    let broadcaster = Broadcaster::new();
    let clone = broadcaster.clone();
    let mut chosen = broadcaster.subscribe().with_filter(move |_| clone.counts().sent > 1);
    broadcaster.send(event(0));
    assert_eq!(poll(&mut chosen), Seen::Nothing);
    broadcaster.send(event(1));
    assert_eq!(poll(&mut chosen), events([1]));
}
