//! Colors, and text that is safe to print to a terminal.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, IsTerminal, Write},
};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::args::ColorArg;

/// Styles of all kinds of text; none in a palette without colors.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Palette {
    pub(crate) field: Style,
    pub(crate) event_type: Style,
    pub(crate) id: Style,
    pub(crate) dim: Style,
    pub(crate) key: Style,
    pub(crate) string: Style,
    pub(crate) literal: Style,
    pub(crate) error: Style,
    text: Text,
}

/// Treatment of control characters in the server's text.
#[derive(Debug, Clone, Copy, Default)]
enum Text {
    #[default]
    Verbatim,
    /// Control characters are escaped, as a terminal would interpret them.
    Escaped,
}

impl Palette {
    fn colored() -> Self {
        Self {
            field: AnsiColor::Blue.on_default(),
            event_type: AnsiColor::Green.on_default().bold(),
            id: AnsiColor::Yellow.on_default(),
            dim: Style::new().dimmed(),
            key: AnsiColor::Cyan.on_default(),
            string: AnsiColor::Green.on_default(),
            literal: AnsiColor::Magenta.on_default(),
            error: AnsiColor::Red.on_default().bold(),
            text: Text::Verbatim,
        }
    }

    fn new(choice: ColorChoice, is_terminal: bool) -> Self {
        let palette = if choice == ColorChoice::Never { Self::default() } else { Self::colored() };
        let text = if is_terminal { Text::Escaped } else { Text::Verbatim };
        Self { text, ..palette }
    }

    pub(crate) fn of_stderr(arg: ColorArg) -> Self {
        Self::new(choice(arg, &io::stderr()), io::stderr().is_terminal())
    }

    /// Returns the text with control characters escaped if the output is a terminal.
    pub(crate) fn safe<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let is_safe = |character: char| !character.is_control() || character == '\t';
        match self.text {
            Text::Verbatim => text.into(),
            Text::Escaped if text.chars().all(is_safe) => text.into(),
            Text::Escaped => text
                .chars()
                .map(
                    |it| {
                        if is_safe(it) { it.to_string() } else { it.escape_default().to_string() }
                    },
                )
                .collect(),
        }
    }

    /// Appends text in a style.
    pub(crate) fn put(&self, out: &mut String, style: Style, text: &str) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{style}{}{style:#}", self.safe(text));
    }
}

/// Returns standard output and its palette.
pub(crate) fn stdout(arg: ColorArg) -> (Box<dyn Write>, Palette) {
    let stdout = io::stdout();
    let choice = choice(arg, &stdout);
    let palette = Palette::new(choice, stdout.is_terminal());
    let out: Box<dyn Write> = match choice {
        // `AutoStream` would strip colors that the server's text contains.
        ColorChoice::Never => Box::new(stdout),
        choice => Box::new(AutoStream::new(stdout, choice)),
    };
    (out, palette)
}

fn choice(arg: ColorArg, stream: &impl anstream::stream::RawStream) -> ColorChoice {
    match arg {
        ColorArg::Always => ColorChoice::Always,
        ColorArg::Never => ColorChoice::Never,
        ColorArg::Auto => AutoStream::choice(stream),
    }
}
