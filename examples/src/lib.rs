//! What the examples share.

pub mod demo_server;
pub mod report;

pub use report::report;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../docs/KTOR.md")]
struct FromKtor;

#[cfg(doctest)]
#[doc = include_str!("../../docs/RELIABILITY.md")]
struct Reliability;
