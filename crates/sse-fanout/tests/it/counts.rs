//! What a broadcaster counts, from several threads too.

use std::thread;

use sse_fanout::Broadcaster;

use crate::support::{Seen, event, poll, wire};

#[test]
fn counts_are_of_what_happened() {
    let broadcaster = Broadcaster::new();
    assert_eq!(broadcaster.counts(), Default::default());
    let [mut one, two] = [broadcaster.subscribe(), broadcaster.subscribe()];
    broadcaster.send_all((0..2).map(event));
    assert!(matches!(poll(&mut one), Seen::Events(_)));
    let counts = broadcaster.counts();
    assert_eq!((counts.subscribers, counts.sent), (2, 2));
    assert_eq!(counts.most_behind_bytes, wire(0..2).len() as u64);
    drop(two);
    let counts = broadcaster.counts();
    assert_eq!((counts.subscribers, counts.most_behind_bytes), (1, 0));
}

#[test]
fn every_subscription_gets_every_event_once_and_in_order_while_threads_send() {
    const EVENTS: usize = 500;
    let broadcaster = Broadcaster::builder().history_events(usize::MAX).build();
    let subscriptions: Vec<_> = (0..8).map(|_| broadcaster.subscribe()).collect();
    let readers = subscriptions.into_iter().map(|mut subscription| {
        thread::spawn(move || {
            let mut read = String::new();
            loop {
                match poll(&mut subscription) {
                    Seen::Events(events) => read += &events,
                    Seen::Nothing => thread::yield_now(),
                    Seen::End => return read,
                    Seen::Failed(error) => panic!("{error}"),
                }
            }
        })
    });
    let readers: Vec<_> = readers.collect();
    (0..EVENTS).for_each(|number| broadcaster.send(event(number)));
    drop(broadcaster);
    for reader in readers {
        assert_eq!(reader.join().unwrap(), wire(0..EVENTS));
    }
}
