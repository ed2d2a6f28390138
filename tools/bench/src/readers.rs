//! Readers for the differential test: everything that a caller of a parser learns of a stream.
//!
//! The parsers of the contest, each used as its documentation shows. If one does not return
//! something, such as a last event ID that outlives its block, the reader does it as its caller
//! would have to.

use std::{
    collections::VecDeque,
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use eventsource_stream::Eventsource;
use eventsrc::Frame;
use futures_core::Stream;
use sse_core::EventStream;
use sse_core_peer::{SseEvent, SseStream};

use crate::contest::OURS;

/// Parser, and a function that returns its results.
pub struct Reader {
    pub name: &'static str,
    /// Name of its package, if it is not ours.
    pub package: Option<&'static str>,
    read: fn(Drip, &mut Reading),
}

/// Result of a stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    pub events: Vec<Seen>,
    pub reconnection_ms: Option<u64>,
    pub end: End,
}

/// Event as a caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub event_type: String,
    pub data: String,
    pub last_event_id: String,
    /// Number of chunks before the one that it came with.
    pub chunk: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum End {
    #[default]
    Regular,
    Error,
    Panic,
    /// It was polled repeatedly, and did not reach its end.
    Never,
}

/// Ours first.
pub const READERS: [Reader; 7] = [
    Reader { name: OURS, package: None, read: ours },
    reader("sse-core 0.2.3", "sse-core", sse_core_peer),
    reader("sse-stream", "sse-stream", sse_stream),
    reader("sseer", "sseer", sseer),
    reader("eventsrc", "eventsrc", eventsrc),
    reader("sse-parse", "sse-parse", sse_parse),
    reader("eventsource-stream", "eventsource-stream", eventsource_stream),
];

const fn reader(name: &'static str, package: &'static str, read: fn(Drip, &mut Reading)) -> Reader {
    Reader { name, package: Some(package), read }
}

impl Reader {
    pub fn read(&self, chunks: &[&[u8]]) -> Reading {
        let mut reading = Reading::default();
        let drip = Drip::new(chunks);
        if catch_unwind(AssertUnwindSafe(|| (self.read)(drip, &mut reading))).is_err() {
            reading.end = End::Panic;
        }
        reading
    }
}

fn ours(chunks: Drip, reading: &mut Reading) {
    let mut events = pin!(EventStream::new(chunks));
    drain(events.as_mut(), reading, |events, event, _| {
        Some(seen(event.event_type(), event.data(), events.parser().last_event_id()))
    });
    reading.reconnection_ms = events.parser().reconnection_time().map(millis);
}

fn sse_core_peer(chunks: Drip, reading: &mut Reading) {
    let mut events = SseStream::disconnected();
    events.attach(chunks);
    drain(pin!(events), reading, |_, event, reading| match event {
        SseEvent::Message(event) => {
            let id = event.last_event_id.as_deref().unwrap_or_default();
            Some(seen(&event.event, &event.data, id))
        }
        SseEvent::Retry(time) => {
            reading.reconnection_ms = Some(time.into());
            None
        }
    });
}

/// It returns whole blocks, and leaves the last event ID and the type `message` to its caller.
fn sse_stream(chunks: Drip, reading: &mut Reading) {
    let mut last_event_id = String::new();
    let events = pin!(sse_stream::SseByteStream::new(chunks));
    drain(events, reading, |_, event, reading| {
        reading.reconnection_ms = event.retry.or(reading.reconnection_ms);
        last_event_id = event.id.unwrap_or(std::mem::take(&mut last_event_id));
        let event_type = event.event.filter(|event| !event.is_empty());
        Some(seen(event_type.as_deref().unwrap_or("message"), &event.data?, &last_event_id))
    });
}

fn sseer(chunks: Drip, reading: &mut Reading) {
    drain(pin!(sseer::EventStream::new(chunks)), reading, |_, event, reading| {
        reading.reconnection_ms = event.retry.map(millis).or(reading.reconnection_ms);
        Some(seen(&event.event, &event.data, &event.id))
    });
}

fn eventsrc(chunks: Drip, reading: &mut Reading) {
    drain(pin!(eventsrc::FrameStream::new(chunks)), reading, |_, frame, reading| match frame {
        Frame::Event(event) => Some(seen(event.event(), event.data(), event.id())),
        Frame::Retry(time) => {
            reading.reconnection_ms = Some(millis(time));
            None
        }
    });
}

fn sse_parse(chunks: Drip, reading: &mut Reading) {
    let mut events = pin!(sse_parse::EventStream::new(chunks));
    drain(events.as_mut(), reading, |_, event, _| Some(seen(&event.event, &event.data, &event.id)));
    reading.reconnection_ms = events.retry().map(millis);
}

fn eventsource_stream(chunks: Drip, reading: &mut Reading) {
    drain(pin!(chunks.eventsource()), reading, |_, event, reading| {
        reading.reconnection_ms = event.retry.map(millis).or(reading.reconnection_ms);
        Some(seen(&event.event, &event.data, &event.id))
    });
}

fn seen(event_type: &str, data: &str, last_event_id: &str) -> Seen {
    Seen {
        event_type: event_type.to_owned(),
        data: data.to_owned(),
        last_event_id: last_event_id.to_owned(),
        chunk: 0,
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Polls a stream of events to its end, and records the chunk that each event came with.
fn drain<S: Stream<Item = Result<T, E>>, T, E>(
    mut events: Pin<&mut S>,
    reading: &mut Reading,
    mut see: impl FnMut(&S, T, &mut Reading) -> Option<Seen>,
) {
    let mut context = Context::from_waker(Waker::noop());
    let mut chunk = 0;
    for _ in 0..MAX_POLLS {
        match events.as_mut().poll_next(&mut context) {
            Poll::Ready(Some(Ok(event))) => {
                let seen = see(&events, event, reading);
                reading.events.extend(seen.map(|seen| Seen { chunk, ..seen }));
            }
            Poll::Ready(Some(Err(_))) => {
                reading.end = End::Error;
                return;
            }
            Poll::Ready(None) => return,
            Poll::Pending => chunk += 1,
        }
    }
    reading.end = End::Never;
}

/// Far more than there are chunks and events in any stream.
const MAX_POLLS: usize = 10_000;

/// Stream of chunks that is pending after each of them, so that a parser has to yield what it can.
pub struct Drip {
    chunks: VecDeque<Bytes>,
    next: Next,
}

enum Next {
    Chunk,
    Pause,
}

impl Drip {
    fn new(chunks: &[&[u8]]) -> Self {
        let chunks = chunks.iter().map(|chunk| Bytes::copy_from_slice(chunk)).collect();
        Self { chunks, next: Next::Chunk }
    }
}

impl Stream for Drip {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.next {
            Next::Chunk => {
                self.next = Next::Pause;
                Poll::Ready(self.chunks.pop_front().map(Ok))
            }
            Next::Pause => {
                // No task has to be woken: the reader polls again at once.
                self.next = Next::Chunk;
                Poll::Pending
            }
        }
    }
}
