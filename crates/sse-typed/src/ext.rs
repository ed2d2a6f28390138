//! The ways to make values of a stream of events.

use futures_core::Stream;
use sse_core::ServerSentEvent;

use crate::{decoded::IntoDecoded, session::ClientSseSessionWithDeserialization};

/// Decodes the events of any stream of them.
///
/// To decode a session and go on using it afterwards, call these on `&mut session`.
pub trait EventStreamExt<E>: Stream<Item = Result<ServerSentEvent, E>> + Sized {
    /// Decodes each event with a closure, which sees all of it and answers with a
    /// [`Decoded`](crate::Decoded) or a `Result`.
    ///
    /// Nothing of an event is copied before the closure has decided.
    ///
    /// ```
    /// use futures_util::{StreamExt, stream};
    /// use sse_core::ServerSentEvent;
    /// use sse_typed::{Decoded, EventStreamExt};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let events = ["1", "", "2", "[DONE]"].map(|data| ServerSentEvent::builder().data(data).build());
    /// let numbers = stream::iter(events).decode_with(|event| match event.data() {
    ///     "" => Decoded::Skip,
    ///     "[DONE]" => Decoded::Stop,
    ///     data => data.parse::<u32>().map_or_else(Decoded::Failed, Decoded::Value),
    /// });
    /// let sum = numbers.fold(0, async |sum, number| sum + number.map_or(0, |n| n.into_data())).await;
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

    /// Decodes the data of each event as JSON.
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
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
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
        ClientSseSessionWithDeserialization::new(self, crate::json::decode)
    }
}

impl<S, E> EventStreamExt<E> for S where S: Stream<Item = Result<ServerSentEvent, E>> {}
