//! What can go wrong between an event and a value.

use core::{error::Error, fmt};

use sse_core::ServerSentEvent;

/// An item of a decoded session that is no value.
#[derive(Debug)]
#[non_exhaustive]
pub enum TypedError<S, D> {
    /// The wrapped session failed. Whether it goes on is its own matter: one of sse-reqwest has
    /// ended.
    Session(S),
    /// An event could not be decoded. The session goes on.
    Decode(DecodeError<D>),
}

impl<S: fmt::Display, D: fmt::Display> fmt::Display for TypedError<S, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
        }
    }
}

impl<S: Error, D: Error> Error for TypedError<S, D> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Session(error) => error.source(),
            Self::Decode(error) => error.source(),
        }
    }
}

/// An event could not be decoded.
///
/// Displays as `customer event (id 42): missing field "name"`: the event's type and ID, and what
/// the decoder said. The event's data is not shown, but is at hand with [`event`](Self::event).
pub struct DecodeError<D> {
    event: ServerSentEvent,
    error: D,
}

impl<D> DecodeError<D> {
    pub(crate) fn new(event: ServerSentEvent, error: D) -> Self {
        Self { event, error }
    }

    /// The event as it came.
    pub fn event(&self) -> &ServerSentEvent {
        &self.event
    }

    /// What the decoder said.
    pub fn decoder_error(&self) -> &D {
        &self.error
    }

    /// Gives away the event as it came, and what the decoder said.
    pub fn into_parts(self) -> (ServerSentEvent, D) {
        (self.event, self.error)
    }

    fn title(&self) -> Title<'_> {
        Title(&self.event)
    }
}

impl<D: fmt::Display> fmt::Display for DecodeError<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.title(), self.error)
    }
}

impl<D: fmt::Debug> fmt::Debug for DecodeError<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("event", &format_args!("{}", self.title()))
            .field("error", &self.error)
            .finish()
    }
}

impl<D: Error> Error for DecodeError<D> {
    /// What caused the decoder's error: that error itself is part of what is displayed.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Which event it was, however long its type and ID are.
struct Title<'a>(&'a ServerSentEvent);

impl fmt::Display for Title<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} event", start(self.0.event_type()))?;
        match self.0.id() {
            Some(id) => write!(f, " (id {})", start(id)),
            None => Ok(()),
        }
    }
}

fn start(text: &str) -> &str {
    text.char_indices().nth(MAX_SHOWN_CHARS).map_or(text, |(end, _)| &text[..end])
}

const MAX_SHOWN_CHARS: usize = 64;
