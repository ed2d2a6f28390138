//! Events and requests of a client, in the same form for Chromium and for sse-reqwest.

use std::fmt;

use serde::Deserialize;
use sse_test::SeenRequest;

/// Events and requests of one script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) events: Vec<Dispatched>,
    pub(crate) requests: Vec<Asked>,
}

/// Dispatched event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Dispatched {
    pub(crate) event_type: String,
    pub(crate) data: String,
    pub(crate) last_event_id: String,
}

/// Received request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) target: String,
    pub(crate) last_event_id: Option<Vec<u8>>,
}

impl From<&SeenRequest> for Asked {
    fn from(request: &SeenRequest) -> Self {
        let mut headers = request.headers.iter();
        let id = headers.find(|(name, _)| name == "last-event-id");
        Self { target: request.target.clone(), last_event_id: id.map(|(_, id)| id.clone()) }
    }
}

impl Seen {
    /// Removes IDs that are not ASCII, which a session in a page does not send.
    pub(crate) fn with_ascii_ids_only(mut self) -> Self {
        for request in &mut self.requests {
            request.last_event_id = request.last_event_id.take().filter(|id| id.is_ascii());
        }
        self
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Dispatched { event_type, data, last_event_id } in &self.events {
            writeln!(f, "    event {event_type:?} {data:?} after {last_event_id:?}")?;
        }
        for Asked { target, last_event_id } in &self.requests {
            let id = last_event_id.as_ref().map(|id| id.escape_ascii().to_string());
            writeln!(f, "    request for {target} after {id:?}")?;
        }
        Ok(())
    }
}
