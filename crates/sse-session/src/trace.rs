//! Spans and events of `tracing` for a session.
//!
//! They show no header, no query of a URL, and nothing of the event stream unless that is turned
//! on.

use std::{error::Error as _, fmt, time::Duration};

use http::Uri;
use sse_core::{ServerSentEvent, Skipped};
use tracing::{Instrument as _, Span, debug, field::Empty, info, info_span, trace, warn};

use crate::{call::Call, error::SseError, state::EndReason, transition::Disconnected};

/// Spans of a session; none before it begins.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    session: Span,
    /// URI that the session's span shows. It is recorded again only if it differs, as subscribers
    /// that write lines append each record. Not kept if nobody records it.
    uri: Option<Box<Uri>>,
    connection: Span,
    /// `true` if the connection was opened, so that its times are recorded when it is closed.
    is_open: bool,
    /// If `true`, the session is an attempt of an answer.
    is_answer: bool,
    /// If `true`, the type, ID and data of events are shown.
    pub(crate) payloads: bool,
}

impl Trace {
    /// Adds the names of OpenTelemetry for the requests of language models.
    pub(crate) fn set_answer(&mut self) {
        self.is_answer = true;
    }

    /// Begins the span of a session, in the caller's span.
    pub(crate) fn begin(&mut self) {
        self.session = info_span!("sse_session", url = Empty);
    }

    pub(crate) fn unlimited_silence(&self) {
        warn!(
            parent: &self.session,
            "expect_terminal without idle_timeout: a server that goes silent is waited for forever",
        );
    }

    pub(crate) fn connecting(&mut self, uri: &Uri, attempt: u32) {
        self.begin_connection(uri, attempt);
        debug!(parent: &self.connection, "connecting");
    }

    pub(crate) fn beginning_with_response(&mut self, uri: &Uri) {
        self.begin_connection(uri, 0);
        debug!(parent: &self.connection, "beginning with a response");
    }

    fn begin_connection(&mut self, uri: &Uri, attempt: u32) {
        // With tracing's feature `log`, a disabled span may still be shown.
        if !self.session.is_none() && self.uri.as_deref() != Some(uri) {
            self.session.record("url", uri.to_string());
            self.uri = Some(Box::new(uri.clone()));
        }
        self.is_open = false;
        self.connection = info_span!(
            parent: &self.session,
            "sse_connection",
            url = uri.to_string(),
            attempt,
            status = Empty,
            version = Empty,
            time_to_head = Empty,
            time_to_first_byte = Empty,
            time_to_first_event = Empty,
            gen_ai.response.time_to_first_chunk = Empty,
            duration = Empty,
            mean_event_interval = Empty,
            longest_event_interval = Empty,
        );
    }

    /// Runs a future in the span of the connection.
    pub(crate) fn watch<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        future.instrument(self.connection.clone())
    }

    pub(crate) fn open(&mut self, call: &Call) {
        self.is_open = true;
        self.answered(call, "open");
    }

    /// Records the times until the first event of the connection.
    pub(crate) fn first_event(&self, call: &Call) {
        let timings = call.timings();
        self.record_time("time_to_first_byte", timings.to_first_byte());
        self.record_time("time_to_first_event", timings.to_first_event());
        if self.is_answer {
            self.record_time("gen_ai.response.time_to_first_chunk", timings.to_first_event());
        }
    }

    /// Records the times of the whole connection.
    pub(crate) fn connection_closed(&self, call: &Call) {
        let timings = call.timings();
        if timings.to_first_event().is_none() {
            self.record_time("time_to_first_byte", timings.to_first_byte());
        }
        self.record_time("duration", timings.to_end());
        if let Some(intervals) = timings.event_intervals().filter(|it| it.count() > 0) {
            self.record_time("mean_event_interval", intervals.mean());
            self.record_time("longest_event_interval", Some(intervals.longest()));
        }
    }

    /// Records a time in seconds, if it is known.
    fn record_time(&self, field: &str, time: Option<Duration>) {
        if let Some(time) = time {
            self.connection.record(field, time.as_secs_f64());
        }
    }

    pub(crate) fn no_content(&mut self, call: &Call) {
        self.is_open = true;
        self.answered(call, "no content");
        self.record_time("duration", call.timings().to_end());
    }

    fn answered(&self, call: &Call, what: &str) {
        let status = call.response().status().as_u16();
        let version = call.response().shown_version().map(tracing::field::debug);
        self.connection.record("status", status);
        self.connection.record("version", &version);
        self.record_time("time_to_head", call.timings().to_head());
        debug!(parent: &self.connection, status, version, "{what}");
    }

    pub(crate) fn event(&self, event: &ServerSentEvent) {
        let bytes = event.data().len();
        if self.payloads {
            trace!(
                parent: &self.connection,
                bytes,
                event_type = event.event_type(),
                id = event.id(),
                data = event.data(),
                "event",
            );
        } else {
            trace!(parent: &self.connection, bytes, "event");
        }
    }

    pub(crate) fn gap(&self) {
        // The IDs are the server's, and may be secret.
        warn!(parent: &self.connection, "server resumes from another event than requested");
    }

    pub(crate) fn unfinished(&self) {
        warn!(
            parent: self.innermost(),
            "server ended the event stream in the middle of an event: what it sent of that is discarded",
        );
    }

    pub(crate) fn skipped(&self, skipped: &Skipped) {
        warn!(parent: &self.connection, count = skipped.count(), "skipped");
    }

    pub(crate) fn disconnected(&mut self, disconnected: &Disconnected) {
        let Disconnected { cause, delay, unsendable_id, is_restart } = disconnected;
        self.refused(cause);
        let restart = is_restart.then_some(true);
        info!(parent: self.innermost(), cause = %Chain(cause), ?delay, restart, "disconnected");
        if unsendable_id.is_some() {
            // The ID itself is the server's, and may be secret.
            warn!(parent: self.innermost(), "last event ID cannot be sent as a header: omitted");
        }
        self.connection = Span::none();
    }

    pub(crate) fn failed(&mut self, error: &SseError) {
        self.refused(error);
        warn!(parent: self.innermost(), error = %Chain(error), "failed");
    }

    pub(crate) fn closed(&mut self, reason: EndReason) {
        debug!(parent: &self.session, ?reason, "closed");
        self.connection = Span::none();
        self.session = Span::none();
    }

    fn refused(&self, error: &SseError) {
        if let Some(status) = error.status() {
            self.connection.record("status", status.as_u16());
        }
        if !self.is_open {
            let timings = error.timings().unwrap_or_default();
            self.record_time("time_to_head", timings.to_head());
            self.record_time("time_to_first_byte", timings.to_first_byte());
            self.record_time("duration", timings.to_end());
        }
    }

    /// Returns the innermost span: a failure may come before there is a request.
    fn innermost(&self) -> &Span {
        if self.connection.is_none() { &self.session } else { &self.connection }
    }
}

impl Default for Trace {
    fn default() -> Self {
        let (session, connection) = (Span::none(), Span::none());
        Self { session, uri: None, connection, is_open: false, is_answer: false, payloads: false }
    }
}

/// Error and its causes, in one line.
struct Chain<'a>(&'a SseError);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http::Uri;

    use super::Trace;

    /// With tracing's feature `log`, a disabled span may still show it.
    #[test]
    fn the_uri_is_kept_if_the_span_of_the_session_shows_it() {
        let mut trace = Trace::default();
        trace.begin();
        trace.connecting(&Uri::from_static("http://localhost/events"), 0);
        assert_eq!(trace.uri.is_none(), trace.session.is_none());
    }
}
