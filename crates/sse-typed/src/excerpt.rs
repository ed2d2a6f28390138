//! Anything that can be displayed in, no more than the start of it out.
//!
//! What a decoder says may quote all of what the server sent, which is no text for a log, and may
//! have in it what a terminal obeys.

use alloc::string::String;
use core::fmt::{self, Write as _};

/// The start of a text, with its control characters but line breaks escaped.
pub(crate) enum Excerpt {
    /// All of it.
    Whole(String),
    /// As much as was asked for; there is more.
    Cut(String),
}

impl Excerpt {
    pub(crate) fn new(value: impl fmt::Display, max_chars: usize) -> Self {
        let mut start = Start { text: String::new(), chars_left: max_chars };
        match write!(start, "{value}") {
            Ok(()) => Self::Whole(start.text),
            Err(fmt::Error) => Self::Cut(start.text),
        }
    }

    pub(crate) fn text(&self) -> &str {
        let (Self::Whole(text) | Self::Cut(text)) = self;
        text
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(text) => f.write_str(text),
            Self::Cut(text) => write!(f, "{text}…"),
        }
    }
}

/// Takes text until it is full, and then refuses it, which ends the formatting.
struct Start {
    text: String,
    chars_left: usize,
}

impl fmt::Write for Start {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        for c in more.chars() {
            self.chars_left = self.chars_left.checked_sub(1).ok_or(fmt::Error)?;
            match c {
                '\n' => self.text.push(c),
                c if c.is_control() => self.text.extend(c.escape_default()),
                c => self.text.push(c),
            }
        }
        Ok(())
    }
}
