//! A small shop that tells of its customers and products, as a server of events on loopback.
//!
//! `/events` loses its first connection in the middle of an event, goes on from the `Last-Event-ID`
//! it is asked for, and answers 204 once there is nothing more to tell. `/steady` tells it all over
//! one connection, with keep-alives. A real HTTP server, though it lives in the process of its
//! client.

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

/// Starts the server on a free port of loopback; it runs until the process ends.
///
/// # Errors
///
/// If there is no free port on loopback.
pub async fn start() -> io::Result<SocketAddr> {
    start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
}

/// Starts the server at an address, of which port 0 is any that is free.
///
/// # Errors
///
/// If it cannot listen there.
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
    let Ok(told) = told(seen) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut pieces: Vec<_> = told.iter().map(ToString::to_string).collect();
    let end = if seen == 0 {
        Err(io::Error::other("the demo cuts the connection"))
    } else {
        Ok(String::new())
    };
    if end.is_err() {
        let half = pieces[LOST_AFTER].len() / 2;
        pieces[LOST_AFTER].truncate(half);
        pieces.truncate(LOST_AFTER + 1);
    }
    let body = stream::iter(pieces.into_iter().map(Ok).chain([end])).then(async |piece| {
        tokio::time::sleep(PACE).await;
        piece
    });
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(body)).into_response()
}

async fn steady() -> Response {
    let Ok(told) = told(0) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let events = stream::iter(told).then(async |event| {
        tokio::time::sleep(PACE).await;
        Ok::<_, Infallible>(event)
    });
    let ticks = stream::repeat(()).then(|()| tokio::time::sleep(KEEP_ALIVE));
    let body = Body::new(EventBody::new(events).with_keep_alive(ticks));
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// What is told to a client that has seen so many events: a greeting, and the events after them.
fn told(seen: usize) -> Result<Vec<ServerSentEvent>, BuildError> {
    let greeting = ServerSentEvent::builder().comments("welcome to the shop").retry(RETRY);
    let events = (1..).zip(SHOP).skip(seen).map(|(number, (event_type, data))| {
        ServerSentEvent::builder().event(*event_type).id(number.to_string()).data(data).build()
    });
    std::iter::once(greeting.build()).chain(events).collect()
}

/// The time between two events.
const PACE: Duration = Duration::from_millis(250);

/// The time without an event after which there is a keep-alive; a real server waits longer.
const KEEP_ALIVE: Duration = Duration::from_millis(100);

/// The time that clients are asked to wait before they reconnect.
const RETRY: Duration = Duration::from_millis(500);

/// The first connection is lost in the middle of the event after so many.
const LOST_AFTER: usize = 4;

const SHOP: &[(&str, &str)] = &[
    ("customer", r#"{"id": 1, "name": "Ada", "city": "London"}"#),
    ("product", r#"{"id": 17, "name": "Teapot", "prices": [1800, 1650]}"#),
    ("customer", "{\n  \"id\": 2,\n  \"name\": \"Émilie\",\n  \"city\": \"Paris\"\n}"),
    ("product", r#"{"id": 18, "name": "Kettle", "prices": [4200]}"#),
    ("customer", r#"{"id": 3, "name": "Grace", "city": "New York"}"#),
    ("closing", "see you tomorrow"),
];
