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
//! # Terms
//!
//! A *connection* is one HTTP response. A *session* is the connections that share a last event ID.
//! An *attempt* is one request made to reconnect; the first request of a session is none.
//!
//! # What is public of other crates
//!
//! reqwest 0.13, re-exported as [`reqwest`], and the events of sse-core, re-exported here. No TLS
//! backend is chosen: add `reqwest` to your own dependencies with the features you want.

mod threads;
mod platform;
mod clock;
mod random;
mod config;
mod target;
mod request;
mod factory;
mod destination;
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
mod failure;
mod error;

pub use ack::Position;
pub use call::{Call, RequestHead, ResponseHead};
pub use client::SseClient;
pub use clock::Clock;
pub use config::{CleanEnd, SseConfig};
pub use deadlines::{Deadline, IdleTimeout};
pub use destination::ReconnectUrl;
pub use error::SseError;
pub use factory::RequestContext;
pub use handle::SessionHandle;
pub use history::BufferPolicy;
pub use lifecycle::{Lifecycle, SessionEvent};
pub use observer::SessionObserver;
pub use policy::{Loss, ReconnectDecision, ReconnectPolicy};
pub use request::{RequestBuilderExt, SseRequest};
pub use reqwest;
pub use resume::Resume;
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
