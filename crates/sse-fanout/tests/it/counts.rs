//! Counters of a broadcaster, from several threads too.

use std::thread;

use futures_util::StreamExt;
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

/// Waiting readers are woken by every sender: the test would not end otherwise.
#[test]
fn every_subscription_gets_every_event_once_and_in_one_order_while_threads_send() {
    const EVENTS: usize = 500;
    let broadcaster = Broadcaster::builder().history_events(usize::MAX).build();
    let subscriptions: Vec<_> = (0..8).map(|_| broadcaster.subscribe()).collect();
    let readers = subscriptions.into_iter().map(|mut subscription| {
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let mut read = String::new();
                while let Some(events) = subscription.next().await {
                    read += std::str::from_utf8(events.unwrap().as_bytes()).unwrap();
                }
                read
            })
        })
    });
    let readers: Vec<_> = readers.collect();
    let senders = [0, 1].map(|first| {
        let broadcaster = broadcaster.clone();
        thread::spawn(move || {
            (first..EVENTS).step_by(2).for_each(|number| broadcaster.send(event(number)));
        })
    });
    drop(broadcaster);
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    let read: Vec<String> = readers.into_iter().map(|reader| reader.join().unwrap()).collect();
    assert!(read.iter().all(|it| *it == read[0]), "one order for all");
    let numbers = read[0].lines().filter_map(|line| line.strip_prefix("id: "));
    let numbers: Vec<usize> = numbers.map(|number| number.parse().unwrap()).collect();
    for first in [0, 1] {
        let of_sender = numbers.iter().copied().filter(|number| number % 2 == first);
        assert!(of_sender.eq((first..EVENTS).step_by(2)), "each sender's order is kept");
    }
}
