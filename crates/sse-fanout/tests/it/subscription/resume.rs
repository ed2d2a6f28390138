//! Subscriptions that begin at some place of the history.

use sse_core::ServerSentEvent;
use sse_fanout::Broadcaster;

use crate::support::{Seen, event, events, poll, wire};

#[test]
fn subscribe_begins_with_the_next_event_and_subscribe_with_history_with_the_oldest() {
    let broadcaster = Broadcaster::new();
    broadcaster.send(event(1));
    let (mut new, mut all) = (broadcaster.subscribe(), broadcaster.subscribe_with_history());
    assert_eq!((poll(&mut new), poll(&mut all)), (Seen::Nothing, events([1])));
    broadcaster.send(event(2));
    assert_eq!((poll(&mut new), poll(&mut all)), (events([2]), events([2])));
    assert_eq!((poll(&mut new), poll(&mut all)), (Seen::Nothing, Seen::Nothing));
}

#[test]
fn subscribe_after_yields_every_event_after_the_id_once() {
    let broadcaster = Broadcaster::new();
    broadcaster.send_all((1..=5).map(event));
    for id in 1..=5 {
        let mut resumed = broadcaster.subscribe_after(&id.to_string()).unwrap();
        if id < 5 {
            assert_eq!(poll(&mut resumed), events(id + 1..=5));
        }
        assert_eq!(poll(&mut resumed), Seen::Nothing);
    }
    assert_eq!(broadcaster.counts().resumed, 5);
}

#[test]
fn subscribe_after_is_none_for_an_id_that_the_history_does_not_have() {
    let broadcaster = Broadcaster::builder().history_events(1).build();
    for unknown in ["", "0", "x\u{0}", &"long".repeat(1000)] {
        assert!(broadcaster.subscribe_after(unknown).is_none());
    }
    (1..=5).map(event).for_each(|event| broadcaster.send(event));
    // Event 3 was removed, but nothing after it.
    assert!(broadcaster.subscribe_after("2").is_none());
    assert_eq!(poll(&mut broadcaster.subscribe_after("3").unwrap()), events([4, 5]));
    let counts = broadcaster.counts();
    assert_eq!((counts.unknown_ids, counts.resumed), (5, 1));
}

#[test]
fn subscribe_after_an_empty_id_is_none() {
    let broadcaster = Broadcaster::new();
    broadcaster.send(ServerSentEvent::builder().id("").data("x").build().unwrap());
    assert!(broadcaster.subscribe_after("").is_none());
}

#[test]
fn starting_with_sends_an_event_to_one_subscriber_before_all_others() {
    let broadcaster = Broadcaster::new();
    broadcaster.send(event(1));
    let mut told = broadcaster.subscribe_with_history().starting_with(event(0));
    assert_eq!(poll(&mut told), events([0]));
    assert_eq!(poll(&mut told), events([1]));
    assert_eq!(poll(&mut broadcaster.subscribe_with_history()), events([1]));
}

#[test]
fn starting_with_adds_an_event_at_each_call() {
    let broadcaster = Broadcaster::new();
    broadcaster.send(event(3));
    let told = broadcaster.subscribe_with_history().starting_with(event(1)).starting_with(event(2));
    let mut told = told;
    assert_eq!((poll(&mut told), poll(&mut told)), (events([1, 2]), events([3])));
}

#[test]
fn oldest_id_is_that_of_the_oldest_event_in_the_history_that_has_one() {
    let broadcaster = Broadcaster::builder().history_events(1).build();
    assert_eq!(broadcaster.oldest_id(), None);
    (1..=3).map(event).for_each(|event| broadcaster.send(event));
    assert_eq!(broadcaster.oldest_id().as_deref(), Some("2"));
    broadcaster.send(ServerSentEvent::builder().data("x").build().unwrap());
    assert_eq!(broadcaster.oldest_id().as_deref(), Some("3"));
    broadcaster.send(ServerSentEvent::builder().data("x").build().unwrap());
    assert_eq!(broadcaster.oldest_id(), None);
}

#[test]
fn a_clone_sends_to_the_same_subscriptions() {
    let broadcaster = Broadcaster::new();
    let mut subscription = broadcaster.subscribe();
    broadcaster.clone().send(event(1));
    assert_eq!(poll(&mut subscription), Seen::Events(wire([1])));
}
