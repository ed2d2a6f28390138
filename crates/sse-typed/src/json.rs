//! Decoders of events whose data is JSON.
//!
//! There are two: of the data alone, and of an enum whose variant is named by the event type. After
//! an error the data is decoded a second time to find the path to it, so that success does not pay
//! for tracking the path.

use core::{any::type_name, convert::Infallible, fmt, marker::PhantomData};

use serde::{Deserialize, de::DeserializeOwned};
use serde_path_to_error::Track;
use sse_core::ServerSentEvent;

use crate::{
    by_type::{ByType, ByTypeError, Kind, Read},
    decode::{Decode, sealed::Sealed},
    decoded::Decoded,
    error::DecodeError,
    json_error::{JsonError, What},
    session::ClientSseSessionWithDeserialization,
};

/// Session that [`json`](crate::EventStreamExt::json) returns (feature `json`).
pub type JsonSession<S, T, X = Infallible> = ClientSseSessionWithDeserialization<S, Json<T>, X>;

/// Session that [`json_by_type`](crate::EventStreamExt::json_by_type) returns (feature `json`).
pub type JsonByTypeSession<S, T, X = Infallible> =
    ClientSseSessionWithDeserialization<S, JsonByType<T>, X>;

/// Decodes the data of one event as JSON, whatever the event's type (feature `json`).
///
/// The value may borrow from the event. A `&str` in it fails if the JSON string contains an escape;
/// `#[serde(borrow)] Cow<str>` is then a copy.
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
/// Returns an error if the data is not JSON, is not that of a `T`, or is missing. The error keeps
/// the event, whose memory it shares.
pub fn deserialize<'a, T>(event: &'a ServerSentEvent) -> Result<T, DecodeError<JsonError>>
where
    T: Deserialize<'a>,
{
    serde_json::from_str(event.data())
        .map_err(|error| DecodeError::new(event.clone(), explain::<T>(event, error)))
}

/// Decodes one event as an enum whose variant is named by the event type, with the JSON of the data
/// as its content (feature `json`).
///
/// [`json_by_type`](crate::EventStreamExt::json_by_type), the equivalent for a whole session,
/// documents how variants are chosen. As with [`deserialize`], the value may borrow from the event.
///
/// ```
/// use std::borrow::Cow;
///
/// use serde::Deserialize;
/// use sse_typed::{ServerSentEvent, deserialize_by_type};
///
/// #[derive(Debug, PartialEq, Deserialize)]
/// #[serde(rename_all = "snake_case")]
/// enum Update<'a> {
///     #[serde(borrow)]
///     Delta(Delta<'a>),
///     Done,
/// }
/// #[derive(Debug, PartialEq, Deserialize)]
/// struct Delta<'a> {
///     #[serde(borrow)]
///     text: Cow<'a, str>,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event = ServerSentEvent::builder().event("delta").data(r#"{"text": "Hi"}"#).build()?;
/// let update: Update<'_> = deserialize_by_type(&event)?;
/// assert_eq!(update, Update::Delta(Delta { text: Cow::Borrowed("Hi") }));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns an error if no variant has the name of the event's type and none is `#[serde(other)]`,
/// or if the data is not the JSON of the variant's content. The error keeps the event, whose memory
/// it shares.
pub fn deserialize_by_type<'a, T>(event: &'a ServerSentEvent) -> Result<T, DecodeError<JsonError>>
where
    T: Deserialize<'a>,
{
    from_event(event)
        .map_err(|error| DecodeError::new(event.clone(), explain_by_type::<T>(event, error)))
}

/// Decoder of [`json`](crate::EventStreamExt::json) sessions (feature `json`).
pub struct Json<T> {
    value: PhantomData<fn() -> T>,
}

/// Decoder of [`json_by_type`](crate::EventStreamExt::json_by_type) sessions (feature `json`).
pub struct JsonByType<T> {
    unknown_types: UnknownTypes,
    value: PhantomData<fn() -> T>,
}

/// Treatment of events whose type is not a variant of the enum.
#[derive(Debug, Clone, Copy)]
enum UnknownTypes {
    Fail,
    Skip,
}

impl<S, T, X> ClientSseSessionWithDeserialization<S, JsonByType<T>, X> {
    /// Sets whether events are skipped whose type is not a variant of the enum (feature `json`).
    /// Their data is not decoded.
    ///
    /// Defaults to `false`: such an event is an error, which keeps the event. An enum with a
    /// variant that is `#[serde(other)]` accepts every type.
    pub fn skip_unknown_types(mut self, skip: bool) -> Self {
        self.decoder_mut().unknown_types =
            if skip { UnknownTypes::Skip } else { UnknownTypes::Fail };
        self
    }
}

impl<T> Json<T> {
    pub(crate) fn new() -> Self {
        Self { value: PhantomData }
    }
}

impl<T> JsonByType<T> {
    pub(crate) fn new() -> Self {
        Self { unknown_types: UnknownTypes::Fail, value: PhantomData }
    }
}

impl<T> Sealed for Json<T> {}
impl<T> Sealed for JsonByType<T> {}

impl<T: DeserializeOwned> Decode for Json<T> {
    type Value = T;
    type Error = JsonError;

    #[inline(always)]
    fn decode(&mut self, event: &ServerSentEvent) -> Decoded<T, JsonError> {
        // serde_json rejects empty input, so that events with data are not checked for it first.
        match serde_json::from_str(event.data()) {
            Ok(value) => Decoded::Value(value),
            Err(error) => failed_or_skipped(failure::<T>(event, error)),
        }
    }
}

impl<T: DeserializeOwned> Decode for JsonByType<T> {
    type Value = T;
    type Error = JsonError;

    #[inline(always)]
    fn decode(&mut self, event: &ServerSentEvent) -> Decoded<T, JsonError> {
        // Not even a type: only a comment, an ID or a reconnection time.
        if !event.has_data() && event.event().is_none() {
            return Decoded::Skip;
        }
        match from_event(event) {
            Ok(value) => Decoded::Value(value),
            Err(error) => failed_or_skipped(failure_by_type::<T>(event, error, self.unknown_types)),
        }
    }
}

#[inline(always)]
fn failed_or_skipped<T>(failure: Option<JsonError>) -> Decoded<T, JsonError> {
    failure.map_or(Decoded::Skip, Decoded::Failed)
}

/// Returns why an event could not be decoded, or `None` if it has no data and has to be skipped.
///
/// Out of line, and not a `Decoded`, so that a decoded value is constructed in the caller's return
/// slot.
#[cold]
fn failure<T: DeserializeOwned>(
    event: &ServerSentEvent,
    error: serde_json::Error,
) -> Option<JsonError> {
    (!is_blank(event.data())).then(|| explain::<T>(event, error))
}

/// Like [`failure`], but for an enum by event type.
#[cold]
fn failure_by_type<T: DeserializeOwned>(
    event: &ServerSentEvent,
    error: ByTypeError<serde_json::Error>,
    unknown_types: UnknownTypes,
) -> Option<JsonError> {
    match (&error.0, unknown_types) {
        _ if is_blank(event.data()) => None,
        (Kind::UnknownType(_), UnknownTypes::Skip) => None,
        _ => Some(explain_by_type::<T>(event, error)),
    }
}

#[inline(always)]
fn from_event<'a, T>(event: &'a ServerSentEvent) -> Result<T, ByTypeError<serde_json::Error>>
where
    T: Deserialize<'a>,
{
    let mut json = serde_json::Deserializer::from_str(event.data());
    let mut read = Read::Nothing;
    let event_type = event.event_type();
    let value = T::deserialize(ByType { event_type, content: &mut json, read: &mut read });
    // The value is returned in place, as a large one is expensive to move.
    if let (Ok(_), Read::Whole | Read::Variant(_)) = (&value, read) {
        if let Err(error) = json.end() {
            return Err(ByTypeError(Kind::Content(error)));
        }
    }
    value
}

/// Finds the path to the error, by decoding the data once more.
fn explain<'a, T>(event: &'a ServerSentEvent, error: serde_json::Error) -> JsonError
where
    T: Deserialize<'a>,
{
    let expected_type = type_name::<T>();
    if is_blank(event.data()) {
        return JsonError::new(What::NoData, None, expected_type);
    }
    let mut track = Track::new();
    let mut json = serde_json::Deserializer::from_str(event.data());
    let again = T::deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    let path = again.is_err().then(|| track.path());
    JsonError::new(What::Json(error), path, expected_type)
}

/// Like [`explain`], but for an enum by event type. The path does not contain the variant, which is
/// not in the data.
fn explain_by_type<'a, T>(
    event: &'a ServerSentEvent,
    error: ByTypeError<serde_json::Error>,
) -> JsonError
where
    T: Deserialize<'a>,
{
    let error = match error.0 {
        Kind::Content(error) => error,
        Kind::UnknownType(known) => {
            return JsonError::new(What::UnknownType(known), None, type_name::<T>());
        }
    };
    let mut track = Track::new();
    let mut json = serde_json::Deserializer::from_str(event.data());
    let mut read = Read::Nothing;
    let again = T::deserialize(ByType {
        event_type: event.event_type(),
        content: serde_path_to_error::Deserializer::new(&mut json, &mut track),
        read: &mut read,
    });
    let expected_type = match read {
        Read::Nothing | Read::Whole => type_name::<T>(),
        Read::Variant(content) => content,
    };
    if is_blank(event.data()) {
        return JsonError::new(What::NoData, None, expected_type);
    }
    let path = again.is_err().then(|| track.path());
    JsonError::new(What::Json(error), path, expected_type)
}

/// Returns `true` if the data is whitespace only, as far as JSON has whitespace.
fn is_blank(data: &str) -> bool {
    data.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

impl<T> fmt::Debug for Json<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Json").finish()
    }
}

impl<T> fmt::Debug for JsonByType<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonByType").field("unknown_types", &self.unknown_types).finish()
    }
}
