//! Wakeups and their number; keep-alives.

use sse_fanout::Broadcaster;

use crate::support::{Seen, Wakes, event, events, poll, poll_with};

#[test]
fn a_waiting_subscription_is_woken_once_for_all_events_before_it_is_polled() {
    let broadcaster = Broadcaster::new();
    let mut subscription = broadcaster.subscribe();
    let (wakes, waker) = Wakes::new();
    assert!(poll_with(&mut subscription, &waker).is_pending());
    assert!(poll_with(&mut subscription, &waker).is_pending());
    broadcaster.send_all((0..3).map(event));
    broadcaster.send(event(3));
    assert_eq!(wakes.count(), 1);
    assert_eq!(poll(&mut subscription), events(0..4));
    broadcaster.send(event(4));
    assert_eq!(wakes.count(), 1, "it does not wait");
}

#[test]
fn the_waker_of_the_last_poll_is_woken() {
    let broadcaster = Broadcaster::new();
    let mut subscription = broadcaster.subscribe();
    let ((old, old_waker), (new, new_waker)) = (Wakes::new(), Wakes::new());
    assert!(poll_with(&mut subscription, &old_waker).is_pending());
    assert!(poll_with(&mut subscription, &new_waker).is_pending());
    broadcaster.send(event(0));
    assert_eq!((old.count(), new.count()), (0, 1));
}

#[test]
fn a_dropped_subscription_is_not_woken_and_its_place_is_used_again() {
    let broadcaster = Broadcaster::new();
    let mut subscription = broadcaster.subscribe();
    let (wakes, waker) = Wakes::new();
    assert!(poll_with(&mut subscription, &waker).is_pending());
    drop(subscription);
    let mut next = broadcaster.subscribe();
    broadcaster.send(event(0));
    assert_eq!((wakes.count(), poll(&mut next)), (0, events([0])));
}

#[test]
fn keep_alive_is_sent_where_nothing_else_is() {
    let broadcaster = Broadcaster::new();
    let [mut waiting, mut behind] = [broadcaster.subscribe(), broadcaster.subscribe()];
    let (wakes, waker) = Wakes::new();
    assert!(poll_with(&mut waiting, &waker).is_pending());
    broadcaster.keep_alive();
    assert_eq!(wakes.count(), 1);
    assert_eq!(poll(&mut waiting), Seen::Events(":\n\n".to_owned()));
    assert_eq!(poll(&mut waiting), Seen::Nothing);
    broadcaster.send(event(0));
    assert_eq!(poll(&mut behind), events([0]));
    assert_eq!(poll(&mut behind), Seen::Nothing);
    // The keep-alive is not an event of the history.
    assert_eq!(poll(&mut broadcaster.subscribe_with_history()), events([0]));
}
