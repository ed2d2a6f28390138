//! What a well-behaved server answers with.

use std::convert::Infallible;

use axum::{
    body::Body,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::stream;

/// An event stream of these pieces, chunked.
pub(crate) fn event_stream(pieces: impl IntoIterator<Item = String>) -> Response {
    let pieces: Vec<_> = pieces.into_iter().map(Ok::<_, Infallible>).collect();
    let body = Body::from_stream(stream::iter(pieces));
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// A text that is no event stream.
pub(crate) fn text(status: u16, text: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), text).into_response()
}
