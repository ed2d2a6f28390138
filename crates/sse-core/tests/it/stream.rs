//! Tests of `EventStream`: it yields the events that a parser returns.
//!
//! `StreamExt` is not imported: `next` has to work without it.

#[cfg(any(feature = "futures-io", feature = "tokio-io"))]
mod async_read; // `EventStream` over asynchronous readers

use std::{cell::Cell, error::Error, future::poll_fn, rc::Rc, task::Poll};

use bytes::Bytes;
use futures_util::{
    Stream,
    stream::{self, FusedStream},
};
use sse_core::{EventStream, IdleError, Limit, Limits, Parser, ServerSentEvent, StreamError};

use crate::support::{
    case::for_each_cut,
    polling::{self, poll, poll_and_drop},
    source::{Broken, MODES, STREAMS, Script, Step, assert_read, chunk, expected},
};

/// Reads to the end, dropping the future of `next` whenever it is pending.
fn drain(events: &mut EventStream<Script>) -> Result<Vec<ServerSentEvent>, StreamError<Broken>> {
    let mut drained = Vec::new();
    loop {
        match poll_and_drop(events.next()) {
            Poll::Ready(Some(Ok(event))) => drained.push(event),
            Poll::Ready(Some(Err(error))) => return Err(error),
            Poll::Ready(None) => return Ok(drained),
            Poll::Pending => {}
        }
    }
}

#[track_caller]
fn data(item: Poll<Option<Result<ServerSentEvent, StreamError<Broken>>>>) -> String {
    match item {
        Poll::Ready(Some(Ok(event))) => event.data().to_owned(),
        other => panic!("no event: {other:?}"),
    }
}

#[test]
fn a_stream_in_any_chunks_is_what_the_parser_reads_however_often_next_is_dropped() {
    for mode in MODES {
        for stream in STREAMS {
            let expected = expected(&mode.parser(), stream);
            for_each_cut(stream, |chunks| {
                let source = Script::hesitant(chunks);
                let mut events = EventStream::new(source).with_parser(mode.parser());
                let drained = drain(&mut events).unwrap();
                assert_read(&drained, events.parser(), &expected);
                assert!(events.is_terminated());
            });
        }
    }
}

/// A comment of one line is not an event, but shows that the server is alive.
#[test]
fn received_bytes_grow_with_a_comment() {
    let steps = [chunk("data: 1\n\ndata: 2\n\n"), Step::Wait, chunk(":\n"), Step::Wait];
    let mut events = EventStream::new(Script::new(steps));
    assert_eq!(events.received_bytes(), 0);
    assert_eq!(data(poll_and_drop(events.next())), "1");
    assert_eq!(events.received_bytes(), 18);
    assert_eq!(data(poll_and_drop(events.next())), "2");
    assert!(poll_and_drop(events.next()).is_pending());
    assert_eq!(events.received_bytes(), 18);
    assert!(poll_and_drop(events.next()).is_pending());
    assert_eq!(events.received_bytes(), 20);
}

/// Sleep that the test ends.
#[derive(Debug, Clone, Default)]
struct Sleeps {
    made: Rc<Cell<u32>>,
    are_over: Rc<Cell<bool>>,
}

impl Sleeps {
    fn sleep(&self) -> impl Future<Output = ()> + use<> {
        self.made.set(self.made.get() + 1);
        let are_over = self.are_over.clone();
        poll_fn(move |_| if are_over.get() { Poll::Ready(()) } else { Poll::Pending })
    }
}

#[test]
fn with_idle_timeout_expires_in_a_silence_and_any_byte_ends_one() {
    let wait = || Step::Wait;
    let steps = [wait(), wait(), chunk(":\n"), wait(), chunk("data: 1\n"), wait(), chunk("\n")];
    let steps = steps.into_iter().chain([Step::Wait, Step::Wait, chunk("data: 2\n\n")]);
    let sleeps = Sleeps::default();
    let make = sleeps.clone();
    let source = Script::new(steps);
    let mut events = EventStream::new(source).with_idle_timeout(move || make.sleep());
    // One silence, even if the future is dropped several times.
    assert!(poll_and_drop(events.next()).is_pending());
    assert!(poll_and_drop(events.next()).is_pending());
    assert_eq!(sleeps.made.get(), 1);
    assert!(poll_and_drop(events.next()).is_pending());
    assert_eq!(sleeps.made.get(), 2); // after the comment
    assert!(poll_and_drop(events.next()).is_pending());
    assert_eq!(sleeps.made.get(), 3);
    let Poll::Ready(Some(Ok(event))) = poll_and_drop(events.next()) else { panic!("no event") };
    assert_eq!(event.data(), "1");
    assert!(poll_and_drop(events.next()).is_pending());
    assert_eq!(sleeps.made.get(), 4);
    sleeps.are_over.set(true);
    let end = poll_and_drop(events.next());
    assert_eq!(end, Poll::Ready(Some(Err(StreamError::Source(IdleError::Expired)))));
    assert_eq!(poll_and_drop(events.next()), Poll::Ready(None));
}

#[test]
fn with_idle_timeout_an_empty_chunk_ends_no_silence() {
    let steps = [Step::Wait, chunk(""), Step::Wait, chunk(""), chunk("data: 1\n\n"), Step::Wait];
    let steps = steps.into_iter().chain([chunk(""), Step::Wait, chunk("data: 2\n\n")]);
    let sleeps = Sleeps::default();
    let make = sleeps.clone();
    let mut events = EventStream::new(Script::new(steps)).with_idle_timeout(move || make.sleep());
    assert!(poll_and_drop(events.next()).is_pending());
    assert!(poll_and_drop(events.next()).is_pending()); // after the empty chunk
    assert_eq!(sleeps.made.get(), 1);
    // A buffered event comes before a sleep that is over.
    sleeps.are_over.set(true);
    let Poll::Ready(Some(Ok(event))) = poll_and_drop(events.next()) else { panic!("no event") };
    assert_eq!(event.data(), "1");
    sleeps.are_over.set(false);
    assert!(poll_and_drop(events.next()).is_pending());
    assert_eq!(sleeps.made.get(), 2);
    sleeps.are_over.set(true);
    let end = poll_and_drop(events.next());
    assert_eq!(end, Poll::Ready(Some(Err(StreamError::Source(IdleError::Expired)))));

    // A source that is always ready still lets the sleep be polled.
    let sleeps = Sleeps::default();
    let make = sleeps.clone();
    let source = stream::repeat(Ok::<_, Broken>(Bytes::new()));
    let mut events = EventStream::new(source).with_idle_timeout(move || make.sleep());
    assert!(poll_and_drop(events.next()).is_pending());
    sleeps.are_over.set(true);
    let end = poll_and_drop(events.next());
    assert_eq!(end, Poll::Ready(Some(Err(StreamError::Source(IdleError::Expired)))));
}

#[test]
fn with_idle_timeout_a_chunk_that_is_there_comes_before_a_sleep_that_is_over() {
    let source = Script::new([Step::Wait, chunk("data: 1\n\n"), Step::Fail]);
    let sleeps = Sleeps::default();
    let make = sleeps.clone();
    let mut events = EventStream::new(source).with_idle_timeout(move || make.sleep());
    assert!(poll_and_drop(events.next()).is_pending());
    sleeps.are_over.set(true);
    let Poll::Ready(Some(Ok(event))) = poll_and_drop(events.next()) else { panic!("no event") };
    assert_eq!(event.data(), "1");
    let Poll::Ready(Some(Err(error))) = poll_and_drop(events.next()) else { panic!("no error") };
    assert_eq!(error, StreamError::Source(IdleError::Source(Broken)));
    let texts = [error.source().unwrap().to_string(), IdleError::<Broken>::Expired.to_string()];
    assert_eq!(texts, ["failed to read a chunk", "idle timeout expired"]);
}

#[test]
fn the_source_is_polled_only_after_the_chunk_is_consumed() {
    let steps = [chunk("data: 1\n\ndata: 2\n\ndata: "), chunk(""), chunk("3\n\n"), Step::Wait];
    let mut events = EventStream::new(Script::new(steps));
    for (expected, asked) in [("1", 1), ("2", 1), ("3", 3)] {
        assert_eq!(data(poll_and_drop(events.next())), expected);
        assert_eq!(events.get_ref().asked, asked);
    }
    assert!(poll_and_drop(events.next()).is_pending());
    assert_eq!(events.get_mut().asked, 4);
}

/// A source can reuse its memory only if nothing else holds it.
#[test]
fn a_chunk_is_released_before_the_next_one_is_polled() {
    let bytes = Bytes::copy_from_slice(b"data: 1\n\n: comment\n\ndata: ");
    let source = Script::new([Step::Chunk(bytes.clone()), Step::Wait]);
    let mut events = EventStream::new(source);
    assert_eq!(data(poll_and_drop(events.next())), "1");
    assert!(!bytes.is_unique());
    assert!(poll_and_drop(events.next()).is_pending());
    assert!(bytes.is_unique());
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
        let mut events = EventStream::new(Script::new(steps)).with_parser(small.clone());
        assert_eq!(data(poll_and_drop(events.next())), "1");
        assert!(!events.is_terminated());
        let error = drain(&mut events).unwrap_err();
        match error {
            StreamError::Source(Broken) => assert_eq!(expected, "source"),
            StreamError::Limit(error) => {
                assert_eq!((error.limit(), expected), (Limit::Event, "limit"))
            }
            other => panic!("{other}"),
        }
        assert!(events.is_terminated());
        for _ in 0..3 {
            assert!(matches!(poll_and_drop(events.next()), Poll::Ready(None)));
        }
        assert_eq!(events.parser().last_event_id(), "");
        assert!(events.into_parts().2.is_empty());
    }
}

#[test]
fn into_parts_returns_unread_bytes() {
    let steps = [chunk("id: 1\ndata: 1\n\ndata: 2\n\ndata: 3"), chunk("\n\n")];
    let mut events = EventStream::new(Script::new(steps));
    assert_eq!(data(poll_and_drop(events.next())), "1");
    let (source, mut parser, mut rest) = events.into_parts();
    assert_eq!(
        (source.asked, parser.last_event_id(), &*rest),
        (1, "1", &b"data: 2\n\ndata: 3"[..])
    );
    assert_eq!(parser.next(&mut rest).unwrap().unwrap().data(), "2");
    assert!(parser.next(&mut rest).unwrap().is_none());
    let mut events = EventStream::new(source).with_parser(parser);
    assert_eq!(data(poll_and_drop(events.next())), "3");
}

#[test]
fn chunks_are_whatever_turns_into_bytes() {
    fn check<B: Into<Bytes>>(chunks: [B; 2]) {
        let source = stream::iter(chunks.map(Ok::<_, Broken>));
        let events = polling::drain(&mut EventStream::new(source)).unwrap();
        assert_eq!(events.iter().map(ServerSentEvent::data).collect::<Vec<_>>(), ["12"]);
    }
    check(["data: 1", "2\n\n"]);
    check([b"data: 1".as_slice(), b"2\n\n"]);
    check(["data: 1", "2\n\n"].map(String::from));
    check(["data: 1", "2\n\n"].map(Vec::from));
    check(["data: 1", "2\n\n"].map(Bytes::from));
}

#[test]
fn event_stream_of_a_source_that_is_not_unpin_is_polled_pinned() {
    let source = stream::iter([Ok::<_, Broken>("data: 1\n\n")]);
    let source = stream::StreamExt::then(source, async |chunk| chunk); // not `Unpin`
    let mut events = std::pin::pin!(EventStream::new(source));
    assert_eq!(data(poll(|cx| events.as_mut().poll_next(cx))), "1");
    let mut rest = events.as_mut().get_pin_mut();
    assert!(poll(|cx| rest.as_mut().poll_next(cx)).is_ready());
}

#[test]
fn stream_error_reports_its_source_once() {
    let mut parser = Parser::new().with_limits(Limits::default().max_event_bytes(0));
    let limit = parser.next(&mut "data".into()).and(parser.next(&mut "\n".into())).unwrap_err();
    let cases = [
        (StreamError::Source(Broken), "failed to read the event stream", "cable cut".to_owned()),
        (StreamError::from(limit), "event stream exceeds a limit", limit.to_string()),
    ];
    for (error, text, cause) in cases {
        assert_eq!(error.to_string(), text);
        assert_eq!(error.source().unwrap().to_string(), cause);
    }
    let mapped = StreamError::Source(1).map_source(|it| it + 1);
    assert_eq!(mapped, StreamError::Source(2));
    assert_eq!(StreamError::<u8>::Limit(limit).map_source(u16::from), StreamError::Limit(limit));
}

#[test]
fn event_stream_debug_shows_no_payload_and_is_send_if_its_source_is() {
    fn threads<T: Send + Sync + Unpin>(value: T) -> T {
        value
    }
    let mut events = threads(EventStream::new(Script::new([chunk("data: 1\n\ndata: secret")])));
    assert_eq!(data(poll_and_drop(events.next())), "1");
    let shown = format!("{events:?}");
    assert!(shown.contains("unread_bytes: 12") && !shown.contains("secret"), "{shown}");
}
