//! Tests of the public API, by topic.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes helpers of integration tests for product code"
)]
#![allow(clippy::panic, reason = "likewise")]

mod support;

mod counts;
mod ends;
mod filter;
mod resume;
mod servers;
mod sharing;
mod slow;
mod waking;
