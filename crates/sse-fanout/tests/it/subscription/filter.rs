//! Subscriptions that choose their events.

use sse_fanout::Broadcaster;

use crate::support::{Seen, Wakes, event, events, poll, poll_with};

#[test]
fn with_filter_sends_the_chosen_events_only_and_waits_if_there_are_none() {
    let broadcaster = Broadcaster::new();
    let is_even = |id: &str| id.parse::<usize>().is_ok_and(|id| id % 2 == 0);
    let mut even =
        broadcaster.subscribe().with_filter(move |event| event.id().is_some_and(is_even));
    even = even.starting_with(event(1));
    assert_eq!(poll(&mut even), events([1]), "the filter does not apply to it");
    broadcaster.send_all((0..5).map(event));
    assert_eq!(poll(&mut even), events([0, 2, 4]));
    broadcaster.send(event(5));
    let (wakes, waker) = Wakes::new();
    assert!(poll_with(&mut even, &waker).is_pending());
    broadcaster.send(event(6));
    assert_eq!((wakes.count(), poll(&mut even)), (1, events([6])));
}

#[test]
fn keep_alive_is_sent_although_the_filter_rejects_what_comes_with_it() {
    let broadcaster = Broadcaster::new();
    let mut chosen = broadcaster.subscribe().with_filter(|_| false);
    assert_eq!(poll(&mut chosen), Seen::Nothing);
    broadcaster.keep_alive();
    broadcaster.send(event(0));
    assert_eq!(poll(&mut chosen), Seen::Events(":\n\n".to_owned()));
    assert_eq!(poll(&mut chosen), Seen::Nothing);
}

#[test]
fn a_filter_that_rejects_much_lets_other_tasks_have_their_turn() {
    let broadcaster = Broadcaster::builder().history_events(usize::MAX).build();
    let mut chosen = broadcaster.subscribe().with_filter(|event| event.id() == Some("9999"));
    broadcaster.send_all((0..10_000).map(event));
    let (wakes, waker) = Wakes::new();
    assert!(poll_with(&mut chosen, &waker).is_pending());
    assert_eq!(wakes.count(), 1);
    let next = std::iter::repeat_with(|| poll(&mut chosen)).find(|seen| *seen != Seen::Nothing);
    assert_eq!(next, Some(events([9999])));
}

#[test]
fn is_over_asks_the_filter_about_the_events_that_are_left() {
    let broadcaster = Broadcaster::new();
    let chosen = |id: &'static str| {
        broadcaster.subscribe_with_history().with_filter(move |event| event.id() == Some(id))
    };
    broadcaster.send_all((0..3).map(event));
    assert!(!chosen("7").is_over());
    broadcaster.close();
    assert!(chosen("7").is_over());
    assert!(!chosen("2").is_over());
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
