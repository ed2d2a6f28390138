//! Integration tests: requests, output and exit codes of the program.
//!
//! Each test runs the program as a process, against a scripted server on loopback.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod program;

mod request;
mod direct;
mod output;
mod ends;
mod reconnection;
mod recording;
