//! Extension trait that decodes the events of a stream.

use futures_core::Stream;
use sse_core::ServerSentEvent;

use crate::{decoded::IntoDecoded, session::ClientSseSessionWithDeserialization};

/// Extension of streams of events that decodes them.
///
/// To decode a session and continue to use it afterward, call these methods on `&mut session`.
pub trait EventStreamExt<E>: Stream<Item = Result<ServerSentEvent, E>> + Sized {
    /// Decodes each event with a closure, which receives the whole event and returns a
    /// [`Decoded`](crate::Decoded) or a `Result`.
    ///
    /// Nothing of an event is copied before the closure has decided. Its result cannot borrow from
    /// the event; within the closure, [`deserialize`](crate::deserialize) can. Any format is
    /// possible:
    ///
    /// ```
    /// use futures_util::stream;
    /// use serde::Deserialize;
    /// use sse_typed::{EventStreamExt, ServerSentEvent};
    ///
    /// #[derive(Deserialize)]
    /// struct Reading {
    ///     celsius: f64,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event = ServerSentEvent::builder().data("sensor = 'attic'\ncelsius = 31.5").build();
    /// let mut readings =
    ///     stream::iter([event]).decode_with(|event| toml::from_str::<Reading>(event.data()));
    /// assert_eq!(readings.next().await.unwrap()?.data().celsius, 31.5);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// If the error implements [`Error`](core::error::Error), so do the errors of the items, which
    /// can then be passed on with `?`. A `String` or a `Box<dyn Error>` does not: match on the item
    /// then.
    ///
    /// A closure that returns a [`Decoded`](crate::Decoded) may also skip an event, or stop at it:
    ///
    /// ```
    /// use futures_util::{StreamExt, stream};
    /// use sse_core::ServerSentEvent;
    /// use sse_typed::{Decoded, EventStreamExt};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event = |data| ServerSentEvent::builder().data(data).build();
    /// let events = ["1", "", "2", "[DONE]"].map(event);
    /// let numbers = stream::iter(events).decode_with(|event| match event.data() {
    ///     "" => Decoded::Skip,
    ///     "[DONE]" => Decoded::Stop,
    ///     data => data.parse::<u32>().map_or_else(Decoded::Failed, Decoded::Value),
    /// });
    /// let values = numbers.map(|number| number.map_or(0, |event| event.into_data()));
    /// let sum = values.fold(0, async |sum, value| sum + value).await;
    /// assert_eq!(sum, 3);
    /// # Ok(())
    /// # }
    /// ```
    fn decode_with<F, D>(self, decode: F) -> ClientSseSessionWithDeserialization<Self, F>
    where
        F: FnMut(&ServerSentEvent) -> D,
        D: IntoDecoded,
    {
        ClientSseSessionWithDeserialization::new(self, decode)
    }

    /// Decodes the data of each event as JSON, whatever the event's type (feature `json`).
    ///
    /// An enum is decoded as serde decodes it from JSON: `#[serde(tag = "type")]` finds the variant
    /// inside the data. [`json_by_type`](Self::json_by_type) is for an enum whose variant is the
    /// event type.
    ///
    /// Events without data, or with whitespace only, are not JSON and are skipped. These are pings,
    /// and comments if the session shows them.
    ///
    /// ```
    /// use futures_util::stream;
    /// use serde::Deserialize;
    /// use sse_core::ServerSentEvent;
    /// use sse_typed::EventStreamExt;
    ///
    /// #[derive(Deserialize)]
    /// struct Customer {
    ///     name: String,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event = ServerSentEvent::builder().data(r#"{"name": "Ada"}"#).build();
    /// let mut customers = stream::iter([event]).json::<Customer>();
    /// while let Some(customer) = customers.next().await {
    ///     assert_eq!(customer?.data().name, "Ada");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "json")]
    fn json<T>(self) -> crate::JsonSession<Self, T>
    where
        T: serde::de::DeserializeOwned,
    {
        ClientSseSessionWithDeserialization::new(self, crate::json::Json::new())
    }

    /// Decodes each event as an enum whose variant is named by the event type, with the JSON of the
    /// data as its content (feature `json`).
    ///
    /// The enum has plain serde derives. `rename`, `rename_all` and `alias` apply to the names of
    /// its variants.
    ///
    /// | the variant | the data |
    /// |---|---|
    /// | `Customer(Customer)` | the JSON of a `Customer` |
    /// | `Moved { x: i32, y: i32 }` | a JSON object |
    /// | `Moved(i32, i32)` | a JSON array |
    /// | `Closing` | is ignored |
    /// | `#[serde(other)] Unknown` | is ignored; the variant takes the types that no other variant has |
    ///
    /// An event without a type has the type `message`. An event with a type that no variant has is
    /// an error, unless it is [skipped](ClientSseSessionWithDeserialization::skip_unknown_types).
    /// Events without data, or with whitespace only, are skipped if the variant needs data, or if
    /// no variant has the type. Blocks with neither data nor a type are always skipped.
    ///
    /// The enum has to be the type itself. An enum within an `Option` or another struct, an enum
    /// with `#[serde(untagged)]` variants, an enum that is tagged inside the JSON, and every other
    /// type are decoded as by [`json`](Self::json).
    ///
    /// ```
    /// use futures_util::stream;
    /// use serde::Deserialize;
    /// use sse_typed::{EventStreamExt, ServerSentEvent};
    ///
    /// #[derive(Debug, PartialEq, Deserialize)]
    /// #[serde(rename_all = "snake_case")]
    /// enum Update {
    ///     Customer { name: String },
    ///     Prices(Vec<u32>),
    ///     #[serde(other)]
    ///     Unknown,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event =
    ///     |event_type, data| ServerSentEvent::builder().event(event_type).data(data).build();
    /// let events = [
    ///     event("customer", r#"{"name": "Ada"}"#),
    ///     event("prices", "[1800, 1650]"),
    ///     event("weather", "rain"),
    /// ];
    /// let mut updates = stream::iter(events).json_by_type::<Update>();
    /// let mut seen = Vec::new();
    /// while let Some(update) = updates.next().await {
    ///     seen.push(update?.into_data());
    /// }
    /// let ada = Update::Customer { name: "Ada".into() };
    /// assert_eq!(seen, [ada, Update::Prices(vec![1800, 1650]), Update::Unknown]);
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "json")]
    fn json_by_type<T>(self) -> crate::JsonByTypeSession<Self, T>
    where
        T: serde::de::DeserializeOwned,
    {
        ClientSseSessionWithDeserialization::new(self, crate::json::JsonByType::new())
    }
}

impl<S, E> EventStreamExt<E> for S where S: Stream<Item = Result<ServerSentEvent, E>> {}
