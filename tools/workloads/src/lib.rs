//! Generated event streams, the same bytes in every run and on every machine.
//!
//! Their shapes and sizes are those of recorded streams. `tools/bench` reads them natively, and
//! `tools/emulated` under an emulator.

pub mod rng;
pub mod streams;
pub mod recorded;
