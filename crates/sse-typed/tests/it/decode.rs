//! Decoding closures: each result, and its effect.

#[cfg(any(feature = "json", feature = "serde"))]
mod other_formats; // a format other than JSON

use std::{error::Error, num::ParseIntError};

use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    stream::{self, FusedStream},
};
use sse_core::{Parser, ServerSentEvent, TypedServerSentEvent};
use sse_typed::{ClientSseSessionWithDeserialization, Decoded, EventStreamExt, TypedError};

use crate::support::{Lost, events, events_then_disconnect};

const NUMBERS: &str = "id: 1\ndata: 1\n\ndata: x\n\nevent: odd\ndata: 3\n\n";

fn number(event: &ServerSentEvent) -> Result<u32, ParseIntError> {
    event.data().parse()
}

/// Returns the items as text, `!` before an error.
async fn shown<T: std::fmt::Display>(
    items: impl Stream<Item = Result<TypedServerSentEvent<T>, TypedError<Lost, ParseIntError>>>,
) -> Vec<String> {
    let show = |item: Result<TypedServerSentEvent<T>, _>| match item {
        Ok(event) => format!("{}:{}", event.event_type(), event.data()),
        Err(error) => format!("! {error}"),
    };
    items.map(show).collect().await
}

#[tokio::test]
async fn a_failed_decode_is_an_item_and_the_session_continues() {
    let items = shown(events(NUMBERS).decode_with(number)).await;
    assert_eq!(
        items,
        ["message:1", "! could not decode message event: invalid digit found in string", "odd:3"]
    );
}

#[tokio::test]
async fn a_failed_decode_keeps_the_event() {
    let mut session = events("id: 42\nevent: count\ndata: many\n\n").decode_with(number);
    let Some(Err(TypedError::Decode(error))) = session.next().await else {
        panic!("no decode error");
    };
    assert_eq!(
        error.to_string(),
        "could not decode count event (id 42): invalid digit found in string"
    );
    assert!(error.source().is_none(), "what is displayed is not the source too");
    assert!(!format!("{error:?}").contains("many"), "{error:?}");
    let (event, ParseIntError { .. }) = error.into_parts();
    assert_eq!(event.data(), "many");
}

#[tokio::test]
async fn a_long_type_or_id_does_not_flood_a_message() {
    let text: &str = format!("event: {0}\nid: {0}\ndata: x\n\n", "ä".repeat(1000)).leak();
    let mut session = events(text).decode_with(number);
    let error = session.next().await.unwrap().unwrap_err();
    assert!(error.to_string().chars().count() < 200);
}

#[tokio::test]
async fn control_sequences_of_a_terminal_are_escaped_in_a_message() {
    let cases = [
        ("event: \u{1b}[2J\nid: \u{7}\ndata: x\n\n", "\\u{1b}[2J event (id \\u{7}): no"),
        (
            "event: a\u{202e}b\u{2028}\u{2069}\ndata: x\n\n",
            "a\\u{202e}b\\u{2028}\\u{2069} event: no",
        ),
        ("event: \u{9b}2J\u{200f}\u{61c}\ndata: x\n\n", "\\u{9b}2J\\u{200f}\\u{61c} event: no"),
        ("event: ни́зко \\ \"\u{200d}\ndata: x\n\n", "ни́зко \\ \"\u{200d} event: no"),
        ("data: \u{1b}\n\n", "message event: no\\u{1b}\nother line"),
    ];
    for (text, expected) in cases {
        let refuse = |event: &ServerSentEvent| -> Result<u32, String> {
            Err(match event.data() {
                "x" => "no".to_owned(),
                data => format!("no{data}\nother line"),
            })
        };
        let error = events(text).decode_with(refuse).next().await.unwrap().unwrap_err();
        assert_eq!(error.to_string(), format!("could not decode {expected}"));
    }
}

#[tokio::test]
async fn the_closure_sees_the_whole_event_and_may_skip_and_stop() {
    let text = "id: 1\n\ndata: 1\n\nevent: ping\ndata\n\nid: 9\ndata: [DONE]\n\ndata: 2\n\n";
    let mut seen = Vec::new();
    let mut session = events(text).decode_with(|event| {
        seen.push((event.event_type().to_owned(), event.id().map(str::to_owned)));
        match event.data() {
            "[DONE]" => Decoded::Stop,
            "" => Decoded::Skip,
            data => data.parse().map_or_else(Decoded::Failed, Decoded::Value),
        }
    });
    assert!(!session.is_terminated());
    assert_eq!(shown::<u32>(&mut session).await, ["message:1"]);
    assert!(session.is_terminated());
    assert!(session.next().await.is_none(), "a stop is for good");
    let mut rest = session.into_inner();
    assert_eq!(rest.next().await.unwrap().unwrap().data(), "2", "the rest is still there");
    let id = |id: &str| Some(id.to_owned());
    let message = "message".to_owned();
    let expected = [
        (message.clone(), id("1")),
        (message.clone(), None),
        ("ping".into(), None),
        (message, id("9")),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn decode_with_passes_an_event_without_copying_it() {
    let chunk = Bytes::from_static(b"event: long\nid: 1\ndata: more than an event holds\n\n");
    let (mut parser, mut input) = (Parser::new(), chunk.clone());
    let source = stream::iter([Ok::<_, Lost>(parser.next(&mut input).unwrap().unwrap())]);
    let mut session = source.decode_with(|event| {
        let fields = [event.data(), event.event_type(), event.id().unwrap()];
        let in_chunk = |field: &str| chunk.as_ptr_range().contains(&field.as_ptr());
        assert!(fields.into_iter().all(in_chunk), "{event:?}");
        Err::<(), _>(Lost)
    });
    let Some(Err(TypedError::Decode(error))) = session.next().await else { panic!("no error") };
    assert!(chunk.as_ptr_range().contains(&error.event().data().as_ptr()), "nor for the error");
}

#[tokio::test]
async fn an_error_of_the_session_passes_through() {
    let mut session = events_then_disconnect("data: 1\n\n").decode_with(number);
    assert_eq!(session.next().await.unwrap().unwrap().into_data(), 1);
    let error = session.next().await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "the connection was reset");
    assert!(matches!(error, TypedError::Session(Lost)));
    assert!(session.next().await.is_none());
}

#[tokio::test]
async fn a_borrowed_session_is_decoded_for_a_while() {
    let mut plain = events(NUMBERS);
    let first = (&mut plain).decode_with(number).next().await.unwrap().unwrap();
    assert_eq!((*first.data(), first.id()), (1, Some("1")));
    assert_eq!(plain.next().await.unwrap().unwrap().data(), "x");
}

#[tokio::test]
async fn get_ref_and_get_mut_return_the_wrapped_session() {
    let mut session: ClientSseSessionWithDeserialization<_, _> =
        events(NUMBERS).decode_with(number);
    assert_eq!(session.get_mut().next().await.unwrap().unwrap().data(), "1");
    let _: &dyn Stream<Item = Result<ServerSentEvent, Lost>> = session.get_ref();
    assert!(session.next().await.unwrap().is_err(), "the event taken is not decoded");
}
