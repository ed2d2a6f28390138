//! Subscriptions that are read too slowly.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sse_fanout::{Broadcaster, SubscriptionError};

use crate::support::{Seen, event, events, poll, wire};

#[track_caller]
fn assert_too_slow(seen: &Seen, unread: impl IntoIterator<Item = usize>) {
    let Seen::Failed(SubscriptionError::TooSlow { behind_bytes, .. }) = seen else {
        panic!("is not too slow: {seen:?}")
    };
    assert_eq!(*behind_bytes, wire(unread).len() as u64);
}

#[test]
fn a_subscription_is_too_slow_once_an_event_is_gone_that_it_has_not_read() {
    let broadcaster = Broadcaster::builder().history_events(3).build();
    let [mut slow, mut quick] = [broadcaster.subscribe(), broadcaster.subscribe()];
    broadcaster.send_all((0..4).map(event));
    assert_eq!(poll(&mut quick), events(0..4));
    broadcaster.send(event(4));
    assert_eq!(poll(&mut quick), events([4]));
    assert_too_slow(&poll(&mut slow), 0..5);
    assert_eq!(poll(&mut slow), Seen::End);
    assert_eq!(broadcaster.counts().too_slow, 1);
}

#[test]
fn a_burst_that_is_larger_than_the_history_reaches_subscriptions_that_have_read_the_rest() {
    let broadcaster = Broadcaster::builder().history_events(1).history_bytes(1).build();
    let mut quick = broadcaster.subscribe();
    broadcaster.send_all((0..9).map(event));
    assert_eq!(poll(&mut quick), events(0..9));
    broadcaster.send(event(9));
    broadcaster.send(event(10));
    assert_too_slow(&poll(&mut quick), 9..11);
}

#[test]
fn max_behind_bytes_fails_a_subscription_that_has_left_more_unread_before_the_last_send() {
    let limit = wire(0..2).len() as u64;
    let broadcaster = Broadcaster::builder().max_behind_bytes(limit).build();
    let [mut slow, mut in_time] = [broadcaster.subscribe(), broadcaster.subscribe()];
    // Longer than the limit, and no subscription can have read it.
    broadcaster.send_all((0..3).map(event));
    assert_eq!(poll(&mut in_time), events(0..3));
    broadcaster.send(event(3));
    assert_too_slow(&poll(&mut slow), 0..4);
    assert_eq!(poll(&mut in_time), events([3]));
}

#[test]
fn a_subscription_that_was_too_slow_gets_everything_when_it_resumes() {
    let now = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&now);
    let builder = Broadcaster::builder().max_behind_bytes(1).max_age(Duration::from_secs(10));
    let broadcaster =
        builder.clock(move || Duration::from_secs(clock.load(Ordering::Relaxed))).build();
    let mut slow = broadcaster.subscribe();
    broadcaster.send(event(0));
    assert_eq!(poll(&mut slow), events([0]));
    broadcaster.send_all((1..3).map(event));
    broadcaster.send(event(3));
    now.store(100, Ordering::Relaxed);
    assert_too_slow(&poll(&mut slow), 1..4);
    for mut resumed in
        [broadcaster.subscribe_after("0").unwrap(), broadcaster.subscribe_after("0").unwrap()]
    {
        assert_eq!(poll(&mut resumed), events(1..4));
    }
    assert_eq!(poll(&mut broadcaster.subscribe_with_history()), events(0..4));
    // New events make a subscription that does not read late again.
    let mut resumed = broadcaster.subscribe_after("0").unwrap();
    now.store(111, Ordering::Relaxed);
    assert_too_slow(&poll(&mut resumed), 1..4);
}

#[test]
fn max_age_fails_a_subscription_whose_oldest_unread_event_is_older() {
    let now = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&now);
    let broadcaster = Broadcaster::builder()
        .max_age(Duration::from_secs(10))
        .clock(move || Duration::from_secs(clock.load(Ordering::Relaxed)))
        .build();
    let [mut slow, mut in_time] = [broadcaster.subscribe(), broadcaster.subscribe()];
    // Waiting for events is not slow.
    now.store(100, Ordering::Relaxed);
    assert_eq!(poll(&mut slow), Seen::Nothing);
    broadcaster.send(event(0));
    now.store(110, Ordering::Relaxed);
    assert_eq!(poll(&mut in_time), events([0]));
    now.store(111, Ordering::Relaxed);
    assert_too_slow(&poll(&mut slow), [0]);
    assert_eq!(poll(&mut in_time), Seen::Nothing);
}

#[test]
fn a_subscription_that_is_never_read_keeps_no_event_alive() {
    let broadcaster = Broadcaster::builder().history_events(0).build();
    let (silent, mut other) = (broadcaster.subscribe(), broadcaster.subscribe());
    let first = sse_core::EncodedEvent::from(event(0));
    broadcaster.send(first.clone());
    assert_eq!(poll(&mut other), events([0]));
    broadcaster.send(event(1));
    assert!(first.into_bytes().is_unique());
    drop(silent);
}
