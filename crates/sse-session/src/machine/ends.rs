//! Ends of connections: what a session takes note of, and what they show about the next request.

use std::time::Duration;

use super::{Connection, Machine, State, rules};
use crate::{
    body_end::{BodyEnd, Completeness},
    deadlines::Deadline,
    failure::Failure,
    policy::{End, EndKind},
};

impl Machine {
    /// Takes note of the end of the connection, if there is one.
    pub(super) fn end_connection(&mut self, failure: &Failure, now: Duration) -> Option<End> {
        self.end_stopwatch(now);
        let State::Open(connection) = &self.state else {
            return None;
        };
        let error = failure.transport_kind();
        let body_end = match failure {
            Failure::StreamEnded | Failure::Unfinished(_) => None,
            _ => Some(error.map_or(BodyEnd::Abandoned, BodyEnd::of_error)),
        };
        let evidence = connection.evidence(body_end, error, &self.parser, now);
        let is_nonsense = evidence.messages() == 0 && evidence.unknown_lines() > 0;
        let kind = match failure {
            // Not `Unfinished`: half an event disproves a regular end, whatever HTTP shows. Over
            // HTTP/2, a reset with NO_ERROR may look like one.
            Failure::StreamEnded => EndKind::Regular,
            Failure::Deadline(_) => EndKind::Deadline,
            Failure::Decode(_) => EndKind::Undecodable,
            _ => EndKind::Other,
        };
        let id = self.last_event_id();
        let end = End {
            facts: evidence.facts(),
            kind,
            lived: connection.lived(now),
            // Bytes that are not pending belong to complete blocks or to empty lines.
            has_block: self.parser.pending_bytes() < evidence.bytes()
                && !connection.is_blank()
                && !is_nonsense,
            // An ID that cannot be sent, or is not acknowledged, does not help the next request.
            has_new_id: self.names_event(id) && id != self.id_at_open,
        };
        let is_expired = matches!(failure, Failure::Deadline(Deadline::Idle));
        self.learned = connection.learned(is_expired).map(Box::new);
        if !connection.is_blank() {
            self.is_stream_complete = evidence.completeness() == Completeness::Framed;
        }
        self.evidence = Some(Box::new(evidence));
        Some(end)
    }

    /// Takes note that the session itself ends the connection, if there is one.
    pub(super) fn abandon_connection(&mut self, now: Duration) {
        self.end_stopwatch(now);
        if let State::Open(connection) = &self.state {
            let evidence = connection.evidence(Some(BodyEnd::Abandoned), None, &self.parser, now);
            self.evidence = Some(Box::new(evidence));
        }
    }

    fn end_stopwatch(&self, now: Duration) {
        if let Some(stopwatch) = &self.stopwatch {
            stopwatch.end(now);
        }
    }

    /// Returns `true` if the server has no more events, as an empty event stream shows where the
    /// caller knows it does.
    pub(super) fn has_no_more(&self, end: Option<End>) -> bool {
        self.config.reconnection.finish_on_empty_reconnection
            && self.connections > 1
            && end.is_some_and(|end| {
                let is_blank = self.connection().is_some_and(Connection::is_blank);
                let is_empty = is_blank && end.facts.body_end.is_framed();
                // A stream that was quiet for longer may have had nothing to send.
                is_empty && end.kind == EndKind::Regular && end.lived < LONGEST_EMPTY_STREAM
            })
    }

    /// Returns `true` if the next connection restarts the session: it has received events, and the
    /// server will not know which.
    pub(super) fn will_restart(&self) -> bool {
        let messages = self.connection().map_or(0, |connection| connection.messages);
        self.messages + messages > 0 && !self.has_id()
    }

    /// Returns `true` if the next request says from which event to resume.
    pub(super) fn has_id(&self) -> bool {
        self.names_event(self.last_event_id())
    }

    /// Returns `true` if a request says that it resumes from this ID: in the header, or in the way
    /// of the factory that makes it.
    fn names_event(&self, id: &str) -> bool {
        let id_header = rules(&self.config, self.capabilities).id_header();
        let is_sent = id_header.is_sent && !id_header.omits(id);
        !id.is_empty() && (is_sent || self.template.has_factory())
    }
}

/// Longest life of an event stream that is empty because the server has no more events.
const LONGEST_EMPTY_STREAM: Duration = Duration::from_secs(5);
