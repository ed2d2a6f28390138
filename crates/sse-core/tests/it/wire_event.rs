//! Events that are sent on as they were received: what is sent is what the encoder would write, and
//! it lies in the chunk wherever it can.

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http_body::Body;
use proptest::{collection::vec, prelude::*};
use sse_core::{BuildError, EncodedEvent, EventBody, Parser, ServerSentEvent, WireEvent};

use crate::{
    encode::any_event,
    support::{
        heap::watch,
        streams::{any_cut, any_stream, config},
    },
};

/// Longer than what an event holds in itself.
const VALUE: &str = "a value of more than 24 bytes";

fn read(mut parser: Parser, chunks: impl IntoIterator<Item = Bytes>) -> Vec<ServerSentEvent> {
    let mut events = Vec::new();
    for mut chunk in chunks {
        while let Some(event) = parser.next(&mut chunk).unwrap() {
            events.push(event);
        }
    }
    events
}

/// Returns the frames of a body of these events, all of which are ready at once.
fn frames<T: WireEvent>(events: impl IntoIterator<Item = T>) -> Vec<Bytes> {
    let mut body = EventBody::new(stream::iter(events.into_iter().map(Ok::<_, ()>)));
    let mut cx = Context::from_waker(Waker::noop());
    let mut frames = Vec::new();
    while let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(&mut cx) {
        frames.push(frame.into_data().unwrap());
    }
    frames
}

fn lies_in(part: &[u8], chunk: &[u8]) -> bool {
    chunk.as_ptr_range().contains(&part.as_ptr())
}

#[test]
fn event_body_sends_a_received_event_as_a_part_of_its_chunk_if_it_lies_there_as_encoded() {
    for (block, is_part) in [
        (format!("data: {VALUE}\n\n"), true),
        (format!("event: e\ndata: {VALUE}\n\n"), true),
        (format!("id: 1\ndata: {VALUE}\n\n"), true),
        (format!("id: \ndata: {VALUE}\n\n"), true),
        (format!("event: e\nid: 1\ndata: {VALUE}\n\n"), true),
        (format!("event: {VALUE}\ndata: \n\n"), true),
        (format!("event: {VALUE}\n\n"), true),
        (format!("data: {}\n\n", "秋".repeat(9)), true),
        // Lines around the event are not sent with it.
        (format!(": hi\ndata: {VALUE}\n\n"), true),
        (format!("zzz: {VALUE}\nid: 1\ndata: {VALUE}\n\n"), true),
        (format!("\u{FEFF}data: {VALUE}\n\n"), true),
        (format!("event\ndata: {VALUE}\n\n"), true),
        (format!("id: 1\nid: 2\ndata: {VALUE}\n\n"), true),
        (format!("\n\r\ndata: {VALUE}\n\n"), true),
        // Another form.
        (format!("data:{VALUE}\n\n"), false),
        (format!("data: {VALUE}\r\n\r\n"), false),
        (format!("data: {VALUE}\r\r"), false),
        (format!("data: {VALUE}\n\r\n"), false),
        (format!("data: {VALUE}\r\n\n"), false),
        (format!("id: 1\nevent: e\ndata: {VALUE}\n\n"), false),
        (format!("data: {VALUE}\nid: 1\n\n"), false),
        (format!("event: e\n: hi\ndata: {VALUE}\n\n"), false),
        (format!("event: e\nzzz\ndata: {VALUE}\n\n"), false),
        (format!("event: e\nid: \0\ndata: {VALUE}\n\n"), false),
        (format!("id: 2\nevent: e\nid: 2\ndata: {VALUE}\n\n"), true),
        (format!("data: {VALUE}\n: hi\n\n"), false),
        (format!("data: {VALUE}\nretry: x\n\n"), false),
        (format!("retry: 1\ndata: {VALUE}\n\n"), false),
        (format!("data: {VALUE}\nretry: 1\n\n"), false),
        (format!("data: {VALUE}\ndata: {VALUE}\n\n"), false),
        (format!("data: {VALUE}\ndata\n\n"), false),
        // Short enough that the event holds it in itself.
        ("data: 1\n\n".to_owned(), false),
    ] {
        let chunk = Bytes::from(block.clone());
        let parser = Parser::new().with_dataless_blocks(true);
        let events = read(parser, [chunk.clone()]);
        let [event] = &events[..] else { panic!("{block:?}: {events:?}") };
        let encoded = EncodedEvent::from(event);
        assert_eq!(encoded.as_bytes(), event.to_string().as_bytes(), "{block:?}");
        assert!(!lies_in(encoded.as_bytes(), &chunk), "{block:?}");
        let sharing = EncodedEvent::sharing(event.clone());
        assert_eq!(sharing, encoded, "{block:?}");
        assert_eq!(lies_in(sharing.as_bytes(), &chunk), is_part, "{block:?}");
        let [frame] = &frames([event.clone()])[..] else { panic!("{block:?}") };
        assert_eq!(frame, encoded.as_bytes(), "{block:?}");
        assert_eq!(lies_in(frame, &chunk), is_part, "{block:?}");
        let detached = EncodedEvent::sharing(event.detach());
        assert!(detached == encoded && !lies_in(detached.as_bytes(), &chunk), "{block:?}");
    }
}

/// Comments, and a byte order mark, are of no event that a parser without comments returns.
#[test]
fn event_body_sends_a_comment_only_if_the_parser_keeps_comments() {
    let stream = format!(": hi\ndata: {VALUE}\n\n");
    let chunk = Bytes::from(stream.clone());
    for (keep, expected) in [(true, &stream[..]), (false, &stream[5..])] {
        let events = read(Parser::new().with_comments(keep), [chunk.clone()]);
        assert_eq!(frames(events), [expected]);
    }
}

#[test]
fn event_body_sends_consecutive_events_of_a_chunk_as_one_part_of_it() {
    let block = format!("id: 1\ndata: {VALUE}\n\n");
    let other = format!("data:{VALUE}\n\n");
    let many = Bytes::from(block.repeat(1000));
    let parts = frames(read(Parser::new(), [many.clone()]));
    assert!(parts.len() > 1 && parts.iter().all(|part| lies_in(part, &many)));
    assert!(parts.iter().all(|part| part.len() < 17 * 1024));
    assert_eq!(parts.concat(), many);

    // An event in another form, or of another chunk, is copied after them.
    for chunks in [
        vec![format!("{block}{block}{other}{block}")],
        vec![format!("{block}{block}"), block.clone()],
        vec![format!("{block}: hi\n\n{block}")],
        vec![block.clone(), ": hi\n".to_owned(), block.clone()],
    ] {
        let chunks: Vec<_> = chunks.into_iter().map(Bytes::from).collect();
        let events = read(Parser::new(), chunks.clone());
        let expected: String = events.iter().map(ToString::to_string).collect();
        let [frame] = &frames(events)[..] else { panic!("{chunks:?}") };
        assert_eq!(frame, expected.as_bytes());
        assert!(!chunks.iter().any(|chunk| lies_in(frame, chunk)), "{chunks:?}");
    }
}

/// Polls a body of events that are ready at once, and then of one that never is. Returns the
/// frames, and how much memory each poll has asked for at most.
fn frames_and_peaks(events: Vec<ServerSentEvent>) -> Vec<(Bytes, usize)> {
    let events = stream::iter(events.into_iter().map(Ok::<_, ()>)).chain(stream::pending());
    let mut body = EventBody::new(events);
    let mut cx = Context::from_waker(Waker::noop());
    std::iter::from_fn(|| {
        let (poll, heap) = watch(|| Pin::new(&mut body).poll_frame(&mut cx));
        match poll {
            Poll::Ready(Some(Ok(frame))) => Some((frame.into_data().unwrap(), heap.peak)),
            Poll::Ready(other) => panic!("{other:?}"),
            Poll::Pending => None,
        }
    })
    .collect()
}

/// A part of a chunk that is worth more than a copy stays a frame of its own, whatever is ready
/// before and after it.
#[test]
fn event_body_copies_no_long_part_of_a_chunk_for_the_sake_of_an_event_beside_it() {
    let delta = format!("event: delta\nid: 12345\ndata: {}\n\n", "x".repeat(196));
    let (long, short) = (delta.repeat(70), delta.repeat(3));
    let done = "data: [DONE]\n\n".to_owned();
    let foreign = format!("data:{VALUE}\n\n");
    let written = format!("data: {VALUE}\n\n");
    let half = delta.repeat(35);
    // Several pieces are several chunks. With the numbers of bytes of the frames.
    let cases = [
        (vec![long.clone() + &done], vec![long.len(), done.len()]),
        (vec![long.clone() + &foreign], vec![long.len(), written.len()]),
        (vec![long.clone(), short.clone()], vec![long.len(), short.len()]),
        (vec![done.clone() + &long], vec![done.len(), long.len()]),
        (vec![half.clone() + &done + &half], vec![half.len(), done.len(), half.len()]),
        (
            vec![half.clone() + &done + &done + &short, half.clone()],
            vec![half.len(), 2 * done.len() + short.len(), half.len()],
        ),
        (vec![half.clone(), half.clone()], vec![half.len(); 2]),
        // Short events are sent together.
        (vec![short.clone() + &done + &short], vec![2 * short.len() + done.len()]),
        (vec![short.clone(), short.clone()], vec![2 * short.len()]),
    ];
    for (chunks, lengths) in cases {
        let chunks: Vec<_> = chunks.iter().map(|chunk| http_chunk(chunk.as_bytes())).collect();
        let events = read(Parser::new(), chunks.clone());
        let expected: String = events.iter().map(ToString::to_string).collect();
        let sent = frames_and_peaks(events.clone());
        assert_eq!(sent.iter().map(|(frame, _)| frame.len()).collect::<Vec<_>>(), lengths);
        for (frame, peak) in &sent {
            let is_part = chunks.iter().any(|chunk| lies_in(frame, chunk));
            assert!(is_part || frame.len() < 4096, "{lengths:?}: {}", frame.len());
            assert!(*peak < 4096, "{lengths:?}: {peak}");
        }
        let ended = frames(events);
        assert_eq!(ended, sent.into_iter().map(|(frame, _)| frame).collect::<Vec<_>>());
        assert_eq!(ended.concat(), expected.as_bytes());
    }
}

#[test]
fn event_body_is_not_at_its_end_while_an_event_is_held() {
    let chunk = Bytes::from(format!("data: {VALUE}\n\n").repeat(200) + "data: [DONE]\n\n");
    let events = read(Parser::new(), [chunk]);
    let results = events.into_iter().map(Ok).chain([Err("failed")]);
    let mut body = EventBody::new(stream::iter(results));
    let mut cx = Context::from_waker(Waker::noop());
    let mut last = Bytes::new();
    for _ in 0..2 {
        assert!(!body.is_end_stream());
        let poll = Pin::new(&mut body).poll_frame(&mut cx);
        let Poll::Ready(Some(Ok(frame))) = poll else { panic!("{poll:?}") };
        last = frame.into_data().unwrap();
    }
    assert_eq!(last, "data: [DONE]\n\n");
    assert!(Pin::new(&mut body).poll_frame(&mut cx).is_pending());
    let poll = Pin::new(&mut body).poll_frame(&mut cx);
    assert!(matches!(poll, Poll::Ready(Some(Err("failed")))) && body.is_end_stream());
}

#[test]
fn a_frame_keeps_its_chunk_alive_and_that_of_a_detached_event_does_not() {
    let chunk = Bytes::from(format!("data: {VALUE}\n\ndata: {VALUE}\n\n"));
    let event = || read(Parser::new(), [chunk.clone()]).swap_remove(0);
    let sent = frames([event()]);
    assert!(!chunk.is_unique());
    drop(sent);
    assert!(chunk.is_unique());
    let _sent = frames([event().detach()]);
    let _encoded = EncodedEvent::from(&event());
    assert!(chunk.is_unique());
}

/// A chunk of the kind that HTTP stacks yield: to share one asks for nothing.
fn http_chunk(bytes: &[u8]) -> Bytes {
    let mut buffer = BytesMut::with_capacity(bytes.len() + 1);
    buffer.extend_from_slice(bytes);
    buffer.split().freeze()
}

#[test]
fn event_body_asks_for_no_memory_to_pass_received_events_on() {
    let chunk = http_chunk(format!("event: e\nid: 1\ndata: {VALUE}\n\n").repeat(100).as_bytes());
    let events = read(Parser::new(), [chunk.clone()]);
    let mut body = EventBody::new(stream::iter(events.into_iter().map(Ok::<_, ()>)));
    let mut cx = Context::from_waker(Waker::noop());
    let (frame, heap) = watch(|| Pin::new(&mut body).poll_frame(&mut cx));
    let Poll::Ready(Some(Ok(frame))) = frame else { panic!("no frame") };
    assert_eq!((frame.into_data().unwrap(), heap.allocations), (chunk, 0));
}

/// The memory of a built event, in which it is laid out as it is sent, is the frame.
#[test]
fn an_event_of_one_line_is_built_and_sent_with_one_allocation() {
    let long = "x".repeat(4000);
    for (data, allocations) in [(VALUE, 1), (&long, 1), ("short", 0)] {
        let (event, heap) =
            watch(|| ServerSentEvent::builder().event("delta").id("12345").data(data).build());
        assert_eq!(heap.allocations, allocations, "{data:?}");
        let event = event.unwrap();
        let text = event.data().as_ptr();
        let mut body = EventBody::new(stream::iter([Ok::<_, ()>(event.clone())]));
        drop(event); // the clone asked for what shares the memory
        let mut cx = Context::from_waker(Waker::noop());
        let (frame, heap) = watch(|| Pin::new(&mut body).poll_frame(&mut cx));
        let Poll::Ready(Some(Ok(frame))) = frame else { panic!("no frame") };
        let frame = frame.into_data().unwrap();
        assert_eq!(frame, format!("event: delta\nid: 12345\ndata: {data}\n\n"));
        if allocations > 0 {
            assert!(heap.allocations == 0 && frame.as_ptr_range().contains(&text), "{data:?}");
        }
    }
}

#[test]
fn encoded_event_sharing_takes_the_memory_of_a_built_event() {
    let build = || ServerSentEvent::builder().event("e").data(VALUE).build().unwrap();
    let (encoded, heap) = watch(|| EncodedEvent::sharing(build()));
    assert_eq!((encoded.as_bytes(), heap.allocations), (build().to_string().as_bytes(), 1));
    let (_, heap) = watch(|| EncodedEvent::from(build()));
    assert_eq!(heap.allocations, 2);
}

/// A text that is built of borrowed values is copied once, however its setters are ordered.
#[test]
fn builder_asks_for_memory_once_whatever_is_set_first() {
    let owned = VALUE.repeat(10);
    type Build = fn(&str) -> Result<ServerSentEvent, BuildError>;
    let builders: [Build; 4] = [
        |data| ServerSentEvent::builder().data(data).id("12345").event("delta").build(),
        |data| ServerSentEvent::builder().id("12345").data(data).event("delta").build(),
        |data| ServerSentEvent::builder().data("replaced").event("delta").data(data).build(),
        |data| ServerSentEvent::builder().event("a").event(data).id(data).build(),
    ];
    for build in builders {
        let (event, heap) = watch(|| build(&owned));
        assert_eq!(heap.allocations, 1, "{event:?}");
    }
    let (moved, heap) = watch(|| ServerSentEvent::builder().data(owned).build());
    assert_eq!((moved.unwrap().data().len(), heap.allocations), (VALUE.len() * 10, 1));
}

/// Streams with events in the form of the encoder, in any other, and noise, side by side.
fn mixed_stream() -> impl Strategy<Value = Vec<u8>> {
    let written = any_event().prop_map(|event| event.to_string().into_bytes());
    let long = (any_event(), 20..60_usize).prop_map(|(event, len)| {
        let data = format!("{}{}", "x".repeat(len), event.data());
        let builder =
            ServerSentEvent::builder().data(data).id(event.id().unwrap_or("7").to_owned());
        builder.build().unwrap().to_string().into_bytes()
    });
    vec(prop_oneof![4 => long, 3 => written, 2 => any_stream()], 0..6)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn a_received_event_is_sent_as_the_encoder_writes_it(
        stream in mixed_stream(),
        cut in any_cut(),
        comments in any::<bool>(),
        dataless in any::<bool>(),
    ) {
        let parser = || Parser::new().with_comments(comments).with_dataless_blocks(dataless);
        let whole = vec![Bytes::from(stream.clone())];
        let shared: Vec<_> = cut.chunks(&stream).into_iter().map(http_chunk).collect();
        for chunks in [whole, shared] {
            let events = read(parser(), chunks);
            // The wire format of text that was never in a chunk.
            let written: Vec<_> = events.iter().map(|it| it.detach().to_string()).collect();
            for (event, written) in events.iter().zip(&written) {
                let sharing = EncodedEvent::sharing(event.clone());
                prop_assert_eq!(sharing.as_bytes(), written.as_bytes());
                let encoded = EncodedEvent::from(event);
                prop_assert_eq!(encoded.as_bytes(), written.as_bytes());
            }
            let sent = frames(events.clone());
            prop_assert!(sent.iter().all(|frame| !frame.is_empty()));
            prop_assert_eq!(sent.concat(), written.concat().into_bytes());
            let encoded = frames(events.into_iter().map(EncodedEvent::sharing));
            prop_assert_eq!(encoded.concat(), written.concat().into_bytes());
        }
    }

    /// Runs of events of any length in one form, side by side.
    #[test]
    fn runs_of_events_are_sent_in_order_and_long_ones_as_parts_of_their_chunk(
        runs in vec((0..4_usize, 1..60_usize), 1..8),
        cuts in any_cut(),
    ) {
        let kinds = [
            format!("event: e\nid: 1\ndata: {}\n\n", VALUE.repeat(7)),
            format!("data: {VALUE}\n\n"),
            format!("data:{VALUE}\n\n"),
            "data: 1\n\n".to_owned(),
        ];
        let stream: String = runs.iter().map(|&(kind, count)| kinds[kind].repeat(count)).collect();
        let whole = vec![Bytes::from(stream.clone())];
        let shared: Vec<_> = cuts.chunks(stream.as_bytes()).into_iter().map(http_chunk).collect();
        for chunks in [whole, shared] {
            let events = read(Parser::new(), chunks);
            let written: String = events.iter().map(ToString::to_string).collect();
            let sent = frames(events.clone());
            prop_assert!(sent.iter().all(|frame| !frame.is_empty() && frame.len() < 17 * 1024));
            prop_assert_eq!(sent.concat(), written.as_bytes());
            let waiting = frames_and_peaks(events);
            prop_assert!(sent.iter().eq(waiting.iter().map(|(frame, _)| frame)));
        }
    }

    /// Built events, whose text lies in memory as it is sent.
    #[test]
    fn a_built_event_is_sent_as_the_encoder_writes_it(events in vec(any_event(), 0..5)) {
        let written: String = events.iter().map(ToString::to_string).collect();
        let sharing: Vec<_> = events.iter().cloned().map(EncodedEvent::sharing).collect();
        for (event, sharing) in events.iter().zip(&sharing) {
            prop_assert_eq!(sharing, &EncodedEvent::from(&event.detach()));
        }
        prop_assert_eq!(frames(sharing).concat(), written.as_bytes());
        prop_assert_eq!(frames(events).concat(), written.as_bytes());
    }
}
