//! Errors of the client.

use reqwest::StatusCode;
use sse_reqwest::SseError;
use sse_typed::{DecodeError, JsonError};
use thiserror::Error;

use crate::message::RpcError;

#[derive(Debug, Error)]
pub(crate) enum Error {
    #[error("request failed")]
    Http(#[from] reqwest::Error),
    #[error("unexpected status {0}: {1}")]
    Status(StatusCode, String),
    /// The server has ended or forgotten the session. A client could start a new one.
    #[error("session ended by the server")]
    SessionEnded,
    #[error("event stream failed")]
    Stream(#[source] SseError),
    #[error("invalid message in the event stream")]
    InvalidMessage(#[from] DecodeError<JsonError>),
    #[error("no answer to the request")]
    NoAnswer,
    #[error("unexpected answer")]
    UnexpectedAnswer(#[from] serde_json::Error),
    #[error("unsupported revision of the protocol: {0}")]
    Version(String),
    #[error("error reported by the server")]
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
