//! Server-Sent Events over [`reqwest`]: sessions that reconnect, resume, filter, and say why they
//! end.
//!
//! ```no_run
//! # #[cfg(feature = "http2")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use sse_reqwest::{ClientBuilderExt, SseClient, SseConfig, reqwest};
//!
//! let http = reqwest::Client::builder().for_event_streams().build()?;
//! let config = SseConfig::new().max_reconnection_attempts(5);
//! let client = SseClient::new(http, config);
//! let mut session = client.sse_session("https://example.org/events").await?;
//! while let Some(event) = session.next().await {
//!     let event = event?;
//!     println!("{}: {}", event.event_type(), event.data());
//! }
//! println!("ended: {:?}", session.end_reason());
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! - [`ClientBuilderExt`] adds [`for_event_streams`](ClientBuilderExt::for_event_streams) to
//!   `reqwest::ClientBuilder`: HTTP/2 windows for event streams.
//! - [`SseClient`] opens sessions. [`RequestBuilderExt`] opens one on a bare
//!   `reqwest::RequestBuilder`, and [`ResponseExt`] on a `reqwest::Response`.
//! - [`SseConfig`] holds every option with its default: when to reconnect ([`ReconnectPolicy`]),
//!   what may be repeated ([`Resume`]), how long to wait ([`IdleTimeout`]), which event is the last
//!   one.
//! - [`ClientSseSession`] is the stream of events; [`Lifecycle`] is the stream of everything that
//!   happens to the session.
//! - [`Answer`] is one answer, such as that of a language model: whole, or an error.
//! - [`SseError`] says what failed, by its [kind](SseErrorKind); [`EndReason`] says why a session
//!   ended.
//!
//! The sessions, their options and their errors are those of [`sse_session`], which supports any
//! HTTP client; its front page lists where the [terms](sse_session#terms) are defined. This crate
//! provides reqwest
//! as their transport. `sse-typed` decodes events into values. For sessions without `async`, see
//! [`sse_session::BlockingClient`]; for a file or a log, the parser, `sse-core`. A session reads
//! only while it is polled, and has neither a background task nor a queue of its own. reqwest reads
//! each connection in a task.
//!
//! # What reqwest does, and what you choose
//!
//! Requests are sent by the `reqwest::Client` that you give, as it was built:
//!
//! - *Compression:* with the features `gzip`, `deflate`, `br` and `zstd` of this crate, the session
//!   asks for these codings and decodes them, each event as soon as its server has flushed it. A
//!   coding that nothing decodes is an [error](SseErrorKind::ContentEncoding). Build reqwest
//!   without its own codings: with them it decodes first, and loses the events after the first
//!   member of a gzip stream, which some servers begin with each flush.
//! - *Redirects:* reqwest follows ten, or as its policy says. `Authorization`, `Cookie` and
//!   `Proxy-Authorization` do not cross to another origin; headers of your own do. The URL of
//!   reconnections is [an option](SseConfig::reconnect_url).
//! - *Cookies and proxies* are used as for other requests: with `cookie_store(true)`, a
//!   reconnection sends the cookies that were set before.
//! - *Timeouts:* `connect_timeout` and `read_timeout` apply. A total `timeout`, of the client or
//!   the request, is [lifted](SseConfig::lift_total_timeout), as it would truncate every event
//!   stream. The lifted timeout of a request still limits the time until the server responds; that
//!   of a client does not. Use [`head_timeout`](SseConfig::head_timeout),
//!   [`first_byte_timeout`](SseConfig::first_byte_timeout) and
//!   [`idle_timeout`](SseConfig::idle_timeout) instead. To end a session after some time whatever
//!   happens, put a timeout around your use of it: dropping the session closes it.
//! - *HTTP/2:* all sessions with a server share one connection. Build the client with
//!   [`for_event_streams`](ClientBuilderExt::for_event_streams): with other windows, a session that
//!   is not read for a moment can end all of them. After a stream is reset (RST_STREAM), and after
//!   an idle timeout, reqwest uses the same connection again; after a GOAWAY it makes another one.
//!   With [`client_factory`](SseClient::client_factory), the attempt after an idle timeout, or
//!   after `reconnect_now`, is sent over a fresh connection, and so is a [first
//!   request](Resume#the-first-request-of-a-session) that is repeated.
//!
//! # Observability
//!
//! A [`SessionObserver`] is notified of requests, connections, disconnects, bytes, events and ends,
//! for example to count them. With the feature `tracing`, a session is a span (`sse_session`), each
//! of its connections is a span within it (`sse_connection`, with URI, attempt, status and HTTP
//! version), and what happens to them are events: requests, connections and the end at level
//! `DEBUG`, disconnects that the session recovers from at `INFO`, failures and omitted events and
//! IDs at `WARN`, each event at `TRACE`. Their target is `sse_session`. Headers, queries of URLs
//! and the event stream are not shown, unless [turned on](SseConfig#method.trace_payloads).
//!
//! # In the browser
//!
//! On `wasm32-unknown-unknown`, sessions use `fetch`, and nothing has to be `Send`. Differences:
//!
//! - Time comes from the browser, which prolongs waits in a background tab.
//! - A last event ID can be sent only if it is ASCII. A request omits an ID that is not, and
//!   [`Disconnected`](SessionEvent::Disconnected) reports that. Starting from such an ID is an
//!   error.
//! - Caches are bypassed by the request's cache mode, which replaces one that was set on the
//!   builder, and not by a `Cache-Control` header.
//! - A server of another origin has to allow what is sent (CORS). `Last-Event-ID`, which is sent
//!   from the first reconnection on, triggers a CORS preflight and needs
//!   `Access-Control-Allow-Headers: last-event-id`; it [can be turned
//!   off](SseConfig::send_last_event_id). The page sees only those headers of a response that
//!   `Access-Control-Expose-Headers` names, and a few that are always visible. `Retry-After` is not
//!   one of these.
//! - When a connection breaks, the browser discards bytes that were received and not yet read. A
//!   server that resumes sends their events again.
//! - The browser follows redirects, keeps cookies and decompresses bodies, by its own rules.
//!   Cookies go to another origin if the request says so (`fetch_credentials_include`).
//! - Over HTTP/1.1 it has six connections to a server for all of its pages, sessions included.
//!   HTTP/2 has no such limit.
//! - It does not say why there was no response, or why a body ended:
//!   [`is_connect`](SseError::is_connect), [`is_reset`](SseError::is_reset) and
//!   [`is_truncated`](SseError::is_truncated) are `false`, no error has the kind
//!   [`Redirect`](SseErrorKind::Redirect), and a server that CORS forbids looks like one that is
//!   down. Nor does it say the HTTP version: `ResponseHead::version` does not exist there.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `http2` | HTTP/2 of reqwest: `ClientBuilderExt`, and the kinds of the errors of h2 |
//! | `gzip`, `deflate`, `br`, `zstd` | content codings that event streams are requested and decoded in |
//! | `tracing` | spans and events of [`tracing`](https://docs.rs/tracing) for each session; `SseConfig::trace_payloads` |
//!
//! Only `http2` is on by default, as it is in reqwest. TLS is a feature of reqwest.
//!
//! # Public dependencies
//!
//! reqwest 0.13, re-exported as [`reqwest`], the sessions of sse-session and the events of
//! sse-core, re-exported here, and `http` 1. URIs are [`http::Uri`](SseError::uri);
//! `reqwest::Url::parse` converts the text of one. No TLS backend is chosen: add `reqwest` to your
//! own dependencies with the features that you need.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod platform;
#[cfg(feature = "http2")]
mod client_builder;
mod sender;
mod transport;
mod target;
mod request;
mod client;
mod ext;

pub use client::SseClient;
#[cfg(feature = "http2")]
pub use client_builder::ClientBuilderExt;
pub use ext::{RequestBuilderExt, ResponseExt};
pub use request::SseRequest;
pub use reqwest;
pub use sse_session::{
    AckToken, Answer, AnswerPart, AnswerTimings, BodyEnd, BoxError, BoxFuture, BufferPolicy,
    BuildError, Call, CleanEnd, ClientSseSession, Clock, Completeness, Deadline, Disconnect,
    EndEvidence, EndReason, ExcessPolicy, Gap, IdleTimeout, Intervals, Judgment, Lifecycle, Limit,
    LimitExceeded, Limits, MaybeSend, MaybeSendSync, OpenSession, ReconnectDecision,
    ReconnectPolicy, ReconnectUrl, RequestContext, RequestHead, ResponseHead, Resume,
    ServerSentEvent, ServerSentEventBuilder, SessionEvent, SessionHandle, SessionObserver,
    SessionState, SessionStream, Skipped, SseConfig, SseError, SseErrorKind, SseErrorOutcome,
    Timings, TransportErrorKind, http,
};
pub use target::{IntoSseRequest, UrlParts};

// It builds the client for HTTP/2.
#[cfg(all(doctest, feature = "http2"))]
#[doc = include_str!("../README.md")]
struct Readme;
