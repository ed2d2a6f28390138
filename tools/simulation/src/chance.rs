//! Source of random numbers of a life: a generator that is seeded, fast, and the same everywhere.

use std::time::Duration;

/// Generator of random numbers (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Chance {
    state: u64,
}

impl Chance {
    /// Creates the generator of one part of a life, which is independent of those of other parts.
    pub(crate) fn new(seed: u64, part: u64) -> Self {
        let mut chance = Self { state: seed ^ part.wrapping_mul(0xD6E8_FEB8_6659_FD93) };
        chance.state = chance.next();
        chance
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`, which is above 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// Returns `true` with this probability, in percent.
    pub(crate) fn percent(&mut self, cases: usize) -> bool {
        self.below(100) < cases
    }

    /// Returns one of the values.
    pub(crate) fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }

    /// Returns a number from 0 to 1.
    pub(crate) fn unit(&mut self) -> f64 {
        self.below(1001) as f64 / 1000.0
    }

    /// Returns a time below `end`, in milliseconds.
    pub(crate) fn millis_below(&mut self, end: usize) -> Duration {
        Duration::from_millis(self.below(end) as u64)
    }
}
