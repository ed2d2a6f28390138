//! Tests of the crate through its public API.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes helpers of integration tests for product code"
)]
#![allow(clippy::panic, reason = "likewise")]

mod support; // event streams to decode, without a network

#[cfg(feature = "answers")]
mod answers; // wire formats
mod decode; // decoding closures
mod rules; // rules of a session
#[cfg(feature = "json")]
mod json; // JSON with serde
#[cfg(feature = "json")]
mod json_by_type; // enums whose variant is named by the event type, with JSON in them
#[cfg(feature = "json")]
mod json_errors; // errors of JSON
#[cfg(any(feature = "json", feature = "serde"))]
mod other_formats; // a format other than JSON
