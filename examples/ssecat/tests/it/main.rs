//! The program as it is used: what it asks of servers, shows, and ends with.
//!
//! Each test starts it as a process, against a server on loopback that does as the test says.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod program;

mod request;
mod output;
mod ends;
mod reconnection;
mod recording;
