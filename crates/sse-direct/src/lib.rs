//! HTTP/1.1 transport of Server-Sent Events sessions that drive their own connection.
//!
//! A stream of events occupies its connection in any case. With this transport, the session reads
//! the socket while it is polled: no task is spawned, no channel is crossed, no other thread is
//! woken, and hundreds of small events that one read brings are parsed at once. An idle session has
//! no read buffer.
//!
//! ```no_run
//! use sse_direct::{DirectTransport, SseClient, SseConfig, SseError};
//!
//! # #[cfg(not(feature = "tcp"))] fn main() {} // no connector
//! # #[cfg(feature = "tcp")]
//! #[tokio::main]
//! async fn main() -> Result<(), SseError> {
//!     let client = SseClient::new(DirectTransport::tcp(), SseConfig::new());
//!     let mut session = client.sse_session("http://localhost:8080/events").await?;
//!     while let Some(event) = session.next().await {
//!         println!("{}", event?.data());
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # Non-goals
//!
//! - *HTTP/2.* For servers that speak nothing else, and for hundreds of streams from one server,
//!   use sse-reqwest, or hyper-util's client with sse-session.
//! - *Proxies of the environment.* Variables such as `HTTPS_PROXY` do not change how it connects.
//!   With the feature `tracing`, `DirectTransport::tcp` and `tls` warn once if one applies, with
//!   the target `sse_direct`. A connector can connect by a proxy: hyper-util has one for `CONNECT`
//!   and two for SOCKS. `tcp_connector` and `tls_connector` show how.
//! - *Cookies.* They are the caller's headers.
//! - *Pools.* Each request has a connection of its own, which is closed when the response has
//!   ended. A pool would save a handshake only after a regular end, and would bring a race: the
//!   server may close an idle connection just as a request is sent. Requests have no
//!   `Connection: close`, although section 9.3 of RFC 9112 asks for it: some servers, such as
//!   Jetty, then send bodies whose end HTTP does not show.
//!
//! Redirects, content codings, deadlines and reconnection are handled by the session.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `tcp` (on by default) | `DirectTransport::tcp` and `tcp_connector`: hyper-util's connector, on tokio |
//! | `rustls` | `DirectTransport::tls`, `tls_with`, `tls_connector` and `tls_config`: TLS by rustls, with the platform's roots |
//! | `gzip`, `deflate`, `br`, `zstd` | the features of sse-session: compressed event streams |
//! | `tracing` | the feature of sse-session: spans and events of `tracing`; and the warning of a proxy that is not used |
//!
//! # Public dependencies
//!
//! sse-session, whose sessions are re-exported here, `http` 1, `bytes` 1, `http-body` 1, `hyper` 1
//! (its traits for I/O) and `tower-service` 0.3; with the feature `tcp` hyper-util 0.1, and with
//! `rustls` hyper-rustls 0.27 and rustls 0.23.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod chunked;
mod framing;
mod request;
mod head;
mod scratch;
mod exchange;
mod body;
mod addresses;
#[cfg(all(feature = "tcp", feature = "tracing"))]
mod proxies;
mod transport;
#[cfg(feature = "tcp")]
mod connector;
#[cfg(feature = "rustls")]
mod tls;

pub use body::DirectBody;
#[cfg(feature = "tcp")]
pub use connector::tcp_connector;
pub use error::{HeadPart, HttpError};
pub use sse_session::{
    AckToken, BodyEnd, BoxError, BoxFuture, BufferPolicy, BuildError, Call, CleanEnd,
    ClientSseSession, Clock, Completeness, ConnectionInfo, Deadline, Disconnect, EndEvidence,
    EndReason, ExcessPolicy, Gap, IdleTimeout, Intervals, IntoSessionRequest, InvalidRequest,
    Lifecycle, Limit, LimitExceeded, Limits, MaybeSend, MaybeSendSync, OpenSession,
    ReconnectDecision, ReconnectPolicy, ReconnectUrl, RequestContext, RequestHead, ResponseHead,
    Resume, ServerSentEvent, ServerSentEventBuilder, SessionEvent, SessionHandle, SessionObserver,
    SessionRequest, SessionState, SessionStream, Skipped, SseClient, SseConfig, SseError,
    SseErrorKind, SseErrorOutcome, SseRequest, Timings, TransportErrorKind, http,
};
#[cfg(feature = "rustls")]
pub use tls::{tls_config, tls_connector};
pub use transport::DirectTransport;

#[cfg(all(doctest, feature = "rustls"))] // its second program needs TLS
#[doc = include_str!("../README.md")]
struct Readme;
