//! Forms in which servers write numbered events: the types of their events, and the text in their
//! data.

use serde_json::Value;
use sse_reqwest::ServerSentEvent;

use crate::payload::{END, TICK};

/// Form of a server's events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    tick: &'static str,
    is_end: fn(&ServerSentEvent) -> bool,
    /// `true` if the terminal event may have no data, so that no client yields it: the end of the
    /// stream is then the only sign.
    may_end_silently: bool,
    /// Type of events that come before or between the numbered ones, if the server sends any.
    control: Option<&'static str>,
    /// Returns the payloads in the data of a numbered event; `None` if the data has another form.
    payloads: fn(&str) -> Option<Vec<String>>,
}

/// Event of a stream.
#[derive(Debug)]
pub(crate) enum Item {
    /// Numbered events, with their payloads: mostly one.
    Ticks(Vec<String>),
    End,
    Control,
    Other,
}

impl Form {
    pub(crate) const PLAIN: Self = Self {
        tick: TICK,
        is_end: |event| event.event_type() == END,
        may_end_silently: false,
        control: None,
        payloads: |data| Some(vec![data.to_owned()]),
    };

    /// JSON in the data.
    pub(crate) const JSON: Self = Self { payloads: text, ..Self::PLAIN };

    /// GraphQL over event streams, whose subscription is called `numbers`.
    pub(crate) const GRAPHQL: Self = Self {
        tick: "next",
        is_end: |event| event.event_type() == "complete",
        may_end_silently: true,
        control: None,
        payloads: |data| {
            let response: Value = serde_json::from_str(data).ok()?;
            Some(vec![response["data"]["numbers"].as_str()?.to_owned()])
        },
    };

    /// Subscription of tRPC.
    pub(crate) const TRPC: Self = Self {
        tick: "message",
        is_end: |event| event.event_type() == "return",
        control: Some("connected"),
        ..Self::JSON
    };

    /// Durable Streams: the last event says that the stream is closed.
    pub(crate) const DURABLE: Self = Self {
        tick: "data",
        is_end: |event| {
            event.event_type() == "control" && event.data().contains("\"streamClosed\":true")
        },
        control: Some("control"),
        ..Self::PLAIN
    };

    /// Events without a type, some of which may have several payloads or none.
    pub(crate) const fn messages(
        payloads: fn(&str) -> Option<Vec<String>>,
        is_end: fn(&ServerSentEvent) -> bool,
    ) -> Self {
        Self { tick: "message", is_end, payloads, ..Self::PLAIN }
    }

    pub(crate) fn may_end_silently(&self) -> bool {
        self.may_end_silently
    }

    pub(crate) fn read(&self, event: &ServerSentEvent) -> Item {
        match event.event_type() {
            _ if (self.is_end)(event) => Item::End,
            it if it == self.tick => match (self.payloads)(event.data()) {
                Some(payloads) => Item::Ticks(payloads),
                None => Item::Other,
            },
            it if Some(it) == self.control => Item::Control,
            _ => Item::Other,
        }
    }
}

fn text(json: &str) -> Option<Vec<String>> {
    Some(vec![serde_json::from_str(json).ok()?])
}
