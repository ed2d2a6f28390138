//! Encoding of events, by the methods that servers use: sse-core, axum, and a copy written by hand.
//!
//! Each method encodes the same events and is checked to send the same bytes as the others.

use std::{
    convert::Infallible,
    hint::black_box,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use axum::response::{
    IntoResponse,
    sse::{Event, Sse},
};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::stream;
use http_body::Body;
use serde::Serialize;
use sse_core::{EncodedEvent, EventBody, Parser, ServerSentEvent};
use sse_typed::EncodeJson;

/// One shape of events, with every method to write them. The first method is what the others are
/// compared with.
pub struct Job {
    pub name: &'static str,
    pub what: &'static str,
    pub methods: &'static [Method],
    pub input: Input,
}

/// One method to write events: returns what it has sent.
#[derive(Clone, Copy)]
pub struct Method {
    pub name: &'static str,
    pub write: fn(&Input) -> Sent,
}

/// Events to write.
pub struct Input {
    /// Received in the form that is written.
    events: &'static [ServerSentEvent],
    /// Same events, received in another form.
    foreign: &'static [ServerSentEvent],
    encoded: Vec<EncodedEvent>,
    values: &'static [Delta],
}

/// Totals of what was sent, and its last frame.
#[derive(Debug, Default)]
pub struct Sent {
    pub frames: usize,
    pub bytes: usize,
    /// All events of a shape are the same, so it stands for each of them.
    pub last: Bytes,
}

/// Piece of an answer, as a language model streams it.
#[derive(Serialize)]
pub struct Delta {
    id: &'static str,
    object: &'static str,
    created: u64,
    model: &'static str,
    content: &'static str,
    index: u32,
}

pub const EVENTS: usize = 1000;

pub fn jobs() -> Vec<Job> {
    let lines = "a line of text\n".repeat(14);
    let texts = [
        ("28 B", "event, id, data of 18 B", "x".repeat(18)),
        ("230 B", "event, id, data of 220 B", "a word and ".repeat(20)),
        ("lines", "event, id, 15 lines of data", lines),
        ("4 KB", "event, id, data of 4,000 B", "y".repeat(4000)),
    ];
    let mut jobs = Vec::new();
    for (name, what, data) in texts {
        let methods = if data.contains('\n') { LINES } else { TEXT };
        jobs.push(Job { name, what, methods, input: Input::of(data) });
    }
    let data = "a word and ".repeat(20);
    let (name, what) = ("burst", "those of 230 B, ready at once");
    jobs.push(Job { name, what, methods: AT_ONCE, input: Input::of(data) });
    let values = Vec::leak((0..EVENTS).map(|_| delta()).collect());
    let input = Input { events: &[], foreign: &[], encoded: Vec::new(), values };
    jobs.push(Job { name: "json", what: "event, data of 192 B as JSON", methods: JSON, input });
    jobs
}

impl Input {
    fn of(data: String) -> Self {
        let event = ServerSentEvent::builder().event("delta").id("12345").data(data).build();
        let wire = event.expect("it can be built").to_string();
        // Each field without the space that may come before its value.
        let foreign = received(&wire.replace(": ", ":"));
        let events = received(&wire);
        let encoded = events.iter().map(EncodedEvent::from).collect();
        Self { events, foreign, encoded, values: &[] }
    }
}

/// Reads as many of the same event, in chunks of the size and kind that HTTP clients yield.
fn received(block: &str) -> &'static [ServerSentEvent] {
    let mut parser = Parser::new();
    let mut events = Vec::with_capacity(EVENTS);
    let in_a_chunk = (CHUNK_BYTES / block.len()).max(1);
    while events.len() < EVENTS {
        let mut chunk = BytesMut::with_capacity(CHUNK_BYTES);
        let count = in_a_chunk.min(EVENTS - events.len());
        chunk.extend_from_slice(block.repeat(count).as_bytes());
        let mut chunk = chunk.freeze();
        while let Some(event) = parser.next(&mut chunk).expect("no event is that large") {
            events.push(event);
        }
    }
    // The streams of axum's bodies live as long as they like.
    Vec::leak(events)
}

const CHUNK_BYTES: usize = 16 * 1024;

impl Sent {
    /// Returns `true` if the same was sent. Events that are ready at once may be in other frames.
    pub fn is_same(&self, other: &Self) -> bool {
        let are_alone = [self, other].map(|sent| sent.frames == EVENTS);
        let is_same_frame = are_alone == [false; 2] || self.last == other.last;
        self.bytes == other.bytes && are_alone[0] == are_alone[1] && is_same_frame
    }
}

fn delta() -> Delta {
    Delta {
        id: "chatcmpl-123456789012345678901",
        object: "chat.completion.chunk",
        created: 1_760_000_000,
        model: "some-model-2026",
        content: " a few words, \"quoted\" and\nbroken, of an answer",
        index: 0,
    }
}

const TEXT: &[Method] = &[
    Method { name: "copy by hand", write: by_hand },
    Method { name: "`EncodedEvent`", write: encode },
    Method { name: "`to_string`", write: display },
    Method { name: "`EncodedEvent::sharing`", write: sharing },
    Method { name: "`EventBody`, passed on", write: event_body },
    Method { name: "`EventBody`, encoded", write: foreign_body },
    Method { name: "builder and `EncodedEvent`", write: build_and_encode },
    Method { name: "builder and `EventBody`", write: build_and_send },
    Method { name: "`EventBody` of `EncodedEvent`", write: encoded_body },
    Method { name: "axum `Event`", write: axum_body },
];

/// Without a method that passes an event on: an event of several lines of data is always encoded.
const LINES: &[Method] = &[
    Method { name: "copy by hand", write: by_hand },
    Method { name: "`EncodedEvent`", write: encode },
    Method { name: "`to_string`", write: display },
    Method { name: "`EncodedEvent::sharing`", write: sharing },
    Method { name: "`EventBody`, encoded", write: foreign_body },
    Method { name: "builder and `EncodedEvent`", write: build_and_encode },
    Method { name: "builder and `EventBody`", write: build_and_send },
    Method { name: "`EventBody` of `EncodedEvent`", write: encoded_body },
    Method { name: "axum `Event`", write: axum_body },
];

const AT_ONCE: &[Method] = &[
    Method { name: "`EventBody`, encoded", write: foreign_at_once },
    Method { name: "`EventBody`, passed on", write: at_once },
];

const JSON: &[Method] = &[
    Method { name: "serde_json by hand", write: json_by_hand },
    Method { name: "`encode_json`", write: encode_json },
    Method { name: "`EventBody` of `encode_json`", write: json_body },
    Method { name: "axum `json_data`", write: axum_json_body },
];

fn by_hand(input: &Input) -> Sent {
    sum(input.events.iter().map(|event| {
        let mut out = Vec::with_capacity(event.data().len() + 64);
        for (name, value) in [("event", event.event()), ("id", event.id())] {
            if let Some(value) = value {
                out.extend_from_slice(name.as_bytes());
                out.extend_from_slice(b": ");
                out.extend_from_slice(value.as_bytes());
                out.push(b'\n');
            }
        }
        for line in event.data().split('\n') {
            out.extend_from_slice(b"data: ");
            out.extend_from_slice(line.as_bytes());
            out.push(b'\n');
        }
        out.push(b'\n');
        Bytes::from(out)
    }))
}

fn encode(input: &Input) -> Sent {
    sum(input.events.iter().map(|event| EncodedEvent::from(event).into_bytes()))
}

fn display(input: &Input) -> Sent {
    sum(input.events.iter().map(|event| Bytes::from(event.to_string())))
}

fn event_body(input: &Input) -> Sent {
    drain(EventBody::new(Alone::of(input.events.iter().cloned())))
}

fn foreign_body(input: &Input) -> Sent {
    drain(EventBody::new(Alone::of(input.foreign.iter().cloned())))
}

fn sharing(input: &Input) -> Sent {
    sum(input.events.iter().map(|event| EncodedEvent::sharing(event.clone()).into_bytes()))
}

fn at_once(input: &Input) -> Sent {
    drain(EventBody::new(stream::iter(input.events.iter().cloned().map(Ok::<_, Infallible>))))
}

fn foreign_at_once(input: &Input) -> Sent {
    drain(EventBody::new(stream::iter(input.foreign.iter().cloned().map(Ok::<_, Infallible>))))
}

fn encoded_body(input: &Input) -> Sent {
    drain(EventBody::new(Alone::of(input.encoded.iter().cloned())))
}

/// Builds an event of the fields of another, as a server does that has them as text.
fn built(event: &ServerSentEvent) -> ServerSentEvent {
    let mut out = ServerSentEvent::builder().data(event.data());
    if let Some(event_type) = event.event() {
        out = out.event(event_type);
    }
    if let Some(id) = event.id() {
        out = out.id(id);
    }
    out.build().expect("it can be built")
}

fn build_and_encode(input: &Input) -> Sent {
    sum(input.events.iter().map(|event| EncodedEvent::from(built(event)).into_bytes()))
}

fn build_and_send(input: &Input) -> Sent {
    drain(EventBody::new(Alone::of(input.events.iter().map(built))))
}

fn axum_body(input: &Input) -> Sent {
    let events = input.events.iter().map(|event| {
        let mut out = Event::default();
        if let Some(event_type) = event.event() {
            out = out.event(event_type);
        }
        if let Some(id) = event.id() {
            out = out.id(id);
        }
        out.data(event.data())
    });
    drain(Sse::new(Alone::of(events)).into_response().into_body())
}

fn json_by_hand(input: &Input) -> Sent {
    sum(input.values.iter().map(|value| {
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(b"event: delta\ndata: ");
        serde_json::to_writer(&mut out, value).expect("it can be serialized");
        out.extend_from_slice(b"\n\n");
        Bytes::from(out)
    }))
}

fn encoded_json(value: &'static Delta) -> EncodedEvent {
    let event = ServerSentEvent::builder().event("delta").build_typed(value);
    event.expect("it can be built").encode_json().expect("it can be serialized")
}

fn encode_json(input: &Input) -> Sent {
    sum(input.values.iter().map(|value| encoded_json(value).into_bytes()))
}

fn json_body(input: &Input) -> Sent {
    drain(EventBody::new(Alone::of(input.values.iter().map(encoded_json))))
}

fn axum_json_body(input: &Input) -> Sent {
    let events = input.values.iter().map(|value| {
        Event::default().event("delta").json_data(value).expect("it can be serialized")
    });
    drain(Sse::new(Alone::of(events)).into_response().into_body())
}

/// Counts what would be sent, and drops each when the next one is there, as a connection does.
fn sum(frames: impl Iterator<Item = Bytes>) -> Sent {
    let mut sent = Sent::default();
    for frame in frames {
        sent.frames += 1;
        sent.bytes += frame.len();
        sent.last = black_box(frame);
    }
    sent
}

fn drain<B: Body<Data = Bytes> + Unpin>(mut body: B) -> Sent {
    let mut cx = Context::from_waker(Waker::noop());
    sum(std::iter::from_fn(|| {
        loop {
            match Pin::new(&mut body).poll_frame(&mut cx) {
                Poll::Ready(Some(Ok(frame))) => return frame.into_data().ok(),
                Poll::Ready(Some(Err(_)) | None) => return None,
                Poll::Pending => {}
            }
        }
    }))
}

/// Stream of items, none of which is ready at once with the next.
struct Alone<I> {
    items: I,
    waits: bool,
}

impl<I: Iterator> Alone<I> {
    fn of(items: I) -> Self {
        Self { items, waits: true }
    }
}

impl<I: Iterator + Unpin> Stream for Alone<I> {
    type Item = Result<I::Item, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.waits = !self.waits;
        if self.waits { Poll::Pending } else { Poll::Ready(self.items.next().map(Ok)) }
    }
}
