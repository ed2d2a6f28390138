//! One request in, one event stream out.
//!
//! Sends a request, checks that the answer is an event stream, and takes events out of its body.
//! Does not know that there may be another connection after this one.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::Body as _;
use reqwest::{
    Body, Client, Request, Response, StatusCode, Url,
    header::{CONTENT_TYPE, HeaderMap},
};
use sse_core::{Parser, ServerSentEvent};

use crate::{
    call::{Call, RequestHead, ResponseHead},
    clock::Clock,
    error::{Failure, Refusal},
    history::History,
};

/// What the server made of a request.
#[derive(Debug)]
pub(crate) enum Handshake {
    /// It sends events.
    Open(Connection, Call),
    /// It has none, and wants no further request: status 204.
    NoContent(Call),
}

/// A response whose body is an event stream.
#[derive(Debug)]
pub(crate) struct Connection {
    body: Chunks,
    /// What has come and is not parsed yet.
    chunk: Bytes,
    /// When the body was first looked at: a consumer that takes its time does not make a connection
    /// live longer.
    first_polled: Option<Duration>,
    /// How many events with data have come.
    pub(crate) messages: u64,
}

/// Sends a request and checks the head of the response.
pub(crate) async fn connect(
    client: Client,
    request: Request,
    clock: Arc<dyn Clock>,
) -> Result<Handshake, Failure> {
    let request_head = RequestHead::of(&request);
    let response =
        client.execute(request).await.map_err(|error| failed(error, request_head.url()))?;
    let head = ResponseHead::of(&response);
    match head.status() {
        StatusCode::OK if is_event_stream(head.headers()) => {
            let connection = Connection {
                body: Chunks::of(response),
                chunk: Bytes::new(),
                first_polled: None,
                messages: 0,
            };
            Ok(Handshake::Open(connection, Call::new(request_head, head)))
        }
        StatusCode::NO_CONTENT => Ok(Handshake::NoContent(Call::new(request_head, head))),
        StatusCode::OK => Err(Failure::ContentType(refusal(head, response, &*clock).await)),
        _ => Err(Failure::Status(refusal(head, response, &*clock).await)),
    }
}

/// What it means that a request to `url` has failed.
fn failed(error: reqwest::Error, url: &Url) -> Failure {
    let was_never_sent = error.is_builder() && error.url().is_none_or(|failed| failed == url);
    let error = error.without_url();
    if was_never_sent { Failure::InvalidRequest(error) } else { Failure::NoAnswer(error) }
}

impl Connection {
    /// How long the body has been read.
    pub(crate) fn lived(&self, clock: &dyn Clock) -> Duration {
        self.first_polled.map_or(Duration::ZERO, |then| clock.now().saturating_sub(then))
    }

    /// Takes the next event, whether or not it is to be seen.
    pub(crate) fn poll_event(
        &mut self,
        cx: &mut Context<'_>,
        parser: &mut Parser,
        history: &mut History,
        clock: &dyn Clock,
    ) -> Poll<Result<ServerSentEvent, Failure>> {
        if self.first_polled.is_none() {
            self.first_polled = Some(clock.now());
        }
        loop {
            if !self.chunk.is_empty() {
                if let Some(event) = self.parse(parser, history)? {
                    self.messages += u64::from(event.has_data());
                    return Poll::Ready(Ok(event));
                }
            }
            self.chunk = match ready!(self.body.poll_chunk(cx)) {
                Some(Ok(chunk)) => chunk,
                Some(Err(error)) => {
                    return Poll::Ready(Err(Failure::Broken(error.without_url())));
                }
                None => return Poll::Ready(Err(Failure::Ended)),
            };
        }
    }

    fn parse(
        &mut self,
        parser: &mut Parser,
        history: &mut History,
    ) -> Result<Option<ServerSentEvent>, Failure> {
        let unread = if history.keeps_lines() { self.chunk.clone() } else { Bytes::new() };
        let event = parser.next(&mut self.chunk);
        if event.is_err() {
            // What a limit has refused is what will be looked for in the history.
            self.chunk.clear();
        }
        let read = unread.len().saturating_sub(self.chunk.len());
        history.record_bytes(&unread[..read]);
        event.map_err(Failure::Limit)
    }
}

/// "If the Content-Type header's essence is not `text/event-stream`, then fail the connection":
/// parameters do not matter, nor does the case of the letters.
fn is_event_stream(headers: &HeaderMap) -> bool {
    let Some(content_type) = headers.get(CONTENT_TYPE) else {
        return false;
    };
    let essence = content_type.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"text/event-stream")
}

/// Keeps the start of a body that is no event stream: whoever has to act on it will want to know
/// what the server said. It is not waited for for long, nor read to an end that may never come.
async fn refusal(head: ResponseHead, response: Response, clock: &dyn Clock) -> Box<Refusal> {
    let mut chunks = Chunks::of(response);
    let mut deadline = clock.sleep(REFUSAL_DEADLINE);
    let mut body = Vec::new();
    poll_fn(|cx| {
        while body.len() < REFUSAL_MAX_BYTES {
            match chunks.poll_chunk(cx) {
                Poll::Ready(Some(Ok(chunk))) => {
                    let room = REFUSAL_MAX_BYTES - body.len();
                    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                }
                // The end, or as good as one.
                Poll::Ready(None | Some(Err(_))) => break,
                Poll::Pending => return deadline.as_mut().poll(cx),
            }
        }
        Poll::Ready(())
    })
    .await;
    Box::new(Refusal { head, body })
}

const REFUSAL_MAX_BYTES: usize = 64 * 1024;
const REFUSAL_DEADLINE: Duration = Duration::from_secs(5);

/// The chunks of a response's body, as they come.
#[derive(Debug)]
struct Chunks {
    body: Body,
}

impl Chunks {
    fn of(response: Response) -> Self {
        Self { body: response.into() }
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<reqwest::Result<Bytes>>> {
        loop {
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)?) else {
                return Poll::Ready(None);
            };
            // The other kind of frame holds trailers, which an event stream has no use for.
            if let Ok(chunk) = frame.into_data() {
                return Poll::Ready(Some(Ok(chunk)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

    use super::is_event_stream;

    #[test]
    fn the_essence_of_the_content_type_counts() {
        let cases = [
            ("text/event-stream", true),
            ("Text/Event-Stream", true),
            ("text/event-stream;", true),
            ("text/event-stream; charset=utf-8", true),
            ("text/event-stream ;charset=windows-1252", true),
            ("text/event-stream;x=bogus", true),
            ("text/event-stream x bogus", false),
            ("text/event-streams", false),
            ("text/html", false),
            ("", false),
        ];
        for (value, expected) in cases {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
            assert_eq!(is_event_stream(&headers), expected, "{value:?}");
        }
        assert!(!is_event_stream(&HeaderMap::new()));
    }
}
