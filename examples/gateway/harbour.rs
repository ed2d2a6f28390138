//! The upstream where there is no other: a harbour that tells what ships do, on loopback.
//!
//! It loses its connection in the middle of an event every so often, goes on from the
//! `Last-Event-ID` that it is asked for, and answers 204 when it has no more to tell.

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

/// A harbour, and how it tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Harbour {
    /// How many events there are, in all.
    pub(crate) events: u64,
    /// The time between two of them.
    pub(crate) pace: Duration,
    /// A connection is lost after so many.
    pub(crate) lost_after: u64,
    /// How many bytes of nothing follow each arrival.
    pub(crate) padding: usize,
}

impl Default for Harbour {
    fn default() -> Self {
        let pace = Duration::from_millis(800);
        Self { events: u64::MAX, pace, lost_after: 30, padding: 0 }
    }
}

impl Harbour {
    /// Starts telling, on a free port and until the process ends.
    pub(crate) async fn open(self) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let harbour = Router::new().route("/events", get(events)).with_state(self);
        tokio::spawn(async move { axum::serve(listener, harbour).await });
        Ok(address)
    }

    /// The event with this number, from 1 on.
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
                event.event("tide").data(json!({ "centimetres": height }).to_string())
            }
        }
        .build()
    }
}

async fn events(State(harbour): State<Harbour>, headers: HeaderMap) -> Response {
    let last_event_id = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let seen: u64 = last_event_id.and_then(|id| id.parse().ok()).unwrap_or(0);
    if seen >= harbour.events {
        return StatusCode::NO_CONTENT.into_response();
    }
    let lost_at = seen.saturating_add(harbour.lost_after).min(harbour.events);
    let told = stream::iter(seen + 1..=lost_at).then(move |number| async move {
        if !harbour.pace.is_zero() {
            tokio::time::sleep(harbour.pace).await;
        }
        Ok::<_, io::Error>(harbour.event(number).map_err(io::Error::other)?.to_string())
    });
    // The next one, and where it is cut off; or a good end.
    let rest = match harbour.event(lost_at + 1) {
        Ok(next) if lost_at < harbour.events => {
            let next = next.to_string();
            vec![Ok(next[..next.len() / 2].to_owned()), Err(io::Error::other("lost, as agreed"))]
        }
        _ => Vec::new(),
    };
    let greeting = format!("retry: {}\n\n", RETRY.as_millis());
    let body = stream::iter([Ok(greeting)]).chain(told).chain(stream::iter(rest));
    ([(CONTENT_TYPE, "text/event-stream")], Body::from_stream(body)).into_response()
}

/// The time that clients are asked to wait before they reconnect.
const RETRY: Duration = Duration::from_millis(500);

const SHIPS: [&str; 6] =
    ["Aurora", "Brisk Wind", "Étoile", "Grace Hopper", "Northern Light", "三笠"];
