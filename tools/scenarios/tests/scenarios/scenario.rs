//! Scenario: what servers reply, what a session is opened with, what happens on the way, and the
//! outcome, which is the same over every transport unless a difference is declared.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use sse_session::{BoxError, RequestContext, SseConfig};
use sse_test::{Reply, TestClock};

use crate::transport::{Difference, Instead, Over, lines};

/// Scenario of a session.
///
/// All of it is data and functions, so that it can be played over one transport after another.
#[derive(Clone)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) server: Server,
    /// Replies of the server, given the origin of the other one.
    pub(crate) replies: fn(&str) -> Vec<Reply>,
    /// Replies of a server of another origin.
    pub(crate) other: Option<fn() -> Vec<Reply>>,
    pub(crate) source: Source,
    pub(crate) resume: Option<fn(&str) -> Request<Bytes>>,
    pub(crate) config: fn(SseConfig) -> SseConfig,
    pub(crate) clock: fn() -> TestClock,
    pub(crate) acts: Vec<(When, Act)>,
    /// Headers of the requests that are part of the outcome.
    pub(crate) headers: &'static [&'static str],
    /// `true` if the connection of each request is part of the outcome.
    pub(crate) shows_connections: bool,
    pub(crate) expected: &'static str,
    pub(crate) differences: Vec<Difference>,
}

/// Server of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    Http1,
    Http2,
    /// None: connections to its address are refused.
    Refusing,
}

/// Source of the requests, given the origin of the server.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    Request(fn(&str) -> Request<Bytes>),
    Factory(fn(&RequestContext, &str) -> Result<Request<Bytes>, BoxError>),
}

/// Time of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Once the outcome has this line.
    Line(&'static str),
    /// Once the outcome has this line, and the session waits for bytes that do not come.
    Silence(&'static str),
    /// Once the server has received this number of requests.
    Requests(usize),
}

/// Act of the program around the session, of the server, or of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Ends the pause of a reply.
    GoOn,
    Advance(Duration),
    Close,
    ReconnectNow,
    /// Acknowledges the event of the line. Only with [`When::Line`].
    Acknowledge,
}

impl Scenario {
    /// Creates a scenario of a GET to `/` of a server with these replies.
    pub(crate) fn new(name: &'static str, replies: fn(&str) -> Vec<Reply>) -> Self {
        Self {
            name,
            server: Server::Http1,
            replies,
            other: None,
            source: Source::Request(get),
            resume: None,
            config: |config| config,
            clock: TestClock::skipping,
            acts: Vec::new(),
            headers: &[],
            shows_connections: false,
            expected: "",
            differences: Vec::new(),
        }
    }

    pub(crate) fn server(self, server: Server) -> Self {
        Self { server, ..self }
    }

    pub(crate) fn other(self, replies: fn() -> Vec<Reply>) -> Self {
        Self { other: Some(replies), ..self }
    }

    pub(crate) fn request(self, request: fn(&str) -> Request<Bytes>) -> Self {
        Self { source: Source::Request(request), ..self }
    }

    pub(crate) fn factory(
        self,
        make: fn(&RequestContext, &str) -> Result<Request<Bytes>, BoxError>,
    ) -> Self {
        Self { source: Source::Factory(make), ..self }
    }

    pub(crate) fn resume(self, request: fn(&str) -> Request<Bytes>) -> Self {
        Self { resume: Some(request), ..self }
    }

    /// Sets the configuration, of which only the clock is determined: it skips waits.
    pub(crate) fn config(self, config: fn(SseConfig) -> SseConfig) -> Self {
        Self { config, ..self }
    }

    /// Makes waits last until an act ends them.
    pub(crate) fn manual_clock(self) -> Self {
        Self { clock: TestClock::manual, ..self }
    }

    pub(crate) fn when(mut self, when: When, act: Act) -> Self {
        self.acts.push((when, act));
        self
    }

    pub(crate) fn headers(self, headers: &'static [&'static str]) -> Self {
        Self { headers, ..self }
    }

    pub(crate) fn show_connections(self) -> Self {
        Self { shows_connections: true, ..self }
    }

    /// Sets the outcome, a line for each thing that happened. Indentation does not matter.
    pub(crate) fn expect(self, expected: &'static str) -> Self {
        Self { expected, ..self }
    }

    /// Declares that parts of the outcome differ over a transport.
    pub(crate) fn differs(
        mut self,
        over: Over,
        reason: &'static str,
        parts: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.differences.push(Difference { over, reason, outcome: Instead::Parts(parts) });
        self
    }

    /// Declares that a transport cannot play the scenario: its outcome is another one.
    pub(crate) fn cannot(mut self, over: Over, reason: &'static str) -> Self {
        self.differences.push(Difference { over, reason, outcome: Instead::Other });
        self
    }

    /// Returns the difference that is declared for a transport.
    pub(crate) fn difference(&self, over: Over) -> Option<&Difference> {
        self.differences.iter().find(|it| it.over == over)
    }

    /// Returns the expected outcome.
    pub(crate) fn expected(&self) -> String {
        lines(self.expected)
    }

    /// Returns `true` if an act waits for the session to wait for bytes.
    pub(crate) fn has_silence(&self) -> bool {
        self.acts.iter().any(|(when, _)| matches!(when, When::Silence(_)))
    }
}

/// Configuration of a session that reconnects without a wait.
pub(crate) fn reconnecting(config: SseConfig) -> SseConfig {
    config.max_reconnection_attempts(3).reconnection_time(Duration::ZERO)
}

/// GET of the path `/`.
pub(crate) fn get(origin: &str) -> Request<Bytes> {
    request("GET", origin, "/")
}

/// POST of a question to the path `/`.
pub(crate) fn post(origin: &str) -> Request<Bytes> {
    request("POST", origin, "/").map(|_| Bytes::from("question"))
}

/// Request without a body.
pub(crate) fn request(method: &str, origin: &str, path: &str) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(format!("{origin}{path}"));
    request.body(Bytes::new()).unwrap()
}
