//! Server-Sent Events sessions over any HTTP client: they reconnect, resume, filter, and say why
//! they end.
//!
//! A [`Transport`] sends a request and returns a response; this crate does the rest. `sse-reqwest`
//! is this crate with reqwest as its transport, and has the same sessions, options and errors.
//!
//! ```text
//! request ─▶ Transport ─▶ response ─▶ driver ─▶ machine ─▶ ClientSseSession: Stream
//! ```
//!
//! # Where to look
//!
//! - [`Transport`] is the interface to an HTTP client. A function is a transport, and so is a
//!   service of tower in a `TowerTransport`. [`StreamBody`] makes a body of a stream.
//!   [`BoxTransport`] has no type parameter.
//! - [`SseClient`] opens sessions over a transport.
//! - [`SseConfig`] holds every option with its default: when to reconnect ([`ReconnectPolicy`]),
//!   what may be repeated ([`Resume`]), how long to wait ([`IdleTimeout`]), which event is the last
//!   one.
//! - [`ClientSseSession`] is the stream of events; [`Lifecycle`] is the stream of everything that
//!   happens to the session.
//! - [`Answer`] is one answer, such as that of a language model: whole, or an error.
//! - [`BlockingClient`] opens sessions without `async`, over a [`BlockingTransport`].
//! - [`SseError`] says what failed, by its [kind](SseErrorKind); [`EndReason`] says why a session
//!   ended, and [`EndEvidence`] how its last connection did.
//!
//! # Terms
//!
//! The docs of [`ClientSseSession`], [`ReconnectPolicy`] and [`Disconnect`] define *session*,
//! *attempt* and *disconnect*. `docs/ARCHITECTURE.md` in the repository is the glossary.
//!
//! # What the session does, and what its transport does
//!
//! The session decides which response is an event stream, follows redirects (unless the transport
//! does), sends no credentials to another origin, applies the configured deadlines, decodes content
//! codings, parses, filters, reconnects and resumes. The transport makes connections: DNS, TCP,
//! TLS, HTTP versions,
//! pools, proxies and cookies are its responsibility.
//!
//! # Content codings
//!
//! With the features `gzip`, `deflate`, `br` and `zstd`, a request says in `Accept-Encoding` that
//! these codings are accepted, unless the caller sets that header, and a body in them is decoded:
//!
//! - Everything that the server has flushed is decoded at once, at most 4 KiB at a time. The
//!   [limits](SseConfig::limits) of the parser apply to decoded bytes, so that a small body that
//!   expands to a large event is an error and not a memory problem.
//! - All streams in a row are decoded, such as the members of gzip that some servers begin with
//!   each flush. Several codings are undone in reverse order, at most 4 of them.
//! - A body that ends inside its coding [is truncated](SseError::is_truncated). A body that is not
//!   in the coding that its head names, or is corrupt, is a [decode error](SseError::is_decode).
//!   Events that the server flushed before the corrupt bytes are yielded first.
//! - A decoder takes memory for as long as its connection, as much as the window of the server's
//!   encoder: at most 32 KiB for gzip and deflate, 16 MiB for br and 8 MiB for zstd, and the state
//!   of the decoder. docs/PERFORMANCE.md has a table of the memory of sessions in each coding.
//! - Bytes that decode to nothing count as activity for [`idle_timeout`](SseConfig::idle_timeout).
//!
//! # Without async
//!
//! A [`BlockingSession`] is an iterator of events over a [`BlockingTransport`], which a function
//! can be. It is the same session: its thread polls the same driver, and blocks where a task would
//! wait. It needs neither a runtime nor a feature. The limits that it can keep depend on the
//! [timeouts](BlockingTransport#timeouts) of its transport.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `tokio` | the default [`Clock`], on by default |
//! | `gzip`, `deflate`, `br`, `zstd` | [content codings](#content-codings). The library of zstd is in C, and not built for browsers, which decode by themselves |
//! | `tower` | `TowerTransport`, for services of tower |
//! | `hyper` | kinds of the errors of hyper and of hyper-util's client, and the addresses of its connections; enables `tower` |
//! | `h2` | kinds of the errors of h2, the HTTP/2 of hyper: resets |
//! | `tracing` | spans and events of [`tracing`](https://docs.rs/tracing) for each session; `SseConfig::trace_payloads` |
//! | `ureq` | `UreqTransport`: [blocking sessions](BlockingSession) over [ureq](https://docs.rs/ureq) |
//!
//! # Public dependencies
//!
//! `http` 1, re-exported as [`http`], `http-body` 1, `bytes` 1, `futures-core` 0.3, with the
//! feature `tower` `tower-service` 0.3, with the feature `ureq` ureq 3, and the events of sse-core,
//! re-exported here.

#![cfg_attr(docsrs, feature(doc_cfg))]
// Browsers have no threads, and so no blocking sessions for the documentation to link to.
#![cfg_attr(
    all(target_arch = "wasm32", target_os = "unknown"),
    allow(rustdoc::broken_intra_doc_links)
)]

mod threads;
mod platform;
mod clock;
mod random;
mod causes;
mod uri;
mod transport_error;
mod final_uri;
mod connection_info;
mod timings;
mod state;
mod call;
mod body_excerpt;
mod body_end;
mod coding;
mod id_header;
mod gap;
mod id_replacement;
mod destination;
mod content_type;
mod acceptance;
mod retry_after;
mod keep_alives;
mod deadlines;
mod method;
mod resume;
mod filter;
mod stop;
mod ack;
mod history;
mod stop_reason;
mod failure;
mod error;
mod native_request;
mod context;
mod transport;
mod catch_panic;
mod erased;
mod boxed;
mod closure;
mod stream_body;
#[cfg(feature = "tower")]
mod service;
mod session_request;
mod factory;
mod source;
mod policy;
mod reconnect;
mod transition;
#[cfg(feature = "tracing")]
mod trace;
mod observer;
mod config;
mod machine;
mod handle;
mod driver;
mod session;
mod opening;
mod lifecycle;
mod request;
mod answer;
mod client;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
mod blocking;
#[cfg(all(feature = "ureq", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod ureq_transport;

pub use acceptance::is_event_stream;
pub use ack::AckToken;
pub use answer::{Answer, AnswerPart, AnswerTimings, Judgment};
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub use blocking::{
    BlockingAnswer, BlockingClient, BlockingLifecycle, BlockingRequest, BlockingSession,
    BlockingTransport, OpenBlockingSession,
};
pub use body_end::{BodyEnd, Completeness, EndEvidence};
pub use boxed::{BoxTransport, BoxTransportBody};
pub use call::{Call, RequestHead, ResponseHead};
pub use client::SseClient;
pub use clock::Clock;
pub use config::SseConfig;
pub use connection_info::ConnectionInfo;
pub use context::{RequestContext, SendContext};
pub use deadlines::{Deadline, IdleTimeout};
pub use destination::ReconnectUrl;
pub use error::{SseError, SseErrorKind, SseErrorOutcome};
pub use final_uri::FinalUri;
pub use gap::Gap;
pub use handle::SessionHandle;
pub use history::BufferPolicy;
pub use http;
pub use lifecycle::{Lifecycle, SessionEvent};
pub use native_request::NativeRequest;
pub use observer::SessionObserver;
pub use opening::{OpenSession, SessionStream};
pub use policy::{Disconnect, ReconnectDecision, ReconnectPolicy};
pub use request::SseRequest;
pub use resume::{CleanEnd, Resume};
#[cfg(feature = "tower")]
pub use service::TowerTransport;
pub use session::ClientSseSession;
pub use session_request::{IntoSessionRequest, InvalidRequest, SessionRequest};
pub use sse_core::{
    BuildError, ExcessPolicy, Limit, LimitExceeded, Limits, ServerSentEvent,
    ServerSentEventBuilder, Skipped,
};
pub use state::{EndReason, SessionState};
pub use stream_body::StreamBody;
pub use threads::{BoxError, BoxFuture, MaybeSend, MaybeSendSync};
pub use timings::{Intervals, Timings};
pub use transport::{Capabilities, Transport};
pub use transport_error::{TransportError, TransportErrorKind};
#[cfg(all(feature = "ureq", not(all(target_arch = "wasm32", target_os = "unknown"))))]
pub use ureq_transport::{UreqBody, UreqTransport};

#[cfg(all(doctest, feature = "tokio"))] // its program needs the default clock
#[doc = include_str!("../README.md")]
struct Readme;
