//! Demo upstream: a harbor that sends the movements of ships, on loopback.
//!
//! It periodically cuts its connection in the middle of an event, resumes after the `Last-Event-ID`
//! of a request, and responds 204 when it has no more events.

use std::{io, net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::{StreamExt as _, stream};
use serde_json::json;
use sse_core::{BuildError, ServerSentEvent};
use tokio::net::TcpListener;

/// Harbor, with the properties of its stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Harbor {
    /// Total number of events.
    pub(crate) events: u64,
    /// Time between two events.
    pub(crate) pace: Duration,
    /// Number of events after which a connection is cut.
    pub(crate) cut_after: u64,
    /// Number of spaces at the end of each arrival's data.
    pub(crate) padding: usize,
}

impl Default for Harbor {
    fn default() -> Self {
        let pace = Duration::from_millis(800);
        Self { events: u64::MAX, pace, cut_after: 30, padding: 0 }
    }
}

impl Harbor {
    /// Starts the server on a free port. The server runs until the process ends.
    pub(crate) async fn open(self) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let harbor = Router::new().route("/events", get(events)).with_state(self);
        tokio::spawn(async move { axum::serve(listener, harbor).await });
        Ok(address)
    }

    /// Returns the event with this number, counted from 1.
    pub(crate) fn event(&self, number: u64) -> Result<ServerSentEvent, BuildError> {
        let ship = SHIPS[usize::try_from(number / 5).unwrap_or(0) % SHIPS.len()];
        let event = ServerSentEvent::builder().id(number.to_string());
        match number % 5 {
            1 => {
                let arrival = json!({ "ship": ship, "berth": number % 7 + 1 });
                event.event("arrival").data(format!("{arrival}{}", " ".repeat(self.padding)))
            }
            3 => event.data(format!("fog over the estuary\nvisibility {} m", 100 + number % 900)),
            4 => event.event("departure").data(json!({ "ship": ship }).to_string()),
            _ => {
                let height = 310 + (number * 37) % 180;
                event.event("tide").data(json!({ "centimeters": height }).to_string())
            }
        }
        .build()
    }
}

async fn events(State(harbor): State<Harbor>, headers: HeaderMap) -> Response {
    let last_event_id = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let seen: u64 = last_event_id.and_then(|id| id.parse().ok()).unwrap_or(0);
    if seen >= harbor.events {
        return StatusCode::NO_CONTENT.into_response();
    }
    let last = seen.saturating_add(harbor.cut_after).min(harbor.events);
    let complete = stream::iter(seen + 1..=last).then(move |number| async move {
        if !harbor.pace.is_zero() {
            tokio::time::sleep(harbor.pace).await;
        }
        Ok::<_, io::Error>(harbor.event(number).map_err(io::Error::other)?.to_string())
    });
    // The first half of the next event, then an error, which makes axum cut the connection.
    let cut = match harbor.event(last + 1) {
        Ok(next) if last < harbor.events => {
            let next = next.to_string();
            vec![Ok(next[..next.len() / 2].to_owned()), Err(io::Error::other("demo disconnect"))]
        }
        _ => Vec::new(),
    };
    let greeting = format!("retry: {}\n\n", RETRY.as_millis());
    let body = stream::iter([Ok(greeting)]).chain(complete).chain(stream::iter(cut));
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(body)).into_response()
}

/// Reconnection time that the server sets.
const RETRY: Duration = Duration::from_millis(500);

const SHIPS: [&str; 6] =
    ["Aurora", "Brisk Wind", "Étoile", "Grace Hopper", "Northern Light", "三笠"];
