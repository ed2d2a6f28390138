//! Forms in which servers write numbered events: the types of their events, and the text in their
//! data.

use serde_json::Value;
use sse_reqwest::ServerSentEvent;

use crate::payload::{END, TICK};

/// Form of a server's events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    tick: &'static str,
    end: &'static str,
    /// `true` if the terminal event may have no data, so that no client yields it: the end of the
    /// stream is then the only sign.
    may_end_silently: bool,
    /// Type of an event that comes before the numbered ones, if the server sends one.
    opening: Option<&'static str>,
    /// Returns the payload in the data of a numbered event; `None` if the data has another form.
    payload: fn(&str) -> Option<String>,
}

/// Event of a stream.
#[derive(Debug)]
pub(crate) enum Item {
    /// Numbered event, with its payload.
    Tick(String),
    End,
    Opening,
    Other,
}

impl Form {
    pub(crate) const PLAIN: Self = Self {
        tick: TICK,
        end: END,
        may_end_silently: false,
        opening: None,
        payload: |data| Some(data.to_owned()),
    };

    /// JSON in the data.
    pub(crate) const JSON: Self = Self { payload: text, ..Self::PLAIN };

    /// GraphQL over event streams, whose subscription is called `numbers`.
    pub(crate) const GRAPHQL: Self = Self {
        tick: "next",
        end: "complete",
        may_end_silently: true,
        opening: None,
        payload: |data| {
            let response: Value = serde_json::from_str(data).ok()?;
            Some(response["data"]["numbers"].as_str()?.to_owned())
        },
    };

    /// Subscription of tRPC.
    pub(crate) const TRPC: Self =
        Self { tick: "message", end: "return", opening: Some("connected"), ..Self::JSON };

    pub(crate) fn may_end_silently(&self) -> bool {
        self.may_end_silently
    }

    pub(crate) fn read(&self, event: &ServerSentEvent) -> Item {
        match event.event_type() {
            it if it == self.tick => match (self.payload)(event.data()) {
                Some(payload) => Item::Tick(payload),
                None => Item::Other,
            },
            it if it == self.end => Item::End,
            it if Some(it) == self.opening => Item::Opening,
            _ => Item::Other,
        }
    }
}

fn text(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}
