//! Whether a request may be made again for a session: a decision about the request, not about the
//! connection that was lost.

use reqwest::Method;

/// When the request of a session may be repeated after its connection was lost.
///
/// Repeating a request may repeat what it does: a language model's answer is computed, and
/// billed, again. What counts as progress is an event with data that was given out or hidden by a
/// filter, or a last event ID; comments and `retry` do not.
///
/// The default goes by method: [`Always`](Self::Always) for GET and HEAD, [`Never`](Self::Never)
/// for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resume {
    /// Never repeats the request.
    Never,
    /// Repeats it as long as no event has come.
    IfNothingDelivered,
    /// Repeats it once there is a last event ID to go on from.
    IfIdSeen,
    /// Repeats it always.
    Always,
}

/// How far a session has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    /// How many events with data its last connection brought. Those before it do not matter: had
    /// they, there would have been no last one.
    pub(crate) messages: u64,
    pub(crate) last_event_id: LastEventId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastEventId {
    Seen,
    None,
}

impl Resume {
    /// What applies to a request for which nothing was chosen.
    pub(crate) fn default_for(method: &Method) -> Self {
        if is_read_only(method) { Self::Always } else { Self::Never }
    }

    pub(crate) fn allows(self, progress: Progress) -> bool {
        match self {
            Self::Never => false,
            Self::IfNothingDelivered => progress.messages == 0,
            Self::IfIdSeen => progress.last_event_id == LastEventId::Seen,
            Self::Always => true,
        }
    }
}

/// Whether the method asks for something and changes nothing.
pub(crate) fn is_read_only(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

#[cfg(test)]
mod tests {
    use reqwest::Method;

    use super::{LastEventId, Progress, Resume};

    #[test]
    fn only_requests_that_change_nothing_are_repeated_by_default() {
        for method in [Method::GET, Method::HEAD] {
            assert_eq!(Resume::default_for(&method), Resume::Always);
        }
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            assert_eq!(Resume::default_for(&method), Resume::Never);
        }
    }

    #[test]
    fn each_choice_allows_what_it_says() {
        let at = |messages, last_event_id| Progress { messages, last_event_id };
        let progress = [
            at(0, LastEventId::None),
            at(1, LastEventId::None),
            at(0, LastEventId::Seen),
            at(1, LastEventId::Seen),
        ];
        let cases = [
            (Resume::Never, [false, false, false, false]),
            (Resume::IfNothingDelivered, [true, false, true, false]),
            (Resume::IfIdSeen, [false, false, true, true]),
            (Resume::Always, [true, true, true, true]),
        ];
        for (resume, expected) in cases {
            assert_eq!(progress.map(|progress| resume.allows(progress)), expected, "{resume:?}");
        }
    }
}
