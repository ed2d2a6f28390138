//! HTTP server of the gateway: `/events` for browsers, `/status` for load balancers and people.
//!
//! `/events` starts after the event that the header `Last-Event-ID` names, or else the parameter
//! `last-event-id`, or else with the oldest event.

use std::{convert::Infallible, io, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Query, State},
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::IntoResponse,
    routing::get,
    serve::Listener,
};
use serde::Deserialize;
use sse_core::EventBody;
use tokio::time::{Instant, MissedTickBehavior};

use crate::{browser::Browsers, hub::Hub, status::Status, write_timeout::TimeoutListener};

/// Parts and options of the server.
#[derive(Debug, Clone)]
pub(crate) struct Web {
    pub(crate) browsers: Browsers,
    pub(crate) hub: Hub,
    pub(crate) status: Status,
    pub(crate) settings: Settings,
}

/// Options of the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// Longest time for which a browser may read nothing before it is disconnected.
    pub(crate) write_timeout: Duration,
    /// Period in which a comment is sent to every browser that has nothing else to receive.
    pub(crate) keep_alive: Duration,
    /// Reconnection time of browsers, to which up to 100 % of jitter is added.
    pub(crate) reconnection_time: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            write_timeout: Duration::from_secs(30),
            keep_alive: Duration::from_secs(15),
            reconnection_time: Duration::from_secs(1),
        }
    }
}

/// Serves until `closed` is ready and the last response has ended.
pub(crate) async fn serve<L>(
    listener: L,
    web: Web,
    closed: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let listener = TimeoutListener::new(listener, web.settings.write_timeout);
    let keeping_alive = keep_alive(web.hub.clone(), web.settings.keep_alive);
    let serving = axum::serve(listener, router(web)).with_graceful_shutdown(closed);
    tokio::select! {
        served = serving.into_future() => served,
        never = keeping_alive => match never {},
    }
}

pub(crate) fn router(web: Web) -> Router {
    Router::new()
        .route("/", get("event stream: /events\nstate of this process: /status\n"))
        .route("/events", get(events))
        .route("/status", get(status))
        .with_state(web)
}

#[derive(Debug, Deserialize)]
struct Start {
    #[serde(rename = "last-event-id")]
    last_event_id: Option<String>,
}

async fn events(
    State(web): State<Web>,
    Query(start): Query<Start>,
    headers: HeaderMap,
) -> impl IntoResponse {
    // Not `to_str`, which accepts only ASCII.
    let header = headers.get("last-event-id").map(|id| String::from_utf8_lossy(id.as_bytes()));
    let id = header.as_deref().or(start.last_event_id.as_deref());
    let reconnection_time = web.settings.reconnection_time.mul_f64(1.0 + fastrand::f64());
    let body = Body::new(EventBody::new(web.browsers.open(id, reconnection_time)));
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        // Without it, nginx buffers events before it forwards them.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body)
}

/// State of the process: 200 if its engine responds, otherwise 503, so that a load balancer can
/// prefer others.
async fn status(State(web): State<Web>) -> impl IntoResponse {
    let mut report = web.status.report();
    report.newest = web.hub.seen().place.to_string();
    let code = match (&report.read_failure, &report.lease_failure, &report.append_failure) {
        (None, None, None) => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    match serde_json::to_string(&report) {
        Ok(json) => (code, [(CONTENT_TYPE, "application/json")], json + "\n"),
        Err(error) => {
            let code = StatusCode::INTERNAL_SERVER_ERROR;
            (code, [(CONTENT_TYPE, "text/plain")], error.to_string())
        }
    }
}

/// Keeps all connections open, with one timer, until the returned future is dropped.
async fn keep_alive(hub: Hub, period: Duration) -> Infallible {
    let mut interval = tokio::time::interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        hub.keep_alive();
    }
}
