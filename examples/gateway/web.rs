//! HTTP server of the gateway: the page, and the event stream that the page follows.
//!
//! `/events` starts after the event that the header `Last-Event-ID` names, or else the parameter
//! `last-event-id` (a page cannot set the header), or else with the oldest kept event. It responds
//! 204 to a browser that has received every event there will be, which makes an `EventSource` stop.

use std::{convert::Infallible, io, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Query, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{Html, IntoResponse, Response},
    routing::get,
    serve::Listener,
};
use serde::Deserialize;
use sse_core::EventBody;
use tokio::time::{Instant, MissedTickBehavior};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{gateway::Gateway, write_timeout::TimeoutListener};

/// Options of the server.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Longest time for which a browser may read nothing before it is disconnected.
    pub(crate) write_timeout: Duration,
    /// Period in which a comment is sent to every browser that has nothing else to receive, so that
    /// proxies keep the connection open.
    pub(crate) keep_alive: Duration,
    /// Reconnection time of browsers, to which up to 100 % of jitter is added, so that they do not
    /// all reconnect at once.
    pub(crate) reconnection_time: Duration,
    /// Origins whose pages may read the stream, besides the gateway's own.
    pub(crate) origins: Origins,
}

/// Origins whose pages may read the stream.
#[derive(Debug, Clone)]
pub(crate) enum Origins {
    These(Vec<HeaderValue>),
    Any,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            write_timeout: Duration::from_secs(30),
            keep_alive: Duration::from_secs(15),
            reconnection_time: Duration::from_secs(1),
            origins: Origins::These(Vec::new()),
        }
    }
}

/// Serves until the gateway is closed and the last response has ended.
pub(crate) async fn serve<L>(listener: L, gateway: Gateway, settings: Settings) -> io::Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let listener = TimeoutListener::new(listener, settings.write_timeout);
    let closed = {
        let gateway = gateway.clone();
        async move { gateway.closed().await }
    };
    let keeping_alive = keep_alive(gateway.clone(), settings.keep_alive);
    let serving = axum::serve(listener, router(gateway, settings)).with_graceful_shutdown(closed);
    tokio::select! {
        served = serving.into_future() => served,
        never = keeping_alive => match never {},
    }
}

pub(crate) fn router(gateway: Gateway, settings: Settings) -> Router {
    let cors = CorsLayer::new()
        .allow_methods([Method::GET])
        .allow_headers([LAST_EVENT_ID])
        .allow_origin(match &settings.origins {
            Origins::These(origins) => AllowOrigin::list(origins.iter().cloned()),
            Origins::Any => AllowOrigin::any(),
        });
    let stream = Router::new().route("/events", get(events)).layer(cors);
    stream.route("/", get(page)).with_state((gateway, settings))
}

async fn page() -> impl IntoResponse {
    ([(CONTENT_SECURITY_POLICY, PAGE_POLICY)], Html(include_str!("page.html")))
}

#[derive(Debug, Deserialize)]
struct Start {
    #[serde(rename = "last-event-id")]
    last_event_id: Option<String>,
}

async fn events(
    State((gateway, settings)): State<(Gateway, Settings)>,
    Query(start): Query<Start>,
    headers: HeaderMap,
) -> Response {
    // Not `to_str`, which accepts only ASCII.
    let header = headers.get(LAST_EVENT_ID).map(|id| String::from_utf8_lossy(id.as_bytes()));
    let id = header.as_deref().or(start.last_event_id.as_deref());
    let reconnection_time = settings.reconnection_time.mul_f64(1.0 + fastrand::f64());
    let body = match gateway.subscribe(id, reconnection_time) {
        Ok(Some(subscription)) => Body::new(EventBody::new(subscription)),
        Ok(None) => return StatusCode::NO_CONTENT.into_response(),
        Err(error) => {
            return (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response();
        }
    };
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        // Without it, nginx buffers events before it forwards them.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
}

/// Keeps all connections open, with one timer, until the returned future is dropped.
async fn keep_alive(gateway: Gateway, period: Duration) -> Infallible {
    let mut interval = tokio::time::interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        gateway.keep_alive();
    }
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Content security policy of the page: it loads nothing, connects to the gateway only, and is not
/// framed.
const PAGE_POLICY: &str = "default-src 'none'; connect-src 'self'; img-src data:; \
    style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
