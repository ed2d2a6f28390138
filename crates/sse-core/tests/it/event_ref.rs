//! Tests of `EventRef::last_event_id`, on every path that creates an `EventRef`.
//!
//! `sse_reference::outcome::take` asserts for each stream of sse-core's tests that it equals
//! `Parser::last_event_id` right after the event. The values here are written independently of the
//! parser.

use bytes::Bytes;
use sse_core::{EventRef, ExcessPolicy, Limits, Parser, Taken};

use crate::support::case::for_each_cut;

/// An event's data, its own ID, and the last event ID that the event reports.
type Seen = (String, Option<String>, String);

fn seen(event: &EventRef<'_>) -> Seen {
    (event.data().into(), event.id().map(Into::into), event.last_event_id().to_owned())
}

/// Reads all chunks with the parser, and returns the parser.
type Route = fn(Parser, &[&[u8]]) -> (Vec<Seen>, Parser);

const ROUTES: &[(&str, Route)] = &[
    ("next_ref", by_next_ref),
    ("next_if, kept", |parser, chunks| by_next_if(parser, chunks, |_| true)),
    ("next_if, hidden", |parser, chunks| by_next_if(parser, chunks, |_| false)),
    ("next_if, by turns", |parser, chunks| by_next_if(parser, chunks, |count| count % 2 == 0)),
    #[cfg(feature = "std")]
    ("EventReader::next_ref", by_event_reader),
];

fn by_next_ref(mut parser: Parser, chunks: &[&[u8]]) -> (Vec<Seen>, Parser) {
    let mut events = Vec::new();
    for chunk in chunks {
        let mut input = *chunk;
        while let Some(event) = parser.next_ref(&mut input).unwrap() {
            events.push(seen(&event));
        }
    }
    (events, parser)
}

/// Keeps the event if the closure returns `true` for the number of events before it.
fn by_next_if(
    mut parser: Parser,
    chunks: &[&[u8]],
    keep: fn(usize) -> bool,
) -> (Vec<Seen>, Parser) {
    let mut events = Vec::new();
    for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        loop {
            let is_kept = keep(events.len());
            let taken = parser.next_if(&mut input, |event| {
                events.push(seen(event));
                is_kept
            });
            match taken.unwrap() {
                None => break,
                Some(taken) => assert_eq!(matches!(taken, Taken::Event(_)), is_kept),
            }
            assert_eq!(parser.last_event_id(), events.last().unwrap().2);
        }
    }
    (events, parser)
}

#[cfg(feature = "std")]
fn by_event_reader(parser: Parser, chunks: &[&[u8]]) -> (Vec<Seen>, Parser) {
    let source = crate::support::source::Script::hesitant(chunks);
    let mut reader = sse_core::EventReader::new(source).with_parser(parser);
    let mut events = Vec::new();
    while reader.fill().unwrap() {
        while let Some(event) = reader.next_ref().unwrap() {
            events.push(seen(&event));
        }
    }
    let (_, parser, _) = reader.into_parts();
    (events, parser)
}

struct Case {
    about: &'static str,
    parser: Parser,
    stream: &'static str,
    /// Data, ID and last event ID of each event.
    events: &'static [(&'static str, Option<&'static str>, &'static str)],
    /// The parser's last event ID at the end.
    last: &'static str,
}

fn cases() -> Vec<Case> {
    let case =
        |about, stream, events, last| Case { about, parser: Parser::new(), stream, events, last };
    vec![
        case("no id", "data: a\n\n", &[("a", None, "")], ""),
        case("in this block", "id: 1\ndata: a\n\n", &[("a", Some("1"), "1")], "1"),
        case("after the data", "data: a\nid: 1\n\n", &[("a", Some("1"), "1")], "1"),
        case("twice in a block", "id: 1\nid: 2\ndata: a\n\n", &[("a", Some("2"), "2")], "2"),
        case(
            "inherited from an earlier block",
            "id: 1\ndata: a\n\ndata: b\n\ndata: c\ndata: d\n\n",
            &[("a", Some("1"), "1"), ("b", None, "1"), ("c\nd", None, "1")],
            "1",
        ),
        case(
            "inherited from a block without data",
            "id: 1\n\ndata: b\n\n",
            &[("b", None, "1")],
            "1",
        ),
        case("lines of data", "data: a\nid: 1\ndata: b\n\n", &[("a\nb", Some("1"), "1")], "1"),
        case(
            "reset by an empty id",
            "id: 1\ndata: a\n\nid\ndata: b\n\ndata: c\n\n",
            &[("a", Some("1"), "1"), ("b", Some(""), ""), ("c", None, "")],
            "",
        ),
        case(
            "an id with NUL is ignored",
            "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n",
            &[("a", Some("1"), "1"), ("b", None, "1")],
            "1",
        ),
        case("CRLF", "id: é\r\ndata: a\r\n\r\n", &[("a", Some("é"), "é")], "é"),
        case(
            "CR",
            "id: 1\rdata: a\r\rdata: b\r\r",
            &[("a", Some("1"), "1"), ("b", None, "1")],
            "1",
        ),
        case(
            "an incomplete block",
            "id: 1\ndata: a\n\nid: 2\ndata: b\n",
            &[("a", Some("1"), "1")],
            "1",
        ),
        Case {
            about: "with_last_event_id",
            parser: Parser::new().with_last_event_id("seed"),
            stream: "data: a\n\nid: 1\ndata: b\n\n",
            events: &[("a", None, "seed"), ("b", Some("1"), "1")],
            last: "1",
        },
        Case {
            about: "with_dataless_blocks",
            parser: Parser::new().with_dataless_blocks(true),
            stream: "id: 1\n\nevent: e\n\nid\n\n",
            events: &[("", Some("1"), "1"), ("", None, "1"), ("", Some(""), "")],
            last: "",
        },
        Case {
            about: "a block that exceeds a limit does not commit",
            parser: Parser::new().with_limits(
                Limits::default().max_event_bytes(45).excess_policy(ExcessPolicy::Skip),
            ),
            stream: "id: 1\ndata: a\n\nid: 2\ndata: far more than the limit allows\n\ndata: b\n\n",
            events: &[("a", Some("1"), "1"), ("b", None, "1")],
            last: "1",
        },
    ]
}

/// Split in every way, including single bytes.
#[test]
fn last_event_id_of_an_event_ref_is_the_one_after_its_block() {
    for Case { about, parser, stream, events, last } in cases() {
        let expected = events.iter().map(|(data, id, last)| {
            ((*data).to_owned(), id.map(ToOwned::to_owned), (*last).to_owned())
        });
        let expected = expected.collect::<Vec<Seen>>();
        for (route, read) in ROUTES {
            for_each_cut(stream.as_bytes(), |chunks| {
                let (events, parser) = read(parser.clone(), chunks);
                assert_eq!(events, expected, "{about}, {route}, {chunks:?}");
                assert_eq!(parser.last_event_id(), last, "{about}, {route}, {chunks:?}");
            });
        }
    }
}

/// Ill-formed bytes are replaced as in the field itself.
#[test]
fn last_event_id_of_an_event_ref_is_well_formed() {
    let mut parser = Parser::new();
    let event = parser.next_ref(&mut &b"id: \xFF\ndata: a\n\n"[..]).unwrap().unwrap();
    assert_eq!((event.id().as_deref(), event.last_event_id()), (Some("\u{FFFD}"), "\u{FFFD}"));
}

#[test]
fn last_event_id_of_an_event_ref_is_the_parsers_text_and_not_a_copy() {
    for stream in
        ["id: 1\ndata: a\n\n", "id: 1\ndata: a\ndata: b\n\n", "data: a\nid: 1\nretry: 1\n\n"]
    {
        let mut parser = Parser::new();
        let borrowed = {
            let event = parser.next_ref(&mut stream.as_bytes()).unwrap().unwrap();
            let copy = event;
            assert_eq!(copy.last_event_id(), "1");
            event.last_event_id().as_ptr()
        };
        assert_eq!(borrowed, parser.last_event_id().as_ptr(), "{stream:?}");
    }
}
