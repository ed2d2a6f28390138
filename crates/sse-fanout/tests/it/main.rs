//! Tests of the public API, by topic.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes helpers of integration tests for product code"
)]
#![allow(clippy::panic, reason = "likewise")]

mod support; // events, and helpers that poll subscriptions

mod counts; // counters of a broadcaster, from several threads too
mod ends; // the end of a broadcaster
mod filter; // subscriptions that choose their events
mod resume; // subscriptions that begin at some place of the history
mod servers; // subscriptions as the bodies of a server of hyper, over sockets
mod sharing; // events that are encoded and joined once
mod slow; // subscriptions that are read too slowly
mod waking; // wakeups and their number
