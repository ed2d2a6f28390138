//! JSON as the data of events that are sent.

use serde::Serialize;
use sse_core::{EncodedEvent, TypedServerSentEvent};

/// Encoding of an event whose data is sent as JSON (features `json` and `std`).
///
/// ```
/// use serde::Serialize;
/// use sse_typed::{EncodeJson, ServerSentEvent};
///
/// #[derive(Serialize)]
/// struct Price {
///     cents: u32,
/// }
///
/// let event = ServerSentEvent::builder().event("price").id("7").build_typed(Price { cents: 42 })?;
/// assert_eq!(event.encode_json()?.as_bytes(), b"event: price\nid: 7\ndata: {\"cents\":42}\n\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait EncodeJson: sealed::Sealed {
    /// Encodes the event, with its data as JSON.
    ///
    /// The JSON is written directly into the event's buffer, without a `String` in between.
    ///
    /// # Errors
    ///
    /// Returns an error if the value cannot be serialized as JSON, such as a map whose keys are not
    /// strings.
    fn encode_json(&self) -> serde_json::Result<EncodedEvent>;
}

impl<T: Serialize> EncodeJson for TypedServerSentEvent<T> {
    fn encode_json(&self) -> serde_json::Result<EncodedEvent> {
        self.encode_with(|value, data| serde_json::to_writer(data, value))
    }
}

mod sealed {
    #[allow(unnameable_types)] // sealed
    pub trait Sealed {}

    impl<T> Sealed for sse_core::TypedServerSentEvent<T> {}
}
