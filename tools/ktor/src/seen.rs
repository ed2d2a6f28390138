//! Reports of a client, as lines of JSON: what the program sees that called it.

use serde::{Deserialize, Serialize};

/// Line on a client's standard output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Seen {
    /// The session is open; the status of its response.
    Open(u16),
    Event(Event),
    /// Value of an event; nothing if the event has no data.
    Value(Option<i64>),
    /// An event could not be decoded, and the session continues.
    Undecoded(String),
    /// The session ended without an error.
    End(bool),
    Error(String),
    Canceled(bool),
    /// The client is ready for another session.
    Closed(bool),
}

/// Event as a client shows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retry: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) comments: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) data: Option<String>,
}

impl Seen {
    /// Returns `true` for the last report of a session.
    pub(crate) fn is_last(&self) -> bool {
        matches!(self, Self::End(_) | Self::Error(_) | Self::Canceled(_))
    }

    /// Returns `true` for what came of an event.
    pub(crate) fn is_event(&self) -> bool {
        matches!(self, Self::Event(_) | Self::Value(_) | Self::Undecoded(_))
    }
}
