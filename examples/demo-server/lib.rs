//! Demo server for the examples: a small shop that sends its customers and products as events, on
//! loopback.
//!
//! `/events` cuts a connection that starts at the beginning in the middle of an event, resumes
//! after the `Last-Event-ID` of the request, and responds 204 once the client has received
//! everything. `/steady` sends the same events over one connection, with keep-alives. It is a real
//! HTTP server that runs in the process of its client.

use std::{convert::Infallible, io, net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::{StreamExt, stream};
use sse_core::{BuildError, EventBody, ServerSentEvent};
use tokio::net::TcpListener;

/// Starts the server on a free port of loopback. The server runs until the process ends.
///
/// # Errors
///
/// Fails if no port of loopback is free.
pub async fn start() -> io::Result<SocketAddr> {
    start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
}

/// Starts the server at an address. Port 0 selects a free port.
///
/// # Errors
///
/// Fails if the server cannot listen at the address.
pub async fn start_at(address: SocketAddr) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let shop = Router::new().route("/events", get(events)).route("/steady", get(steady));
    tokio::spawn(async move { axum::serve(listener, shop).await });
    Ok(address)
}

async fn events(headers: HeaderMap) -> Response {
    let last_event_id = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let seen: usize = last_event_id.and_then(|id| id.parse().ok()).unwrap_or(0);
    if seen >= SHOP.len() {
        return StatusCode::NO_CONTENT.into_response();
    }
    let Ok(blocks) = blocks_after(seen) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut chunks: Vec<_> = blocks.iter().map(ToString::to_string).collect();
    let end = if seen == 0 {
        let half = chunks[CUT_AFTER].len() / 2;
        chunks[CUT_AFTER].truncate(half);
        chunks.truncate(CUT_AFTER + 1);
        // An error of the body makes axum drop the connection.
        Err(io::Error::other("the demo server cuts the connection"))
    } else {
        Ok(String::new())
    };
    let body = stream::iter(chunks.into_iter().map(Ok).chain([end])).then(async |chunk| {
        tokio::time::sleep(PACE).await;
        chunk
    });
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(body)).into_response()
}

async fn steady() -> Response {
    let Ok(blocks) = blocks_after(0) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let events = stream::iter(blocks).then(async |event| {
        tokio::time::sleep(PACE).await;
        Ok::<_, Infallible>(event)
    });
    let ticks = stream::repeat(()).then(|()| tokio::time::sleep(KEEP_ALIVE));
    let body = Body::new(EventBody::new(events).with_keep_alive(ticks));
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// Returns a greeting and the events for a client that has received the first `seen` events.
fn blocks_after(seen: usize) -> Result<Vec<ServerSentEvent>, BuildError> {
    let greeting = ServerSentEvent::builder().comments("welcome to the shop").retry(RETRY);
    let events = (1..).zip(SHOP).skip(seen).map(|(number, (event_type, data))| {
        ServerSentEvent::builder().event(*event_type).id(number.to_string()).data(*data).build()
    });
    std::iter::once(greeting.build()).chain(events).collect()
}

/// Time between two events.
const PACE: Duration = Duration::from_millis(250);

/// Time without an event after which a keep-alive is sent. A real server would use a longer time.
const KEEP_ALIVE: Duration = Duration::from_millis(100);

/// Reconnection time that the server sets.
const RETRY: Duration = Duration::from_millis(500);

/// Number of blocks after which the first connection is cut, in the middle of the next one.
const CUT_AFTER: usize = 4;

const SHOP: &[(&str, &str)] = &[
    ("customer", r#"{"id": 1, "name": "Ada", "city": "London"}"#),
    ("product", r#"{"id": 17, "name": "Teapot", "prices": [1800, 1650]}"#),
    ("customer", "{\n  \"id\": 2,\n  \"name\": \"Émilie\",\n  \"city\": \"Paris\"\n}"),
    ("product", r#"{"id": 18, "name": "Kettle", "prices": [4200]}"#),
    ("customer", r#"{"id": 3, "name": "Grace", "city": "New York"}"#),
    ("closing", "see you tomorrow"),
];
