//! Events given out and acknowledged in, the last event ID that is safe to go on from out.
//!
//! Positions, not IDs, tell events apart: IDs may repeat. Knows nothing of connections.

use std::collections::VecDeque;

/// Token of an event that a session has yielded, by which the event is acknowledged. Tokens of
/// later events are greater.
///
/// [`ClientSseSession::ack_token`](crate::ClientSseSession::ack_token) returns it, and
/// [`ClientSseSession::acknowledge`](crate::ClientSseSession::acknowledge) takes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AckToken(u64);

/// Up to where a session has come, and from where the next connection is to go on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    given_out: AckToken,
    acknowledged: AckToken,
    /// The ID to go on from.
    id: String,
    /// What the ID becomes when the events up to a position are acknowledged.
    open: VecDeque<Checkpoint>,
    /// How long the IDs in there are, all together.
    open_bytes: usize,
}

#[derive(Debug, Clone)]
struct Checkpoint {
    after: AckToken,
    id: String,
}

impl Ledger {
    pub(crate) fn new(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    /// The position of the event that was given out last.
    pub(crate) fn given_out(&self) -> AckToken {
        self.given_out
    }

    /// The ID that belongs to what was acknowledged.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Takes note of an event that is given out.
    pub(crate) fn give_out(&mut self) {
        self.given_out.0 += 1;
    }

    /// Takes note of the last event ID after a block, which may be one that was not given out: then
    /// it belongs to the event before it.
    pub(crate) fn commit(&mut self, id: &str) {
        let newest = self.open.back().map_or(&self.id, |checkpoint| &checkpoint.id);
        if newest == id {
            return;
        }
        if self.open.back().is_some_and(|checkpoint| checkpoint.after == self.given_out) {
            self.open_bytes -= self.open.pop_back().map_or(0, |replaced| replaced.id.len());
        }
        while self.open.len() >= MAX_CHECKPOINTS
            || (self.open_bytes + id.len() > MAX_CHECKPOINT_BYTES && !self.open.is_empty())
        {
            self.thin_out();
        }
        self.open_bytes += id.len();
        self.open.push_back(Checkpoint { after: self.given_out, id: id.to_owned() });
        self.settle();
    }

    /// Acknowledges all events up to the position, and those hidden after it.
    pub(crate) fn acknowledge(&mut self, position: AckToken) {
        self.acknowledged = self.acknowledged.max(position.min(self.given_out));
        self.settle();
    }

    fn settle(&mut self) {
        let settled = self.open.iter().take_while(|open| open.after <= self.acknowledged).count();
        for checkpoint in self.open.drain(..settled) {
            self.open_bytes -= checkpoint.id.len();
            self.id = checkpoint.id;
        }
    }

    /// Forgets every other checkpoint. Going on from an older one repeats events, and loses none.
    fn thin_out(&mut self) {
        let mut index = 0;
        self.open.retain(|_| {
            index += 1;
            index % 2 == 0
        });
        self.open_bytes = self.open.iter().map(|checkpoint| checkpoint.id.len()).sum();
    }
}

/// So many IDs are remembered at most, for a caller that acknowledges late or never.
const MAX_CHECKPOINTS: usize = 4096;

/// So long are they at most, all together but for the newest, which has a limit of its own.
const MAX_CHECKPOINT_BYTES: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::{AckToken, Ledger, MAX_CHECKPOINT_BYTES, MAX_CHECKPOINTS};

    /// Gives out an event with this ID.
    fn give_out(ledger: &mut Ledger, id: &str) -> AckToken {
        ledger.give_out();
        ledger.commit(id);
        ledger.given_out()
    }

    #[test]
    fn the_id_is_that_of_the_last_event_acknowledged() {
        let mut ledger = Ledger::new("seed");
        let positions = ["a", "b", "b", "c"].map(|id| give_out(&mut ledger, id));
        assert_eq!(ledger.id(), "seed");
        for (position, id) in positions.into_iter().zip(["a", "b", "b", "c"]) {
            ledger.acknowledge(position);
            assert_eq!(ledger.id(), id);
        }
    }

    #[test]
    fn ids_that_repeat_are_told_apart_by_their_place() {
        let mut ledger = Ledger::new("");
        let positions = ["a", "b", "a"].map(|id| give_out(&mut ledger, id));
        ledger.acknowledge(positions[1]);
        assert_eq!(ledger.id(), "b");
        ledger.acknowledge(positions[2]);
        assert_eq!(ledger.id(), "a");
    }

    #[test]
    fn what_was_acknowledged_stays_so() {
        let mut ledger = Ledger::new("");
        let positions = ["a", "b"].map(|id| give_out(&mut ledger, id));
        ledger.acknowledge(positions[1]);
        ledger.acknowledge(positions[0]);
        assert_eq!(ledger.id(), "b");
    }

    #[test]
    fn what_is_still_to_come_cannot_be_acknowledged() {
        let mut ledger = Ledger::new("");
        ledger.acknowledge(AckToken(9));
        give_out(&mut ledger, "a");
        assert_eq!(ledger.id(), "");
    }

    #[test]
    fn a_hidden_id_belongs_to_the_event_before_it() {
        let mut ledger = Ledger::new("");
        ledger.commit("hidden");
        assert_eq!(ledger.id(), "hidden");
        let position = give_out(&mut ledger, "a");
        ledger.commit("b");
        ledger.commit("c");
        assert_eq!(ledger.id(), "hidden");
        ledger.acknowledge(position);
        assert_eq!(ledger.id(), "c");
        ledger.commit("d");
        assert_eq!(ledger.id(), "d");
    }

    #[test]
    fn whoever_never_acknowledges_takes_no_endless_memory_and_loses_nothing() {
        let mut ledger = Ledger::new("");
        let ids = (1..=3 * MAX_CHECKPOINTS).map(|id| id.to_string());
        let positions: Vec<_> =
            ids.map(|id| (give_out(&mut ledger, &id), id.parse::<u64>().unwrap())).collect();
        assert!(ledger.open.len() <= MAX_CHECKPOINTS);
        for &(position, number) in &positions {
            ledger.acknowledge(position);
            let going_on_from: u64 = ledger.id().parse().unwrap_or_default();
            assert!(going_on_from <= number);
        }
        let last = positions[positions.len() - 1].1;
        assert_eq!(ledger.id(), last.to_string());
    }

    #[test]
    fn long_ids_take_no_more_memory_than_many_and_lose_nothing() {
        let mut ledger = Ledger::new("");
        let id = |number: usize| format!("{number:0>65535}");
        let positions: Vec<_> = (1..=100).map(|n| give_out(&mut ledger, &id(n))).collect();
        let held: usize = ledger.open.iter().map(|checkpoint| checkpoint.id.len()).sum();
        assert_eq!(ledger.open_bytes, held);
        assert!(held <= MAX_CHECKPOINT_BYTES);
        for (position, number) in positions.into_iter().zip(1..) {
            ledger.acknowledge(position);
            assert!(ledger.id().parse().unwrap_or(0) <= number);
        }
        assert_eq!((ledger.id(), ledger.open_bytes), (&*id(100), 0));
        // One ID alone may be longer than that.
        let position = give_out(&mut ledger, &"x".repeat(2 * MAX_CHECKPOINT_BYTES));
        ledger.acknowledge(position);
        assert_eq!((ledger.id().len(), ledger.open_bytes), (2 * MAX_CHECKPOINT_BYTES, 0));
    }
}
