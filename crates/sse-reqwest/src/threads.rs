//! `Send` where the target has threads, nothing where it has none.
//!
//! In a browser what reqwest gives is bound to its one thread; everywhere else a session must be
//! free to move. The difference is made here and nowhere else.

use std::{fmt, pin::Pin, sync::Arc};

/// A future on the heap, `Send` where the target has threads.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A future on the heap, `Send` where the target has threads.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// `Send + Sync` where the target has threads, and implemented for everything where it has none.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub trait MaybeSendSync: Send + Sync {}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
impl<T: Send + Sync + ?Sized> MaybeSendSync for T {}

/// `Send + Sync` where the target has threads, and implemented for everything where it has none.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub trait MaybeSendSync {}

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
impl<T: ?Sized> MaybeSendSync for T {}

/// `Send` where the target has threads, and implemented for everything where it has none.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub trait MaybeSend: Send {}

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
impl<T: Send + ?Sized> MaybeSend for T {}

/// `Send` where the target has threads, and implemented for everything where it has none.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub trait MaybeSend {}

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
impl<T: ?Sized> MaybeSend for T {}

/// An error of the caller's.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A closure of the caller's, of which nothing can be shown.
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
