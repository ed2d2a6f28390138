//! Tests of `EventReader`: it returns the events that a parser returns.
//!
//! Both interfaces are tested: the iterator, and `fill` with `next_ref`.

use std::{
    error::Error,
    io::{self, Read},
};

use bytes::Bytes;
use sse_core::{EventReader, Limits, Parser, ReadError, ServerSentEvent, StreamError};

use crate::support::{
    case::for_each_cut,
    source::{Broken, MODES, STREAMS, Script, Step, assert_read, chunk, expected},
};

fn borrow_all(events: &mut EventReader<impl Read>) -> Result<Vec<ServerSentEvent>, ReadError> {
    let mut read = Vec::new();
    while events.fill()? {
        while let Some(event) = events.next_ref()? {
            read.push(event.to_event());
        }
    }
    Ok(read)
}

/// Reads owned and borrowed events in turn.
fn take_by_turns(events: &mut EventReader<impl Read>) -> Result<Vec<ServerSentEvent>, ReadError> {
    let mut read = Vec::new();
    while let Some(event) = events.next().transpose()? {
        read.push(event);
        if events.fill()? {
            read.extend(events.next_ref()?.map(|event| event.to_event()));
        }
    }
    Ok(read)
}

#[test]
fn a_stream_in_any_chunks_is_what_the_parser_reads() {
    for mode in MODES {
        for stream in STREAMS {
            let expected = expected(&mode.parser(), stream);
            for_each_cut(stream, |chunks| {
                let open = |source| EventReader::new(source).with_parser(mode.parser());
                let mut events = open(Script::hesitant(chunks));
                let read = events.by_ref().collect::<Result<Vec<_>, _>>().unwrap();
                assert_read(&read, events.parser(), &expected);
                for take in [borrow_all, take_by_turns] {
                    let mut events = open(Script::hesitant(chunks));
                    let read = take(&mut events).unwrap();
                    assert_read(&read, events.parser(), &expected);
                }
            });
        }
    }
}

#[test]
fn with_buffer_bytes_accepts_any_size() {
    for stream in STREAMS {
        let expected = expected(&Parser::new(), stream);
        for size in [0, 1, 2, 3, 5, 17, 4096] {
            let mut events = EventReader::new(stream).with_buffer_bytes(size);
            let read = events.by_ref().collect::<Result<Vec<_>, _>>().unwrap();
            assert_read(&read, events.parser(), &expected);
        }
    }
}

/// Reader that records the size of the buffers it is given.
struct Asked(Vec<usize>);

impl Read for Asked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.push(buffer.len());
        let read = b"data: x\n\n".as_slice().read(buffer)?;
        Ok(if self.0.len() > 3 { 0 } else { read })
    }
}

#[test]
fn with_buffer_bytes_is_the_size_of_a_read() {
    let asked = |set: fn(EventReader<Asked>) -> EventReader<Asked>| {
        let mut events = set(EventReader::new(Asked(Vec::new())));
        assert!(events.by_ref().all(|event| event.unwrap().data() == "x"));
        events.into_parts().0.0
    };
    // The rest of the buffer serves the next read.
    let rest = |size| [size, size - 9, size - 18, size - 27].to_vec();
    assert_eq!(asked(|events| events), rest(16 * 1024));
    assert_eq!(asked(|events| events.with_buffer_bytes(100)), rest(100));
    assert_eq!(asked(|events| events.with_buffer_bytes(10)), [10; 4]);
    assert_eq!(asked(|events| events.with_buffer_bytes(0)), [1; 4]);
}

#[test]
fn with_buffer_bytes_bounds_reads_once_reading_has_begun() {
    let mut events = EventReader::new(Asked(Vec::new())).with_buffer_bytes(1000);
    for (bytes, asked) in [(1000, 1000), (50, 50), (0, 1)] {
        events = events.with_buffer_bytes(bytes);
        let _ = events.next();
        assert_eq!(events.get_ref().0.last(), Some(&asked));
        events.get_mut().0.truncate(1);
    }
}

/// Reader that says it has read one byte more than it had room for, after a first read.
struct OneMore(bool);

impl Read for OneMore {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let is_first = std::mem::take(&mut self.0);
        if is_first { b"data: x\n\n".as_slice().read(buffer) } else { Ok(buffer.len() + 1) }
    }
}

#[test]
fn a_reader_that_returns_more_bytes_than_it_had_room_for_is_an_error_of_the_source() {
    for bytes in [0, 1, 100, 16 * 1024] {
        let mut events = EventReader::new(OneMore(true));
        assert!(matches!(events.next(), Some(Ok(_))));
        // The memory that is left may be larger than the room.
        let mut events = events.with_buffer_bytes(bytes);
        let next = events.next();
        let Some(Err(StreamError::Source(error))) = next else { panic!("{next:?}") };
        assert_eq!(error.to_string(), "reader returned more bytes than it had room for");
        assert!(events.next().is_none());
    }
}

#[test]
fn an_event_shares_the_buffer_and_lives_on_when_it_is_used_again() {
    let stream = "data: 1\n\ndata: 2\n\n".repeat(100);
    let events = EventReader::new(stream.as_bytes()).with_buffer_bytes(40);
    let kept = events.collect::<Result<Vec<_>, _>>().unwrap();
    assert_eq!(kept.len(), 200);
    for pair in kept.chunks(2) {
        assert_eq!((pair[0].data(), pair[1].data()), ("1", "2"));
    }
}

#[test]
fn an_error_comes_after_the_events_before_it_and_nothing_after_it() {
    let small = Parser::new().with_limits(Limits::default().max_event_bytes(40));
    let long = "data: 1\n\nid: 2\ndata: ".to_owned() + &"x".repeat(40) + "\n\ndata: 3\n\n";
    let cases: [(Vec<Step>, &str); 4] = [
        (vec![chunk("data: 1\n\nid: 2\ndata: 2"), Step::Fail, chunk("\n\n")], "source"),
        (vec![chunk("data: 1\n\n"), Step::Wait, Step::Fail], "source"),
        (vec![chunk(long.clone())], "limit"),
        (vec![chunk(long[..20].to_owned()), chunk(long[20..].to_owned()), Step::Fail], "limit"),
    ];
    for (steps, expected) in cases {
        let open = || EventReader::new(Script::new(steps.clone())).with_parser(small.clone());
        let mut events = open();
        assert_eq!(events.next().unwrap().unwrap().data(), "1");
        check_error(events.next().unwrap().unwrap_err(), expected);
        assert!(events.by_ref().take(3).next().is_none());
        assert_over(events);

        let mut events = open();
        assert!(events.fill().unwrap());
        assert_eq!(events.next_ref().unwrap().unwrap().data(), "1");
        check_error(borrow_all(&mut events).unwrap_err(), expected);
        assert!(borrow_all(&mut events).unwrap().is_empty());
        assert_over(events);
    }
}

#[track_caller]
fn check_error(error: ReadError, expected: &str) {
    match error {
        StreamError::Source(error) => {
            let cause = error.get_ref().and_then(|error| error.downcast_ref());
            assert_eq!((cause, expected), (Some(&Broken), "source"));
        }
        StreamError::Limit(error) => assert_eq!((error.max_bytes(), expected), (40, "limit")),
        other => panic!("{other}"),
    }
}

#[track_caller]
fn assert_over(events: EventReader<Script>) {
    let (_, parser, rest) = events.into_parts();
    assert_eq!((parser.last_event_id(), &*rest), ("", &b""[..]));
}

#[test]
fn into_parts_returns_unread_bytes() {
    let open = || EventReader::new("data: 1\n\ndata: 2\n\ndata: 3".as_bytes());
    let rest = b"data: 2\n\ndata: 3";
    let mut events = open();
    assert_eq!(events.next().unwrap().unwrap().data(), "1");
    assert_eq!(events.into_parts().2, Bytes::from_static(rest));
    let mut events = open();
    assert!(events.next_ref().unwrap().is_none(), "nothing has been read");
    assert!(events.fill().unwrap() && events.fill().unwrap());
    assert_eq!(events.next_ref().unwrap().unwrap().data(), "1");
    assert!(format!("{events:?}").contains("unread_bytes: 16"), "{events:?}");
    let (source, mut parser, mut chunk) = events.into_parts();
    assert_eq!((&*chunk, source.len()), (&rest[..], 0));
    assert_eq!(parser.next(&mut chunk).unwrap().unwrap().data(), "2");
}

#[test]
fn an_error_of_the_source_is_the_cause() {
    let error = EventReader::new(Script::new([Step::Fail])).next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "failed to read the event stream");
    assert_eq!(error.source().unwrap().to_string(), "cable cut");
}
