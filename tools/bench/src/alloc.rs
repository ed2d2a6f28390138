//! Allocator that counts on demand, on top of the system's.
//!
//! While it does not count, it costs one well-predicted branch.

#![allow(unsafe_code)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed},
};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static COUNTING: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static HELD: AtomicI64 = AtomicI64::new(0);

/// Counts of the allocator.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allocations {
    /// Allocations and reallocations.
    pub calls: u64,
    /// Bytes requested; of a reallocation, its new size minus its old one.
    pub bytes: u64,
    /// Bytes requested, without those that were freed meanwhile.
    pub held: i64,
}

/// Counts the allocations of `work`. Not for several threads at once.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, Allocations) {
    start();
    let result = work();
    (result, stop())
}

/// Starts to count from zero.
pub fn start() {
    CALLS.store(0, Relaxed);
    BYTES.store(0, Relaxed);
    HELD.store(0, Relaxed);
    COUNTING.store(true, Relaxed);
}

/// Stops counting.
pub fn stop() -> Allocations {
    COUNTING.store(false, Relaxed);
    Allocations { calls: CALLS.load(Relaxed), bytes: BYTES.load(Relaxed), held: HELD.load(Relaxed) }
}

/// Takes note of a call that allocates `size` bytes in place of `old_size`.
#[inline]
fn note(old_size: usize, size: usize) {
    if COUNTING.load(Relaxed) {
        CALLS.fetch_add(1, Relaxed);
        BYTES.fetch_add(size.saturating_sub(old_size) as u64, Relaxed);
        HELD.fetch_add(size as i64 - old_size as i64, Relaxed);
    }
}

/// Takes note of a call that frees `size` bytes.
#[inline]
fn note_freed(size: usize) {
    if COUNTING.load(Relaxed) {
        HELD.fetch_sub(size as i64, Relaxed);
    }
}

struct Counting;

// SAFETY: every method passes its arguments to the system's allocator unchanged, and returns its
// result unchanged.
unsafe impl GlobalAlloc for Counting {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(0, layout.size());
        // SAFETY: the caller upholds the requirements.
        unsafe { System.alloc(layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(0, layout.size());
        // SAFETY: the caller upholds the requirements.
        unsafe { System.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        note_freed(layout.size());
        // SAFETY: the caller upholds the requirements.
        unsafe { System.dealloc(ptr, layout) }
    }

    #[inline]
    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(layout.size(), size);
        // SAFETY: the caller upholds the requirements.
        unsafe { System.realloc(ptr, layout, size) }
    }
}
