//! Whether a request may be made again for a session, and whether there is a reason to: decisions about
//! the request, not about the connection that was lost.

use reqwest::Method;

use crate::id_header::IdHeader;

/// When the request of a session may be repeated after its connection was lost.
///
/// Repeating a request may repeat what it does: a language model's answer is computed, and
/// billed, again. Comments and `retry` fields are no progress. To allow a repetition is not to turn
/// reconnection on: that is done by a [policy](crate::ReconnectPolicy).
///
/// ```
/// use sse_reqwest::{Resume, SseConfig};
///
/// // A question is asked again as long as nothing of its answer has come, three times at most.
/// let config =
///     SseConfig::new().max_reconnection_attempts(3).resume(Resume::IfNothingDelivered);
/// ```
///
/// Below the session, reqwest sends a request again of its own accord, with any method, where the
/// server cannot have processed it: a pooled connection turns out to be closed before anything of
/// the request was sent, or an HTTP/2 server refuses the stream or says that it did not get to it
/// (then twice at most). The session does not see that. `retry(reqwest::retry::never())` of the
/// `reqwest::ClientBuilder` turns the HTTP/2 part off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resume {
    /// [`Always`](Self::FromBeginning) for GET and HEAD, [`Never`](Self::Never) for all other methods.
    /// This is the default.
    #[default]
    ByMethod,
    /// Never repeats the request.
    Never,
    /// Repeats it as long as no event with data has come.
    IfNothingDelivered,
    /// Repeats it once there is a last event ID to go on from, one that can be sent.
    IfIdSeen,
    /// Repeats it always.
    FromBeginning,
}

/// What a session does when its server ends the event stream as HTTP wants it, if it reconnects at
/// all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CleanEnd {
    /// Reconnects if the request to be made is a GET or HEAD: a server that ends its stream for good
    /// answers the next one with 204. Finishes otherwise: the server has answered what it was asked.
    /// This is the default.
    #[default]
    ByMethod,
    /// Reconnects.
    Reconnect,
    /// Finishes.
    Finish,
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
    /// The next request will carry it.
    Sendable,
    None,
}

impl LastEventId {
    pub(crate) fn of(id: &str, header: IdHeader) -> Self {
        if id.is_empty() || header.loses(id) { Self::None } else { Self::Sendable }
    }
}

impl Resume {
    pub(crate) fn allows(self, method: Option<&Method>, progress: Progress) -> bool {
        match self {
            Self::ByMethod => is_read_only(method),
            Self::Never => false,
            Self::IfNothingDelivered => progress.messages == 0,
            Self::IfIdSeen => progress.last_event_id == LastEventId::Sendable,
            Self::FromBeginning => true,
        }
    }
}

impl CleanEnd {
    /// Whether the server has answered all that it was asked by this method.
    pub(crate) fn finishes(self, method: Option<&Method>) -> bool {
        match self {
            // A server that ends its answer to a request that changes something has finished it.
            Self::ByMethod => !is_read_only(method),
            Self::Finish => true,
            Self::Reconnect => false,
        }
    }
}

/// Whether the method asks for something and changes nothing. Of a request that is not known, that is
/// not known either.
fn is_read_only(method: Option<&Method>) -> bool {
    method.is_some_and(|method| method == Method::GET || method == Method::HEAD)
}

#[cfg(test)]
mod tests {
    use reqwest::Method;

    use super::{CleanEnd, IdHeader, LastEventId, Progress, Resume};

    #[test]
    fn only_requests_that_change_nothing_are_repeated_by_default() {
        let progress = Progress { messages: 0, last_event_id: LastEventId::None };
        for method in [Method::GET, Method::HEAD] {
            assert!(Resume::default().allows(Some(&method), progress), "{method}");
        }
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            assert!(!Resume::default().allows(Some(&method), progress), "{method}");
        }
        assert!(!Resume::default().allows(None, progress));
    }

    #[test]
    fn a_regular_end_finishes_what_was_asked_once_unless_told_otherwise() {
        let methods = [Some(&Method::GET), Some(&Method::HEAD), Some(&Method::POST), None];
        for (clean_end, expected) in [
            (CleanEnd::default(), [false, false, true, true]),
            (CleanEnd::Reconnect, [false; 4]),
            (CleanEnd::Finish, [true; 4]),
        ] {
            assert_eq!(methods.map(|method| clean_end.finishes(method)), expected);
        }
    }

    #[test]
    fn each_choice_allows_what_it_says() {
        let at = |messages, id| Progress {
            messages,
            last_event_id: LastEventId::of(id, IdHeader::Sent),
        };
        let progress = [at(0, ""), at(1, ""), at(0, "1"), at(1, "1"), at(1, "\u{7}")];
        let cases = [
            (Resume::Never, [false, false, false, false, false]),
            (Resume::IfNothingDelivered, [true, false, true, false, false]),
            (Resume::IfIdSeen, [false, false, true, true, false]),
            (Resume::FromBeginning, [true, true, true, true, true]),
        ];
        for (resume, expected) in cases {
            for method in [Some(&Method::GET), Some(&Method::POST), None] {
                let allowed = progress.map(|progress| resume.allows(method, progress));
                assert_eq!(allowed, expected, "{resume:?}");
            }
        }
    }
}
