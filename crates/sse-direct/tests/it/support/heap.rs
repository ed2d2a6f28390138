//! Allocator of the tests: counts the bytes that each thread holds, and its allocations.

#![allow(unsafe_code)] // an allocator cannot do without

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

/// Returns the number of bytes that this thread holds: allocated and not freed.
pub(crate) fn held() -> isize {
    HELD.get()
}

/// Returns the number of allocations of this thread.
pub(crate) fn allocations() -> usize {
    ALLOCATIONS.get()
}

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

// SAFETY: passes each call on to the system's allocator. The counters are numbers without a
// destructor, so that they can be accessed at any allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.set(HELD.get() + layout.size() as isize);
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller upholds the requirements of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        HELD.set(HELD.get() - layout.size() as isize);
        // SAFETY: the caller upholds the requirements of the system's allocator.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        HELD.set(HELD.get() + new_size as isize - layout.size() as isize);
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller upholds the requirements of the system's allocator.
        unsafe { System.realloc(block, layout, new_size) }
    }
}
