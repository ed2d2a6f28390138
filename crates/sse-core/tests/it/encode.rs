//! Properties: random events are parsed from their wire format as equal events.
//!
//! Fields that must not be built are tested here too, since the guarantee covers everything that
//! can be. The exact wire format is tested next to the encoder.

use core::{fmt::Write, time::Duration};

use bytes::Bytes;
use proptest::{collection::vec, option, prelude::*, sample::select};
use sse_core::{BuildError, DataWriter, EncodedEvent, Parser, ServerSentEvent};

use crate::support::streams::{any_cut, any_stream, config};

/// Arguments of a builder.
#[derive(Debug, Clone)]
struct Fields {
    data: Option<String>,
    event: Option<String>,
    id: Option<String>,
    comments: Option<String>,
    retry: Option<Duration>,
}

impl Fields {
    fn build(&self) -> Result<ServerSentEvent, BuildError> {
        let Self { data, event, id, comments, retry } = self.clone();
        let mut builder = ServerSentEvent::builder();
        if let Some(data) = data {
            builder = builder.data(data);
        }
        if let Some(event) = event {
            builder = builder.event(event);
        }
        if let Some(id) = id {
            builder = builder.id(id);
        }
        if let Some(comments) = comments {
            builder = builder.comments(comments);
        }
        if let Some(retry) = retry {
            builder = builder.retry(retry);
        }
        builder.build()
    }
}

/// Text that contains everything that could be mistaken for syntax.
fn text(special: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => select(special).prop_map(ToOwned::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

const ONE_LINE: &[&str] = &["a", " ", ":", "\t", "\u{FEFF}", "data: ", "…", "\u{2028}", "\u{85}"];
const LINES: &[&str] = &["a", " ", ":", "\0", "\n", "\r", "\r\n", "\u{FEFF}", "data: x", "…"];

fn any_retry() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..100_u64).prop_map(Duration::from_millis),
        any::<u64>().prop_map(Duration::from_nanos),
        any::<u64>().prop_map(Duration::from_millis),
        Just(Duration::MAX),
    ]
}

/// Mostly fields that an event stream can carry, and some that it cannot.
fn any_fields() -> impl Strategy<Value = Fields> {
    let one_line = || prop_oneof![9 => text(ONE_LINE), 1 => text(LINES)];
    let lines = || option::of(text(LINES));
    (lines(), option::of(one_line()), option::of(one_line()), lines(), option::of(any_retry()))
        .prop_map(|(data, event, id, comments, retry)| Fields { data, event, id, comments, retry })
}

pub(crate) fn any_event() -> impl Strategy<Value = ServerSentEvent> {
    any_fields().prop_filter_map("an event stream cannot carry it", |fields| fields.build().ok())
}

/// Parser that returns everything that events can hold.
fn parser() -> Parser {
    Parser::new().with_comments(true).with_dataless_blocks(true)
}

fn read(mut parser: Parser, chunks: &[&[u8]]) -> Vec<ServerSentEvent> {
    let mut events = Vec::new();
    for chunk in chunks {
        let mut input = Bytes::copy_from_slice(chunk);
        while let Some(event) = parser.next(&mut input).unwrap() {
            events.push(event);
        }
    }
    assert_eq!(parser.pending_bytes(), 0, "what is written is whole");
    events
}

fn write(events: &[ServerSentEvent]) -> String {
    events.iter().map(ToString::to_string).collect()
}

fn with_lf(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Each is data that a known server encodes wrongly, or drops.
#[test]
fn data_that_servers_get_wrong_is_read_as_it_was_written_by_every_encoder() {
    let cases = [
        ("a\rb\nc\r\nd", "a\nb\nc\nd"),
        ("a\n", "a\n"),
        ("a\r\n\r\n", "a\n\n"),
        ("\n", "\n"),
        ("", ""),
        (" a", " a"),
        ("  ", "  "),
        ("a\n b", "a\n b"),
        (": a\nevent: b\n\nid: c", ": a\nevent: b\n\nid: c"),
        ("a\0b\u{FEFF}", "a\0b\u{FEFF}"),
    ];
    for (data, expected) in cases {
        let event = ServerSentEvent::builder().event("e").id("7").data(data).build().unwrap();
        let typed = ServerSentEvent::builder().event("e").id("7").build_typed(data).unwrap();
        let with = |data: &&str, writer: &mut DataWriter| writer.write_str(data);
        let written = [
            event.to_string().into(),
            EncodedEvent::from(&event).into_bytes(),
            typed.to_string().into(),
            typed.encode_with(with).unwrap().into_bytes(),
        ];
        for wire in written {
            let events = read(Parser::new(), &[&wire]);
            let seen = events.iter().map(|it| (it.event_type(), it.id(), it.data()));
            assert_eq!(seen.collect::<Vec<_>>(), [("e", Some("7"), expected)], "{data:?}");
        }
    }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn builder_keeps_fields_that_can_be_encoded(fields in any_fields()) {
        let event = fields.event.as_deref().filter(|event| !event.is_empty());
        let id = fields.id.as_deref();
        let broken = |value: Option<&str>| value.is_some_and(|value| value.contains(['\r', '\n']));
        let absent = fields.data.is_none() && fields.comments.is_none() && fields.retry.is_none();
        let expected = if broken(event) {
            Err(BuildError::LineBreakInEventType)
        } else if broken(id) {
            Err(BuildError::LineBreakInId)
        } else if id.is_some_and(|id| id.contains('\0')) {
            Err(BuildError::NulInId)
        } else if absent && event.is_none() && id.is_none() {
            Err(BuildError::Empty)
        } else {
            Ok(())
        };
        let built = match (fields.build(), expected) {
            (Ok(built), Ok(())) => built,
            (built, expected) => {
                prop_assert_eq!(built.map(|_| ()), expected);
                return Ok(());
            }
        };
        let data = fields.data.as_deref().map(with_lf);
        prop_assert_eq!((built.has_data(), built.data()), (data.is_some(), &*data.unwrap_or_default()));
        let comments = fields.comments.as_deref().map(with_lf);
        prop_assert_eq!(built.comments(), comments.as_deref());
        prop_assert_eq!((built.event(), built.id()), (event, id));
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        prop_assert_eq!(built.retry().map(millis), fields.retry.map(millis));
    }

    #[test]
    fn an_event_is_read_as_it_was_written(event in any_event()) {
        let written = event.to_string();
        prop_assert!(written.ends_with("\n\n") && !written.contains('\r'));
        prop_assert_eq!(read(parser(), &[written.as_bytes()]), core::slice::from_ref(&event));
        prop_assert_eq!(event.detach().to_string(), written);
    }

    #[test]
    fn events_written_after_each_other_are_a_stream_in_any_chunks(
        events in vec(any_event(), 0..5),
        cut in any_cut(),
    ) {
        let stream = write(&events);
        prop_assert_eq!(read(parser(), &cut.chunks(stream.as_bytes())), events);
    }

    /// A reader of messages only, such as a browser, sees the blocks that are messages.
    #[test]
    fn events_with_data_are_messages_to_everyone(events in vec(any_event(), 0..5)) {
        let messages = read(Parser::new(), &[write(&events).as_bytes()]);
        let with_data = events.iter().filter(|event| event.has_data());
        let seen = |event: &ServerSentEvent| {
            (event.data().to_owned(), event.event_type().to_owned(), event.id().map(str::to_owned))
        };
        let expected = with_data.map(seen).collect::<Vec<_>>();
        prop_assert_eq!(messages.iter().map(seen).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn parsed_events_are_the_same_after_encoding_and_parsing(stream in any_stream()) {
        let mut parser = parser();
        let (mut input, mut events) = (Bytes::from(stream), Vec::new());
        while let Some(event) = parser.next(&mut input).unwrap() {
            events.push(event);
        }
        let written = write(&events);
        let again = read(self::parser(), &[written.as_bytes()]);
        prop_assert_eq!(&again, &events);
        prop_assert_eq!(write(&again), written);
    }

    /// A value that is text displays as the text did.
    #[test]
    fn a_typed_event_is_written_like_its_source_event(event in any_event()) {
        let written = event.to_string();
        if event.has_data() {
            prop_assert_eq!(event.map_data(str::to_owned).to_string(), written);
        } else {
            // A value is always present, so that the event is a message.
            let typed = event.map_data(str::to_owned).to_string();
            prop_assert_eq!(typed, format!("{}data: \n\n", &written[..written.len() - 1]));
        }
    }
}
