//! Errors of JSON: their text, the path, and what they do not show.

use std::{cell::Cell, collections::BTreeMap, error::Error, fmt::Debug};

use futures_util::StreamExt as _;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use sse_core::ServerSentEvent;
use sse_typed::{
    DecodeError, EventStreamExt, JsonError, JsonSessionError, TypedError, deserialize,
    deserialize_by_type,
};

use crate::support::{Lost, event, events};

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only ever fails")]
struct Order {
    lines: Vec<Line>,
    notes: BTreeMap<String, u8>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "only ever fails")]
struct Line {
    cents: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "only ever fails")]
enum Update {
    Order(Order),
    Both(Line, Line),
    Named { line: Line },
}

/// Returns the text of an error, its path, and the last part of the name of the expected type.
fn parts(error: &DecodeError<JsonError>) -> (String, Option<String>, &'static str) {
    let json = error.decoder_error();
    let expected_type = json.expected_type().rsplit("::").next().unwrap();
    (error.to_string(), json.path().map(str::to_owned), expected_type)
}

#[track_caller]
fn check<T: DeserializeOwned + Debug>(data: &str, message: &str, path: Option<&str>) {
    let event = ServerSentEvent::builder().event("order").id("42").data(data).build().unwrap();
    let message = format!("could not decode order event (id 42): {message}");
    let name = std::any::type_name::<T>().rsplit("::").next().unwrap();
    let error = deserialize::<T>(&event).unwrap_err();
    assert_eq!(parts(&error), (message, path.map(str::to_owned), name));
    assert_eq!(error.event(), &event);
}

#[test]
fn json_error_path_is_the_place_in_the_json() {
    check::<Order>("{}", "missing field `lines` at line 1 column 2", None);
    check::<Order>(
        r#"{"lines": [{"cents": 1}, {"cent": 2}]}"#,
        "missing field `cents` at line 1 column 36 (in lines[1])",
        Some("lines[1]"),
    );
    check::<Order>(
        "{\"lines\": [\n{\"cents\": -5}]}",
        "invalid value: integer `-5`, expected u32 at line 2 column 12 (in lines[0].cents)",
        Some("lines[0].cents"),
    );
    check::<Order>(
        r#"{"lines": [], "notes": {"a": 1, "b": 300}}"#,
        "invalid value: integer `300`, expected u8 at line 1 column 40 (in notes.b)",
        Some("notes.b"),
    );
    check::<Order>(
        r#"{"lines": ["#,
        "EOF while parsing a list at line 1 column 11 (in lines)",
        Some("lines"),
    );
    check::<u8>("1 2", "trailing characters at line 1 column 3", None);
    check::<u8>("", "no data", None);
    check::<u8>(" \n\t", "no data", None);
}

#[test]
fn json_error_path_omits_the_variant_and_expected_type_is_its_content() {
    let cases = [
        (
            "order",
            "{\"lines\": [{}]}",
            "missing field `cents` at line 1 column 13 (in lines[0])",
            "Order",
        ),
        (
            "both",
            "[{\"cents\": 1}, {}]",
            "missing field `cents` at line 1 column 17 (in [1])",
            "Update",
        ),
        (
            "named",
            "{\"line\": {}}",
            "missing field `cents` at line 1 column 11 (in line)",
            "Update",
        ),
        ("order", "", "no data", "Order"),
        ("other", "{}", "unknown event type, expected `order` or `both` or `named`", "Update"),
    ];
    for (event_type, data, message, expected) in cases {
        let event = ServerSentEvent::builder().event(event_type).data(data).build().unwrap();
        let error = deserialize_by_type::<Update>(&event).unwrap_err();
        let (text, _, expected_type) = parts(&error);
        assert_eq!(
            (text, expected_type),
            (format!("could not decode {event_type} event: {message}"), expected)
        );
    }
}

#[tokio::test]
async fn only_what_fails_is_decoded_a_second_time() {
    thread_local!(static DECODED: Cell<u32> = const { Cell::new(0) });

    #[derive(Debug)]
    struct Counted;

    impl<'de> Deserialize<'de> for Counted {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            DECODED.set(DECODED.get() + 1);
            u8::deserialize(deserializer).map(|_| Self)
        }
    }
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum ByType {
        Message(#[allow(dead_code, reason = "decoded is what it has to be")] Counted),
    }
    let (value, failure, skipped) = ((1, 1), (1, 2), (0, 1));
    let cases = [("data: 1\n\n", value), ("data: x\n\n", failure), ("data:\n\n", skipped)];
    for (text, expected) in cases {
        let items = events(text).json::<Counted>().count().await;
        assert_eq!((items, DECODED.take()), expected, "{text:?}");
        let items = events(text).json_by_type::<ByType>().count().await;
        assert_eq!((items, DECODED.take()), expected, "{text:?}");
    }
}

/// Servers that split a text within a surrogate pair write such data.
#[tokio::test]
async fn lone_surrogates_are_decode_errors_that_keep_the_event_as_received() {
    for (data, is_leading) in [(r#"{"text": "\ud83d"}"#, true), (r#"{"text": "\udc4b"}"#, false)] {
        let text = format!("id: 7\nevent: delta\ndata: {data}\n\ndata: {{}}\n\n");
        let mut values = events(text.leak()).json::<BTreeMap<String, String>>();
        let Some(Err(TypedError::Decode(error))) = values.next().await else {
            panic!("half of a character is not a text");
        };
        assert_eq!((error.event().data(), error.event().id()), (data, Some("7")));
        let json = error.decoder_error().json_error().unwrap();
        assert!(json.is_syntax() || json.is_eof(), "{json}, leading: {is_leading}");
        // The next event follows.
        assert!(values.next().await.unwrap().unwrap().data().is_empty());
    }
}

#[test]
fn json_error_methods_distinguish_the_causes() {
    let at_hand = |text| deserialize_by_type::<Update>(&event(text)).unwrap_err().into_parts().1;
    let (json, no_data, unknown) = (
        at_hand("event: order\ndata: 1\n\n"),
        at_hand("event: order\ndata\n\n"),
        at_hand("data: 1\n\n"),
    );
    let answers = |error: &JsonError| {
        (error.json_error().is_some(), error.is_no_data(), error.is_unknown_type())
    };
    assert_eq!(answers(&json), (true, false, false));
    assert_eq!(answers(&no_data), (false, true, false));
    assert_eq!(answers(&unknown), (false, false, true));
}

#[test]
fn no_error_shows_more_than_the_start_of_what_it_quotes() {
    let long = "geheim".repeat(10_000);
    let key = format!("{{\"lines\": [], \"notes\": {{\"{long}\": \"x\"}}}}");
    let string = format!("\"{long}\"");
    let types = format!("event: {long}\ndata: 1\n\n");
    let errors = [
        deserialize::<Order>(&event(format!("data: {key}\n\n").leak())).unwrap_err(),
        deserialize::<u8>(&event(format!("data: {string}\n\n").leak())).unwrap_err(),
        deserialize::<Line>(&event(format!("data: {string}\n\n").leak())).unwrap_err(),
        deserialize_by_type::<Update>(&event(types.leak())).unwrap_err(),
    ];
    for error in errors {
        let texts =
            [error.to_string(), format!("{error:?}"), format!("{:?}", error.decoder_error())];
        for text in texts {
            assert!(text.chars().count() < 600, "{} characters: {text}", text.len());
        }
    }
    let text = deserialize::<u8>(&event(format!("data: {string}\n\n").leak())).unwrap_err();
    assert!(
        text.to_string().ends_with("… at line 1 column 60002"),
        "the place is not cut off: {text}"
    );
}

#[test]
fn a_message_is_one_line_and_quotes_no_control_characters() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let cases = [
        (
            r#"{"a\nerror: \u001b[2J": 1}"#,
            r"unknown field `a\nerror: \u{1b}[2J`, there are no fields at line 1 column 22 (in a\nerror: \u{1b}[2J)",
        ),
        (
            r#""a\r\n\u202e""#,
            r#"invalid type: string "a\r\n\u{202e}", expected struct Nothing at line 1 column 13"#,
        ),
    ];
    for (data, expected) in cases {
        let event = ServerSentEvent::builder().data(data).build().unwrap();
        let error = deserialize::<Nothing>(&event).unwrap_err();
        assert_eq!(error.to_string(), format!("could not decode message event: {expected}"));
    }
}

/// Every way in which a closure may pass on the error of `deserialize`.
#[tokio::test]
async fn an_error_names_its_event_once() {
    type Boxed = Box<dyn Error + Send + Sync>;

    fn check<D: std::fmt::Display + Debug>(item: Result<u8, TypedError<Lost, D>>) {
        let error = item.unwrap_err();
        let expected = "could not decode price event (id 50): expected value at line 1 column 1";
        assert_eq!(error.to_string(), expected);
    }
    let text = "event: price\nid: 50\ndata: x\n\n";
    let value = |event: sse_typed::TypedServerSentEvent<u8>| event.into_data();

    let mut bare = events(text).decode_with(|event| deserialize::<u8>(event));
    check(bare.next().await.unwrap().map(value));
    let mut converted =
        events(text).decode_with(|event| -> Result<u8, JsonError> { Ok(deserialize(event)?) });
    check(converted.next().await.unwrap().map(value));
    let mut boxed =
        events(text).decode_with(|event| -> Result<u8, Boxed> { Ok(deserialize(event)?) });
    check(boxed.next().await.unwrap().map(value));
    let mut text_only = events(text)
        .decode_with(|event| deserialize::<u8>(event).map_err(|error| error.to_string()));
    check(text_only.next().await.unwrap().map(value));
}

#[test]
fn errors_can_cross_threads() {
    fn check<T: Error + Send + Sync + 'static>() {}
    check::<DecodeError<JsonError>>();
    check::<JsonSessionError<std::io::Error>>();
    check::<TypedError<std::io::Error, serde_json::Error, std::io::Error>>();
}
