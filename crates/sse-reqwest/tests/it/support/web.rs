//! Responses of a well-behaved server.

use std::convert::Infallible;

use axum::{
    body::Body,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::stream;

/// Returns an event stream of these pieces, chunked.
pub(crate) fn event_stream(pieces: impl IntoIterator<Item = String>) -> Response {
    let pieces: Vec<_> = pieces.into_iter().map(Ok::<_, Infallible>).collect();
    let body = Body::from_stream(stream::iter(pieces));
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// Returns a text that is not an event stream.
pub(crate) fn text(status: u16, text: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), text).into_response()
}
