//! Body of a transport in memory.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame};
use sse_test::TestClock;

/// Chunks, and how they end: regularly, unless told otherwise.
pub(super) struct Chunks {
    chunks: VecDeque<&'static str>,
    /// Moved before each chunk by so much.
    clock: Option<(TestClock, Duration)>,
    end: End,
    /// Lets others run before each chunk.
    yields: bool,
    has_yielded: bool,
}

enum End {
    Regular,
    Hang,
    Cut(&'static str),
}

impl Chunks {
    pub(super) fn new(chunks: impl IntoIterator<Item = &'static str>) -> Self {
        let chunks = chunks.into_iter().collect();
        Self { chunks, clock: None, end: End::Regular, yields: false, has_yielded: false }
    }

    pub(super) fn after(self, clock: &TestClock, seconds: u64) -> Self {
        Self { clock: Some((clock.clone(), Duration::from_secs(seconds))), ..self }
    }

    pub(super) fn each(self) -> Self {
        Self { yields: true, ..self }
    }

    pub(super) fn hang(self) -> Self {
        Self { end: End::Hang, ..self }
    }

    pub(super) fn cut(self, text: &'static str) -> Self {
        Self { end: End::Cut(text), ..self }
    }
}

impl Body for Chunks {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.yields {
            self.has_yielded = !self.has_yielded;
            if self.has_yielded {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        if let Some(chunk) = self.chunks.pop_front() {
            if let Some((clock, by)) = &self.clock {
                clock.advance(*by);
            }
            return Poll::Ready(Some(Ok(Frame::data(chunk.into()))));
        }
        match self.end {
            End::Regular => Poll::Ready(None),
            End::Hang => Poll::Pending,
            End::Cut(text) => {
                Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::UnexpectedEof, text))))
            }
        }
    }
}
