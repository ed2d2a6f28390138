//! What all contestants have in common: they take chunks and say what they found.
//!
//! Measures nothing.

use std::{
    convert::Infallible,
    mem,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Instant,
    vec,
};

use bytes::Bytes;
use futures_core::Stream;

/// A parser in the contest.
#[derive(Clone, Copy)]
pub struct Contestant {
    pub name: &'static str,
    pub run: fn(&mut Input) -> Tally,
}

/// The name under which ours takes part.
pub const OURS: &str = "ours";
/// The name of what is no parser but the least that a parser has to do.
pub const LIMIT: &str = "limit";
/// The name of what takes the chunks off the stream, drops them and looks at nothing.
pub const CHUNKS: &str = "chunks";

/// Whether the name is that of a parser that is not ours.
pub fn is_peer(name: &str) -> bool {
    ![OURS, LIMIT, CHUNKS].contains(&name)
}

/// The chunks of one pass over a stream.
pub struct Input {
    pub chunks: Vec<Bytes>,
    /// When to give up. Not set while time is taken.
    pub deadline: Option<Instant>,
}

/// What a contestant found.
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
    /// Takes the chunks as a stream.
    pub fn stream(&mut self) -> Chunks {
        Chunks { chunks: mem::take(&mut self.chunks).into_iter(), deadline: self.deadline }
    }

    #[inline]
    pub fn is_over(&self) -> bool {
        is_over(self.deadline)
    }
}

/// A stream of chunks that are all there.
pub struct Chunks {
    chunks: vec::IntoIter<Bytes>,
    deadline: Option<Instant>,
}

impl Stream for Chunks {
    type Item = Result<Bytes, Infallible>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if is_over(self.deadline) {
            return Poll::Ready(None);
        }
        Poll::Ready(self.chunks.next().map(Ok))
    }
}

/// Polls a stream of events to its end; `data_len` gives the length of an event's data, if it is
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
