//! Naive reading of event streams, to compare sse-core with.
//!
//! [`reader`] reads a whole stream as the standard says, and [`excess`] finds the bytes at which it
//! exceeds a limit. Neither shares code with sse-core. [`outcome`] has what a reading results in,
//! and obtains it from the parser of sse-core, through each of its functions.
//!
//! The tests of sse-core, the fuzz targets and the bench depend on this crate. It is not published.

// A comparison fails by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]
#![allow(clippy::manual_is_multiple_of)] // Rust 1.85 has no such method

pub mod outcome;
pub mod reader;
pub mod excess;
