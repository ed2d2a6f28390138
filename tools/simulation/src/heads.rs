//! Heads of responses as the server sends them, and what the session makes of them.

use std::{task::Poll, time::Duration};

use http::{HeaderValue, Response, Uri, Version};
use sse_session::{BodyEnd, TransportErrorKind};

use crate::{
    decision::Cause,
    exchange::{ExchangeState, Head},
    invariant::Invariant,
    model::{Ending, Expect},
    world::World,
};

impl World {
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
        // A panic of the request counts as an error of it.
        let error = match head {
            Head::Error(kind) => Some(kind),
            Head::Panic => Some(TransportErrorKind::Other),
            _ => None,
        };
        if let Some(kind) = error {
            self.exchanges[index].state = ExchangeState::Over;
            self.disconnected(Cause::NoResponse(kind), None);
            return Poll::Ready(Err(kind));
        }
        let exchange = &mut self.exchanges[index];
        exchange.responded_at = self.now;
        exchange.keep_alives.head(self.now);
        exchange.ready_at = None;
        let mut response = response(&head);
        if self.exchanges[index].is_restarted {
            response.headers_mut().insert("x-restarted", HeaderValue::from_static("yes"));
            // The session follows redirects without asking its caller.
            if self.options.replaces_id && !matches!(head, Head::Redirect { .. }) {
                self.model.id.clear();
                self.exchanges[index].start_id.clear();
            }
        }
        self.responded(index, &head);
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
                    self.is_disconnect_seen = false;
                    self.model.restarts += u32::from(self.model.is_restart);
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
                    true => Ending::Failed { cause, outcome: None },
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
        let becomes_get =
            is_post && (code == 303 || (!self.options.is_put && matches!(code, 301 | 302)));
        // A request that can be sent once is redirected only to a GET, which can be repeated.
        let can_follow = becomes_get || !self.options.is_one_shot || self.model.redirects > 0;
        match to {
            Some(to) if self.model.redirects < 10 && !is_downgrade(&to) && can_follow => {
                self.model.redirects += 1;
                let is_post = is_post && !becomes_get;
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
                builder = builder.header("content-encoding", "compress");
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
            Self::Redirect { code, .. } => Some(Cause::Status { code, retry_after: None }),
            Self::Stream { .. } => Some(Cause::ContentType),
            _ => None,
        }
    }
}
