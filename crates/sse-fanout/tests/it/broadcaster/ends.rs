//! The end of a broadcaster.

use std::task::Poll;

use sse_fanout::{Broadcaster, SubscriptionError};

use crate::support::{Seen, Wakes, event, events, poll, poll_with};

#[test]
fn close_ends_subscriptions_once_they_have_read_everything() {
    let broadcaster = Broadcaster::new();
    let [mut behind, mut waiting] = [broadcaster.subscribe(), broadcaster.subscribe()];
    broadcaster.send(event(0));
    assert_eq!(poll(&mut waiting), events([0]));
    let (wakes, waker) = Wakes::new();
    assert!(poll_with(&mut waiting, &waker).is_pending());
    broadcaster.close();
    assert_eq!((wakes.count(), poll(&mut waiting)), (1, Seen::End));
    broadcaster.send(event(1));
    broadcaster.abort();
    assert_eq!((poll(&mut behind), poll(&mut behind)), (events([0]), Seen::End));
    // Subscriptions that begin later find what was sent.
    assert_eq!(poll(&mut broadcaster.subscribe()), Seen::End);
    let mut resumed = broadcaster.subscribe_with_history();
    assert_eq!((poll(&mut resumed), poll(&mut resumed)), (events([0]), Seen::End));
    assert_eq!(broadcaster.counts().sent, 1);
}

#[test]
fn is_over_once_everything_is_read_of_a_closed_broadcaster() {
    let broadcaster = Broadcaster::new();
    broadcaster.send(event(0));
    let [mut read, unread] = [(); 2].map(|()| broadcaster.subscribe_with_history());
    assert_eq!(poll(&mut read), events([0]));
    assert!(!read.is_over(), "more may come");
    broadcaster.close();
    assert!(read.is_over());
    assert!(!unread.is_over(), "there is an event to read");
    assert!(
        !broadcaster.subscribe().starting_with(event(1)).is_over(),
        "there is an event to read"
    );
    assert_eq!((poll(&mut read), read.is_over()), (Seen::End, true));
}

#[test]
fn is_over_is_false_after_abort_as_clients_are_to_reconnect() {
    let broadcaster = Broadcaster::new();
    let subscription = broadcaster.subscribe();
    broadcaster.abort();
    assert!(!subscription.is_over());
}

#[test]
fn abort_fails_subscriptions_once_they_have_read_everything() {
    let broadcaster = Broadcaster::new();
    let mut subscription = broadcaster.subscribe();
    broadcaster.send(event(0));
    broadcaster.abort();
    let failed = Seen::Failed(SubscriptionError::Aborted);
    assert_eq!((poll(&mut subscription), poll(&mut subscription)), (events([0]), failed));
    assert_eq!(poll(&mut subscription), Seen::End);
    assert!(!subscription.is_over(), "its client is to reconnect");
}

#[test]
fn the_last_clone_that_is_dropped_closes_the_broadcaster() {
    let broadcaster = Broadcaster::new();
    let mut subscription = broadcaster.subscribe();
    let clone = broadcaster.clone();
    drop(broadcaster);
    assert_eq!(poll(&mut subscription), Seen::Nothing);
    drop(clone);
    let next = poll_with(&mut subscription, std::task::Waker::noop());
    assert!(matches!(next, Poll::Ready(None)));
}
