//! Facts about the last connection of an answer, which outlive its session.

use crate::{body_end::EndEvidence, call::Call};

/// Facts about the last connection, as far as its session no longer knows them.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) call: Option<Call>,
    pub(super) evidence: Option<EndEvidence>,
    pub(super) last_event_id: String,
}
