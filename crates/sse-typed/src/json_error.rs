//! Why the JSON of an event is no value, and where in it.

use alloc::{
    boxed::Box,
    string::{String, ToString},
};
use core::{convert::Infallible, error::Error, fmt};

use serde_path_to_error::Path;

use crate::{
    by_type::write_unknown_type,
    error::{DecodeError, TypedError},
    excerpt::Excerpt,
};

/// The error of an item of a session of JSON, whose wrapped session fails with an `E`.
pub type JsonSessionError<E, X = Infallible> = TypedError<E, JsonError, X>;

/// The JSON of an event is not that of the type asked for.
///
/// Displays as serde_json's error does, with the path to where it is, unless that is the outermost
/// value: ``missing field `city` at line 1 column 31 (in address)``. It is one line: what it quotes of
/// the data is cut off where it gets long, and control characters are escaped.
pub struct JsonError(Box<Inner>);

struct Inner {
    what: What,
    path: Option<String>,
    expected_type: &'static str,
}

pub(crate) enum What {
    Json(serde_json::Error),
    /// No variant is named as the event type; these are.
    UnknownType(&'static [&'static str]),
    NoData,
}

impl JsonError {
    pub(crate) fn new(what: What, path: Option<Path>, expected_type: &'static str) -> Self {
        let path = path.filter(|path| path.iter().len() > 0).map(|path| path.to_string());
        Self(Box::new(Inner { what, path, expected_type }))
    }

    /// What serde_json said, unless it was not asked: the event is of an unknown type, or has no
    /// data.
    #[must_use]
    pub fn json_error(&self) -> Option<&serde_json::Error> {
        match &self.0.what {
            What::Json(error) => Some(error),
            What::UnknownType(_) | What::NoData => None,
        }
    }

    /// Where inside the JSON it failed, such as `choices[0].delta`. `None` if that is the outermost
    /// value, or is not known. The keys in it are as they came, however long they are.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// The name of the type that the data should have been, which is that of the content if a
    /// variant has been chosen and is made of one type. For people: see
    /// [`type_name`](core::any::type_name) for what can be relied on.
    #[must_use]
    pub fn expected_type(&self) -> &'static str {
        self.0.expected_type
    }

    /// Whether the event's type is none that the enum knows.
    #[must_use]
    pub fn is_unknown_type(&self) -> bool {
        matches!(self.0.what, What::UnknownType(_))
    }

    /// Whether the event has no data, or nothing but spaces.
    #[must_use]
    pub fn is_no_data(&self) -> bool {
        matches!(self.0.what, What::NoData)
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.what {
            What::Json(error) => match Excerpt::line(error, MAX_MESSAGE_CHARS) {
                Excerpt::Whole(text) => f.write_str(&text)?,
                cut @ Excerpt::Cut(_) => {
                    write!(f, "{cut} at line {} column {}", error.line(), error.column())?;
                }
            },
            What::UnknownType(known) => {
                write!(f, "{}", Excerpt::line(Known(known), MAX_MESSAGE_CHARS))?
            }
            What::NoData => f.write_str("no data")?,
        }
        match self.path() {
            Some(path) => write!(f, " (in {})", Excerpt::line(path, MAX_PATH_CHARS)),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonError")
            .field("message", &format_args!("{self}"))
            .field("expected_type", &self.expected_type())
            .finish_non_exhaustive()
    }
}

impl Error for JsonError {}

/// For a closure that calls [`deserialize`](crate::deserialize) with `?` inside
/// [`decode_with`](crate::EventStreamExt::decode_with), where the session knows the event itself.
impl From<DecodeError<Self>> for JsonError {
    fn from(error: DecodeError<Self>) -> Self {
        error.into_parts().1
    }
}

struct Known(&'static [&'static str]);

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_unknown_type(f, self.0)
    }
}

/// How much is shown of what serde_json says, which may quote a whole string of the data.
const MAX_MESSAGE_CHARS: usize = 160;

/// How much is shown of a path, which may have keys of the data in it.
const MAX_PATH_CHARS: usize = 80;
