//! Sharing: which events hold the memory of their chunk, and for how long.
//!
//! Observes where text lies and whether a chunk is still held, not how it is done.

use bytes::Bytes;
use sse_core::{Parser, ServerSentEvent, Taken};

/// Returns the only event of the stream, and the chunk it came in.
#[track_caller]
fn parse(stream: impl AsRef<[u8]>) -> (ServerSentEvent, Bytes) {
    let chunk = Bytes::copy_from_slice(stream.as_ref());
    let mut parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    let mut input = chunk.clone();
    let event = parser.next(&mut input).unwrap().unwrap();
    assert_eq!(parser.next(&mut input).unwrap(), None);
    (event, chunk)
}

/// Returns `true` if the text lies in the memory of a chunk.
fn lies_in(text: &str, chunk: &Bytes) -> bool {
    chunk.as_ptr_range().contains(&text.as_ptr())
}

/// Too long to be stored inline in an event.
const VALUE: &str = "a value of more than 24 bytes";

#[test]
fn a_line_of_data_in_one_chunk_is_not_copied() {
    for stream in [
        "data: a value of more than 24 bytes\n\n",
        "data:a value of more than 24 bytes\r\r",
        "data: a value of more than 24 bytes\r\n\r\n",
        "\u{FEFF}data: a value of more than 24 bytes\n\n",
        "event: e\nid: i\ndata: a value of more than 24 bytes\n\n",
        "data: a value of more than 24 bytes\nid: i\nevent: e\n\n",
        "zzz: …\nid: \0\ndata: a value of more than 24 bytes\nzzz\n\n",
        "\n\ndata: a value of more than 24 bytes\n\n",
        "retry: 5\ndata: a value of more than 24 bytes\n\n",
        "id: i\ndata: a value of more than 24 bytes\nretry: 5\nretry: x\n\n",
    ] {
        let (event, chunk) = parse(stream);
        assert_eq!(event.data(), VALUE);
        assert!(lies_in(event.data(), &chunk), "{stream:?}");
        for field in [event.event(), event.id(), event.comments()].into_iter().flatten() {
            assert!(field.is_empty() || lies_in(field, &chunk), "{stream:?}: {field:?}");
        }
        assert!(lies_in(event.clone().data(), &chunk), "{stream:?}");
        assert!(!lies_in(event.detach().data(), &chunk), "{stream:?}");
    }
}

#[test]
fn retry_lines_in_one_chunk_are_of_the_event_that_shares_it_and_of_the_parser() {
    let stream = format!(
        "retry: 5\ndata: {VALUE}\nretry: 6\nretry: x\n\ndata: {VALUE}\n\nretry: 7\n\nretry: 8\n\
         data: {VALUE}\ndata: b\n\nretry: 9\r\ndata: {VALUE}\r\n\r\nretry: 10\nid: 1\ndata: {VALUE}"
    );
    let chunk = Bytes::from(stream);
    let (mut parser, mut input) = (Parser::new(), chunk.clone());
    let mut seen = Vec::new();
    while let Some(event) = parser.next(&mut input).unwrap() {
        let millis = |time: std::time::Duration| time.as_millis();
        let is_shared = lies_in(event.data(), &chunk);
        seen.push((event.retry().map(millis), parser.reconnection_time().map(millis), is_shared));
    }
    let (six, eight, nine) = (Some(6), Some(8), Some(9));
    let expected = [(six, six, true), (None, six, true), (eight, eight, false), (nine, nine, true)];
    assert_eq!(seen, expected);
    assert_eq!(parser.reconnection_time().map(|time| time.as_millis()), Some(10));
    let event = parser.next(&mut "\n\n".into()).unwrap().unwrap();
    assert_eq!((event.data(), event.id()), (VALUE, Some("1")));
    assert_eq!(event.retry().map(|time| time.as_millis()), Some(10));
}

#[test]
fn each_of_many_events_in_a_chunk_shares_it() {
    let chunk = Bytes::from(format!("data: {VALUE}\n\nid: 2\ndata: {VALUE}\n\ndata: {VALUE}\n\n"));
    let (mut parser, mut input) = (Parser::new(), chunk.clone());
    let mut events = Vec::new();
    while let Some(event) = parser.next(&mut input).unwrap() {
        events.push(event);
    }
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| lies_in(event.data(), &chunk)));
}

/// The line that the previous chunk left open ends in this chunk, but is not part of the event.
#[test]
fn an_event_shares_its_chunk_whatever_the_chunk_before_ended_in() {
    for (before, chunk) in [
        (&b"data: 1\n\n"[..], &b"data: a value of more than 24 bytes\n\n"[..]),
        (b": keep", b"alive\ndata: a value of more than 24 bytes\n\n"),
        (b": keep", b"alive\n\ndata: a value of more than 24 bytes\n\n"),
        (b"zz", b"z\r\nid: 1\r\ndata: a value of more than 24 bytes\r\n\r\n"),
        (b"retry: ", b"x\ndata: a value of more than 24 bytes\n\n"),
        (b"data: 1\r\n\r", b"\ndata: a value of more than 24 bytes\n\n"),
        (b"data: 1\r\r", b"\r\ndata: a value of more than 24 bytes\n\n"),
        (b"\xEF\xBB", b"\xBFdata: a value of more than 24 bytes\n\n"),
        (b"\xEF\xBB", b"\ndata: a value of more than 24 bytes\n\n"),
        (b"id: 1\nevent: e\n", b"\ndata: a value of more than 24 bytes\n\n"),
    ] {
        let mut parser = Parser::new();
        let mut before = before;
        while parser.next_ref(&mut before).unwrap().is_some() {}
        let chunk = Bytes::copy_from_slice(chunk);
        let event = parser.next(&mut chunk.clone()).unwrap().unwrap();
        assert_eq!(event.data(), VALUE);
        assert!(lies_in(event.data(), &chunk), "{chunk:?}");
    }
}

#[test]
fn data_of_several_fragments_has_memory_of_its_own() {
    for stream in [
        &b"data: a value of more than 24 bytes\ndata: b\n\n"[..],
        b"data: a value of more than 24 bytes\x80\n\n",
        b": c\ndata: a value of more than 24 bytes\n\n",
    ] {
        let (event, chunk) = parse(stream);
        assert!(event.data().starts_with(VALUE));
        assert!(!lies_in(event.data(), &chunk), "{stream:?}");
        assert!(drop_makes_unique(event, &chunk) && chunk.is_unique());
    }
    let (mut parser, chunk) =
        (Parser::new(), Bytes::from(b"lue of more than 24 bytes\n\n".to_vec()));
    assert!(parser.next(&mut "data: a va".into()).unwrap().is_none());
    let event = parser.next(&mut chunk.clone()).unwrap().unwrap();
    assert_eq!(event.data(), VALUE);
    assert!(chunk.is_unique());
}

/// Returns `true` if only the caller holds the chunk once the event has been dropped.
fn drop_makes_unique<T>(event: T, chunk: &Bytes) -> bool {
    drop(event);
    chunk.is_unique()
}

#[test]
fn a_chunk_lives_as_long_as_an_event_that_shares_it() {
    let (event, chunk) = parse("id: 1\ndata: a value of more than 24 bytes\n\n");
    assert!(!chunk.is_unique());
    let clone = event.clone();
    let detached = event.detach();
    drop(event);
    assert!(!chunk.is_unique());
    assert!(drop_makes_unique(clone, &chunk));
    assert_eq!((detached.data(), detached.id()), (VALUE, Some("1")));
}

#[test]
fn detach_of_a_typed_event_releases_the_chunk() {
    let (event, chunk) = parse("event: an event type of some length\nid: 1\ndata: 42\n\n");
    let event = event.try_map_data(str::parse::<u8>).unwrap();
    assert!(lies_in(event.event_type(), &chunk));
    let detached = event.detach();
    assert!(chunk.is_unique());
    assert_eq!(
        (*detached.data(), detached.event(), detached.id()),
        (42, Some("an event type of some length"), Some("1"))
    );
}

#[test]
fn an_event_does_not_hold_a_chunk_of_which_it_needs_nothing() {
    for stream in ["data\n\n", "data:\n\n", "event\ndata: \nid\n\n", "retry: 5\n\n"] {
        let (_event, chunk) = parse(stream);
        assert!(chunk.is_unique(), "{stream:?}");
    }
}

#[test]
fn a_small_event_holds_its_text_inline() {
    for stream in [
        "data: value\n\n",
        "id: 7\nevent: tick\ndata: 1234\n\n",
        "data: 234567890123456789012345\n\n",
    ] {
        let (event, chunk) = parse(stream);
        assert!(chunk.is_unique(), "{stream:?}");
        assert!(
            stream.contains(event.data()) && stream.contains(event.event().unwrap_or_default())
        );
        assert_eq!(event.id().unwrap_or("7"), "7");
    }
}

#[test]
fn an_event_hidden_by_next_if_holds_no_chunk() {
    let chunk = Bytes::from(format!("id: 1\ndata: {VALUE}\n\n").into_bytes());
    let (mut parser, mut input) = (Parser::new(), chunk);
    let taken = parser.next_if(&mut input, |event| event.data_bytes() != VALUE.as_bytes());
    assert_eq!(taken, Ok(Some(Taken::Hidden)));
    assert!(input.is_empty() && input.is_unique());
    assert_eq!(parser.last_event_id(), "1");
}
