//! What can go wrong between an event and a value.

use alloc::format;
use core::{convert::Infallible, error::Error, fmt};

use sse_core::ServerSentEvent;

use crate::excerpt::Excerpt;

/// An item of a decoded session that is no value.
///
/// `S` is the error of the wrapped session, `D` that of the decoder, and `X` the one that the
/// session's [`fail_with`](crate::ClientSseSessionWithDeserialization::fail_with) makes of events
/// that report errors. Without it there are none: [`Infallible`] has no value. Where all three
/// implement [`Error`], it does.
///
/// ```
/// use futures_util::stream;
/// use sse_typed::{EventStreamExt, ServerSentEvent, TypedError};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let events = ["1", "one"].map(|data| ServerSentEvent::builder().data(data).build());
/// let mut numbers = stream::iter(events).decode_with(|event| event.data().parse::<u32>());
/// while let Some(number) = numbers.next().await {
///     match number {
///         Ok(number) => assert_eq!(*number.data(), 1),
///         Err(TypedError::Decode(error)) => {
///             assert_eq!(error.event().data(), "one");
///             assert_eq!(error.to_string(), "message event: invalid digit found in string");
///         }
///         Err(error) => panic!("the stream failed: {error}"),
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum TypedError<S, D, X = Infallible> {
    /// The wrapped session failed. Whether it goes on is its own matter: one of sse-reqwest has
    /// ended.
    Session(S),
    /// An event could not be decoded. The session goes on, unless it was told to
    /// [stop](crate::ClientSseSessionWithDeserialization::stop_on_error).
    Decode(DecodeError<D>),
    /// An event reports an error of the server's. The session goes on, unless it was told to stop.
    Reported(X),
}

impl<S: fmt::Display, D: fmt::Display, X: fmt::Display> fmt::Display for TypedError<S, D, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(error) => error.fmt(f),
            Self::Decode(error) => error.fmt(f),
            Self::Reported(error) => error.fmt(f),
        }
    }
}

impl<S: Error, D: Error, X: Error> Error for TypedError<S, D, X> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Session(error) => error.source(),
            Self::Decode(error) => error.source(),
            Self::Reported(error) => error.source(),
        }
    }
}

/// An event could not be decoded.
///
/// Displays as ``customer event (id 42): missing field `name` at line 1 column 17``: the event's
/// type and ID, and what the decoder said, each cut off where it gets long, and with control
/// characters escaped, all but the line breaks of the decoder. A decoder that names the event
/// itself, as a closure that calls [`deserialize`](crate::deserialize) does, need not mind: it is
/// named once. The event's data is not shown, but is at hand with [`event`](Self::event).
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
        let title = format!("{}: ", self.title());
        let text = Excerpt::lines(&self.error, MAX_DECODER_CHARS + title.len());
        // The decoder may have named the event already, with whatever it wraps.
        let title = if text.text().starts_with(&title) { "" } else { &title };
        write!(f, "{title}{text}")
    }
}

impl<D: fmt::Debug> fmt::Debug for DecodeError<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = Excerpt::lines(format_args!("{:?}", self.error), MAX_DECODER_CHARS);
        f.debug_struct("DecodeError")
            .field("event", &format_args!("{}", self.title()))
            .field("error", &format_args!("{error}"))
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
        write!(f, "{} event", Excerpt::line(self.0.event_type(), MAX_TITLE_CHARS))?;
        match self.0.id() {
            Some(id) => write!(f, " (id {})", Excerpt::line(id, MAX_TITLE_CHARS)),
            None => Ok(()),
        }
    }
}

/// How much is shown of an event's type, and of its ID.
const MAX_TITLE_CHARS: usize = 64;

/// How much is shown of what a decoder says.
const MAX_DECODER_CHARS: usize = 320;
