//! Server-Sent Events as values: a closure of yours, or serde, decodes the data of each event.
//!
//! ```text
//! ServerSentEvent ─▶ your closure ─▶ TypedServerSentEvent<T>
//! ```
//!
//! Works over any stream of events: a session of `sse-reqwest`, or your own. Bring
//! [`EventStreamExt`] into scope, then:
//!
//! - [`json::<T>()`](EventStreamExt::json) decodes every event as the JSON of a `T`;
//! - [`decode_with(closure)`](EventStreamExt::decode_with) decodes as the closure says, which may
//!   also skip an event, or stop at it;
//! - [`deserialize::<T>(&event)`](deserialize) decodes the event at hand, for when each event type
//!   has a type of its own.
//!
//! # What it does not do
//!
//! It has no formats of its own but JSON, and no opinion on a failed decode: that is an item which
//! keeps the event, and the session goes on.
//!
//! # Features
//!
//! `json` (on by default): [`EventStreamExt::json`] and [`deserialize`], with serde and serde_json.
//! The crate needs `core` and `alloc` only.

#![no_std]

extern crate alloc;

mod decoded;
mod decode;
mod rules;
mod session;
mod options;
mod ext;
#[cfg(feature = "json")]
mod json;
mod error;
mod excerpt;

pub use decode::Decode;
pub use decoded::{Decoded, IntoDecoded};
pub use error::{DecodeError, TypedError};
pub use ext::EventStreamExt;
#[cfg(feature = "json")]
pub use json::{JsonSession, deserialize};
pub use session::ClientSseSessionWithDeserialization;
pub use sse_core::{ServerSentEvent, TypedServerSentEvent};

#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../README.md")]
struct Readme;
