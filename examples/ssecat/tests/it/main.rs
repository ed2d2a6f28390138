//! Integration tests: requests, output and exit codes of the program.
//!
//! Each test runs the program as a process, against a scripted server on loopback.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod program; // helpers to run the program as a process, and to write files for it

mod request; // options of the request
mod direct; // option --direct
mod output; // options of the output
mod ends; // exit codes of all kinds of ends
mod reconnection; // options of reconnection
mod recording; // recordings and their replay
