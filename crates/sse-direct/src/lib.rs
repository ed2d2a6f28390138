//! HTTP/1.1 transport of Server-Sent Events sessions that drive their own connection.
//!
//! A stream of events holds its connection to itself anyway. With this transport, the session reads
//! the socket while it is polled: no task is spawned, no channel is crossed, no other thread is
//! woken, and hundreds of small events that one read brings are parsed at once. An idle session has
//! no read buffer.
//!
//! ```no_run
//! use sse_direct::DirectTransport;
//! use sse_session::{SseClient, SseConfig, SseError};
//!
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
//! # What it does not do
//!
//! - *HTTP/2.* For servers that speak nothing else, and for hundreds of streams from one server, use
//!   sse-reqwest, or hyper-util's client with sse-session.
//! - *Proxies.* Environment variables such as `HTTPS_PROXY` are not read. A connector can connect by
//!   a proxy: hyper-util has one for `CONNECT` and two for SOCKS.
//! - *Cookies.* They are the caller's headers.
//! - *Pools.* Each request has a connection of its own. A stream ends with its connection, so that
//!   there is seldom one to use again.
//!
//! Redirects, content codings, deadlines and reconnection are the session's.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `tcp` (on by default) | `DirectTransport::tcp` and `tcp_connector`: hyper-util's connector, on tokio |
//! | `rustls` | `DirectTransport::tls` and `tls_with`: TLS by rustls, with the platform's roots |
//! | `gzip`, `deflate`, `br`, `zstd` | the features of sse-session: compressed event streams |
//! | `tracing` | the feature of sse-session: spans and events of `tracing` |
//!
//! # Public dependencies
//!
//! sse-session, `http` 1, `bytes` 1, `http-body` 1, `hyper` 1 (its traits for I/O) and
//! `tower-service` 0.3; with the feature `tcp` hyper-util 0.1, and with `rustls` hyper-rustls 0.27
//! and rustls 0.23.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
mod chunked;
mod framing;
mod request;
mod head;
mod scratch;
mod exchange;
mod body;
mod transport;
#[cfg(feature = "tcp")]
mod connector;

pub use body::DirectBody;
#[cfg(feature = "tcp")]
pub use connector::tcp_connector;
pub use error::HttpError;
pub use transport::DirectTransport;

#[cfg(all(doctest, feature = "tcp"))]
#[doc = include_str!("../README.md")]
struct Readme;
