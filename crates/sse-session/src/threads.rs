//! `Send` on targets with threads, and nothing in browsers, whose HTTP client is bound to one
//! thread.

use std::{fmt, pin::Pin, sync::Arc};

/// Future on the heap, `Send` except in browsers.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Future on the heap, `Send` except in browsers.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// `Send + Sync`, except in browsers, where every type implements it.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub trait MaybeSendSync: Send + Sync {}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
impl<T: Send + Sync + ?Sized> MaybeSendSync for T {}

/// `Send + Sync`, except in browsers, where every type implements it.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub trait MaybeSendSync {}

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
impl<T: ?Sized> MaybeSendSync for T {}

/// `Send`, except in browsers, where every type implements it.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub trait MaybeSend: Send {}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// `Send`, except in browsers, where every type implements it.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub trait MaybeSend {}

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
impl<T: ?Sized> MaybeSend for T {}

/// Error of any type: the caller's, or a transport's.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Caller's closure, whose `Debug` output shows nothing.
pub(crate) struct Shared<F: ?Sized>(pub(crate) Arc<F>);

impl<F: ?Sized> Clone for Shared<F> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<F: ?Sized> fmt::Debug for Shared<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}
