//! Serialization of events in serde's formats (feature `serde`), through the public accessors and
//! the builder.
//!
//! An event is a struct of its five fields, null if absent. `Display` writes the wire format.

use alloc::string::String;
use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{builder::ServerSentEventBuilder, event::ServerSentEvent, typed::TypedServerSentEvent};

/// Serializes an event as a struct of its fields (feature `serde`).
///
/// The fields are `data`, `event`, `id`, `retry` (in milliseconds) and `comments`, each null if the
/// block does not have it.
///
/// ```
/// use sse_core::ServerSentEvent;
///
/// let event = ServerSentEvent::builder().id("7").data("hello").build()?;
/// let json = serde_json::to_string(&event)?;
/// assert_eq!(json, r#"{"data":"hello","event":null,"id":"7","retry":null,"comments":null}"#);
/// assert_eq!(serde_json::from_str::<ServerSentEvent>(&json)?, event);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Serialize for ServerSentEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields {
            data: self.has_data().then(|| self.data()),
            event: self.event(),
            id: self.id(),
            retry: self.retry().map(millis),
            comments: self.comments(),
        }
        .serialize(serializer)
    }
}

/// Deserializes an event from a struct of its fields, any of which may be missing (feature
/// `serde`).
///
/// It is an error if no event [can be built](crate::BuildError) from the fields.
impl<'de> Deserialize<'de> for ServerSentEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Fields::<Option<String>, String>::deserialize(deserializer)?;
        let (data, builder) = fields.into_builder();
        let builder = match data {
            Some(data) => builder.data(data),
            None => builder,
        };
        builder.build().map_err(D::Error::custom)
    }
}

/// Serializes like a [`ServerSentEvent`], with the value as `data` (feature `serde`).
impl<T: Serialize> Serialize for TypedServerSentEvent<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields {
            data: self.data(),
            event: self.event(),
            id: self.id(),
            retry: self.retry().map(millis),
            comments: self.comments(),
        }
        .serialize(serializer)
    }
}

/// Deserializes like a [`ServerSentEvent`], with the value as `data` (feature `serde`).
impl<'de, T: Deserialize<'de>> Deserialize<'de> for TypedServerSentEvent<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (data, builder) = Fields::<T, String>::deserialize(deserializer)?.into_builder();
        // Empty data makes the block a message whatever the other fields are; the value replaces
        // the data.
        let event = builder.data("").build().map_err(D::Error::custom)?;
        Ok(event.map_data(|_| data))
    }
}

/// Serialized form of an event: `D` is the data, `S` the text of the other fields.
#[derive(Serialize, Deserialize)]
#[serde(rename = "ServerSentEvent")]
struct Fields<D, S> {
    data: D,
    event: Option<S>,
    id: Option<S>,
    /// In milliseconds.
    retry: Option<u64>,
    comments: Option<S>,
}

impl<D> Fields<D, String> {
    /// Returns the data, and a builder with the other fields.
    fn into_builder(self) -> (D, ServerSentEventBuilder<'static>) {
        let mut builder = ServerSentEvent::builder();
        if let Some(event) = self.event {
            builder = builder.event(event);
        }
        if let Some(id) = self.id {
            builder = builder.id(id);
        }
        if let Some(millis) = self.retry {
            builder = builder.retry(Duration::from_millis(millis));
        }
        if let Some(comments) = self.comments {
            builder = builder.comments(comments);
        }
        (self.data, builder)
    }
}

/// Returns a reconnection time in milliseconds. It was parsed from a number that fits 64 bits.
fn millis(reconnection_time: Duration) -> u64 {
    reconnection_time.as_millis() as u64
}
