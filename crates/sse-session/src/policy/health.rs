//! Health of connections: after which of them the counters of a session reset.

use std::time::Duration;

use super::ReconnectPolicy;
use crate::body_end::EndEvidence;

/// End of a connection, as far as it decides what follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) evidence: EndEvidence,
    pub(crate) kind: EndKind,
    /// Time for which the body was read.
    pub(crate) lived: Duration,
    /// `true` if at least one block was complete, with data or without.
    pub(crate) has_block: bool,
    /// `true` if there is a last event ID, another one than when the connection opened.
    pub(crate) has_new_id: bool,
}

/// Kind of the end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndKind {
    /// The response is complete, as far as HTTP shows it.
    Regular,
    /// A deadline of the session expired.
    Deadline,
    /// The body could not be decoded.
    Undecodable,
    Other,
}

impl ReconnectPolicy {
    /// Returns `true` if a connection was healthy: it brought a new last event ID, or ended
    /// regularly after at least one block, or lasted for `healthy_after`.
    pub(crate) fn is_healthy(&self, end: &End) -> bool {
        if end.kind == EndKind::Undecodable {
            // An event before the damage does not heal it.
            return false;
        }
        let ended_well = end.kind == EndKind::Regular && end.has_block;
        end.has_new_id || ended_well || self.has_lasted(end)
    }

    fn has_lasted(&self, end: &End) -> bool {
        // Waiting in vain for the first byte is no life.
        let is_mute = end.kind == EndKind::Deadline && end.evidence.bytes() == 0;
        end.lived >= self.healthy_after && !is_mute
    }
}
