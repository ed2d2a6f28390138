//! Event streams to decode, without a network.

use futures_util::{Stream, StreamExt, stream};
use sse_core::{Parser, ServerSentEvent};

/// Error of a wrapped session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lost;

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the connection was reset")
    }
}

impl std::error::Error for Lost {}

/// Everything that an event stream can yield: events, and blocks without data.
pub(crate) fn events(text: &'static str) -> impl Stream<Item = Result<ServerSentEvent, Lost>> {
    let mut parser = Parser::new().with_dataless_blocks(true).with_comments(true);
    let mut input = text.into();
    stream::iter(std::iter::from_fn(move || parser.next(&mut input).unwrap()).map(Ok))
}

/// Returns the only event of a text.
#[cfg(feature = "json")]
pub(crate) fn event(text: &'static str) -> ServerSentEvent {
    Parser::new().next(&mut text.into()).unwrap().unwrap()
}

/// Returns the events of an event stream, and then a disconnect.
pub(crate) fn events_then_disconnect(
    text: &'static str,
) -> impl Stream<Item = Result<ServerSentEvent, Lost>> {
    events(text).chain(stream::iter([Err(Lost)]))
}
