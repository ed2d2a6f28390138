//! The data of one event in, a value out, by way of serde and JSON.

use serde::{Deserialize, de::DeserializeOwned};
use sse_core::ServerSentEvent;

use crate::{error::DecodeError, session::ClientSseSessionWithDeserialization};

/// The session that [`json`](crate::EventStreamExt::json) makes.
pub type JsonSession<S, T> = ClientSseSessionWithDeserialization<
    S,
    for<'a> fn(&'a ServerSentEvent) -> Result<T, serde_json::Error>,
>;

/// Decodes the data of an event at hand, of whatever type this event has: Ktor's manner.
///
/// The value may borrow from the event. A `&str` in it fails where the JSON text has an escape;
/// `#[serde(borrow)] Cow<str>` borrows where it can.
///
/// ```
/// use serde::Deserialize;
/// use sse_core::ServerSentEvent;
///
/// #[derive(Deserialize)]
/// struct Customer<'a> {
///     name: &'a str,
/// }
/// #[derive(Deserialize)]
/// struct Product {
///     prices: Vec<u32>,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let event = ServerSentEvent::builder().event("customer").data(r#"{"name": "Ada"}"#).build()?;
/// match event.event_type() {
///     "customer" => println!("{}", sse_typed::deserialize::<Customer>(&event)?.name),
///     "product" => println!("{:?}", sse_typed::deserialize::<Product>(&event)?.prices),
///     _ => {}
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// If the data is no JSON, or not that of a `T`. The error keeps the event, by sharing its memory.
pub fn deserialize<'a, T>(event: &'a ServerSentEvent) -> Result<T, DecodeError<serde_json::Error>>
where
    T: Deserialize<'a>,
{
    serde_json::from_str(event.data()).map_err(|error| DecodeError::new(event.clone(), error))
}

pub(crate) fn decode<T: DeserializeOwned>(event: &ServerSentEvent) -> Result<T, serde_json::Error> {
    serde_json::from_str(event.data())
}
