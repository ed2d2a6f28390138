//! Scripted source for the tests of adapters: chunks, waits and errors.
//!
//! Is a stream and a blocking reader. Panics when it is read after its end or its error, which no
//! adapter may do. Also returns what a parser alone makes of a stream, to compare the adapters
//! with.

use std::{
    collections::VecDeque,
    fmt, io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::Stream;
use sse_core::{Parser, ServerSentEvent};

use sse_reference::{
    outcome::{Block, Outcome, Side, parse_on},
    reader::Mode,
};

/// Step of a source, taken each time it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Chunk(Bytes),
    /// Nothing is available yet.
    Wait,
    Fail,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    steps: VecDeque<Step>,
    over: bool,
    /// Number of times it was polled or read.
    pub(crate) asked: usize,
}

/// Error in a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cable cut")
    }
}

impl std::error::Error for Broken {}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), ..Self::default() }
    }

    /// Adds a wait before every chunk and before the end.
    pub(crate) fn hesitant(chunks: &[&[u8]]) -> Self {
        let chunk = |chunk: &&[u8]| [Step::Wait, Step::Chunk(Bytes::copy_from_slice(chunk))];
        Self::new(chunks.iter().flat_map(chunk).chain([Step::Wait]))
    }

    /// Returns the next step, or `None` at the end.
    pub(crate) fn step(&mut self) -> Option<Step> {
        assert!(!self.over, "read after its end");
        self.asked += 1;
        let step = self.steps.pop_front();
        self.over = matches!(step, None | Some(Step::Fail));
        step
    }
}

/// Returns the step that yields bytes.
pub(crate) fn chunk(bytes: impl Into<Bytes>) -> Step {
    Step::Chunk(bytes.into())
}

impl Stream for Script {
    type Item = Result<Bytes, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.step() {
            Some(Step::Chunk(chunk)) => Poll::Ready(Some(Ok(chunk))),
            Some(Step::Wait) => Poll::Pending,
            Some(Step::Fail) => Poll::Ready(Some(Err(Broken))),
            None => Poll::Ready(None),
        }
    }
}

/// A wait is an interruption here, since a reader blocks.
impl io::Read for Script {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        assert!(!buffer.is_empty(), "asked for nothing");
        match self.step() {
            Some(Step::Chunk(chunk)) if chunk.is_empty() => self.read(buffer),
            Some(Step::Chunk(mut chunk)) => {
                let read = chunk.split_to(chunk.len().min(buffer.len()));
                buffer[..read.len()].copy_from_slice(&read);
                if !chunk.is_empty() {
                    self.steps.push_front(Step::Chunk(chunk));
                }
                Ok(read.len())
            }
            Some(Step::Wait) => Err(io::ErrorKind::Interrupted.into()),
            Some(Step::Fail) => Err(io::Error::other(Broken)),
            None => Ok(0),
        }
    }
}

/// Returns what a parser alone makes of a stream.
pub(crate) fn expected(parser: &Parser, stream: &[u8]) -> Outcome {
    parse_on(Side::Owned, parser, &[stream])
}

/// Asserts that events and the state of the parser they came from are as expected.
#[track_caller]
pub(crate) fn assert_read(events: &[ServerSentEvent], parser: &Parser, expected: &Outcome) {
    let unowned = |block: &Block| Block { last_event_id: String::new(), ..block.clone() };
    let blocks = expected.blocks.iter().map(unowned).collect::<Vec<_>>();
    assert_eq!(events.iter().map(Block::from_event).collect::<Vec<_>>(), blocks);
    assert_eq!(parser.last_event_id(), expected.last_event_id);
    if expected.error.is_none() {
        assert_eq!(parser.pending_bytes(), expected.pending_bytes);
    }
}

/// Modes of the parsers.
pub(crate) const MODES: [Mode; 2] = [Mode::MESSAGES, Mode::EVERYTHING];

/// Streams with everything that a stream can contain, some of them incomplete at their end.
pub(crate) const STREAMS: [&[u8]; 8] = [
    b"",
    b"data: a\n\n",
    b"\xEF\xBB\xBFevent: e\r\nid: 1\r\ndata: a\r\ndata: b\r\n\r\n:c\r\n\r\n",
    b"data: a\r\rid: 7\r\rdata: b\r\r",
    b": hi\nretry: 5\n\ndata\n\nid: 2\n\ndata: \xC3\xA9 \xFF\n\n",
    b"id: 1\ndata: a\n\nid: 2\ndata: cut off",
    b"id: 1\ndata: a\n\nid: 2\ndata: cut off\n",
    b"data: 1\n\ndata: 2\n\ndata: 3\n\n\n\nunknown: x\ndata: 4\n\n\r",
];
