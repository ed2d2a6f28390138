//! Error of the JSON decoders: serde_json's error, and the path to it inside the JSON.

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

/// Error item of a JSON session whose wrapped session fails with an `E` (feature `json`).
pub type JsonSessionError<E, X = Infallible> = TypedError<E, JsonError, X>;

/// Error of decoding an event's data as JSON (feature `json`).
///
/// Displays as serde_json's error, followed by the path to the value that failed, unless that is
/// the outermost value: ``missing field `city` at line 1 column 31 (in address)``. The text is one
/// line: long quotations of the data are truncated, and control characters are escaped.
pub struct JsonError(Box<Inner>);

struct Inner {
    what: What,
    path: Option<String>,
    expected_type: &'static str,
}

pub(crate) enum What {
    Json(serde_json::Error),
    /// No variant has the name of the event type; these are the names.
    UnknownType(&'static [&'static str]),
    NoData,
}

impl JsonError {
    pub(crate) fn new(what: What, path: Option<Path>, expected_type: &'static str) -> Self {
        let path = path.filter(|path| path.iter().len() > 0).map(|path| path.to_string());
        Self(Box::new(Inner { what, path, expected_type }))
    }

    /// Returns serde_json's error, or `None` if the data was not parsed because the event's type is
    /// unknown or it has no data.
    #[must_use]
    pub fn json_error(&self) -> Option<&serde_json::Error> {
        match &self.0.what {
            What::Json(error) => Some(error),
            What::UnknownType(_) | What::NoData => None,
        }
    }

    /// Returns the path to the value that failed, such as `choices[0].delta`. `None` if that is the
    /// outermost value, or if it is unknown. Keys in the path are neither truncated nor escaped.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Returns the name of the type that was expected. If a newtype variant was chosen, it is the
    /// type of its content. The name is for diagnostics only: see
    /// [`type_name`](core::any::type_name).
    #[must_use]
    pub fn expected_type(&self) -> &'static str {
        self.0.expected_type
    }

    /// Returns `true` if the event's type is not a variant of the enum.
    #[must_use]
    pub fn is_unknown_type(&self) -> bool {
        matches!(self.0.what, What::UnknownType(_))
    }

    /// Returns `true` if the event has no data, or whitespace only.
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

/// Length at which serde_json's error is truncated: it may quote a whole string of the data.
const MAX_MESSAGE_CHARS: usize = 160;

/// Length at which a path is truncated: it may contain keys of the data.
const MAX_PATH_CHARS: usize = 80;
