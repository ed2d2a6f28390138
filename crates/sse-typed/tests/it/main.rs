//! Values out of streams of events, from the outside.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes helpers of integration tests for product code"
)]
#![allow(clippy::panic, reason = "likewise")]

mod decode;
mod rules;
#[cfg(feature = "json")]
mod json;
mod support;
