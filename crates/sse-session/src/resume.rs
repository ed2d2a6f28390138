//! Decides whether a request may be repeated, and what a regular end of its event stream means.
//!
//! Both depend on the request, not on the connection that ended.

use http::Method;

use crate::method::{is_idempotent, is_safe};

/// Condition under which the request of a session may be repeated after a disconnect.
///
/// Repeating a request may repeat its effect: a language model's answer, for example, is computed
/// and billed again. Comments and `retry` fields do not count as delivered. Allowing a repetition
/// does not turn reconnection on; a [policy](crate::ReconnectPolicy) does.
///
/// A request whose body can be read only once is never repeated, whatever its method.
///
/// # The first request of a session
///
/// It may be sent over a pooled connection that the server closes at that moment. If the connection
/// ends before the head of a response, the session repeats the request once, at once and with a
/// [fresh connection wanted](crate::SendContext::fresh_connection_wanted), as browsers do. It needs
/// no policy for that. Conditions:
///
/// - The method is [idempotent](Self::ByMethod), and `Resume` allows the repetition.
///   [`Never`](Self::Never) turns it off.
/// - The connection may have served an earlier request. Transports that [connect each
///   time](crate::Capabilities::connects_each_time) repeat nothing.
///
/// [Observers](crate::SessionObserver) are notified of a disconnect. If the second request ends
/// like the first, the session fails, or the policy decides about the next attempt.
///
/// ```
/// use sse_session::{Resume, SseConfig};
///
/// // The request is repeated, at most three times in a row, as long as no event was received.
/// let config =
///     SseConfig::new().max_reconnection_attempts(3).resume(Resume::IfNothingDelivered);
/// ```
///
/// # Below the session
///
/// A transport may repeat requests too. reqwest repeats a request of any method that
/// the server cannot have processed: if a pooled connection turns out to be closed before anything
/// was sent, or, at most twice, if an HTTP/2 server refuses the stream or says that it did not
/// process it. The session does not see this. `retry(reqwest::retry::never())` of the
/// `reqwest::ClientBuilder` turns the HTTP/2 part off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resume {
    /// Repeats requests by their method, as IANA's registry of methods has it. This is the default.
    ///
    /// - Safe methods always, like [`FromBeginning`](Self::FromBeginning): GET, HEAD, OPTIONS,
    ///   TRACE, PROPFIND, REPORT, SEARCH and QUERY.
    /// - Other idempotent methods, such as PUT and DELETE, as long as the request got no answer: no
    ///   head of a response was received.
    /// - All others [never](Self::Never).
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
    /// Only the [lifecycle](crate::ClientSseSession::lifecycle) shows that, by
    /// [`is_restart`](crate::SessionEvent::Disconnected). If a session is read in
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
    /// The session reconnects if the method of its next request is safe, such as GET: a server that
    /// has no more events responds 204 to it. Otherwise the session ends: the request has been
    /// answered. [`Resume::ByMethod`] lists the safe methods. This is the default.
    #[default]
    ByMethod,
    /// The session reconnects.
    Reconnect,
    /// The session ends.
    Finish,
}

/// Progress of a session when its request may have to be repeated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    /// `true` if the head of a response to the last request was received.
    pub(crate) is_answered: bool,
    /// Number of events with data of the last connection.
    pub(crate) messages: u64,
    /// `true` if the next request will carry a last event ID.
    pub(crate) has_id: bool,
}

impl Resume {
    /// Returns `true` if a request with this method may be repeated.
    pub(crate) fn allows(self, method: Option<&Method>, progress: Progress) -> bool {
        let Progress { is_answered, messages, has_id } = progress;
        match self {
            Self::ByMethod => {
                method.is_some_and(|it| is_safe(it) || (!is_answered && is_idempotent(it)))
            }
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
            Self::ByMethod => !method.is_some_and(is_safe),
            Self::Finish => true,
            Self::Reconnect => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{CleanEnd, Progress, Resume};

    #[test]
    fn resume_by_method_repeats_safe_methods_and_unanswered_idempotent_ones() {
        let progress = |is_answered| Progress { is_answered, messages: 0, has_id: false };
        for (names, unanswered, answered) in [
            (&["GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "SEARCH", "QUERY"][..], true, true),
            (&["PUT", "DELETE", "MKCOL"], true, false),
            (&["POST", "PATCH", "LOCK", "UNKNOWN"], false, false),
        ] {
            for name in names {
                let method = Method::from_bytes(name.as_bytes()).unwrap();
                let allows = |it| Resume::default().allows(Some(&method), progress(it));
                assert_eq!([allows(false), allows(true)], [unanswered, answered], "{name}");
            }
        }
        assert!(!Resume::default().allows(None, progress(false)));
    }

    #[test]
    fn clean_end_decides_which_methods_a_regular_end_finishes() {
        let query = Method::from_bytes(b"QUERY").unwrap();
        let methods = [&Method::GET, &query, &Method::POST, &Method::PUT].map(Some);
        for (clean_end, expected) in [
            (CleanEnd::default(), [false, false, true, true]),
            (CleanEnd::Reconnect, [false; 4]),
            (CleanEnd::Finish, [true; 4]),
        ] {
            assert_eq!(methods.map(|method| clean_end.finishes(method)), expected);
        }
        assert!(CleanEnd::default().finishes(None));
    }

    #[test]
    fn each_resume_allows_the_progress_that_it_documents() {
        let progress = [(0, false), (1, false), (0, true), (1, true)]
            .map(|(messages, has_id)| Progress { is_answered: true, messages, has_id });
        let cases = [
            (Resume::Never, [false, false, false, false]),
            (Resume::IfNothingDelivered, [true, false, true, false]),
            (Resume::IfIdSeen, [false, false, true, true]),
            (Resume::FromBeginning, [true, true, true, true]),
            (Resume::Feed, [true, true, true, true]),
        ];
        for (resume, expected) in cases {
            for method in [Some(&Method::GET), Some(&Method::POST), None] {
                let allowed = progress.map(|progress| resume.allows(method, progress));
                assert_eq!(allowed, expected, "{resume:?}");
            }
        }
    }
}
