//! The errors of a typed session's items, and how they name the event.

use alloc::format;
use core::{convert::Infallible, error::Error, fmt};

use sse_core::ServerSentEvent;

use crate::excerpt::Excerpt;

/// Error item of a typed session.
///
/// `S` is the error of the wrapped session, `D` that of the decoder, and `X` the one that
/// [`fail_with`](crate::ClientSseSessionWithDeserialization::fail_with) returns for an event that
/// reports an error. Without `fail_with`, `X` is [`Infallible`], which has no value. `TypedError`
/// implements [`Error`] if all three do.
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
///             let message = "could not decode message event: invalid digit found in string";
///             assert_eq!(error.to_string(), message);
///         }
///         Err(error) => panic!("the stream failed: {error}"),
///     }
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum TypedError<S, D, X = Infallible> {
    /// The wrapped session failed. A session of sse-reqwest has then ended; another stream may
    /// continue.
    Session(S),
    /// An event could not be decoded. The next event follows, unless
    /// [`stop_on_error`](crate::ClientSseSessionWithDeserialization::stop_on_error) is set.
    Decode(DecodeError<D>),
    /// An event reports an error of the server. The next event follows, unless
    /// [`stop_on_error`](crate::ClientSseSessionWithDeserialization::stop_on_error) is set.
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

/// Error of decoding an event, which it keeps.
///
/// Displays as
/// ``could not decode customer event (id 42): missing field `name` at line 1 column 17``:
/// the event's type and ID, then the decoder's error. Each of the three is truncated if it is long,
/// and control characters are escaped, except line breaks in the decoder's error. If the decoder's
/// error is itself a `DecodeError` of this event, such as that of
/// [`deserialize`](crate::deserialize) called in a closure, the event is named only once. The
/// event's data is not shown; [`event`](Self::event) returns it.
pub struct DecodeError<D> {
    event: ServerSentEvent,
    error: D,
}

impl<D> DecodeError<D> {
    pub(crate) fn new(event: ServerSentEvent, error: D) -> Self {
        Self { event, error }
    }

    /// Returns the event as it was received.
    pub fn event(&self) -> &ServerSentEvent {
        &self.event
    }

    /// Returns the decoder's error.
    pub fn decoder_error(&self) -> &D {
        &self.error
    }

    /// Returns the event as it was received, and the decoder's error.
    pub fn into_parts(self) -> (ServerSentEvent, D) {
        (self.event, self.error)
    }

    fn name(&self) -> Name<'_> {
        Name(&self.event)
    }
}

impl<D: fmt::Display> fmt::Display for DecodeError<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let intro = format!("could not decode {}: ", self.name());
        let text = Excerpt::lines(&self.error, MAX_DECODER_CHARS + intro.len());
        // The decoder's error may be, or wrap, a `DecodeError` of the same event.
        let intro = if text.text().starts_with(&intro) { "" } else { &intro };
        write!(f, "{intro}{text}")
    }
}

impl<D: fmt::Debug> fmt::Debug for DecodeError<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = Excerpt::lines(format_args!("{:?}", self.error), MAX_DECODER_CHARS);
        f.debug_struct("DecodeError")
            .field("event", &format_args!("{}", self.name()))
            .field("error", &format_args!("{error}"))
            .finish()
    }
}

impl<D: Error> Error for DecodeError<D> {
    /// Returns the cause of the decoder's error, which is itself part of the displayed text.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

/// Type and ID of an event as one short line, however long they are.
struct Name<'a>(&'a ServerSentEvent);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} event", Excerpt::line(self.0.event_type(), MAX_NAME_CHARS))?;
        match self.0.id() {
            Some(id) => write!(f, " (id {})", Excerpt::line(id, MAX_NAME_CHARS)),
            None => Ok(()),
        }
    }
}

/// Length at which an event's type, or its ID, is truncated.
const MAX_NAME_CHARS: usize = 64;

/// Length at which the decoder's error is truncated.
const MAX_DECODER_CHARS: usize = 320;
