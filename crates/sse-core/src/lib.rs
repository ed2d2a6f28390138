//! A parser and an encoder of event streams (`text/event-stream`, Server-Sent Events), exact to
//! the [HTML standard], without I/O.
//!
//! ```text
//! chunk ─▶ line ─▶ field ─▶ block ─▶ ServerSentEvent
//! ```
//!
//! [`Parser`] takes chunks of bytes from any source and returns one event at a time:
//!
//! ```
//! use sse_core::Parser;
//!
//! let mut parser = Parser::new();
//! let mut chunk = "id: 1\ndata: hello\n\ndata: wor".into();
//! while let Some(event) = parser.next(&mut chunk)? {
//!     assert_eq!((event.event_type(), event.data()), ("message", "hello"));
//! }
//! assert_eq!(parser.last_event_id(), "1");
//! # Ok::<(), sse_core::LimitExceeded>(())
//! ```
//!
//! # Guarantees
//!
//! - The same bytes yield the same events, however they are split into chunks.
//! - An event is returned as soon as its last byte has arrived; a CR at the end of a chunk ends its
//!   line.
//! - Every sequence of bytes is accepted. Memory stays within [`Limits`]: the only error is an
//!   event that exceeds them, and it can be [skipped](ExcessPolicy::Skip) and counted instead.
//! - An event with one line of data, all in one chunk, is usually not copied: it shares the memory
//!   of the chunk. Short events are copied where that is cheaper.
//! - Every [`ServerSentEvent`] that can be built is parsed back as an equal event.
//!
//! # Non-goals
//!
//! The crate opens no connection, reads no clock and logs nothing. For sessions over HTTP that
//! reconnect, see `sse-reqwest`; for events as values of your own types, `sse-typed`.
//!
//! It reads no NDJSON (`application/x-ndjson`, JSON Lines), in which each line is a JSON value.
//! That format has no fields and no blank lines. Read as an event stream, all of its lines are
//! [unknown ones](Parser::unknown_lines), and no event is found. To read it, split the bytes into
//! lines, as `std::io::BufRead::lines` and tokio-util's `LinesCodec` do, and give each line to
//! `serde_json::from_str`; or read all values of a `std::io::Read` with a
//! `serde_json::StreamDeserializer`. Limit the length of a line where the source is not trusted.
//!
//! # Features
//!
//! Each feature adds API and changes nothing else. The first line of an item's docs names the
//! feature that the item needs. Without any feature, the crate needs only `core` and `alloc`.
//!
//! | feature | what it adds |
//! |---|---|
//! | `std` (on by default) | `EventReader`: any `std::io::Read` as an iterator of events; a search for line ends that uses instructions beyond the processor's baseline |
//! | `stream` | `EventStream`: any `Stream` of bytes as a `Stream` of events |
//! | `futures-io` | `EventStream::from_futures_read`: any `futures_io::AsyncRead` as a `Stream` of events |
//! | `tokio-io` | `EventStream::from_tokio_read`: any `tokio::io::AsyncRead` as a `Stream` of events |
//! | `http-body` | `EventStream::from_body`: any HTTP body as a `Stream` of events; `EventBody`: a stream of events as an HTTP body, for servers |
//! | `codec` | `EventCodec`: tokio-util's `Decoder` and `Encoder` |
//! | `serde` | `Serialize` and `Deserialize` for the events, as structs of their fields |
//!
//! [HTML standard]: https://html.spec.whatwg.org/multipage/server-sent-events.html

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod content_type;
mod ascii;
mod layout;
mod scan;
mod line;
mod field;
mod partial;
mod limits;
mod meter;
mod unknown;
mod buffer;
mod block;
mod utf8;
mod reader;
mod text;
mod event;
mod event_ref;
mod parser;
mod encode;
mod typed;
mod builder;
mod encoded;
#[cfg(feature = "serde")]
mod serde;

#[cfg(any(feature = "std", feature = "stream"))]
mod stream_error;
#[cfg(feature = "std")]
mod room;
#[cfg(feature = "std")]
mod read;
#[cfg(feature = "stream")]
mod idle;
#[cfg(feature = "stream")]
mod stream;
#[cfg(feature = "futures-io")]
mod futures_read;
#[cfg(feature = "tokio-io")]
mod tokio_read;
#[cfg(feature = "http-body")]
mod body;
#[cfg(any(feature = "codec", feature = "http-body"))]
mod wire;
#[cfg(feature = "http-body")]
mod wire_event;
#[cfg(feature = "http-body")]
mod frame;
#[cfg(feature = "http-body")]
mod event_body;
#[cfg(feature = "codec")]
mod codec;

#[cfg(feature = "http-body")]
pub use body::{BodyData, BodyEvents};
pub use builder::{BuildError, ServerSentEventBuilder};
/// Chunk type that [`Parser::next`] takes, re-exported from the crate `bytes`, so that you need not
/// depend on it.
pub use bytes::Bytes;
#[cfg(feature = "codec")]
pub use codec::{CodecError, EventCodec};
pub use content_type::is_event_stream_type;
pub use encoded::{DataWriter, EncodedEvent, EncodedEvents};
pub use event::ServerSentEvent;
#[cfg(feature = "http-body")]
pub use event_body::{EventBody, NoTicks};
pub use event_ref::EventRef;
#[cfg(feature = "futures-io")]
pub use futures_read::FuturesReadData;
#[cfg(feature = "stream")]
pub use idle::{IdleError, IdleLimited};
pub use limits::{ExcessPolicy, Limit, LimitExceeded, Limits, Skipped};
pub use parser::{Parser, Taken};
#[cfg(feature = "std")]
pub use read::{EventReader, ReadError};
#[cfg(feature = "stream")]
pub use stream::EventStream;
#[cfg(any(feature = "std", feature = "stream"))]
pub use stream_error::StreamError;
#[cfg(feature = "tokio-io")]
pub use tokio_read::TokioReadData;
pub use typed::TypedServerSentEvent;
pub use unknown::UnknownLines;
#[cfg(feature = "http-body")]
pub use wire_event::WireEvent;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
