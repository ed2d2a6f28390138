//! Pseudorandom numbers that are the same in every run and on every machine, for test data only.

/// Generator of pseudorandom numbers: SplitMix64.
#[derive(Debug)]
pub struct Rng(u64);

impl Rng {
    /// Creates a generator from its seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number.
    #[allow(clippy::should_implement_trait)] // an iterator would return an `Option`
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Returns a number from `low` to `high`, both included.
    pub fn range(&mut self, low: usize, high: usize) -> usize {
        low + (self.next() % (high - low + 1) as u64) as usize
    }

    /// Returns `true` with a probability of one in `n`.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.next() % n == 0
    }

    /// Returns one of the texts.
    pub fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.range(0, from.len() - 1)]
    }

    /// Returns a text of at least `len` bytes, made of `words` with spaces between them.
    pub fn text(&mut self, words: &[&str], len: usize) -> String {
        let mut text = String::with_capacity(len + 16);
        while text.len() < len {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(self.pick(words));
        }
        text
    }

    /// Returns an ASCII text of exactly `len` bytes.
    pub fn ascii(&mut self, len: usize) -> String {
        let mut text = self.text(&WORDS, len);
        text.truncate(len);
        text
    }

    /// Returns `len` letters and digits, like those of keys and identifiers.
    pub fn token(&mut self, len: usize) -> String {
        const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        (0..len).map(|_| char::from(DIGITS[self.range(0, DIGITS.len() - 1)])).collect()
    }
}

const WORDS: [&str; 24] = [
    "the",
    "of",
    "stream",
    "a",
    "holiday",
    "and",
    "overview",
    "in",
    "to",
    "is",
    "server",
    "value",
    "that",
    "event",
    "it",
    "general",
    "for",
    "answer",
    "was",
    "model",
    "on",
    "are",
    "chunk",
    "\\n\\n**I.**",
];
