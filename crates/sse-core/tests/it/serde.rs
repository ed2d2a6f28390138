//! Events in a format of serde's: their form, and that they are deserialized as equal events.

use std::time::Duration;

use sse_core::{ServerSentEvent, TypedServerSentEvent};

/// Serializes the event as JSON, and deserializes that.
#[track_caller]
fn check(event: ServerSentEvent, json: &str) {
    assert_eq!(serde_json::to_string(&event).unwrap(), json);
    let read: ServerSentEvent = serde_json::from_str(json).unwrap();
    assert_eq!(read, event);
    // Also with a value as data, if the event has data.
    let typed = event.map_data(str::len);
    let json = serde_json::to_string(&typed).unwrap();
    let read: TypedServerSentEvent<usize> = serde_json::from_str(&json).unwrap();
    assert_eq!(read, typed);
}

#[test]
fn an_event_is_a_struct_of_its_fields() {
    let new = ServerSentEvent::builder;
    check(
        new().data("a\nb").build().unwrap(),
        r#"{"data":"a\nb","event":null,"id":null,"retry":null,"comments":null}"#,
    );
    check(
        new().data("").id("").build().unwrap(),
        r#"{"data":"","event":null,"id":"","retry":null,"comments":null}"#,
    );
    check(
        new()
            .data("{}")
            .event("add")
            .id("7")
            .retry(Duration::from_millis(1500))
            .comments("hi")
            .build()
            .unwrap(),
        r#"{"data":"{}","event":"add","id":"7","retry":1500,"comments":"hi"}"#,
    );
    check(
        new().comments("ping").build().unwrap(),
        r#"{"data":null,"event":null,"id":null,"retry":null,"comments":"ping"}"#,
    );
    check(
        new().data("x").retry(Duration::from_millis(u64::MAX)).build().unwrap(),
        r#"{"data":"x","event":null,"id":null,"retry":18446744073709551615,"comments":null}"#,
    );
}

#[test]
fn a_value_is_written_as_itself() {
    let event = ServerSentEvent::builder().event("sum").data("1 2").build().unwrap();
    let event = event.map_data(|text| text.split(' ').map(str::to_owned).collect::<Vec<_>>());
    let json = serde_json::to_string(&event).unwrap();
    let expected = r#"{"data":["1","2"],"event":"sum","id":null,"retry":null,"comments":null}"#;
    assert_eq!(json, expected);
    let read: TypedServerSentEvent<Vec<String>> = serde_json::from_str(&json).unwrap();
    assert_eq!(read, event);
}

#[test]
fn fields_may_be_missing_and_unknown_ones_are_ignored() {
    let read: ServerSentEvent = serde_json::from_str(r#"{"data": "x", "new": [1]}"#).unwrap();
    assert_eq!(read, ServerSentEvent::builder().data("x").build().unwrap());
    let read: TypedServerSentEvent<u8> = serde_json::from_str(r#"{"data": 1}"#).unwrap();
    assert_eq!((*read.data(), read.event_type(), read.id()), (1, "message", None));
}

#[test]
fn deserializing_an_invalid_event_is_a_build_error() {
    let cases = [
        (r#"{"id": "a\nb"}"#, "event ID contains a line break"),
        (r#"{"id": "a\u0000b"}"#, "event ID contains a NUL"),
        (r#"{"event": "a\rb"}"#, "event type contains a line break"),
        (r#"{"event": ""}"#, "event has no field"),
        (r"{}", "event has no field"),
    ];
    for (json, expected) in cases {
        let error = serde_json::from_str::<ServerSentEvent>(json).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{json}: {error}");
    }
}
