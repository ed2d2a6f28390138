//! Asynchronous readers in, their events through `EventStream` out, the same that a parser gives.
//!
//! The cases are those of both traits, as far as their features are on: what differs between them
//! is in one macro.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use sse_core::{EventStream, IdleError, Limits, Parser, ReadError, ServerSentEvent, StreamError};

use crate::support::{
    case::for_each_cut,
    polling::{drain, poll_and_drop},
    source::{Broken, MODES, STREAMS, Script, Step, assert_read, chunk, expected},
};

/// A script as an asynchronous reader, which says how much it was asked for.
struct Reader {
    script: Script,
    asked: Vec<usize>,
    /// `true` if a wait is an interruption.
    is_interrupted: bool,
    lie: Lie,
}

/// Fault of a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    None,
    /// Says that it has read one byte more than it had room for.
    #[cfg(feature = "futures-io")]
    OneMore,
    /// Replaces the `ReadBuf` by one of its own of this length.
    #[cfg(feature = "tokio-io")]
    Replace(usize),
}

impl Reader {
    fn new(script: Script) -> Self {
        Self { script, asked: Vec::new(), is_interrupted: false, lie: Lie::None }
    }

    fn interrupted(script: Script) -> Self {
        Self { is_interrupted: true, ..Self::new(script) }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        self.asked.push(buffer.len());
        match io::Read::read(&mut self.script, buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted && !self.is_interrupted => {
                Poll::Pending
            }
            read => Poll::Ready(read),
        }
    }
}

#[cfg(feature = "futures-io")]
impl futures_util::AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.lie == Lie::OneMore {
            return Poll::Ready(Ok(buffer.len() + 1));
        }
        self.read(buffer)
    }
}

#[cfg(feature = "tokio-io")]
impl tokio::io::AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Lie::Replace(len) = self.lie {
            *buffer = tokio::io::ReadBuf::new(Vec::leak(vec![b'\n'; len]));
            buffer.set_filled(len);
            return Poll::Ready(Ok(()));
        }
        let read = self.read(buffer.initialize_unfilled());
        read.map(|read| read.map(|read| buffer.advance(read)))
    }
}

macro_rules! cases {
    ($name:ident, $open:path) => {
        mod $name {
            use super::*;

            #[test]
            fn a_reader_in_any_chunks_is_what_the_parser_reads_however_often_next_is_dropped() {
                for mode in MODES {
                    for stream in STREAMS {
                        let expected = expected(&mode.parser(), stream);
                        for_each_cut(stream, |chunks| {
                            for open in [Reader::new, Reader::interrupted] {
                                let reader = open(Script::hesitant(chunks));
                                let mut events = $open(reader).with_parser(mode.parser());
                                let read = drain(&mut events).unwrap();
                                assert_read(&read, events.parser(), &expected);
                            }
                        });
                    }
                }
            }

            #[test]
            fn with_buffer_bytes_bounds_what_is_read_at_once() {
                for (bytes, largest) in [(None, 16 * 1024), (Some(100), 100), (Some(0), 1)] {
                    let steps = vec![chunk("data: a value of some length\n\n"); 1000];
                    let mut events = $open(Reader::new(Script::new(steps)));
                    if let Some(bytes) = bytes {
                        events = events.with_buffer_bytes(bytes);
                    }
                    assert_eq!(drain(&mut events).unwrap().len(), 1000);
                    let reader = events.into_parts().0.into_inner();
                    assert_eq!(reader.asked.iter().max(), Some(&largest));
                }
            }

            #[test]
            fn with_buffer_bytes_bounds_reads_once_reading_has_begun() {
                let steps = vec![chunk("data: 1\n\n".repeat(1000)); 4];
                let mut events = $open(Reader::new(Script::new(steps))).with_buffer_bytes(20_000);
                let mut count = 1;
                assert!(matches!(poll_and_drop(events.next()), Poll::Ready(Some(Ok(_)))));
                for (bytes, longest) in [(50, 50), (0, 1), (100, 100)] {
                    events = events.with_buffer_bytes(bytes);
                    let reads = events.get_ref().get_ref().asked.len();
                    while events.get_ref().get_ref().asked.len() < reads + 20 {
                        let next = poll_and_drop(events.next());
                        assert!(matches!(next, Poll::Ready(Some(Ok(event))) if event.data() == "1"));
                        count += 1;
                    }
                    let asked = &events.get_ref().get_ref().asked[reads..];
                    assert_eq!(asked.iter().max(), Some(&longest), "{asked:?}");
                }
                assert_eq!(count + drain(&mut events).unwrap().len(), 4000);
            }

            #[test]
            fn an_error_is_the_last_item_after_the_events_before_it() {
                let small = || Parser::new().with_limits(Limits::default().max_event_bytes(40));
                let long = "data: 1\n\ndata: ".to_owned() + &"x".repeat(40) + "\n\ndata: 3\n\n";
                let cases = [
                    (vec![chunk("data: 1\n\ndata: 2"), Step::Wait, Step::Fail], "source"),
                    (vec![chunk(long)], "limit"),
                ];
                for (steps, expected) in cases {
                    let reader = Reader::new(Script::new(steps));
                    let mut events = $open(reader).with_parser(small());
                    let first = poll_and_drop(events.next());
                    assert!(matches!(first, Poll::Ready(Some(Ok(event))) if event.data() == "1"));
                    check_error(drain(&mut events).unwrap_err(), expected);
                    assert!(matches!(poll_and_drop(events.next()), Poll::Ready(None)));
                }
            }

            #[test]
            fn an_idle_timeout_limits_the_silence_of_a_reader() {
                let steps = [chunk("data: 1\n\n"), Step::Wait, Step::Wait];
                let reader = Reader::new(Script::new(steps));
                let mut events = $open(reader).with_idle_timeout(|| std::future::ready(()));
                let first = poll_and_drop(events.next());
                assert!(matches!(first, Poll::Ready(Some(Ok(event))) if event.data() == "1"));
                let Poll::Ready(Some(Err(error))) = poll_and_drop(events.next()) else {
                    panic!("no error")
                };
                assert!(matches!(error, StreamError::Source(IdleError::Expired)));
            }

            #[test]
            fn the_reader_and_what_was_read_of_it_are_given_back() {
                let steps = [chunk("data: 1\n\ndata: 2\n\n"), chunk("data: 3\n\n")];
                let mut events = $open(Reader::new(Script::new(steps)));
                assert!(matches!(poll_and_drop(events.next()), Poll::Ready(Some(Ok(_)))));
                let (mut source, _, rest) = events.into_parts();
                assert_eq!(&*rest, b"data: 2\n\n");
                assert_eq!(source.get_ref().script.asked, 1);
                assert!(matches!(source.get_mut().script.step(), Some(Step::Chunk(_))));
            }
        }
    };
}

#[cfg(feature = "futures-io")]
cases!(futures_read, EventStream::from_futures_read);
#[cfg(feature = "tokio-io")]
cases!(tokio_read, EventStream::from_tokio_read);

#[cfg(feature = "futures-io")]
#[test]
fn a_futures_reader_that_returns_more_bytes_than_it_had_room_for_is_an_error_of_the_source() {
    for bytes in [0, 1, 100, 16 * 1024] {
        let reader = Reader::new(Script::new([chunk("data: 1\n\n")]));
        let mut events = EventStream::from_futures_read(reader);
        assert!(matches!(poll_and_drop(events.next()), Poll::Ready(Some(Ok(_)))));
        // The memory that is left may be larger than the room.
        let mut events = events.with_buffer_bytes(bytes);
        events.get_mut().get_mut().lie = Lie::OneMore;
        check_lie(poll_and_drop(events.next()), "more bytes than it had room for");
        assert!(matches!(poll_and_drop(events.next()), Poll::Ready(None)));
    }
}

#[cfg(feature = "tokio-io")]
#[test]
fn a_tokio_reader_that_replaces_its_buffer_is_an_error_of_the_source() {
    for len in [0, 1, 100, 64 * 1024] {
        let mut reader = Reader::new(Script::default());
        reader.lie = Lie::Replace(len);
        let mut events = EventStream::from_tokio_read(reader);
        check_lie(poll_and_drop(events.next()), "replaced the buffer");
        assert!(matches!(poll_and_drop(events.next()), Poll::Ready(None)));
    }
}

#[track_caller]
fn check_lie(next: Poll<Option<Result<ServerSentEvent, ReadError>>>, expected: &str) {
    let Poll::Ready(Some(Err(StreamError::Source(error)))) = next else { panic!("{next:?}") };
    assert!(error.to_string().contains(expected), "{error}");
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
