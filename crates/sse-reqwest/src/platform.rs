//! Differences between reqwest over sockets and reqwest in a browser.
//!
//! Both modules have the same items.

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
mod runtime;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
mod native;
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub(crate) use {native::*, runtime::Runtime};

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod browser;
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub(crate) use browser::*;
