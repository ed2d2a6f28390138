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
//!   enum, which the event type chooses and whose content is the JSON of the data;
//! - [`json::<T>()`](EventStreamExt::json) decodes every event as the JSON of a `T`;
//! - [`decode_with(closure)`](EventStreamExt::decode_with) decodes with a closure, in any format;
//!   the closure may also skip an event, or stop at it;
//! - [`deserialize::<T>(&event)`](deserialize) and
//!   [`deserialize_by_type::<T>(&event)`](deserialize_by_type) decode one event, to a value
//!   that may borrow from it.
//!
//! The first three return a [session](ClientSseSessionWithDeserialization), whose setters define
//! the treatment of pings, of `[DONE]` and of events that report an error. When the values end,
//! such as at `[DONE]`, the wrapped session stays open; `into_inner` returns it.
//!
//! # Where the first two differ
//!
//! The method, not the enum, determines where the name of the variant is found:
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
//! The session remains accessible: `updates.get_ref().call()`, `updates.get_ref().last_event_id()`,
//! `updates.get_mut().close()`. After a value, `updates.get_ref().ack_token()` is the token of the
//! value's event, to acknowledge it.
//!
//! The session's lifecycle (`session.lifecycle()`) is a stream of more than events, so
//! [`deserialize`] or [`deserialize_by_type`] decodes each `SessionEvent::Event(event)` there. The
//! two views can take turns.
//!
//! # Non-goals
//!
//! Without the feature `answers`, the crate has no format except JSON. It has no policy for an
//! event that cannot be decoded: the event becomes an error item, and the session continues.
//!
//! # Features
//!
//! The first line of an item's docs names the feature that the item needs.
//!
//! - `json` (on by default): everything about JSON, with serde_json, which is re-exported.
//! - `answers`: the wire formats of language models and agents, for the answers of sse-session.
//! - `serde`: [`by_type`] for enums in other formats, and serde's traits for the events themselves.
//! - `std` (on by default): encoding to JSON, for servers. Without it, the crate needs only `core`
//!   and `alloc`.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod excerpt;
mod error;
mod decoded;
mod decode;
mod rules;
mod session;
mod options;
#[cfg(any(feature = "json", feature = "serde"))]
mod by_type;
#[cfg(feature = "json")]
mod json_error;
#[cfg(feature = "json")]
mod json;
mod ext;
#[cfg(all(feature = "json", feature = "std"))]
mod encode_json;
#[cfg(feature = "answers")]
mod answers;

#[cfg(feature = "answers")]
pub use answers::AnswerFormat;
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
/// Crate that decodes JSON (feature `json`), re-exported so that you need not depend on it.
#[cfg(feature = "json")]
pub use serde_json;
pub use session::ClientSseSessionWithDeserialization;
pub use sse_core::{EncodedEvent, ServerSentEvent, TypedServerSentEvent};

#[cfg(all(doctest, feature = "json"))]
#[doc = include_str!("../README.md")]
struct Readme;
