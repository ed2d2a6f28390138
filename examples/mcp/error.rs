//! Why there is no answer, in words for a person.

use reqwest::StatusCode;
use sse_reqwest::SseError;
use sse_typed::{DecodeError, JsonError};
use thiserror::Error;

use crate::message::RpcError;

#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error("the server cannot be asked")]
    Http(#[from] reqwest::Error),
    #[error("the server answered {0}: {1}")]
    Refused(StatusCode, String),
    /// It has forgotten the session, or ended it: a new one would have to be started.
    #[error("the server knows nothing of this session any more")]
    SessionEnded,
    #[error("the stream of the answer has failed")]
    Stream(#[source] SseError),
    #[error("the stream brought what is no message")]
    NoMessage(#[from] DecodeError<JsonError>),
    #[error("the server sent no answer to the request, but something else")]
    NoAnswer,
    #[error("the server answered with something unexpected")]
    Unexpected(#[from] serde_json::Error),
    #[error("the server speaks version {0} of the protocol, which this client does not")]
    Version(String),
    #[error("the server says that it failed")]
    Rpc(#[from] RpcError),
}

impl From<SseError> for Error {
    fn from(error: SseError) -> Self {
        match error.status() {
            Some(StatusCode::NOT_FOUND) => Self::SessionEnded,
            _ => Self::Stream(error),
        }
    }
}
