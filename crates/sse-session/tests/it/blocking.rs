//! Blocking sessions over a transport in memory, without a runtime.

mod support;

mod closing;
mod same;
mod sessions;
mod timeouts;
mod transports;
#[cfg(feature = "ureq")]
mod ureq;
