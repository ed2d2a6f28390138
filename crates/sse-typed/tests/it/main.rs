//! Tests of the crate through its public API, in modules named like those of `src/`.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes helpers of integration tests for product code"
)]
#![allow(clippy::panic, reason = "likewise")]

mod support; // event streams to decode, without a network

mod decode; // decoding closures, and a format other than JSON
mod rules; // rules of a session
#[cfg(feature = "json")]
mod by_type; // enums whose variant is named by the event type, with JSON in them
#[cfg(feature = "json")]
mod json; // JSON with serde
#[cfg(feature = "json")]
mod json_error; // errors of JSON
#[cfg(feature = "answers")]
mod answers; // wire formats
