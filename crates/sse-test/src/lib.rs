//! Test server of event streams (`text/event-stream`, Server-Sent Events) that misbehaves on
//! command, to test clients that must cope with such servers.
//!
//! ```text
//! Reply, Reply, … ─▶ ScriptedServer ─▶ your code ─▶ what the server has seen: SeenRequest, …
//! ```
//!
//! A [`ScriptedServer`] listens on loopback, sends one [`Reply`] after the other, and records what
//! it receives. A reply is plain data: a head, pieces of a body, waits, and how it ends, usually
//! badly.
//!
//! ```
//! use sse_test::{Reply, ScriptedServer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), reqwest::Error> {
//! let server = ScriptedServer::start([
//!     // Half an event, and then the connection is closed.
//!     Reply::events("id: 1\ndata: one\n\nid: 2\nda").cut(),
//!     // The second reply is complete.
//!     Reply::events("id: 2\ndata: two\n\n"),
//! ])
//! .await;
//!
//! // The code under test would do this by itself.
//! let client = reqwest::Client::builder().no_proxy().build()?;
//! let mut response = client.get(server.url("/")).send().await?;
//! while response.chunk().await.is_ok_and(|chunk| chunk.is_some()) {}
//! let again = client.get(server.url("/")).header("last-event-id", "1").send().await?;
//! assert_eq!(again.text().await?, "id: 2\ndata: two\n\n");
//!
//! assert_eq!(server.last_event_ids(), [None, Some("1".to_owned())]);
//! # Ok(())
//! # }
//! ```
//!
//! # Faults and their replies
//!
//! | what a server does | reply |
//! |---|---|
//! | closes in the middle of an event | `Reply::events("data: 1\n\nda").cut()`; without `cut`, the body ends regularly there |
//! | promises more than it sends | [`with_length_too_long_by`](Reply::with_length_too_long_by) |
//! | resets, or closes its side only | [`reset`](Reply::reset), [`half_close`](Reply::half_close) |
//! | goes silent | [`hang`](Reply::hang), [`Reply::nothing`] |
//! | never stops | [`repeat`](Reply::repeat) |
//! | is slow with the head, or with the first byte | [`pause_before_head`](Reply::pause_before_head), [`pause_within_head`](Reply::pause_within_head), `Reply::events("").pause()` |
//! | sends byte by byte | [`in_pieces_of(1)`](Reply::in_pieces_of) |
//! | compresses | `compressed(ContentCoding::Gzip)` |
//! | redirects | [`Reply::redirect`], to a path or to the [`url`](ScriptedServer::url) of another server |
//! | wants a fresh token | [`Reply::unauthorized`] |
//! | is overloaded | `Reply::status(503)` with [`retry_after`](Reply::retry_after) |
//! | shuts down, or refuses, by HTTP/2 | `go_away`, `go_away_with`, `reset_stream` |
//! | violates HTTP | [`Reply::raw`] |
//!
//! Servers and proxies of the real world hide failures in ways of their own. Each has a constructor
//! that names them, such as [`Reply::failure_without_sign`], [`Reply::cut_hidden_by_proxy`] and
//! [`Reply::keep_alive_events`].
//!
//! # Recordings
//!
//! With the feature `recording`, a `Recording` of a real server's answers is a text file beside the
//! tests, and the replies of a server are made from it: with its chunks, its end and, if requested,
//! its times. A `PlaybackTransport` (feature `session`) plays a recording back without a server. A
//! `RecordingTransport` (feature `session`) or `Recorder::sender` (feature `reqwest`) records what
//! a session receives, and ssecat records a stream from the command line. A `Redaction` always
//! removes credentials, and removes the values at a `JsonPath` on request.
//!
//! # Time
//!
//! Nothing here sleeps, except for a reply with [times](Reply::pause_until) on a server without a
//! [clock](ScriptedServerBuilder::clock): a reply waits for the test ([`pause`](Reply::pause),
//! [`Gate`]), for another request, or for the client to close, and a test waits for what the
//! server sees ([`next_request`](ScriptedServer::next_request),
//! [`abandoned`](ScriptedServer::abandoned), [`closed`](ScriptedServer::closed)). With a
//! [`TestClock`], an hour of backoff takes no real time.
//!
//! # Non-goals
//!
//! It tests clients, not servers. It parses no events, and limits no bandwidth. Over HTTP/1.1 it
//! reads what well-behaved clients send, and responds to one request at a time.
//!
//! # Features
//!
//! None is on by default. Each adds API and changes nothing else. The first line of an item's docs
//! names the feature that the item needs.
//!
//! | feature | what it adds |
//! |---|---|
//! | `http2` | replies over HTTP/2: `ScriptedServerBuilder::http2` |
//! | `tls` | replies over TLS, by `ScriptedServerBuilder::tls`, with a `TestCertificate` made at run time |
//! | `gzip`, `brotli`, `zstd` | `Reply::compressed`, flushed after each piece |
//! | `hyper` | `WebServer`: a server that behaves well, for comparison |
//! | `recording` | `Recording`, and replies that play one back; `JsonPath` |
//! | `session` | `TestClock` is a `Clock` of sse-session; with `recording`, `Recorder`, `RecordingTransport` and `PlaybackTransport` |
//! | `reqwest` | the same for sse-reqwest; with `recording`, `Recorder::sender` |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod gate;
mod parts;
mod coding;
mod reply;
mod real;
mod body;

mod seen;
mod clock;
mod record;
mod script;

#[cfg(feature = "recording")]
mod json_path;
#[cfg(feature = "recording")]
mod recording;
#[cfg(all(feature = "recording", feature = "session"))]
mod recorder;
#[cfg(all(feature = "recording", feature = "session"))]
mod recording_transport;
#[cfg(all(feature = "recording", feature = "session"))]
mod playback;

mod socket;
mod http1;
#[cfg(feature = "http2")]
mod http2;
#[cfg(feature = "tls")]
mod certificate;
mod connection;

mod loopback;
mod server;
mod builder;
#[cfg(feature = "hyper")]
mod web;

pub use builder::ScriptedServerBuilder;
#[cfg(feature = "tls")]
pub use certificate::TestCertificate;
pub use clock::TestClock;
#[cfg(any(feature = "brotli", feature = "gzip", feature = "zstd"))]
pub use coding::ContentCoding;
pub use gate::Gate;
#[cfg(feature = "recording")]
pub use json_path::{InvalidJsonPath, JsonPath};
#[cfg(feature = "http2")]
pub use parts::Http2Error;
#[cfg(all(feature = "recording", feature = "session"))]
pub use playback::{PlaybackBody, PlaybackTransport};
pub use record::Side;
#[cfg(all(feature = "recording", feature = "session"))]
pub use recorder::{RecordedBody, Recorder, RecorderBuilder};
#[cfg(feature = "recording")]
pub use recording::{
    Exchange, RecordedChunk, RecordedEnd, RecordedRequest, RecordedResponse, Recording,
    RecordingError, RecordingErrorKind, Redaction,
};
#[cfg(all(feature = "recording", feature = "session"))]
pub use recording_transport::RecordingTransport;
pub use reply::Reply;
pub use seen::{HttpVersion, SeenRequest};
pub use server::ScriptedServer;
#[cfg(feature = "hyper")]
pub use web::WebServer;

// Its example is of sse-reqwest.
#[cfg(all(doctest, feature = "reqwest"))]
#[doc = include_str!("../README.md")]
struct Readme;
