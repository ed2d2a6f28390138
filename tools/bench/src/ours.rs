//! Minimal adapter of our parser: its stream cannot fail, and its item has no room for the error of
//! one. It measures the parser alone, not what users run.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_core::Stream;
use sse_core::{LimitExceeded, Parser, ServerSentEvent};

use crate::contest::Chunks;

pub struct Events {
    chunks: Chunks<Infallible>,
    chunk: Bytes,
    parser: Parser,
}

impl Events {
    pub fn new(chunks: Chunks<Infallible>) -> Self {
        Self { chunks, chunk: Bytes::new(), parser: Parser::new() }
    }
}

impl Stream for Events {
    type Item = Result<ServerSentEvent, LimitExceeded>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if !this.chunk.is_empty()
                && let Some(event) = this.parser.next(&mut this.chunk)?
            {
                return Poll::Ready(Some(Ok(event)));
            }
            match ready!(Pin::new(&mut this.chunks).poll_next(cx)) {
                Some(Ok(chunk)) => this.chunk = chunk,
                None => return Poll::Ready(None),
            }
        }
    }
}
