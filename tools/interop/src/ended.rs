//! Sessions that are followed to their end, and what is seen of a failure or of a shutdown.

use std::fmt;

use sse_reqwest::{BodyEnd, ClientSseSession, Completeness, EndEvidence, SseClient, SseConfig};
use tokio::time::timeout;

use crate::{
    client::Protocol,
    error::{Result, ScenarioError},
    follow::IDLE_LIMIT,
    form::{Form, Item},
    payload::Seen,
    progress::Progress,
    server::{EVENTS, Query, Server},
};

/// Sign of a failure that a client sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) event: Sign<'static>,
    pub(crate) body_end: BodyEnd,
    pub(crate) completeness: Completeness,
    /// `true` if the session ends with an error.
    pub(crate) is_error: bool,
}

/// Event that shows a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign<'a> {
    None,
    /// Event of this type, which leaves the last event ID unchanged.
    Event(&'a str),
    /// Event of this type, which changes the last event ID.
    EventWithId(&'a str),
    /// The terminal event.
    End,
    /// Not an event, but a line of text.
    Line,
}

impl Shown {
    /// The failure looks like the end of a whole stream.
    pub(crate) const COMPLETE: Self = Self {
        event: Sign::None,
        body_end: BodyEnd::LastChunk,
        completeness: Completeness::Framed,
        is_error: false,
    };
    pub(crate) const TRUNCATED: Self = Self {
        event: Sign::None,
        body_end: BodyEnd::Truncated,
        completeness: Completeness::Cut,
        is_error: true,
    };

    /// The failure looks like the end of a whole stream of HTTP/2.
    pub(crate) const END_STREAM: Self = Self { body_end: BodyEnd::EndStream, ..Self::COMPLETE };
    /// The stream of HTTP/2 is reset.
    pub(crate) const RESET: Self = Self { body_end: BodyEnd::Reset, ..Self::TRUNCATED };

    /// Returns what [`EndEvidence`] says.
    pub(crate) fn ends(self) -> (BodyEnd, Completeness) {
        (self.body_end, self.completeness)
    }

    /// An event shows the failure, in a body that is complete.
    pub(crate) const fn with(event: Sign<'static>) -> Self {
        Self { event, ..Self::COMPLETE }
    }
}

/// Open session that is to be followed to its end.
pub(crate) struct Watched {
    session: ClientSseSession,
    form: Form,
}

impl Watched {
    pub(crate) async fn open(
        server: &Server,
        protocol: Protocol,
        port: u16,
        path: Option<&str>,
        query: Query,
        config: SseConfig,
    ) -> Result<Self> {
        let client = SseClient::new(protocol.http(None)?.build()?, config);
        let request = server.feed.request(&client, port, path, query);
        match timeout(IDLE_LIMIT, request.sse_session()).await {
            Ok(session) => Ok(Self { session: session?, form: server.form }),
            Err(_) => Err(ScenarioError::failed(format!("no connection within {IDLE_LIMIT:?}"))),
        }
    }

    /// Reads the session to its end.
    pub(crate) async fn watch(mut self, progress: &Progress) -> Result<Ended> {
        let mut seen = Seen::up_to(EVENTS);
        let (mut other, mut is_end, mut failed, mut evidence) = (None, false, false, None);
        let mut last_id = String::new();
        loop {
            let step = timeout(IDLE_LIMIT, self.session.next()).await;
            let Ok(step) = step else {
                let why = format!("no event or end within {IDLE_LIMIT:?}, after {}", seen.total());
                return Err(ScenarioError::failed(why));
            };
            match step {
                None => break,
                Some(Err(error)) => {
                    failed = true;
                    evidence = error.end_evidence();
                }
                Some(Ok(event)) => match self.form.read(&event) {
                    Item::Ticks(payloads) => {
                        payloads.iter().for_each(|it| progress.received(seen.take(it)));
                    }
                    Item::Control => {}
                    Item::End => is_end = true,
                    Item::Other => {
                        let has_id = self.session.last_event_id() != last_id;
                        other = Some((event.event_type().to_owned(), has_id));
                    }
                },
            }
            self.session.last_event_id().clone_into(&mut last_id);
        }
        if let Some(wrong) = seen.wrong().first() {
            return Err(ScenarioError::failed(wrong.clone()));
        }
        let evidence = evidence.or_else(|| self.session.end_evidence());
        let ticks = usize::try_from(seen.total()).unwrap_or(usize::MAX);
        let connections = self.session.connections();
        Ok(Ended { ticks, connections, other, is_end, last_id, failed, evidence })
    }
}

/// Events before the end of a session, and how the stream ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) ticks: usize,
    pub(crate) connections: u64,
    /// Type of the last event that is not a numbered one, and `true` if it had an ID.
    other: Option<(String, bool)>,
    /// `true` if there was a terminal event.
    is_end: bool,
    last_id: String,
    /// `true` if the session ended with an error.
    failed: bool,
    evidence: Option<EndEvidence>,
}

impl Ended {
    /// Fails if something else is seen of the end.
    pub(crate) fn checked(self, shown: Shown) -> Result<Self> {
        let event = match &self.other {
            None if self.is_end => Sign::End,
            None if self.line().is_some() => Sign::Line,
            None => Sign::None,
            Some((event_type, false)) => Sign::Event(event_type),
            Some((event_type, true)) => Sign::EventWithId(event_type),
        };
        let ends = self.evidence.as_ref().map(|it| (it.body_end(), it.completeness()));
        let is_error = self.failed == shown.is_error;
        if event == shown.event && ends == Some(shown.ends()) && is_error {
            return Ok(self);
        }
        Err(ScenarioError::failed(format!("{self}: expected {shown:?}")))
    }

    /// Returns `true` if the last body ended regularly, and nothing shows a failure.
    pub(crate) fn is_regular(&self) -> bool {
        let is_framed = |it: &EndEvidence| it.completeness() == Completeness::Framed;
        self.evidence.as_ref().is_some_and(is_framed) && self.other.is_none() && !self.failed
    }

    /// Returns the line of text that is not a field, if there was one.
    fn line(&self) -> Option<&str> {
        self.evidence.as_ref()?.unknown_line_excerpt()
    }

    /// Fails if the number of events is another one.
    pub(crate) fn with_events(self, ticks: usize) -> Result<Self> {
        if self.ticks == ticks {
            return Ok(self);
        }
        Err(ScenarioError::failed(format!("{self}: expected {ticks} events")))
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ticks, connections, .. } = self;
        write!(f, "events {ticks:4}  connections {connections:2}  ")?;
        if let Some((event_type, _)) = &self.other {
            write!(f, "an event of type {event_type}, last ID {:?}  ", self.last_id)?;
        }
        if self.is_end {
            write!(f, "the terminal event  ")?;
        }
        if let Some(line) = self.line() {
            write!(f, "the line {line:?}  ")?;
        }
        if let Some(evidence) = &self.evidence {
            write!(f, "{:?}, {:?}", evidence.body_end(), evidence.completeness())?;
        }
        if self.failed { write!(f, ", an error") } else { Ok(()) }
    }
}
