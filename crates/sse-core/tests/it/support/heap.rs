//! Allocator of all tests here, which measures the memory of a thread.
//!
//! Counts what is requested, not what the system reserves for it.

#![allow(unsafe_code)] // an allocator cannot do without

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// Use of the heap by a piece of code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    /// Maximum number of bytes held at one time, relative to the start.
    pub(crate) peak: usize,
    /// Number of bytes still held at the end, relative to the start.
    pub(crate) left: usize,
    /// Number of allocations and reallocations.
    pub(crate) allocations: usize,
    /// Maximum number of bytes that reallocations may have moved.
    pub(crate) moved: usize,
}

/// Runs a piece of code and measures its use of the heap.
pub(crate) fn watch<T>(code: impl FnOnce() -> T) -> (T, Use) {
    let before = HELD.get();
    PEAK.set(before);
    let (allocations, moved) = (ALLOCATIONS.get(), MOVED.get());
    let value = code();
    let above = |now: isize| usize::try_from(now - before).unwrap_or(0);
    let heap = Use {
        peak: above(PEAK.get()),
        left: above(HELD.get()),
        allocations: ALLOCATIONS.get() - allocations,
        moved: MOVED.get() - moved,
    };
    (value, heap)
}

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static MOVED: Cell<usize> = const { Cell::new(0) };
}

fn count(change: isize) {
    HELD.set(HELD.get() + change);
    PEAK.set(PEAK.get().max(HELD.get()));
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

// SAFETY: passes everything on to the system's allocator unchanged. The counters are plain numbers
// without destructors, so that they can be accessed at any allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller upholds the requirements of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller upholds the requirements of the system's allocator.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size as isize - layout.size() as isize);
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        MOVED.set(MOVED.get() + layout.size().min(new_size));
        // SAFETY: the caller upholds the requirements of the system's allocator.
        unsafe { System.realloc(block, layout, new_size) }
    }
}
