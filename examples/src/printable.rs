//! Escapes control characters: text from a server must not send commands to a terminal.

use std::fmt::{self, Display, Write};

/// Displays the text with its control characters escaped, except tabs and line feeds.
pub fn printable(text: &str) -> impl Display + '_ {
    Printable(text)
}

struct Printable<'a>(&'a str);

impl Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '\t' | '\n' => f.write_char(character),
            control if control.is_control() => write!(f, "{}", control.escape_default()),
            character => f.write_char(character),
        })
    }
}
