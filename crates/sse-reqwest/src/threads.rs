//! `Send` where the target has threads, nothing where it has none.
//!
//! In a browser what reqwest gives is bound to its one thread; everywhere else a session must be
//! free to move. The difference is made here and nowhere else.

use std::pin::Pin;

/// A future on the heap, `Send` where the target has threads.
#[cfg(not(target_arch = "wasm32"))]
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A future on the heap, `Send` where the target has threads.
#[cfg(target_arch = "wasm32")]
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// `Send + Sync` where the target has threads, and implemented for everything where it has none.
#[cfg(not(target_arch = "wasm32"))]
pub trait MaybeSendSync: Send + Sync {}

#[cfg(not(target_arch = "wasm32"))]
impl<T: Send + Sync + ?Sized> MaybeSendSync for T {}

/// `Send + Sync` where the target has threads, and implemented for everything where it has none.
#[cfg(target_arch = "wasm32")]
pub trait MaybeSendSync {}

#[cfg(target_arch = "wasm32")]
impl<T: ?Sized> MaybeSendSync for T {}
