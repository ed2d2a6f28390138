//! Replies that real servers and proxies give, most of them after a failure.
//!
//! Each constructor composes a [`Reply`] of its parts, and names the software that was seen to send
//! it. Over HTTP/1.1, unless a constructor says otherwise; over HTTP/2 a regular end is END_STREAM.

#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
use crate::coding::ContentCoding;
#[cfg(feature = "http2")]
use crate::parts::Http2Error;
use crate::reply::Reply;

/// Replies of real servers and proxies, as seen in November 2026.
impl Reply {
    /// Sends these events and ends regularly, as if the answer were complete: the application has
    /// failed, and the server does not show it.
    ///
    /// Ktor's server 3.5, FastAPI 0.165, Spring MVC over HTTP/2, Tornado, Sanic, Rocket, Hono
    /// without `onError`, Elysia, Quarkus, RESTEasy, Helidon, gin, and echo with Recover.
    pub fn failure_without_sign(events: impl AsRef<[u8]>) -> Self {
        Self::events(events)
    }

    /// Sends these events, and then the failure as an event of the type `error`, with this ID if
    /// there is one, and ends regularly.
    ///
    /// Hono with any `onError` sends no ID. NestJS 12.5 does: a client that resumes after that ID
    /// skips what failed.
    pub fn failure_as_event(events: impl AsRef<[u8]>, id: Option<&str>) -> Self {
        let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
        Self::events(events).send(format!("event: error\n{id}data: Internal Server Error\n\n"))
    }

    /// Sends these events, and then a sentence without a field name or a line end, and ends
    /// regularly.
    ///
    /// Jersey 4.0 and Javalin 7.2 after an exception, go-zero after its timeout, and Traefik's fast
    /// proxy.
    pub fn failure_as_text(events: impl AsRef<[u8]>, sentence: &str) -> Self {
        Self::events(events).send(sentence)
    }

    /// Sends these bytes, which may end within an event, and ends regularly: a proxy has hidden
    /// that its upstream connection was cut.
    ///
    /// Caddy 2.6, pushpin 1.36 and Spring Cloud Gateway WebMVC; over HTTP/2 also haproxy 2.6,
    /// varnish 7.1 and lighttpd 1.4.69.
    pub fn cut_hidden_by_proxy(bytes: impl AsRef<[u8]>) -> Self {
        Self::events(bytes)
    }

    /// Sends these bytes, and then a chunk with an invalid size, and closes the connection.
    ///
    /// h2o 2.2, if its upstream connection was cut inside a chunk. HTTP/1.1 only.
    pub fn cut_as_malformed_chunk(bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        let size = format!("{:x}\r\n", bytes.len());
        Self::raw([head.as_bytes(), size.as_bytes(), bytes, b"\r\n\r\n"].concat())
    }

    /// Sends these bytes, and, when the test calls [`go_on`](crate::ScriptedServer::go_on),
    /// resets the HTTP/2 stream with the code NO_ERROR, which some clients take for a regular end
    /// (feature `http2`).
    ///
    /// Trafficserver 9.2 if its upstream connection was cut; Quarkus and Vert.x after a failure.
    #[cfg(feature = "http2")]
    pub fn failure_as_no_error(bytes: impl AsRef<[u8]>) -> Self {
        Self::events(bytes).pause().reset_stream(Http2Error::NoError)
    }

    /// Sends these bytes, and, when the test calls [`go_on`](crate::ScriptedServer::go_on),
    /// resets the HTTP/2 stream with an HTTP status as the code (feature `http2`).
    ///
    /// Vert.x 5.1: 500 or 503, which HTTP/2 does not define.
    #[cfg(feature = "http2")]
    pub fn failure_as_status_code(bytes: impl AsRef<[u8]>, status: u16) -> Self {
        Self::events(bytes).pause().reset_stream(Http2Error::Other(status.into()))
    }

    /// Sends nothing until the test calls [`go_on`](crate::ScriptedServer::go_on), and then a
    /// 404.
    ///
    /// Lighttpd 1.4.69 with its default settings, if its upstream server was silent for 5 s.
    pub fn not_found_after_silence() -> Self {
        Self::status(404).header("content-type", "text/html").send("not found").pause_before_head()
    }

    /// Sends the head with the first event, when the test calls
    /// [`go_on`](crate::ScriptedServer::go_on).
    ///
    /// Spring, Micronaut, Ktor on Netty, Armeria, go-sse, and the GET of MCP's Java SDK: a server
    /// that has no events looks like one that does not answer.
    pub fn head_with_first_event(events: impl AsRef<[u8]>) -> Self {
        Self::events(events).pause_before_head()
    }

    /// Sends each of these events without its last `len` bytes, which come with the next one, and
    /// the last of them with the end. After each event the reply waits until the test calls
    /// [`go_on`](crate::ScriptedServer::go_on).
    ///
    /// haproxy 2.6 with its compression.
    pub fn with_late_tails(events: impl IntoIterator<Item = impl AsRef<[u8]>>, len: usize) -> Self {
        let (reply, tail) =
            events.into_iter().fold((Self::events(""), Vec::new()), |(reply, mut piece), event| {
                piece.extend_from_slice(event.as_ref());
                let tail = piece.split_off(piece.len().saturating_sub(len));
                (reply.send(piece).pause(), tail)
            });
        reply.send(tail)
    }

    /// Sends these events compressed and without a flush: none of them can be decoded before the
    /// end of the body (feature `brotli`, `gzip` or `zstd`). A [`pause`](Self::pause) that follows
    /// waits before that end.
    ///
    /// Express's `compression` without `res.flush()`, varnish with `do_gzip`, nginx with buffering,
    /// and Caddy 2.6 with `encode gzip`.
    #[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
    pub fn compressed_without_flush(coding: ContentCoding, events: impl AsRef<[u8]>) -> Self {
        Self::events(events).compressed_at_end(coding)
    }

    /// Sends an event stream without a byte, and ends it regularly.
    ///
    /// FastAPI, Hono, h3 and NestJS, in response to a request after the last event; FastMCP, if it
    /// does not know the `Last-Event-ID`. The standard's way to end a feed is a 204.
    pub fn empty() -> Self {
        Self::events("")
    }

    /// Sends these events, and then `count` keep-alives that are events, given in their wire
    /// format. Before each the reply waits until the test calls
    /// [`go_on`](crate::ScriptedServer::go_on).
    ///
    /// | keep-alive | sent by |
    /// |---|---|
    /// | `"data:\n\n"` | Pekko's `heartbeat()`, the Go SDK of MCP |
    /// | `"event: ping\ndata: \n\n"` | tRPC |
    /// | `"event: ping\ndata: {\"type\": \"ping\"}\n\n"` | Anthropic |
    /// | `"data: {\"msg\": \"heartbeat\"}\n\n"` | Gradio |
    /// | `"data: 💓\n\n"` | webpack-hot-middleware |
    pub fn keep_alive_events(events: impl AsRef<[u8]>, keep_alive: &str, count: usize) -> Self {
        (0..count).fold(Self::events(events), |reply, _| reply.pause().send(keep_alive))
    }

    /// Sends a message for each of these data, all with the same ID.
    ///
    /// PocketBase; the Java SDK of MCP for its final answers. Nothing can be resumed after such an
    /// ID.
    pub fn same_id(id: &str, data: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        data.into_iter().fold(Self::events(""), |reply, data| {
            reply.send(format!("id: {id}\ndata: {}\n\n", data.as_ref()))
        })
    }
}
