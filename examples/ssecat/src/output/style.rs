//! Where colours are wanted, and text that does nothing else to a terminal.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{self, IsTerminal, Write},
};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::args::ColorArg;

/// What each thing looks like; in a palette without colours, like nothing special.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Palette {
    pub(crate) field: Style,
    pub(crate) event_type: Style,
    pub(crate) id: Style,
    pub(crate) aside: Style,
    pub(crate) key: Style,
    pub(crate) string: Style,
    pub(crate) literal: Style,
    pub(crate) error: Style,
    text: Text,
}

/// What is done to the text of a server.
#[derive(Debug, Clone, Copy, Default)]
enum Text {
    #[default]
    AsItIs,
    /// Control characters are escaped: it is a terminal that would do what they say.
    Escaped,
}

impl Palette {
    fn coloured() -> Self {
        Self {
            field: AnsiColor::Blue.on_default(),
            event_type: AnsiColor::Green.on_default().bold(),
            id: AnsiColor::Yellow.on_default(),
            aside: Style::new().dimmed(),
            key: AnsiColor::Cyan.on_default(),
            string: AnsiColor::Green.on_default(),
            literal: AnsiColor::Magenta.on_default(),
            error: AnsiColor::Red.on_default().bold(),
            text: Text::AsItIs,
        }
    }

    fn new(choice: ColorChoice, is_terminal: bool) -> Self {
        let palette = if choice == ColorChoice::Never { Self::default() } else { Self::coloured() };
        let text = if is_terminal { Text::Escaped } else { Text::AsItIs };
        Self { text, ..palette }
    }

    pub(crate) fn of_stderr(arg: ColorArg) -> Self {
        Self::new(choice(arg, &io::stderr()), io::stderr().is_terminal())
    }

    /// The text as it may be shown.
    pub(crate) fn safe<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let is_harmless = |character: char| !character.is_control() || character == '\t';
        match self.text {
            Text::AsItIs => text.into(),
            Text::Escaped if text.chars().all(is_harmless) => text.into(),
            Text::Escaped => {
                text.chars()
                    .map(|it| {
                        if is_harmless(it) {
                            it.to_string()
                        } else {
                            it.escape_default().to_string()
                        }
                    })
                    .collect()
            }
        }
    }

    /// Appends text in a style.
    pub(crate) fn put(&self, out: &mut String, style: Style, text: &str) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{style}{}{style:#}", self.safe(text));
    }
}

/// Standard output, and what it is to look like.
pub(crate) fn stdout(arg: ColorArg) -> (Box<dyn Write>, Palette) {
    let stdout = io::stdout();
    let choice = choice(arg, &stdout);
    let palette = Palette::new(choice, stdout.is_terminal());
    let out: Box<dyn Write> = match choice {
        // Not through something that strips colours: those of the server's text are not ours.
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
