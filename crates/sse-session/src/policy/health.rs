//! Health of connections: after which of them the counters of a session reset.

use super::{End, EndKind, ReconnectPolicy};

impl ReconnectPolicy {
    /// Returns `true` if a connection was healthy: it brought a new last event ID, or ended
    /// regularly after at least one block, or lasted for `healthy_after`.
    pub(crate) fn is_healthy(&self, end: &End) -> bool {
        if end.kind == EndKind::Undecodable {
            // Events before the damage do not make the connection healthy.
            return false;
        }
        let ended_well = end.kind == EndKind::Regular && end.has_block;
        end.has_new_id || ended_well || self.has_lasted(end)
    }

    fn has_lasted(&self, end: &End) -> bool {
        // A connection that was silent until its deadline does not count.
        let is_mute = end.kind == EndKind::Deadline && end.facts.bytes == 0;
        end.lived >= self.healthy_after && !is_mute
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{End, EndKind, ReconnectPolicy};
    use crate::body_end::EndFacts;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn healthy_after_decides_what_resets_the_attempt_counter_with_every_policy() {
        use EndKind::{Deadline, Other, Regular, Undecodable};
        let long = 5 * SECOND;
        let short = long - Duration::from_nanos(1);
        // The kind of an end, the life, the bytes, whether there was a block, and a new ID, and
        // whether the connection was healthy.
        let cases = [
            (Regular, short, 0, false, false, false),
            (Regular, short, 5, false, false, false),
            (Regular, short, 5, true, false, true),
            (Regular, long, 0, false, false, true),
            (Other, short, 5, true, false, false),
            (Other, short, 5, true, true, true),
            (Other, long, 0, false, false, true),
            (Other, long, 1, false, false, true),
            (Deadline, short, 5, true, false, false),
            (Deadline, short, 5, true, true, true),
            (Deadline, long, 0, false, false, false),
            (Deadline, long, 1, false, false, true),
            (Undecodable, long, 5, true, true, false),
        ];
        let policies = [
            ReconnectPolicy::fixed(SECOND),
            ReconnectPolicy::exponential(),
            ReconnectPolicy::custom(|_| unreachable!()),
        ];
        for (kind, lived, bytes, has_block, has_new_id, expected) in cases {
            let facts = EndFacts { bytes, ..End::without_a_byte(kind).facts };
            let end = End { facts, kind, lived, has_block, has_new_id };
            for policy in &policies {
                assert_eq!(policy.is_healthy(&end), expected, "{end:?} {policy:?}");
            }
        }
        let quiet = End { lived: long, ..End::without_a_byte(Regular) };
        assert!(!ReconnectPolicy::fixed(SECOND).healthy_after(long * 2).is_healthy(&quiet));
    }
}
