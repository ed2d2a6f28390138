//! Public methods of events: text, equality, values in place of text.
//!
//! The memory of events is tested in `text`, the wire format in `encode`.

use core::{
    fmt::Debug,
    hash::{BuildHasher, BuildHasherDefault, Hash},
    panic::{RefUnwindSafe, UnwindSafe},
    time::Duration,
};
use std::{borrow::Cow, hash::DefaultHasher};

use bytes::Bytes;
use sse_core::{
    BuildError, EventRef, Limit, LimitExceeded, Limits, Parser, ServerSentEvent,
    ServerSentEventBuilder, TypedServerSentEvent,
};

/// Returns the only event of the stream.
#[track_caller]
fn parse(stream: impl AsRef<[u8]>) -> ServerSentEvent {
    let mut parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    let mut input = Bytes::copy_from_slice(stream.as_ref());
    let event = parser.next(&mut input).unwrap().unwrap();
    assert_eq!(parser.next(&mut input).unwrap(), None);
    event
}

fn full() -> ServerSentEvent {
    let builder = ServerSentEvent::builder().data("d\n").event("e").id("i").comments("c");
    builder.retry(Duration::from_millis(5)).build().unwrap()
}

fn hash(value: impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

#[test]
fn event_accessors_return_its_fields() {
    let event = full();
    assert_eq!((event.data(), event.has_data()), ("d\n", true));
    assert_eq!((event.event_type(), event.event()), ("e", Some("e")));
    assert_eq!((event.id(), event.comments()), (Some("i"), Some("c")));
    assert_eq!(event.retry(), Some(Duration::from_millis(5)));
}

#[test]
fn absent_fields_are_none_and_not_empty() {
    let event = parse("data\n\n");
    assert_eq!((event.data(), event.has_data()), ("", true));
    assert_eq!((event.event_type(), event.event(), event.id()), ("message", None, None));
    assert_eq!((event.retry(), event.comments()), (None, None));
    let event = parse("id\n:\n\n");
    assert_eq!((event.data(), event.has_data()), ("", false));
    assert_eq!((event.id(), event.comments()), (Some(""), Some("")));
}

#[test]
fn events_are_equal_if_their_fields_are_however_they_were_made() {
    let stream = ": c\nevent: e\nretry: 5\nid: i\ndata: d\n\n";
    let shared = parse(stream);
    let moved = parse("data: d\nid: i\nid: \0\nzzz\nretry:05\nevent:x\nevent:e\n:c\r\n\r\n");
    let copied = parse(b"event: e\nid: i\nretry: 5\n\xFF: ?\n: c\ndata: d\n\n");
    let built = ServerSentEvent::builder().data("d").event("e").id("i").comments("c");
    let built = built.retry(Duration::from_micros(5_999)).build().unwrap();
    let mut parser = Parser::new().with_comments(true);
    assert!(parser.next(&mut stream[..20].into()).unwrap().is_none());
    let assembled = parser.next(&mut stream[20..].into()).unwrap().unwrap();
    for other in [moved, copied, built, assembled, shared.clone(), shared.detach()] {
        assert_eq!(shared, other);
        assert_eq!(hash(&shared), hash(&other));
        assert_eq!(format!("{shared:?} {shared}"), format!("{other:?} {other}"));
    }
}

#[test]
fn events_differ_if_a_field_does() {
    let new = ServerSentEvent::builder;
    let builders = [
        new().data(""),
        new().data("x"),
        new().event("x"),
        new().id("x"),
        new().id(""),
        new().comments("x"),
        new().comments(""),
        new().retry(Duration::ZERO),
        new().retry(Duration::from_millis(1)),
        new().data("").event("message"),
        new().data("").id(""),
        new().data("").retry(Duration::ZERO),
        new().data("").comments(""),
        new().data("ab").event("c"),
        new().data("a").event("bc"),
    ];
    let events = builders.map(|builder| builder.build().unwrap());
    for (at, event) in events.iter().enumerate() {
        for (other_at, other) in events.iter().enumerate() {
            assert_eq!(event == other, at == other_at, "{event:?}, {other:?}");
            assert_eq!(hash(event) == hash(other), at == other_at, "{event:?}, {other:?}");
        }
    }
}

#[test]
fn debug_shows_every_field() {
    assert_eq!(
        format!("{:?}", full()),
        "ServerSentEvent { data: Some(\"d\\n\"), event: Some(\"e\"), id: Some(\"i\"), \
         retry: Some(5ms), comments: Some(\"c\") }"
    );
    assert_eq!(
        format!("{:?}", parse("id: 1\n\n").map_data(|_| 42)),
        "TypedServerSentEvent { data: 42, event: None, id: Some(\"1\"), retry: None, \
         comments: None }"
    );
    let mut parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    let mut input: &[u8] = b"event: e\nid: i\nretry: 5\n: c\n\nid\ndata\n\n";
    assert_eq!(
        format!("{:?}", parser.next_ref(&mut input).unwrap().unwrap()),
        "EventRef { data: None, event: Some(\"e\"), id: Some(\"i\"), retry: Some(5ms), \
         comments: Some(\"c\"), last_event_id: \"i\" }"
    );
    assert_eq!(
        format!("{:?}", parser.next_ref(&mut input).unwrap().unwrap()),
        "EventRef { data: Some(\"\"), event: None, id: Some(\"\"), retry: None, comments: None, \
         last_event_id: \"\" }"
    );
}

#[test]
fn data_is_mapped_and_the_other_fields_stay() {
    let mut typed = full().map_data(str::len);
    assert_eq!((typed.data(), typed.event_type(), typed.event()), (&2, "e", Some("e")));
    assert_eq!((typed.id(), typed.comments()), (Some("i"), Some("c")));
    assert_eq!(typed.retry(), Some(Duration::from_millis(5)));
    *typed.data_mut() += 1;
    assert_eq!(typed.clone().into_data(), 3);
    let typed = typed.map_data(|len| len.to_string()).try_map_data(|len| len.parse::<i8>());
    let typed = typed.unwrap();
    assert_eq!((typed.data(), typed.id()), (&3, Some("i")));
    assert_eq!(typed.to_string(), ": c\nevent: e\nid: i\nretry: 5\ndata: 3\n\n");
    let (data, rest) = typed.clone().into_parts();
    assert_eq!((data, rest.has_data(), rest.id()), (3, false, Some("i")));
    assert_eq!(rest.to_string(), ": c\nevent: e\nid: i\nretry: 5\n\n");
    assert_eq!(typed.map_data(|_| ()).event_type(), "e");
}

#[test]
fn try_map_data_returns_the_error_of_its_closure() {
    let event = ServerSentEvent::builder().data("x").build().unwrap();
    let error = event.clone().try_map_data(|data| Err::<(), _>(data.to_owned()));
    assert_eq!(error.unwrap_err(), "x");
    assert!(event.map_data(str::to_owned).try_map_data(|data| data.parse::<u8>()).is_err());
}

#[test]
fn typed_events_are_equal_if_data_and_fields_are() {
    let event = |stream| parse(stream).map_data(str::len);
    let first = event("id: 1\ndata: abc\n\n");
    assert_eq!(first, event("data: xyz\nid: 1\n\n"));
    assert_eq!(hash(&first), hash(event("data: xyz\nid: 1\n\n")));
    assert_ne!(first, event("data: ab\nid: 1\n\n"));
    assert_ne!(first, event("data: abc\nid: 2\n\n"));
    assert_eq!(event("id: 1\n\n").into_data(), 0, "the data of an event that has none is empty");
}

#[test]
fn event_ref_accessors_return_its_fields() {
    let mut parser = Parser::new().with_comments(true);
    let mut input = &b":c\nevent: \xC3\xA9\nid: i\nretry: 5\ndata: d\n\n"[..];
    let event = parser.next_ref(&mut input).unwrap().unwrap();
    assert_eq!((event.data_bytes(), event.has_data()), (&b"d"[..], true));
    assert!(matches!(event.data(), Cow::Borrowed("d")));
    assert!(matches!(event.event_type(), Cow::Borrowed("é")));
    assert!(matches!(event.event(), Some(Cow::Borrowed("é"))));
    assert!(matches!(event.id(), Some(Cow::Borrowed("i"))));
    assert!(matches!(event.comments(), Some(Cow::Borrowed("c"))));
    assert_eq!(event.retry(), Some(Duration::from_millis(5)));
    let copy = event;
    assert_eq!(copy.to_event(), event.to_event());
}

#[test]
fn a_borrowed_event_copies_only_what_has_to_be_replaced() {
    let mut parser = Parser::new();
    let mut input = &b"id: \xFF\ndata: a\x80\n\ndata: 1\ndata: 2\n\n"[..];
    let event = parser.next_ref(&mut input).unwrap().unwrap();
    assert_eq!(event.data_bytes(), b"a\x80");
    assert!(matches!(event.data(), Cow::Owned(data) if data == "a\u{FFFD}"));
    assert_eq!(event.id().unwrap(), "\u{FFFD}");
    assert!(matches!(event.event_type(), Cow::Borrowed("message")));
    assert_eq!((event.event(), event.comments(), event.retry()), (None, None, None));
    let event = parser.next_ref(&mut input).unwrap().unwrap();
    assert!(matches!(event.data(), Cow::Borrowed("1\n2")));
}

#[test]
fn borrowed_events_can_be_taken_in_a_loop_and_outlive_nothing_but_the_call() {
    let mut parser = Parser::new();
    let mut count = 0;
    for chunk in ["data: 1\n\ndata: 2\ndata: 3\n", "\ndata: 4\n\nda", "ta\n\n"] {
        let mut input = chunk.as_bytes();
        while let Some(event) = parser.next_ref(&mut input).unwrap() {
            count += event.data().lines().count();
        }
        assert!(input.is_empty());
    }
    assert_eq!((count, parser.pending_bytes()), (4, 0));
}

#[test]
fn a_cloned_parser_is_independent() {
    let mut parser = Parser::new();
    assert!(parser.next(&mut "id: 1\ndata: a\ndata: ".into()).unwrap().is_none());
    let mut copy = parser.clone();
    let event = parser.next(&mut "b\n\n".into()).unwrap().unwrap();
    assert_eq!((event.data(), parser.last_event_id()), ("a\nb", "1"));
    assert_eq!(copy.last_event_id(), "");
    assert_eq!(copy.next(&mut "c\n\n".into()).unwrap().unwrap().data(), "a\nc");
}

#[test]
fn every_type_can_be_sent_shared_moved_and_shown() {
    fn check<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + Clone + Debug>() {}
    check::<Parser>();
    check::<ServerSentEvent>();
    check::<TypedServerSentEvent<String>>();
    check::<EventRef<'static>>();
    check::<ServerSentEventBuilder<'_>>();
    check::<BuildError>();
    check::<Limits>();
    check::<Limit>();
    check::<LimitExceeded>();
}
