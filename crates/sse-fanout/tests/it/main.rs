//! Tests of the public API, in modules named like those of `src/`.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes helpers of integration tests for product code"
)]
#![allow(clippy::panic, reason = "likewise")]

mod support; // events, and helpers that poll subscriptions

mod waiters; // wakeups and their number
mod counts; // counters of a broadcaster, from several threads too
mod subscription; // where a subscription begins, what it chooses, and how it is read
mod broadcaster; // events that are encoded once, and the end of a broadcaster
