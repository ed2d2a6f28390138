//! Time of the platform: tokio's timer, or a browser's.
//!
//! Both modules have the same items. A platform without them has no timer.

#[cfg(all(feature = "tokio", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod native;
#[cfg(all(feature = "tokio", not(all(target_arch = "wasm32", target_os = "unknown"))))]
pub(crate) use native::*;

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod browser;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub(crate) use browser::*;

/// Reason why a clock cannot wait where its session is polled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoTimer(pub(crate) &'static str);
