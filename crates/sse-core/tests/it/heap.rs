//! How much memory a thread holds, for tests that bound it: the allocator of all tests here.
//!
//! Counts what the calls ask for, not what the system sets aside for them.

#![allow(unsafe_code)] // an allocator cannot do without

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// What a piece of code does with the heap.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Use {
    /// How many bytes more than before it held at any one time.
    pub(crate) peak: usize,
    /// How many bytes more than before it leaves behind.
    pub(crate) left: usize,
    /// How often it asked for memory, be it more or less of what it had.
    pub(crate) allocations: usize,
    /// How many bytes may have been moved where it asked for more or less of what it had.
    pub(crate) moved: usize,
}

/// Runs a piece of code and watches what its thread holds.
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

// SAFETY: hands everything on to the system's allocator as it is. The counters are plain numbers
// without destructors, so that they can be reached whenever memory is asked for.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count(new_size as isize - layout.size() as isize);
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        MOVED.set(MOVED.get() + layout.size().min(new_size));
        // SAFETY: the caller's promises are those that the system's allocator asks for.
        unsafe { System.realloc(block, layout, new_size) }
    }
}
