//! Requests as the server sees them: whether the session may make them, and how they are answered.

use std::{task::Poll, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri, Version};
use sse_session::{BodyEnd, SendContext, TransportErrorKind};

use crate::{
    decision::{Cause, is_sendable},
    exchange::{ExchangeState, Head},
    feed::ServerResume,
    invariant::Invariant,
    model::{Ending, Expect},
    options::Options,
    world::World,
};

impl World {
    /// Takes a request. Returns the index of its exchange.
    pub(crate) fn requested(&mut self, request: &Request<Bytes>, context: &SendContext) -> usize {
        self.requests += 1;
        self.is_request_reported = false;
        let last_event_id = header(request.headers(), "last-event-id");
        self.note(|| {
            let (method, uri) = (request.method(), request.uri());
            format!("request {method} {uri} last-event-id {last_event_id:?} {context:?}")
        });
        let in_flight = self.exchanges.iter().any(|it| it.is_in_flight());
        self.check(Invariant::OneConnection, !in_flight, "request beside another");
        let is_redirected = matches!(self.model.expect, Expect::Redirected { .. });
        self.check_permission(request);
        if !is_redirected {
            self.model.redirects = 0;
            self.model.chain_start = self.now;
            self.model.chain_is_at_origin = is_origin(&self.options, request.uri());
        }
        self.check_request(request, last_event_id.as_deref());
        let wants_fresh = matches!(self.model.last_cause, Some(Cause::Deadline(_)));
        if wants_fresh != context.fresh_connection_wanted() {
            self.violated(Invariant::WithinPolicy, "fresh connection wanted, or not");
        }
        if context.attempt() != self.model.attempts {
            let observed =
                format!("attempt {} instead of {}", context.attempt(), self.model.attempts);
            self.violated(Invariant::WithinPolicy, observed);
        }
        self.model.expect = Expect::Exchange;
        self.model.method_known = true;
        let timer = self.timers.new_id();
        let is_late = self.requests > MAX_REQUESTS;
        let is_post = request.method() == Method::POST;
        let asked = (request.uri().clone(), is_post, last_event_id.unwrap_or_default());
        let mut exchange =
            self.habits.plan(&mut self.chance, &mut self.feed, asked, timer, is_late);
        exchange.ready_at = exchange.ready_at.map(|delay| self.now + delay);
        self.note(|| {
            format!("plan {:?} {:?} then {:?}", exchange.head, exchange.steps, exchange.end)
        });
        self.exchanges.push(exchange);
        self.exchanges.len() - 1
    }

    /// Checks that the session may make a request now, or have one made.
    pub(crate) fn check_permission(&mut self, request: &Request<Bytes>) {
        match self.model.expect.clone() {
            Expect::First => {
                let has_factory = self.options.has_factory;
                self.check(Invariant::WithinPolicy, !has_factory, "request without its factory");
            }
            Expect::Send => {}
            Expect::Reconnect { .. } => {
                let has_factory = self.options.has_factory;
                self.check(Invariant::WithinPolicy, !has_factory, "request without its factory");
                self.check_wait();
            }
            Expect::Redirected { uri, is_post } => {
                if *request.uri() != uri || (request.method() == Method::POST) != is_post {
                    let observed =
                        format!("{} {} instead of {uri}", request.method(), request.uri());
                    self.violated(Invariant::Redirects, observed);
                }
                let has_body = !request.body().is_empty();
                self.check(Invariant::Redirects, has_body == is_post, "body lost or kept");
                let redirects = self.model.redirects;
                self.check(Invariant::Redirects, redirects <= 10, "more than 10 redirects");
            }
            Expect::Ended(ending) => {
                self.violated(Invariant::NothingAfterEnd, format!("request after {ending:?}"));
            }
            expect @ (Expect::Exchange | Expect::Making | Expect::Refresh | Expect::Refreshing) => {
                self.violated(Invariant::WithinPolicy, format!("request instead of {expect:?}"));
            }
        }
    }

    /// Checks that the wait between two attempts is over.
    pub(crate) fn check_wait(&mut self) {
        if let Expect::Reconnect { at, wait, .. } = self.model.expect {
            let waited = self.now.saturating_sub(at);
            if waited < wait.shortest {
                let observed = format!("after {waited:?} instead of {:?}", wait.shortest);
                self.violated(Invariant::NotTooEarly, observed);
            }
        }
    }

    fn check_request(&mut self, request: &Request<Bytes>, last_event_id: Option<&str>) {
        let (headers, uri) = (request.headers(), request.uri());
        if !is_origin(&self.options, uri) {
            for name in ["authorization", "cookie", "x-api-key"] {
                if headers.contains_key(name) {
                    self.violated(Invariant::CredentialsStay, format!("{name} sent to {uri}"));
                }
            }
        } else if self.model.redirects == 0 {
            let expected = if self.model.has_refreshed { "refreshed" } else { "secret" };
            let is_kept = header(headers, "authorization").as_deref() == Some(expected);
            self.check(Invariant::CredentialsStay, is_kept, "credentials lost");
        }
        if self.model.redirects == 0 {
            let own = self.options.uri();
            let expected = self.model.moved_to.as_ref().unwrap_or(&own);
            if uri != expected {
                let observed = format!("request to {uri} instead of {expected}");
                self.violated(Invariant::Redirects, observed);
            }
        }
        self.check_id_header(last_event_id);
        self.prepared = None;
        self.request_floor = self.feed.after(last_event_id.unwrap_or_default());
        self.position = self.request_floor;
    }

    fn check_id_header(&mut self, sent: Option<&str>) {
        let sends = self.options.sends_id;
        if !self.options.acknowledges {
            let id = &self.model.id;
            let expected = Some(&**id).filter(|id| sends && !id.is_empty() && is_sendable(id));
            if sent != expected {
                let observed = format!("sent {sent:?} instead of {expected:?}");
                self.violated(Invariant::LastEventId, observed);
            }
        } else if sends && self.feed.resume == ServerResume::Exact {
            // The request was made when it was reported, or else now.
            let acked_least = self.acked_least;
            if self.model.redirects == 0 {
                self.chain_least = self.prepared.unwrap_or(acked_least);
            }
            self.acked_least = self.chain_least;
            self.check_acked_id(sent.unwrap_or_default());
            self.acked_least = acked_least;
        }
    }

    /// Checks an ID to resume from, in a life that acknowledges events.
    pub(crate) fn check_acked_id(&mut self, id: &str) {
        let position = self.feed.after(id);
        if position > self.acked_upto {
            let observed =
                format!("{id:?} is ahead of what was acknowledged, up to {}", self.acked_upto);
            self.violated(Invariant::LastEventId, observed);
        }
        let is_told = self.options.sends_id && !self.model.has_repeated;
        if is_told && position < self.acked_least {
            let observed =
                format!("{id:?} is behind what was acknowledged, up to {}", self.acked_least);
            self.violated(Invariant::LastEventId, observed);
        }
    }

    /// Returns the outcome of a request, once it is available.
    pub(crate) fn poll_head(
        &mut self,
        index: usize,
        waker: &std::task::Waker,
    ) -> Poll<Result<Response<()>, TransportErrorKind>> {
        let (timer, ready_at) = (self.exchanges[index].timer, self.exchanges[index].ready_at);
        match ready_at {
            Some(at) if at <= self.now => {}
            at => {
                if let Some(at) = at {
                    self.timers.set(timer, at, waker);
                }
                return Poll::Pending;
            }
        }
        let head = self.exchanges[index].head.clone();
        self.note(|| format!("head {head:?}"));
        if let Head::Error(kind) = head {
            self.exchanges[index].state = ExchangeState::Over;
            self.disconnected(Cause::NoResponse(kind), None);
            return Poll::Ready(Err(kind));
        }
        let exchange = &mut self.exchanges[index];
        if let Head::Panic = head {
            exchange.state = ExchangeState::Over;
        }
        exchange.responded_at = self.now;
        exchange.ready_at = None;
        let response = response(&head);
        if !matches!(head, Head::Panic) {
            self.responded(index, &head);
        }
        Poll::Ready(Ok(response))
    }

    fn responded(&mut self, index: usize, head: &Head) {
        let options = &self.options;
        self.exchanges[index].state = ExchangeState::Rejecting;
        match *head {
            Head::Stream { content_type, is_encoded, .. } => {
                let is_stream = options.any_content_type || is_event_stream(content_type);
                if is_stream && !is_encoded {
                    self.exchanges[index].state = ExchangeState::Open;
                    self.model.connections += 1;
                    self.model.refreshes = 0;
                    if options.reconnects_to_final && !options.has_factory {
                        self.model.moved_to = Some(self.exchanges[index].uri.clone());
                    }
                }
            }
            Head::NoContent => {
                self.exchanges[index].state = ExchangeState::Ended;
                let cause = Cause::NoContent;
                self.model.end(match options.expects_terminal {
                    true => Ending::Failed { cause, is_exhausted: false },
                    false => Ending::NoContent,
                });
            }
            Head::Redirect { code, location } => {
                self.exchanges[index].state = ExchangeState::Ended;
                self.redirected(index, code, location);
            }
            Head::Status { .. } | Head::Error(_) | Head::Panic => {}
        }
    }

    fn redirected(&mut self, index: usize, code: u16, location: Option<&str>) {
        let (from, is_post) = (&self.exchanges[index].uri, self.exchanges[index].is_post);
        let to = location.and_then(|location| resolved(from, location));
        let is_downgrade =
            |to: &Uri| from.scheme_str() == Some("https") && to.scheme_str() == Some("http");
        match to {
            Some(to) if self.model.redirects < 10 && !is_downgrade(&to) => {
                self.model.redirects += 1;
                let is_post = is_post && matches!(code, 307 | 308);
                self.model.expect = Expect::Redirected { uri: to, is_post };
            }
            _ => self.disconnected(Cause::Redirect, None),
        }
    }

    /// Takes note that the future of a request was dropped before its outcome.
    pub(crate) fn request_dropped(&mut self, index: usize) {
        self.timers.cancel(self.exchanges[index].timer);
        if self.exchanges[index].state != ExchangeState::Sending {
            return;
        }
        self.note(|| "request abandoned".to_owned());
        let deadline = self.deadline(&self.exchanges[index]);
        self.exchanges[index].state = ExchangeState::Over;
        if self.is_abandoned_by_user(index) || self.has_panicked {
            return;
        }
        match deadline {
            Some((at, deadline)) if at <= self.now => {
                self.disconnected(Cause::Deadline(deadline), None);
            }
            _ => self.violated(Invariant::NotAbandoned, "request abandoned without a reason"),
        }
    }
}

impl Options {
    pub(crate) fn uri(&self) -> Uri {
        Uri::from_static(if self.is_https { "https://a.example/" } else { "http://a.example/" })
    }
}

fn is_origin(options: &Options, uri: &Uri) -> bool {
    let own = options.uri();
    uri.scheme() == own.scheme() && uri.host() == own.host() && uri.port() == own.port()
}

pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Resolves one of the locations that the server sends.
fn resolved(from: &Uri, location: &str) -> Option<Uri> {
    let origin = format!("{}://{}", from.scheme_str()?, from.authority()?);
    match location {
        "/moved" => format!("{origin}/moved").parse().ok(),
        "moved?x=1#fragment" => format!("{origin}/moved?x=1").parse().ok(),
        location => location.parse().ok().filter(|uri: &Uri| uri.scheme_str() != Some("ftp")),
    }
}

fn is_event_stream(content_type: Option<&str>) -> bool {
    matches!(content_type, Some("text/event-stream" | "Text/Event-Stream; charset=utf-8"))
}

fn response(head: &Head) -> Response<()> {
    let mut builder = Response::builder();
    match *head {
        Head::Stream { regular_end, content_type, is_encoded } => {
            if let Some(value) = content_type {
                builder = builder.header("content-type", value);
            }
            if is_encoded {
                builder = builder.header("content-encoding", "br");
            }
            builder = match regular_end {
                BodyEnd::EndStream => builder.version(Version::HTTP_2),
                BodyEnd::LastChunk => builder.header("transfer-encoding", "chunked"),
                BodyEnd::LengthReached => builder.header("content-length", "1"),
                _ => builder,
            };
        }
        Head::Status { code, retry_after } => {
            builder = builder.status(code);
            if let Some(seconds) = retry_after {
                builder = builder.header("retry-after", seconds);
            }
        }
        Head::Redirect { code, location } => {
            builder = builder.status(code);
            if let Some(location) = location {
                builder = builder.header("location", location);
            }
        }
        Head::NoContent => builder = builder.status(204),
        Head::Error(_) | Head::Panic => {}
    }
    builder.body(()).unwrap_or_default()
}

impl Head {
    /// Returns the cause of the disconnect that follows, if the response is rejected.
    pub(crate) fn rejection(&self, any_content_type: bool) -> Option<Cause> {
        match *self {
            Self::Stream { content_type, .. }
                if any_content_type || is_event_stream(content_type) =>
            {
                Some(Cause::ContentEncoding)
            }
            Self::Status { code, retry_after } => {
                Some(Cause::Status { code, retry_after: retry_after.map(Duration::from_secs) })
            }
            Self::Stream { .. } => Some(Cause::ContentType),
            _ => None,
        }
    }
}

/// Number of requests after which the server has no more content, so that every life ends.
const MAX_REQUESTS: usize = 40;
