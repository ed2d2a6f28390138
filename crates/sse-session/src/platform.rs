//! Time of the platform: tokio's timer, or a browser's.
//!
//! Both modules have the same items.

#[cfg(all(feature = "tokio", not(all(target_arch = "wasm32", target_os = "unknown"))))]
mod native;
#[cfg(all(feature = "tokio", not(all(target_arch = "wasm32", target_os = "unknown"))))]
pub(crate) use native::*;

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod browser;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub(crate) use browser::*;
