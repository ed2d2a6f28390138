//! Excerpt: the start of anything that can be displayed, made safe for a log.
//!
//! The message of a decoder may quote everything that the server sent. That may be too long for a
//! log, and may contain terminal control sequences, or text that looks like another line of the
//! log.

use alloc::string::String;
use core::fmt::{self, Write as _};

/// Start of a text, with control characters and bidirectional formatting escaped.
pub(crate) enum Excerpt {
    /// The whole text.
    Whole(String),
    /// The maximum length of the text; there is more.
    Cut(String),
}

/// Treatment of line breaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineBreaks {
    Escaped,
    Kept,
}

impl Excerpt {
    /// Creates an excerpt of one line.
    pub(crate) fn line(value: impl fmt::Display, max_chars: usize) -> Self {
        Self::new(value, max_chars, LineBreaks::Escaped)
    }

    /// Creates an excerpt that may have several lines.
    pub(crate) fn lines(value: impl fmt::Display, max_chars: usize) -> Self {
        Self::new(value, max_chars, LineBreaks::Kept)
    }

    fn new(value: impl fmt::Display, max_chars: usize, line_breaks: LineBreaks) -> Self {
        let mut start = Start { text: String::new(), chars_left: max_chars, line_breaks };
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

/// Buffer that takes text until it is full, and then fails, which ends the formatting.
struct Start {
    text: String,
    chars_left: usize,
    line_breaks: LineBreaks,
}

impl fmt::Write for Start {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        for c in more.chars() {
            self.chars_left = self.chars_left.checked_sub(1).ok_or(fmt::Error)?;
            match c {
                '\n' if self.line_breaks == LineBreaks::Kept => self.text.push(c),
                c if c.is_control() || is_layout(c) => self.text.extend(c.escape_default()),
                c => self.text.push(c),
            }
        }
        Ok(())
    }
}

/// Returns `true` if a character is invisible but affects the position or the direction of others.
fn is_layout(c: char) -> bool {
    // Line and paragraph separators, and all characters with Unicode's property `Bidi_Control`.
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}
