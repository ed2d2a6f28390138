//! Support for the tests: cases, random streams, scripted sources, and the allocator.

pub(crate) mod case; // test case of one stream
pub(crate) mod streams; // generators of random streams, splits and limits for the properties
pub(crate) mod heap; // allocator of all tests here, which measures the memory of a thread
#[cfg(any(feature = "std", feature = "stream"))]
pub(crate) mod source; // scripted source for the tests of adapters
#[cfg(feature = "stream")]
pub(crate) mod polling; // helpers that poll futures and streams in tests
