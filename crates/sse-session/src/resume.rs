//! Decides whether a request may be repeated, and what a regular end of its event stream means.
//!
//! Both depend on the request, not on the connection that ended.

use http::Method;

/// Condition under which the request of a session may be repeated after a disconnect.
///
/// Repeating a request may repeat its effect: a language model's answer, for example, is computed
/// and billed again. Comments and `retry` fields do not count as delivered. Allowing a repetition
/// does not turn reconnection on; a [policy](crate::ReconnectPolicy) does.
///
/// ```
/// use sse_session::{Resume, SseConfig};
///
/// // The request is repeated, at most three times in a row, as long as no event was received.
/// let config =
///     SseConfig::new().max_reconnection_attempts(3).resume(Resume::IfNothingDelivered);
/// ```
///
/// Below the session, a transport may repeat requests. reqwest repeats a request of any method that
/// the server cannot have processed: if a pooled connection turns out to be closed before anything
/// was sent, or, at most twice, if an HTTP/2 server refuses the stream or says that it did not
/// process it. The session does not see this. `retry(reqwest::retry::never())` of the
/// `reqwest::ClientBuilder` turns the HTTP/2 part off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resume {
    /// Repeats GET and HEAD always, like [`FromBeginning`](Self::FromBeginning), and requests with
    /// other methods [never](Self::Never). This is the default.
    #[default]
    ByMethod,
    /// Never repeats the request.
    Never,
    /// Repeats the request as long as its last connection brought no event with data.
    IfNothingDelivered,
    /// Repeats the request if there is a last event ID to resume from, one that can be sent.
    IfIdSeen,
    /// Repeats the request always. Without an ID that the server resumes from, the answer starts
    /// from the beginning: the reader must discard what it has received before, or will see it
    /// twice.
    ///
    /// Only the [lifecycle](crate::ClientSseSession::lifecycle) shows that. If a session is read in
    /// another way, by `next`, as a stream, or as values of sse-typed, such a repetition after an
    /// event was yielded is an error ([`SseErrorOutcome::RestartUnseen`]) and is not made. GET and
    /// other methods that [`ByMethod`](Self::ByMethod) repeats are not affected.
    ///
    /// [`SseErrorOutcome::RestartUnseen`]: crate::SseErrorOutcome::RestartUnseen
    FromBeginning,
    /// Repeats the request always, as `ByMethod` does with a GET: for a feed whose events after a
    /// reconnection are new ones, such as a GraphQL subscription by POST.
    Feed,
}

/// Meaning of a regular end of the event stream, as HTTP defines it, for a session that reconnects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CleanEnd {
    /// The session reconnects if its next request is a GET or HEAD, to which a server that has no
    /// more events responds 204. Otherwise the session ends: the request has been answered.
    /// This is the default.
    #[default]
    ByMethod,
    /// The session reconnects.
    Reconnect,
    /// The session ends.
    Finish,
}

impl Resume {
    /// Returns `true` if a request with this method may be repeated, given the number of events
    /// with data of its last connection. `has_id` is `true` if the next request will carry a last
    /// event ID.
    pub(crate) fn allows(self, method: Option<&Method>, messages: u64, has_id: bool) -> bool {
        match self {
            Self::ByMethod => is_read_only(method),
            Self::Never => false,
            Self::IfNothingDelivered => messages == 0,
            Self::IfIdSeen => has_id,
            Self::FromBeginning | Self::Feed => true,
        }
    }
}

impl CleanEnd {
    /// Returns `true` if a regular end of the answer to this method ends the session.
    pub(crate) fn finishes(self, method: Option<&Method>) -> bool {
        match self {
            Self::ByMethod => !is_read_only(method),
            Self::Finish => true,
            Self::Reconnect => false,
        }
    }
}

/// Returns `true` if the method is known and has no effect on the server.
fn is_read_only(method: Option<&Method>) -> bool {
    method.is_some_and(|method| method == Method::GET || method == Method::HEAD)
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{CleanEnd, Resume};

    #[test]
    fn resume_by_method_repeats_only_requests_without_effect() {
        for method in [Method::GET, Method::HEAD] {
            assert!(Resume::default().allows(Some(&method), 0, false), "{method}");
        }
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            assert!(!Resume::default().allows(Some(&method), 0, false), "{method}");
        }
        assert!(!Resume::default().allows(None, 0, false));
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
        let progress = [(0, false), (1, false), (0, true), (1, true)];
        let cases = [
            (Resume::Never, [false, false, false, false]),
            (Resume::IfNothingDelivered, [true, false, true, false]),
            (Resume::IfIdSeen, [false, false, true, true]),
            (Resume::FromBeginning, [true, true, true, true]),
            (Resume::Feed, [true, true, true, true]),
        ];
        for (resume, expected) in cases {
            for method in [Some(&Method::GET), Some(&Method::POST), None] {
                let allowed =
                    progress.map(|(messages, has_id)| resume.allows(method, messages, has_id));
                assert_eq!(allowed, expected, "{resume:?}");
            }
        }
    }
}
