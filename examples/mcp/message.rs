//! Messages of JSON-RPC 2.0, as far as MCP needs them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Message from the server. Its members determine the variant.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Message {
    /// Request, to be answered with the same id.
    Request(Request),
    Notification(Notification),
    Result {
        id: Value,
        result: Value,
    },
    Error {
        #[serde(default)]
        id: Value,
        error: RpcError,
    },
    /// Any other object. Some servers send empty objects to set an event ID.
    Other {},
}

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) id: Value,
    pub(crate) method: String,
    #[serde(default)]
    pub(crate) params: Value,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Notification {
    pub(crate) method: String,
    #[serde(default)]
    pub(crate) params: Value,
}

/// Error in place of a result.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RpcError {
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl Message {
    /// Returns `true` if this is the answer to the request with this number.
    pub(crate) fn answers(&self, number: u64) -> bool {
        match self {
            Self::Result { id, .. } | Self::Error { id, .. } => *id == number,
            Self::Request(_) | Self::Notification(_) | Self::Other {} => false,
        }
    }
}

impl Notification {
    pub(crate) fn is_progress(&self) -> bool {
        self.method == "notifications/progress"
    }
}

pub(crate) fn request(number: u64, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": number, "method": method, "params": params })
}

pub(crate) fn notification(method: &str) -> Value {
    json!({ "jsonrpc": "2.0", "method": method })
}

/// Makes the answer to a request of the server.
pub(crate) fn answer(id: &Value, result: Result<Value, RpcError>) -> Value {
    match result {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": error }),
    }
}

impl RpcError {
    pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for RpcError {}
