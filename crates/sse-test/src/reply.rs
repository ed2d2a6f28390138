//! Reply to one request, as data.
//!
//! Describes what is sent, when, and how it ends. The HTTP versions send it.

mod end;

use std::time::Duration;

use sse_core::ServerSentEvent;

#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
use crate::coding::{ContentCoding, Flush};
use crate::{
    coding::Coding,
    gate::Gate,
    parts::{Afterwards, End, Framing, Head, HeadPause, Step, Wait},
};

/// Reply to one request: a head, pieces of a body, and an end.
///
/// By default the body is chunked and complete, nothing waits, and the connection is closed
/// afterward.
///
/// ```
/// use sse_test::Reply;
///
/// // An event, another one on the test's command, and then half a chunk.
/// Reply::events("id: 1\ndata: first\n\n").pause().send("data: second\n\ndata: thi").cut();
/// // The response of an overloaded server.
/// Reply::status(503).retry_after(std::time::Duration::from_secs(120));
/// ```
///
/// Each piece that is sent is a chunk of its own (on HTTP/2, a DATA frame), so that it reaches the
/// client by itself or in parts, but not together with another one. The bytes are never parsed:
/// split the event stream anywhere.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) head: Option<Head>,
    pub(crate) framing: Framing,
    pub(crate) coding: Coding,
    pub(crate) max_piece: usize,
    pub(crate) steps: Vec<Step>,
    pub(crate) end: End,
    pub(crate) afterwards: Afterwards,
}

/// Constructors.
impl Reply {
    /// Starts a response with this status, and no headers except those that frame its body.
    pub fn status(status: u16) -> Self {
        let head = Head { status, headers: Vec::new(), pause: HeadPause::Nowhere };
        Self {
            head: Some(head),
            framing: Framing::Chunked,
            coding: Coding::Identity,
            max_piece: usize::MAX,
            steps: Vec::new(),
            end: End::Complete,
            afterwards: Afterwards::Close,
        }
    }

    /// Starts an event stream (a 200 with its content type) with these bytes, which need not be
    /// whole events.
    pub fn events(body: impl AsRef<[u8]>) -> Self {
        Self::status(200).header("content-type", "text/event-stream").send(body)
    }

    /// Starts an event stream with a message for each of these data.
    pub fn messages(data: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        // Nothing in data alone can fail to be an event.
        data.into_iter()
            .flat_map(|data| ServerSentEvent::builder().data(data.as_ref()).build())
            .fold(Self::events(""), |reply, it| reply.event(&it))
    }

    /// Starts a response of raw bytes, head included; options about the head or the framing have no
    /// effect.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self { head: None, framing: Framing::UntilClose, ..Self::status(0) }.send(bytes)
    }

    /// Sends no response: the request is read, and nothing follows.
    pub fn nothing() -> Self {
        Self::raw("").hang()
    }

    /// Redirects the client: to a path of the same origin, or to a URL, which may be that of
    /// another server.
    pub fn redirect(status: u16, location: impl AsRef<[u8]>) -> Self {
        Self::status(status).header("location", location)
    }

    /// Rejects the request because its token is missing or has expired.
    pub fn unauthorized() -> Self {
        Self::status(401).header("www-authenticate", "Bearer")
    }
}

/// The head.
impl Reply {
    /// Adds a header, which is sent unchanged. The default headers are `connection: close` and
    /// those that frame the body.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        if let Some(head) = &mut self.head {
            head.headers.push((name.to_owned(), value.as_ref().to_vec()));
        }
        self
    }

    /// Asks the client to come back after this many whole seconds. For a date, add the header.
    #[must_use]
    pub fn retry_after(self, delay: Duration) -> Self {
        self.header("retry-after", delay.as_secs().to_string())
    }

    /// Sends nothing before the test calls [`go_on`](crate::ScriptedServer::go_on).
    #[must_use]
    pub fn pause_before_head(self) -> Self {
        self.with_head_pause(HeadPause::Before)
    }

    /// Sends half of the head, and the rest when the test calls
    /// [`go_on`](crate::ScriptedServer::go_on). On HTTP/2, where a head is one frame, the same as
    /// [`pause_before_head`](Self::pause_before_head).
    #[must_use]
    pub fn pause_within_head(self) -> Self {
        self.with_head_pause(HeadPause::Within)
    }

    /// Sends nothing before this time has passed since the request, as
    /// [`pause_until`](Self::pause_until) says.
    #[must_use]
    pub fn pause_before_head_until(self, elapsed: Duration) -> Self {
        self.with_head_pause(HeadPause::Until(elapsed))
    }

    fn with_head_pause(mut self, pause: HeadPause) -> Self {
        if let Some(head) = &mut self.head {
            head.pause = pause;
        }
        self
    }

    /// Compresses the body and sets `content-encoding` (feature `brotli`, `gzip` or `zstd`). Each
    /// piece is compressed and flushed, so that the client can decompress all of it.
    #[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
    #[must_use]
    pub fn compressed(self, coding: ContentCoding) -> Self {
        self.coded(coding, Flush::EachPiece)
    }

    #[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
    pub(crate) fn compressed_at_end(self, coding: ContentCoding) -> Self {
        self.coded(coding, Flush::AtEnd)
    }

    #[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
    fn coded(self, coding: ContentCoding, flush: Flush) -> Self {
        let reply = self.header("content-encoding", coding.token());
        Self { coding: Coding::Content(coding, flush), ..reply }
    }

    /// Sends the length of the body in the head, instead of sending the body in chunks.
    #[must_use]
    pub fn with_length(self) -> Self {
        self.with_length_too_long_by(0)
    }

    /// Promises a length in the head that exceeds the body by `missing` bytes, so that the body is
    /// truncated when it ends.
    #[must_use]
    pub fn with_length_too_long_by(self, missing: usize) -> Self {
        Self { framing: Framing::Length { missing }, ..self }
    }

    /// Sends no length: on HTTP/1.1 the body ends with the connection, as it did before there were
    /// chunks.
    #[must_use]
    pub fn until_close(self) -> Self {
        Self { framing: Framing::UntilClose, ..self }
    }

    /// Leaves the connection open for another request once the body is complete. HTTP/2 always
    /// does.
    #[must_use]
    pub fn keep_alive(self) -> Self {
        Self { afterwards: Afterwards::KeepAlive, ..self }
    }
}

/// The body, in the order of the calls.
impl Reply {
    /// Sends one more piece of the body.
    #[must_use]
    pub fn send(mut self, piece: impl AsRef<[u8]>) -> Self {
        self.steps.push(Step::Send(piece.as_ref().to_vec()));
        self
    }

    /// Sends one more event.
    #[must_use]
    pub fn event(self, event: &ServerSentEvent) -> Self {
        self.send(event.to_string())
    }

    /// Waits until the test calls [`go_on`](crate::ScriptedServer::go_on), or the client closes.
    #[must_use]
    pub fn pause(self) -> Self {
        self.wait(Wait::GoOn)
    }

    /// Waits until the gate is open, or the client closes.
    #[must_use]
    pub fn pause_at(self, gate: &Gate) -> Self {
        self.wait(Wait::Gate(gate.clone()))
    }

    /// Waits until the server has received this many requests, this one included, or the client
    /// closes.
    #[must_use]
    pub fn pause_until_requested(self, count: usize) -> Self {
        self.wait(Wait::Requests(count))
    }

    /// Waits until this time has passed since the request, or the client closes.
    ///
    /// It is the time of the server's [clock](crate::ScriptedServerBuilder::clock): a test moves
    /// it, and does not wait. On a server without a clock it is real time, for demonstrations.
    ///
    /// ```
    /// use std::time::Duration;
    /// use sse_test::{Reply, ScriptedServer, TestClock};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), reqwest::Error> {
    /// let hour = Duration::from_secs(3600);
    /// let clock = TestClock::manual();
    /// let reply = Reply::events("data: 1\n\n").pause_until(hour).send("data: 2\n\n");
    /// let server = ScriptedServer::builder().clock(&clock).start([reply]).await;
    /// # let client = reqwest::Client::builder().no_proxy().build()?;
    /// let mut response = client.get(server.url("/")).send().await?;
    /// assert_eq!(response.chunk().await?.unwrap(), "data: 1\n\n");
    /// clock.advance(hour);
    /// assert_eq!(response.chunk().await?.unwrap(), "data: 2\n\n");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn pause_until(self, elapsed: Duration) -> Self {
        self.wait(Wait::Until(elapsed))
    }

    /// Sends a GOAWAY and continues the reply, as an HTTP/2 server does that shuts down (feature
    /// `http2`). The client must not make further requests on this connection. No effect on
    /// HTTP/1.1.
    #[cfg(feature = "http2")]
    #[must_use]
    pub fn go_away(mut self) -> Self {
        self.steps.push(Step::GoAway);
        self
    }

    fn wait(mut self, wait: Wait) -> Self {
        self.steps.push(Step::Wait(wait));
        self
    }

    /// Splits everything that is sent into pieces of at most this many bytes; 0 counts as 1. By
    /// default nothing is split.
    #[must_use]
    pub fn in_pieces_of(self, len: usize) -> Self {
        Self { max_piece: len.max(1), ..self }
    }
}
