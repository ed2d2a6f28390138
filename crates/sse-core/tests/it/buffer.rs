//! Buffers: the memory that a parser holds, and the allocations that it makes.

mod memory; // memory that a parser holds while it reads a stream, and afterward
mod allocations; // exact counts of allocations and copies while streams are parsed
