//! The parts that all contestants share: the source that they read, the loop that reads their
//! events, and the consumer that receives them.
//!
//! Measures nothing.

use std::{
    marker::PhantomData,
    mem,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Instant,
    vec,
};

use bytes::Bytes;
use futures_core::Stream;

/// Parser in the contest.
#[derive(Clone, Copy)]
pub struct Contestant {
    pub name: &'static str,
    pub run: fn(&mut Input) -> Tally,
}

/// Name of ours: its public adapter, or its borrowed API.
pub const OURS: &str = "ours";
/// Name of our parser called in an asynchronous loop, without an adapter.
pub const OURS_IN_LOOP: &str = "Parser::next";
/// Name of our parser in a minimal adapter, over a source that cannot fail, in a loop that polls.
pub const OURS_ALONE: &str = "parser alone";
/// Name of the limit: not a parser, but the minimal work of one.
pub const LIMIT: &str = "limit";
/// Name of the consumer that takes the chunks off the stream and drops them unread.
pub const CHUNKS: &str = "chunks";

/// Returns `true` if the name is that of another project's parser.
pub fn is_peer(name: &str) -> bool {
    ![OURS, OURS_IN_LOOP, OURS_ALONE, LIMIT, CHUNKS].contains(&name)
}

/// Chunks of one pass over a stream.
pub struct Input {
    pub chunks: Vec<Bytes>,
    /// Deadline. Not set while time is measured.
    pub deadline: Option<Instant>,
}

/// Findings of a contestant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub events: u64,
    pub data_bytes: u64,
    pub errors: u64,
    /// It was stopped at the deadline.
    pub stopped: bool,
}

impl Tally {
    /// Adds an event with data of this length.
    #[inline]
    pub fn add(&mut self, data_len: usize) {
        self.events += 1;
        self.data_bytes += data_len as u64;
    }
}

impl Input {
    /// Returns the chunks as a stream, whose errors have this type.
    pub fn stream<E>(&mut self) -> Chunks<E> {
        let chunks = mem::take(&mut self.chunks).into_iter();
        Chunks { chunks, deadline: self.deadline, error: PhantomData }
    }

    #[inline]
    pub fn is_over(&self) -> bool {
        is_over(self.deadline)
    }
}

/// Stream of chunks that are all ready. It moves them out.
pub struct Chunks<E> {
    chunks: vec::IntoIter<Bytes>,
    deadline: Option<Instant>,
    error: PhantomData<fn() -> E>,
}

impl<E> Stream for Chunks<E> {
    type Item = Result<Bytes, E>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if is_over(self.deadline) {
            return Poll::Ready(None);
        }
        Poll::Ready(self.chunks.next().map(Ok))
    }
}

/// Consumer that keeps each event until the next one arrives.
pub struct Consumer<T> {
    last: Option<T>,
    tally: Tally,
    deadline: Option<Instant>,
}

impl<T> Consumer<T> {
    pub fn new(deadline: Option<Instant>) -> Self {
        Self { last: None, tally: Tally::default(), deadline }
    }

    /// Takes the next event, with the length of its data if it is a message. Not inlined, like most
    /// code that processes an event.
    #[inline(never)]
    pub fn take(&mut self, event: T, data_len: Option<usize>) {
        if let Some(len) = data_len {
            self.tally.add(len);
        }
        self.last = Some(event);
    }

    #[inline]
    pub fn is_over(&self) -> bool {
        is_over(self.deadline)
    }

    /// Ends the stream, which may have failed.
    pub fn finish(self, failed: bool) -> Tally {
        let stopped = self.is_over();
        Tally { errors: self.tally.errors + u64::from(failed), stopped, ..self.tally }
    }
}

/// Reads a stream of events to its end as the documentation of most parsers shows: `next().await`,
/// event by event. `$data_len` returns the length of an event's data, if it is a message.
///
/// A macro, because `next` is a method of the stream itself or of an extension trait.
macro_rules! read_events {
    ($events:expr, $deadline:expr, |$event:ident| $data_len:expr) => {
        $crate::contest::run(async {
            let mut events = $events;
            let mut consumer = $crate::contest::Consumer::new($deadline);
            while let Some(event) = events.next().await {
                let Ok(event) = event else {
                    return consumer.finish(true);
                };
                let len = {
                    let $event = &event;
                    $data_len
                };
                consumer.take(event, len);
                if consumer.is_over() {
                    break;
                }
            }
            consumer.finish(false)
        })
    };
}
pub(crate) use read_events;

/// Polls a future that never has to wait until it is ready.
#[inline(always)]
pub fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Polls a stream of events to its end; `data_len` returns the length of an event's data, if it is
/// a message.
#[inline]
pub fn drain<T, E>(
    events: impl Stream<Item = Result<T, E>>,
    deadline: Option<Instant>,
    data_len: impl Fn(&T) -> Option<usize>,
) -> Tally {
    let mut events = pin!(events);
    let mut context = Context::from_waker(Waker::noop());
    let mut tally = Tally::default();
    loop {
        match events.as_mut().poll_next(&mut context) {
            Poll::Ready(Some(Ok(event))) => {
                if let Some(len) = data_len(&event) {
                    tally.add(len);
                }
            }
            Poll::Ready(Some(Err(_))) => {
                tally.errors += 1;
                return tally;
            }
            Poll::Ready(None) | Poll::Pending => {
                tally.stopped = is_over(deadline);
                return tally;
            }
        }
        if is_over(deadline) {
            tally.stopped = true;
            return tally;
        }
    }
}

#[inline]
fn is_over(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}
