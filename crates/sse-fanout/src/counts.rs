//! Counters of a broadcaster.

/// Numbers that a [`Broadcaster`](crate::Broadcaster) has counted, for metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Subscriptions that exist now.
    pub subscribers: usize,
    /// Events that were sent since the broadcaster was created.
    pub sent: u64,
    /// Bytes that the subscription that is furthest behind has not read.
    pub most_behind_bytes: u64,
    /// Subscriptions that failed because they were too slow.
    pub too_slow: u64,
    /// Subscriptions that have resumed after an ID.
    pub resumed: u64,
    /// IDs that were not in the history when a subscription was to resume after them.
    pub unknown_ids: u64,
}
