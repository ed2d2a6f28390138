//! Gaps: events that a server no longer has, as the head of its response shows.

use std::fmt;

use http::HeaderMap;

use crate::id_header::LAST_EVENT_ID;

/// Gap in an event stream: the server resumes from another event than the session asked for.
///
/// Mercure and other servers name, in the `Last-Event-ID` header of the *response*, the event
/// before the first one that they send. If it is not the last event ID of the request, events may
/// be lost: the server may have dropped them from its history. The session continues. Its
/// [lifecycle](crate::SessionEvent::Gap) and its [observers](crate::SessionObserver::on_gap) report
/// the gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    requested: String,
    resumed_after: String,
}

impl Gap {
    /// Returns the gap that the headers of a response show, if it answers a request to resume after
    /// this ID.
    pub(crate) fn of(requested: &str, headers: &HeaderMap) -> Option<Self> {
        // The white space around the value of a header is not part of the value.
        let requested = requested.trim_matches([' ', '\t']);
        let answer = headers.get(LAST_EVENT_ID)?.as_bytes().trim_ascii();
        (!requested.is_empty() && answer != requested.as_bytes()).then(|| Self {
            requested: requested.to_owned(),
            resumed_after: String::from_utf8_lossy(answer).into_owned(),
        })
    }

    /// Returns the last event ID that the session asked to resume after.
    #[must_use]
    pub fn requested_id(&self) -> &str {
        &self.requested
    }

    /// Returns the ID of the event after which the server resumes.
    #[must_use]
    pub fn resumed_after_id(&self) -> &str {
        &self.resumed_after
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requested, resumed_after } = self;
        write!(f, "server resumes after event {resumed_after:?} instead of {requested:?}")
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::Gap;
    use crate::id_header::LAST_EVENT_ID;

    #[test]
    fn gap_is_a_last_event_id_of_the_response_that_differs_from_the_requested_one() {
        let cases = [
            ("7", Some("7"), None),
            ("7", Some("9"), Some("9")),
            ("7", Some(""), Some("")),
            ("7", None, None),
            ("", Some("9"), None),
            (" 7", Some("7 "), None),
            ("é", Some("é"), None),
        ];
        for (requested, answer, expected) in cases {
            let answer = answer.map(|id| http::HeaderValue::from_bytes(id.as_bytes()).unwrap());
            let headers = HeaderMap::from_iter(answer.map(|id| (LAST_EVENT_ID, id)));
            let gap = Gap::of(requested, &headers);
            assert_eq!(gap.as_ref().map(Gap::resumed_after_id), expected, "{requested:?}");
            assert!(gap.is_none_or(|gap| gap.requested_id() == requested));
        }
    }
}
