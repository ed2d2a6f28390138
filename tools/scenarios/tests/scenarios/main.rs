//! One table of session scenarios, run over four transports: reqwest, hyper-util's client,
//! sse-direct, and ureq, which blocks.
//!
//! A scenario has one expected outcome. A transport with another outcome is declared in the table,
//! with its reason, and the documentation shows the table.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod transport;
mod scenario;
mod outcome;
mod stage;
mod play;
mod check;
mod encode;
mod topics;
mod table;
