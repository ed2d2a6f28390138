//! Acknowledgment of events: from which last event ID a session can resume safely.
//!
//! Events are identified by tokens, as IDs may repeat.

use std::collections::VecDeque;

/// Token of an event that a session has yielded, by which the event is acknowledged. Tokens of
/// later events are greater.
///
/// [`ClientSseSession::ack_token`](crate::ClientSseSession::ack_token) returns it, and
/// [`ClientSseSession::acknowledge`](crate::ClientSseSession::acknowledge) takes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckToken(u64);

/// Tokens and IDs of the events that were yielded and not yet acknowledged.
#[derive(Debug, Clone, Default)]
pub(crate) struct AckTracker {
    /// Event that was yielded last.
    yielded: AckToken,
    /// Token at which the ID of a hidden block takes effect: that of the last event, or the one
    /// after it on a connection that repeats events not yet acknowledged.
    place: AckToken,
    acknowledged: AckToken,
    /// ID to resume from.
    id: String,
    /// Last event ID after the last block, or at the start of the connection. A block that does not
    /// change it says nothing of where the server is.
    current: String,
    /// IDs to resume from once the events up to a token are acknowledged.
    open: VecDeque<Checkpoint>,
    /// Total length of these IDs.
    open_bytes: usize,
}

#[derive(Debug, Clone)]
struct Checkpoint {
    after: AckToken,
    id: String,
}

impl AckTracker {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), current: id.to_owned(), ..Self::default() }
    }

    /// Takes note of the ID from which the server resumes on another connection.
    ///
    /// Events that were not acknowledged come again, so what is hidden before them does not follow
    /// the event that was yielded last.
    pub(crate) fn resume(&mut self, id: &str) {
        id.clone_into(&mut self.current);
        if self.acknowledged < self.yielded && self.place == self.yielded {
            self.place.0 += 1;
        }
    }

    /// Replaces the ID to resume from. The IDs of earlier events no longer count.
    pub(crate) fn replace(&mut self, id: &str) {
        id.clone_into(&mut self.id);
        id.clone_into(&mut self.current);
        self.open.clear();
        self.open_bytes = 0;
    }

    /// Returns the token of the event that was yielded last.
    pub(crate) fn yielded(&self) -> AckToken {
        self.yielded
    }

    /// Returns the ID to resume from.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Counts an event that is yielded.
    pub(crate) fn count_event(&mut self) {
        self.place.0 += 1;
        self.yielded = self.place;
    }

    /// Takes note of the last event ID after a block. If the block was not yielded, the ID belongs
    /// to the event before it.
    pub(crate) fn commit(&mut self, id: &str) {
        if self.current == id {
            return;
        }
        id.clone_into(&mut self.current);
        if self.open.back().is_some_and(|checkpoint| checkpoint.after == self.place) {
            self.open_bytes -= self.open.pop_back().map_or(0, |replaced| replaced.id.len());
        }
        while self.open.len() >= MAX_CHECKPOINTS
            || (self.open_bytes + id.len() > MAX_CHECKPOINT_BYTES && !self.open.is_empty())
        {
            self.compact();
        }
        self.open_bytes += id.len();
        self.open.push_back(Checkpoint { after: self.place, id: id.to_owned() });
        self.advance();
    }

    /// Acknowledges all events up to the position, and those hidden after it.
    pub(crate) fn acknowledge(&mut self, position: AckToken) {
        self.acknowledged = self.acknowledged.max(position.min(self.yielded));
        self.advance();
    }

    fn advance(&mut self) {
        let advanced = self.open.iter().take_while(|open| open.after <= self.acknowledged).count();
        for checkpoint in self.open.drain(..advanced) {
            self.open_bytes -= checkpoint.id.len();
            self.id = checkpoint.id;
        }
    }

    /// Drops every other checkpoint. Resuming from an older one repeats events, and loses none.
    fn compact(&mut self) {
        let mut index = 0;
        self.open.retain(|_| {
            index += 1;
            index % 2 == 0
        });
        self.open_bytes = self.open.iter().map(|checkpoint| checkpoint.id.len()).sum();
    }
}

/// Maximum number of IDs that are kept, for a caller that acknowledges late or never.
const MAX_CHECKPOINTS: usize = 4096;

/// Maximum total length of these IDs, except the newest one, which has a limit of its own.
const MAX_CHECKPOINT_BYTES: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::{AckToken, AckTracker, MAX_CHECKPOINT_BYTES, MAX_CHECKPOINTS};

    /// Yields an event with this ID.
    fn yield_event(tracker: &mut AckTracker, id: &str) -> AckToken {
        tracker.count_event();
        tracker.commit(id);
        tracker.yielded()
    }

    #[test]
    fn the_id_is_that_of_the_last_event_acknowledged() {
        let mut tracker = AckTracker::new("seed");
        let positions = ["a", "b", "b", "c"].map(|id| yield_event(&mut tracker, id));
        assert_eq!(tracker.id(), "seed");
        for (position, id) in positions.into_iter().zip(["a", "b", "b", "c"]) {
            tracker.acknowledge(position);
            assert_eq!(tracker.id(), id);
        }
    }

    #[test]
    fn repeated_ids_are_distinguished_by_their_position() {
        let mut tracker = AckTracker::new("");
        let positions = ["a", "b", "a"].map(|id| yield_event(&mut tracker, id));
        tracker.acknowledge(positions[1]);
        assert_eq!(tracker.id(), "b");
        tracker.acknowledge(positions[2]);
        assert_eq!(tracker.id(), "a");
    }

    #[test]
    fn ids_hidden_on_a_later_connection_do_not_replace_that_of_an_event_not_acknowledged() {
        let mut tracker = AckTracker::new("");
        let first = yield_event(&mut tracker, "b");
        tracker.resume("");
        tracker.commit("a");
        tracker.acknowledge(first);
        assert_eq!(tracker.id(), "b");
        let second = yield_event(&mut tracker, "b");
        assert!(second > first);
        tracker.acknowledge(second);
        assert_eq!(tracker.id(), "b");
    }

    #[test]
    fn an_older_acknowledgment_does_not_move_the_id_back() {
        let mut tracker = AckTracker::new("");
        let positions = ["a", "b"].map(|id| yield_event(&mut tracker, id));
        tracker.acknowledge(positions[1]);
        tracker.acknowledge(positions[0]);
        assert_eq!(tracker.id(), "b");
    }

    #[test]
    fn an_acknowledgment_of_a_future_event_is_ignored() {
        let mut tracker = AckTracker::new("");
        tracker.acknowledge(AckToken(9));
        yield_event(&mut tracker, "a");
        assert_eq!(tracker.id(), "");
    }

    #[test]
    fn a_hidden_id_belongs_to_the_event_before_it() {
        let mut tracker = AckTracker::new("");
        tracker.commit("hidden");
        assert_eq!(tracker.id(), "hidden");
        let position = yield_event(&mut tracker, "a");
        tracker.commit("b");
        tracker.commit("c");
        assert_eq!(tracker.id(), "hidden");
        tracker.acknowledge(position);
        assert_eq!(tracker.id(), "c");
        tracker.commit("d");
        assert_eq!(tracker.id(), "d");
    }

    #[test]
    fn a_session_without_acknowledgments_has_bounded_memory_and_loses_nothing() {
        let mut tracker = AckTracker::new("");
        let ids = (1..=3 * MAX_CHECKPOINTS).map(|id| id.to_string());
        let positions: Vec<_> =
            ids.map(|id| (yield_event(&mut tracker, &id), id.parse::<u64>().unwrap())).collect();
        assert!(tracker.open.len() <= MAX_CHECKPOINTS);
        for &(position, number) in &positions {
            tracker.acknowledge(position);
            let going_on_from: u64 = tracker.id().parse().unwrap_or_default();
            assert!(going_on_from <= number);
        }
        let last = positions[positions.len() - 1].1;
        assert_eq!(tracker.id(), last.to_string());
    }

    #[test]
    fn long_ids_take_no_more_memory_than_many_and_lose_nothing() {
        let mut tracker = AckTracker::new("");
        let id = |number: usize| format!("{number:0>65535}");
        let positions: Vec<_> = (1..=100).map(|n| yield_event(&mut tracker, &id(n))).collect();
        let held: usize = tracker.open.iter().map(|checkpoint| checkpoint.id.len()).sum();
        assert_eq!(tracker.open_bytes, held);
        assert!(held <= MAX_CHECKPOINT_BYTES);
        for (position, number) in positions.into_iter().zip(1..) {
            tracker.acknowledge(position);
            assert!(tracker.id().parse().unwrap_or(0) <= number);
        }
        assert_eq!((tracker.id(), tracker.open_bytes), (&*id(100), 0));
        // One ID alone may be longer than that.
        let position = yield_event(&mut tracker, &"x".repeat(2 * MAX_CHECKPOINT_BYTES));
        tracker.acknowledge(position);
        assert_eq!((tracker.id().len(), tracker.open_bytes), (2 * MAX_CHECKPOINT_BYTES, 0));
    }
}
