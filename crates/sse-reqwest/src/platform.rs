//! What reqwest and the target do one way with an operating system, and another in a browser.
//!
//! Both ways have the same names, so that nothing else has to ask where it runs, but for
//! [`threads`](crate::threads). Knows nothing of sessions.

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
mod native;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub(crate) use native::*;

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod browser;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub(crate) use browser::*;
