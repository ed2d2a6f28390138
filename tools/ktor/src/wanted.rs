//! Orders to a client, as lines of JSON: the session that it opens, and with which options.

use serde::{Deserialize, Serialize};

/// Session that a client opens. The options are those of Ktor's plugin and their counterparts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Wanted {
    pub(crate) url: String,
    /// Number of attempts to reconnect; 0 turns reconnection off.
    #[serde(default)]
    pub(crate) attempts: u32,
    /// Time before each attempt, in milliseconds.
    #[serde(default)]
    pub(crate) wait: u64,
    /// `true` if events of comments only are shown.
    #[serde(default)]
    pub(crate) comments: bool,
    /// `true` if events of `retry` only are shown.
    #[serde(default)]
    pub(crate) retries: bool,
    /// `true` if the client asks for gzip.
    #[serde(default)]
    pub(crate) gzip: bool,
    /// `true` if the data are decoded to whole numbers.
    #[serde(default)]
    pub(crate) typed: bool,
    /// Header of the caller's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_event_id: Option<String>,
    /// Body of a POST; a GET without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<String>,
    /// Number of events that are read on their own, before the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) take: Option<usize>,
    /// Data at which the caller's block fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fail_at: Option<String>,
    /// Longest silence, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) idle: Option<u64>,
}

/// Line on a client's standard input.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Order {
    Open(Wanted),
    /// Cancels what reads the session.
    Cancel {
        cancel: bool,
    },
    /// Ends the session, and closes the client that it was opened with.
    Close {
        close: bool,
    },
}

impl Order {
    pub(crate) const CANCEL: Self = Self::Cancel { cancel: true };
    pub(crate) const CLOSE: Self = Self::Close { close: true };
}
