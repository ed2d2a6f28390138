//! Requests as the server sees them: whether the session may make them, and how they are answered.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use sse_session::SendContext;

use crate::{
    decision::{Cause, is_sendable},
    exchange::KeepAlives,
    feed::{ServerResume, sent_id},
    invariant::Invariant,
    model::Expect,
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
        let is_unseen = self.restarts_answer() == Some(true) && !self.is_disconnect_seen;
        self.check(Invariant::WithinPolicy, !is_unseen, "an answer restarts unseen");
        if !is_redirected {
            self.model.redirects = 0;
            self.model.is_restart = self.model.will_restart(&self.options);
            self.model.chain_start = self.now;
            self.model.chain_is_at_origin = is_origin(&self.options, request.uri());
        }
        self.check_request(request, last_event_id.as_deref());
        let wants_fresh = !is_redirected
            && matches!(
                self.model.last_cause,
                Some(Cause::Deadline(_) | Cause::ReconnectRequested)
            );
        let is_repeated = self.model.attempts == 0
            && self.model.last_cause.is_some_and(Cause::is_closed_without_response);
        let wants_fresh = wants_fresh || (is_repeated && !is_redirected);
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
        let is_post = request.method() != Method::GET;
        let start_id = match self.options.acknowledges {
            true => last_event_id.clone().unwrap_or_default(),
            false => self.model.id.clone(),
        };
        let asked = (request.uri().clone(), is_post, last_event_id.unwrap_or_default());
        let mut exchange =
            self.profile.plan(&mut self.chance, &mut self.feed, asked, timer, is_late);
        exchange.start_id = start_id;
        exchange.keep_alives = KeepAlives::new(self.model.learned);
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
            Expect::First | Expect::Repeat => {
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
                let method = if is_post { self.options.method() } else { Method::GET };
                if *request.uri() != uri || *request.method() != method {
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
            expect @ (Expect::Exchange
            | Expect::EndInDoubt { .. }
            | Expect::Making
            | Expect::Refresh
            | Expect::Refreshing) => {
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
            let expected = Some(sent_id(id)).filter(|id| sends && is_sendable(id));
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
            let asked = self.feed.after(sent.unwrap_or_default());
            self.model.asked_again |= asked < self.yielded_upto;
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
        let has_gone_back = self.model.has_repeated || self.model.asked_again;
        if self.options.sends_id && !has_gone_back && position < self.acked_least {
            let observed =
                format!("{id:?} is behind what was acknowledged, up to {}", self.acked_least);
            self.violated(Invariant::LastEventId, observed);
        }
    }
}

impl Options {
    pub(crate) fn uri(&self) -> Uri {
        Uri::from_static(if self.is_https { "https://a.example/" } else { "http://a.example/" })
    }

    pub(crate) fn method(&self) -> Method {
        match (self.is_post, self.is_put) {
            (false, _) => Method::GET,
            (true, false) => Method::POST,
            (true, true) => Method::PUT,
        }
    }
}

fn is_origin(options: &Options, uri: &Uri) -> bool {
    let own = options.uri();
    uri.scheme() == own.scheme() && uri.host() == own.host() && uri.port() == own.port()
}

pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Number of requests after which the server has no more content, so that every life ends.
const MAX_REQUESTS: usize = 40;
