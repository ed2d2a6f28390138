//! Tests of `EventStream::from_body` and `EventBody`.
//!
//! Opens no connection: the examples show that the bodies suit real clients and servers.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt, stream};
use http_body::{Body, Frame};
use sse_core::{
    EncodedEvent, EncodedEvents, EventBody, EventStream, Parser, ServerSentEvent, StreamError,
};

use crate::support::{
    case::for_each_cut,
    polling::{drain, poll, poll_and_drop},
    source::{Broken, MODES, STREAMS, Script, Step, assert_read, chunk, expected},
};

/// Body whose every other frame holds no data.
struct Frames<D> {
    script: Script,
    data: fn(Bytes) -> D,
    turn: usize,
}

impl<D> Frames<D> {
    fn new(script: Script, data: fn(Bytes) -> D) -> Self {
        Self { script, data, turn: 0 }
    }
}

impl<D: Buf> Body for Frames<D> {
    type Data = D;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<D>, Broken>>> {
        self.turn += 1;
        if self.turn % 2 == 0 {
            return Poll::Ready(Some(Ok(Frame::trailers(Default::default()))));
        }
        let data = self.data;
        let chunk = Pin::new(&mut self.script).poll_next(cx);
        chunk.map(|chunk| chunk.map(|chunk| chunk.map(|chunk| Frame::data(data(chunk)))))
    }
}

#[track_caller]
fn check<D: Buf>(parser: &Parser, chunks: &[&[u8]], data: fn(Bytes) -> D) {
    let expected = expected(parser, &chunks.concat());
    let body = Frames::new(Script::hesitant(chunks), data);
    let mut events = EventStream::from_body(body).with_parser(parser.clone());
    let read = drain(&mut events).unwrap();
    assert_read(&read, events.parser(), &expected);
}

#[test]
fn a_body_in_any_frames_is_what_the_parser_reads() {
    for mode in MODES {
        for stream in STREAMS {
            for_each_cut(stream, |chunks| check(&mode.parser(), chunks, |chunk| chunk));
            check(&mode.parser(), &[stream], |chunk| VecDeque::from(chunk.to_vec()));
            check(&mode.parser(), &[stream], |mut chunk| {
                let head = chunk.split_to(chunk.len() / 2);
                head.chain(chunk)
            });
        }
    }
}

#[test]
fn a_frame_of_bytes_is_not_copied() {
    // Long enough that sharing costs less than copying into the event.
    let bytes = Bytes::from(format!("data: {}\n\n", "value".repeat(20)));
    let body = Frames::new(Script::new([Step::Chunk(bytes.clone())]), |chunk| chunk);
    let mut events = EventStream::from_body(body);
    let Poll::Ready(Some(Ok(event))) = poll_and_drop(events.next()) else { panic!("no event") };
    assert!(bytes.as_ptr_range().contains(&event.data().as_ptr()));
}

#[test]
fn an_error_of_the_body_comes_after_the_events_before_it() {
    let script = Script::new([chunk("data: 1\n\ndata: 2"), Step::Fail]);
    let mut events = EventStream::from_body(Frames::new(script, |chunk| chunk));
    assert!(matches!(poll_and_drop(events.next()), Poll::Ready(Some(Ok(_)))));
    let error = poll_and_drop(events.next());
    assert!(matches!(error, Poll::Ready(Some(Err(StreamError::Source(Broken))))));
    assert!(poll_and_drop(events.next()).map(|item| item.is_none()).is_ready());
    let (mut data, ..) = events.into_parts();
    assert_eq!((data.get_ref().script.asked, data.get_mut().script.asked), (2, 2));
    assert_eq!(data.into_inner().script.asked, 2);
}

fn event(data: &str) -> ServerSentEvent {
    ServerSentEvent::builder().data(data).build().unwrap()
}

/// Returns the result of polling a body once: its bytes, or `...` if it is pending.
fn next_frame(body: &mut (impl Body<Data = Bytes, Error = Broken> + Unpin)) -> String {
    match poll(|cx| Pin::new(body).poll_frame(cx)) {
        Poll::Ready(Some(Ok(frame))) => {
            String::from_utf8(frame.into_data().unwrap().into()).unwrap()
        }
        Poll::Ready(Some(Err(Broken))) => "broken".to_owned(),
        Poll::Ready(None) => "the end".to_owned(),
        Poll::Pending => "...".to_owned(),
    }
}

/// Creates events from a script of their wire formats.
fn events_of(script: Script) -> impl Stream<Item = Result<ServerSentEvent, Broken>> + Unpin {
    script.map(|data| data.map(|data| event(&String::from_utf8_lossy(&data))))
}

#[track_caller]
fn check_frames(events: Vec<Step>, ticks: Option<Vec<Step>>, expected: &[&str]) {
    let body = EventBody::new(events_of(Script::new(events)));
    match ticks {
        Some(ticks) => assert_frames(body.with_keep_alive(Script::new(ticks)), expected),
        None => assert_frames(body, expected),
    }
}

#[track_caller]
fn assert_frames(mut body: impl Body<Data = Bytes, Error = Broken> + Unpin, expected: &[&str]) {
    for (index, frame) in expected.iter().enumerate() {
        assert_eq!(next_frame(&mut body), *frame);
        // The end may be reported with the last frame, and must be once it was returned.
        let is_over = expected[index + 1..].iter().all(|frame| *frame == "the end");
        let was_said = ["the end", "broken"].contains(frame);
        assert!(body.is_end_stream() || !was_said);
        assert!(is_over || !body.is_end_stream());
    }
}

#[test]
fn events_that_are_ready_at_once_are_a_frame_and_none_waits_for_another() {
    use Step::{Fail, Wait};
    let (one, both) = ("data: 1\n\n", "data: 1\n\ndata: 2\ndata: 3\n\n");
    let events = || vec![chunk("1"), chunk("2\n3")];
    check_frames(events(), None, &[both, "the end", "the end"]);
    check_frames(vec![chunk("1"), chunk("2\n3"), Wait], None, &[both, "the end"]);
    check_frames(vec![chunk("1"), Wait, chunk("1")], None, &[one, one, "the end"]);
    check_frames(vec![chunk("1"), chunk("2\n3"), Fail], None, &[both, "...", "broken", "the end"]);
    check_frames(vec![], None, &["the end", "the end"]);
    check_frames(vec![Wait, chunk("1"), Wait, Wait], None, &["...", one, "...", "the end"]);
    check_frames(vec![chunk("1"), Fail], None, &[one, "...", "broken", "the end", "the end"]);
}

#[test]
fn with_keep_alive_sends_a_comment_only_while_no_event_is_ready() {
    use Step::{Fail, Wait};
    let (one, alive, tick) = ("data: 1\n\n", ":\n\n", || chunk("tick"));
    // The ticks are not polled while there are events, nor after the end.
    check_frames(vec![chunk("1")], Some(vec![Fail]), &[one, "the end", "the end"]);
    check_frames(
        vec![Wait, chunk("1"), Wait, Wait, Wait],
        Some(vec![tick(), Wait, tick()]),
        &[alive, one, "...", alive, "the end"],
    );
    // The ticks end before the events do, and are not polled again.
    check_frames(
        vec![Wait, Wait, Wait, chunk("1")],
        Some(vec![tick()]),
        &[alive, "...", "...", one, "the end"],
    );
    check_frames(vec![Wait, Fail], Some(vec![Wait]), &["...", "...", "broken", "the end"]);
}

#[test]
fn an_error_wakes_the_server_which_can_write_the_events_before_it_in_between() {
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(wakes.clone());
    let mut body = EventBody::new(events_of(Script::new(vec![chunk("1"), Step::Fail])));
    let mut poll = || Pin::new(&mut body).poll_frame(&mut Context::from_waker(&waker));
    assert!(matches!(poll(), Poll::Ready(Some(Ok(_)))));
    assert_eq!((poll().is_pending(), wakes.0.load(Ordering::Relaxed)), (true, 1));
    assert!(matches!(poll(), Poll::Ready(Some(Err(Broken)))));
}

#[derive(Debug, Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn events_of_an_event_body_are_those_that_a_client_reads() {
    let build = |builder: sse_core::ServerSentEventBuilder<'_>| builder.build().unwrap();
    let events = [
        build(ServerSentEvent::builder().event("e").id("1").data("a\nb").comments("c")),
        build(ServerSentEvent::builder().retry(std::time::Duration::from_secs(1))),
        build(ServerSentEvent::builder().data("x".repeat(5000))),
        build(ServerSentEvent::builder().data("")),
    ];
    let sent = stream::iter(events.clone().map(Ok::<_, Broken>));
    let hesitant = sent.flat_map(|event| stream::iter([None, Some(event), None]));
    let mut waits = Box::pin(hesitant);
    let sent = stream::poll_fn(move |cx| match waits.as_mut().poll_next(cx) {
        Poll::Ready(Some(None)) => Poll::Pending,
        other => other.map(Option::flatten),
    });
    let body = EventBody::new(sent).with_keep_alive(stream::repeat(()).take(3));
    assert!(format!("{body:?}").starts_with("EventBody"));
    let parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    let mut received = EventStream::from_body(body).with_parser(parser);
    let read = drain(&mut received).unwrap();
    let alive = build(ServerSentEvent::builder().comments(""));
    let [a, b, c, d] = events;
    assert_eq!(read, [alive.clone(), a, alive.clone(), b, alive, c, d]);
    assert_eq!(received.parser().pending_bytes(), 0);
}

#[test]
fn a_frame_of_events_that_are_ready_at_once_is_about_16_kib_at_most() {
    let events = vec![chunk("x".repeat(1000)); 40];
    let mut body = EventBody::new(events_of(Script::new(events)));
    let lengths: Vec<usize> = std::iter::from_fn(|| {
        let frame = next_frame(&mut body);
        (frame != "the end").then_some(frame.len())
    })
    .collect();
    let event = "data: \n\n".len() + 1000;
    assert_eq!(lengths, [16, 16, 8].map(|events| events * event));
}

#[test]
fn encoded_events_that_have_no_room_in_a_frame_are_the_next_one_and_not_copied() {
    let encoded =
        [10, 20_000, 10_000, 7_000].map(|len| EncodedEvent::from(event(&"x".repeat(len))));
    let mut body = EventBody::new(stream::iter(encoded.clone().map(Ok::<_, Broken>)));
    for sent in &encoded {
        let Poll::Ready(Some(Ok(frame))) = poll(|cx| Pin::new(&mut body).poll_frame(cx)) else {
            panic!("no frame")
        };
        assert_eq!(frame.into_data().unwrap().as_ptr(), sent.as_bytes().as_ptr());
    }
    assert_eq!(next_frame(&mut body), "the end");
}

#[test]
fn event_body_sends_encoded_events_together_and_nothing_for_none() {
    let one = EncodedEvent::from(event("1"));
    let batch = |count| Ok::<EncodedEvents, Broken>(vec![one.clone(); count].iter().collect());
    let mut body = EventBody::new(stream::iter([batch(0), batch(2), batch(0), batch(1)]));
    assert_eq!(next_frame(&mut body), "data: 1\n\n".repeat(3));
    assert_eq!(next_frame(&mut body), "the end");
    let mut body = EventBody::new(stream::iter([batch(0)]));
    assert_eq!(next_frame(&mut body), "the end");
}

#[test]
fn event_body_sends_an_encoded_event_that_is_ready_alone_without_a_copy() {
    let encoded = ["1", "2\n3"].map(|data| EncodedEvent::from(event(data)));
    let sent =
        [Some(&encoded[0]), None, Some(&encoded[0]), Some(&encoded[1])].map(Option::<&_>::cloned);
    let mut steps = stream::iter(sent);
    let events = stream::poll_fn(move |cx| match Pin::new(&mut steps).poll_next(cx) {
        Poll::Ready(Some(None)) => Poll::Pending,
        Poll::Ready(other) => Poll::Ready(other.flatten().map(Ok::<_, Broken>)),
        Poll::Pending => Poll::Pending,
    });
    let mut body = EventBody::new(events);
    let Poll::Ready(Some(Ok(frame))) = poll(|cx| Pin::new(&mut body).poll_frame(cx)) else {
        panic!("no frame")
    };
    assert_eq!(frame.into_data().unwrap().as_ptr(), encoded[0].as_bytes().as_ptr());
    assert_eq!(next_frame(&mut body), "data: 1\n\ndata: 2\ndata: 3\n\n");
    assert_eq!(next_frame(&mut body), "the end");
}

/// h2 closes a connection at the 101st empty frame of its lifetime, and hyper sends empty frames
/// that a body yields.
#[test]
fn event_body_yields_no_empty_frame() {
    let build = |builder: sse_core::ServerSentEventBuilder<'_>| builder.build().unwrap();
    let events = [
        build(ServerSentEvent::builder().data("")),
        build(ServerSentEvent::builder().event("note")),
        build(ServerSentEvent::builder().id("")),
        build(ServerSentEvent::builder().comments("")),
        build(ServerSentEvent::builder().retry(core::time::Duration::ZERO)),
    ];
    let count = events.len();
    // Each is ready alone.
    let sent =
        stream::iter(events.map(Ok::<_, Broken>)).flat_map(|it| stream::iter([Some(it), None]));
    let mut sent = Box::pin(sent);
    let sent = stream::poll_fn(move |cx| match sent.as_mut().poll_next(cx) {
        Poll::Ready(Some(None)) => Poll::Pending,
        other => other.map(Option::flatten),
    });
    let waiting = sent.chain(stream::pending());
    let mut body = EventBody::new(waiting).with_keep_alive(stream::repeat(()).take(2));
    let frames: Vec<_> = std::iter::repeat_with(|| next_frame(&mut body)).take(20).collect();
    let frames: Vec<_> = frames.into_iter().filter(|frame| frame != "...").collect();
    assert_eq!(frames.len(), count + 2);
    assert!(frames.iter().all(|frame| !frame.is_empty()));
}
