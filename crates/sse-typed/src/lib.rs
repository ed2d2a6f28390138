//! Server-Sent Events as values: a closure of yours, or serde, decodes the data of each event.
//!
//! ```text
//! ServerSentEvent ─▶ your closure ─▶ TypedServerSentEvent<T>
//! ```
//!
//! Works over any stream of events: a session of `sse-reqwest`, or your own. Bring
//! [`EventStreamExt`] into scope, then:
//!
//! - [`json_by_type::<T>()`](EventStreamExt::json_by_type) decodes every event as a variant of an
//!   enum, chosen by the event type, with the JSON of the data in it;
//! - [`json::<T>()`](EventStreamExt::json) decodes every event as the JSON of a `T`;
//! - [`decode_with(closure)`](EventStreamExt::decode_with) decodes as the closure says, in any
//!   format; it may also skip an event, or stop at it;
//! - [`deserialize::<T>(&event)`](deserialize) and
//!   [`deserialize_by_type::<T>(&event)`](deserialize_by_type) decode one event, to a value
//!   that may borrow from it.
//!
//! The first three return a [session](ClientSseSessionWithDeserialization), whose setters say what
//! to do with pings, with `[DONE]` and with events that report an error. The end of the values,
//! such as at `[DONE]`, leaves the wrapped session open; `into_inner` returns it.
//!
//! # Where the first two differ
//!
//! The call says where the variant of an enum stands, not the enum:
//!
//! ```text
//! event: customer                           json_by_type: Customer(…)
//! data: {"name": "Ada"}
//!
//! data: {"customer": {"name": "Ada"}}       json: Customer(…)
//!
//! data: {"type": "customer", "name": "Ada"} json: Customer { … }, with #[serde(tag = "type")]
//! ```
//!
//! # With a session of sse-reqwest
//!
//! The session stays in reach: `updates.get_ref().call()`, `updates.get_ref().last_event_id()`,
//! `updates.get_mut().close()`. Asked for after a value, `updates.get_ref().ack_token()` is that of the
//! value's event, to be acknowledged.
//!
//! The session's whole life (`session.lifecycle()`) is a stream of more than events, so there each
//! `SessionEvent::Event(event)` is decoded by [`deserialize`] or [`deserialize_by_type`]. The
//! two views can take turns.
//!
//! # What it does not do
//!
//! It has no formats of its own but JSON, and no opinion on a failed decode: that is an item which
//! keeps the event, and the session goes on.
//!
//! # Features
//!
//! The first line of an item's docs names the feature that the item needs.
//!
//! - `json` (on by default): all that has to do with JSON, with serde_json, which is re-exported.
//! - `answers`: the wire forms of language models and agents, for the answers of sse-session.
//! - `serde`: [`by_type`] for enums in other formats, and serde's traits for the events themselves.
//! - `std` (on by default): encoding to JSON, for servers. Without it, the crate needs `core` and
//!   `alloc` only.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod decoded;
mod decode;
mod rules;
mod session;
mod options;
mod ext;
#[cfg(any(feature = "json", feature = "serde"))]
mod by_type;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "json")]
mod json_error;
#[cfg(all(feature = "json", feature = "std"))]
mod encode_json;
mod error;
mod excerpt;
#[cfg(feature = "answers")]
mod answers;

#[cfg(feature = "answers")]
pub use answers::Verdict;
#[cfg(any(feature = "json", feature = "serde"))]
pub use by_type::{ByTypeError, by_type};
pub use decode::Decode;
pub use decoded::{Decoded, IntoDecoded};
#[cfg(all(feature = "json", feature = "std"))]
pub use encode_json::EncodeJson;
pub use error::{DecodeError, TypedError};
pub use ext::EventStreamExt;
#[cfg(feature = "json")]
pub use json::{
    Json, JsonByType, JsonByTypeSession, JsonSession, deserialize, deserialize_by_type,
};
#[cfg(feature = "json")]
pub use json_error::{JsonError, JsonSessionError};
/// The crate that decodes JSON (feature `json`), re-exported so that it need not be a dependency of
/// yours.
#[cfg(feature = "json")]
pub use serde_json;
pub use session::ClientSseSessionWithDeserialization;
pub use sse_core::{EncodedEvent, ServerSentEvent, TypedServerSentEvent};

#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../README.md")]
struct Readme;
