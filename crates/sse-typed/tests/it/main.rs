//! Tests of the crate through its public API.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes helpers of integration tests for product code"
)]
#![allow(clippy::panic, reason = "likewise")]

mod support;

#[cfg(feature = "answers")]
mod answers;
mod decode;
mod rules;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "json")]
mod json_by_type;
#[cfg(feature = "json")]
mod json_errors;
#[cfg(any(feature = "json", feature = "serde"))]
mod other_formats;
