//! Server-Sent Events over [`reqwest`]: sessions that reconnect, filter, and say why they end.
//!
//! ```text
//! Response ─▶ connection ─▶ filter ─▶ session ─▶ ClientSseSession: Stream
//! ```
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use sse_reqwest::{SseClient, SseConfig, reqwest};
//!
//! let client = SseClient::new(
//!     reqwest::Client::new(),
//!     SseConfig::new().max_reconnection_attempts(5),
//! );
//! let mut session = client.sse_session("https://example.org/events").await?;
//! while let Some(event) = session.next().await {
//!     let event = event?;
//!     println!("{}: {}", event.event_type(), event.data());
//! }
//! println!("the end: {:?}", session.end_reason());
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! - [`SseClient`] opens sessions; [`RequestBuilderExt`] does so on a bare `reqwest::RequestBuilder`,
//!   and [`ResponseExt`] on a `reqwest::Response` that is at hand.
//! - [`SseConfig`] holds every option, with its default: when to reconnect ([`ReconnectPolicy`]), what
//!   may be repeated ([`Resume`]), how long to wait ([`IdleTimeout`]), which event is the last one.
//! - [`ClientSseSession`] is the stream of events, and [`Lifecycle`] the other view of it.
//! - [`SseError`] says what went wrong; [`EndReason`], why a session has ended.
//!
//! # What it does not do
//!
//! It has no HTTP and no TLS of its own: reqwest does that. It reads nothing unless it is polled: no
//! task in the background, no queue. It makes no values of events, which is what `sse-typed` is for. For
//! another HTTP stack than reqwest there is its parser, `sse-core`. It does not block: `sse-core` has a
//! blocking reader.
//!
//! # Terms
//!
//! A *connection* is one HTTP response. A *session* is the connections that share a last event ID.
//! An *attempt* is one request made to reconnect; the first request of a session is none.
//!
//! # What reqwest does, and you choose
//!
//! Requests are sent by the `reqwest::Client` that you give, as it was built:
//!
//! - *Compression:* it asks for what its features `gzip`, `brotli`, `zstd` and `deflate` can undo, and each
//!   event is out as soon as its server has flushed it. What they cannot undo is an
//!   [error](SseError::is_compressed).
//! - *Redirects:* it follows ten, or as its policy says. `Authorization`, `Cookie` and
//!   `Proxy-Authorization` do not cross to another origin; headers of your own invention do. Where a
//!   session reconnects to, is [its own option](SseConfig::reconnect_url).
//! - *Cookies and proxies* are as they are for other requests: with `cookie_store(true)`, a
//!   reconnection brings what was set before.
//! - *Timeouts:* `connect_timeout` and `read_timeout` count. A total `timeout`, of the client or the
//!   request, does not unless it is [kept](SseConfig::lift_total_timeout), as it would cut every event
//!   stream: there are [`head_timeout`](SseConfig::head_timeout),
//!   [`first_byte_timeout`](SseConfig::first_byte_timeout) and
//!   [`idle_timeout`](SseConfig::idle_timeout) instead. For a session that is to be over after some
//!   time whatever happens, put a timeout around what you do with it: dropping it ends it.
//! - *HTTP/2:* all sessions with a server share one connection and its flow control. After trouble
//!   with a stream (RST_STREAM), and after a silence, reqwest uses the same connection again; after a
//!   GOAWAY it makes another one. [`send_with`](SseConfig::send_with) says how to have another one
//!   always.
//!
//! # To be seen
//!
//! A [`SessionObserver`] is told of requests, connections, disconnects, bytes, events and ends, to count
//! them. With the feature `tracing`, a session is a span (`sse_session`), each of its connections
//! one in it (`sse_connection`, with URL, attempt, status and HTTP version), and what happens to
//! them are events: requests, connections and the end at level `DEBUG`, disconnects that are survived at
//! `INFO`, failures, and events and IDs that were left out, at `WARN`, each event at `TRACE`. No
//! header, no query of a URL and nothing of the event stream is shown, unless [asked
//! for](SseConfig#method.trace_payloads).
//!
//! # In the browser
//!
//! For `wasm32-unknown-unknown` all of this is there, over `fetch`, and nothing has to be `Send`.
//! Some things are otherwise:
//!
//! - Time comes from the browser, which makes waits longer in a tab that is not looked at.
//! - A last event ID can only be sent if it is ASCII. Another one is left out and
//!   [reported](SessionEvent::Disconnected), and is an error as the one to start from.
//! - Caches are bypassed by the request's mode, which takes the place of one that was set on the
//!   builder, and not by a `Cache-Control` header.
//! - A server of another origin has to allow what is sent (CORS): `Last-Event-ID`, which is sent
//!   from the first reconnection on, needs `Access-Control-Allow-Headers: last-event-id`, or is
//!   [not sent](SseConfig::send_last_event_id). Of the headers of its answers the page sees what
//!   `Access-Control-Expose-Headers` names: `Retry-After` is not among those that it always sees.
//! - When a connection breaks off, the browser throws away what has come and was not read yet. These
//!   events count as not seen: a server that resumes sends them again.
//! - The browser follows redirects, keeps cookies and decompresses bodies, each by rules of its own.
//!   Cookies go to another origin if the request says so (`fetch_credentials_include`).
//! - Over HTTP/1.1 it has six connections to a server for all of its pages, sessions among them; over
//!   HTTP/2 that is no concern.
//! - It does not tell why there was no answer, or no more of it: [`is_connect`](SseError::is_connect),
//!   [`is_redirect`](SseError::is_redirect), [`is_reset`](SseError::is_reset) and
//!   [`is_truncated`](SseError::is_truncated) are false, and a server that CORS forbids looks like one
//!   that is down. Nor does it tell the version of HTTP: `ResponseHead::version` is not there.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `tracing` | spans and events of [`tracing`](https://docs.rs/tracing) for each session; `SseConfig::trace_payloads` |
//!
//! None is on by default. TLS, HTTP/2, compression and the like are features of reqwest.
//!
//! # What is public of other crates
//!
//! reqwest 0.13, re-exported as [`reqwest`], and the events of sse-core, re-exported here. No TLS
//! backend is chosen: add `reqwest` to your own dependencies with the features you want.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod threads;
mod platform;
mod clock;
mod random;
mod config;
mod target;
mod request;
mod factory;
mod source;
mod destination;
mod id_header;
mod template;
mod call;
mod sender;
mod acceptance;
mod retry_after;
mod deadlines;
mod connection;
mod resume;
mod policy;
mod reconnect;
mod filter;
mod stop;
mod ack;
mod history;
mod handle;
mod observer;
#[cfg(feature = "tracing")]
mod trace;
mod driver;
mod session;
mod lifecycle;
mod client;
mod ext;
mod failure;
mod error;

pub use ack::AckToken;
pub use call::{Call, RequestHead, ResponseHead};
pub use client::SseClient;
pub use clock::Clock;
pub use config::SseConfig;
pub use deadlines::{Deadline, IdleTimeout};
pub use destination::ReconnectUrl;
pub use error::SseError;
pub use ext::{RequestBuilderExt, ResponseExt};
pub use factory::RequestContext;
pub use handle::SessionHandle;
pub use history::BufferPolicy;
pub use lifecycle::{Lifecycle, SessionEvent};
pub use observer::SessionObserver;
pub use policy::{Disconnect, ReconnectDecision, ReconnectPolicy};
pub use request::SseRequest;
pub use reqwest;
pub use resume::{CleanEnd, Resume};
pub use session::{ClientSseSession, EndReason, OpenSession, SessionState};
pub use sse_core::{
    BuildError, ExcessPolicy, Limit, LimitExceeded, Limits, ServerSentEvent,
    ServerSentEventBuilder, Skipped,
};
pub use stop::Terminal;
pub use target::{IntoSseRequest, UrlParts};
pub use threads::{BoxError, BoxFuture, MaybeSend, MaybeSendSync};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
