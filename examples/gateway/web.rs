//! The gateway's HTTP side: the page, and the event stream that it follows.
//!
//! `/events` starts after the event that the header `Last-Event-ID` names, or else the parameter
//! `last-event-id` (a page cannot set the header), or else with all that is kept. It answers 204 to
//! a browser that has seen all there will ever be, which stops it.

use std::{io, time::Duration};

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
use futures_util::{Stream, stream};
use serde::Deserialize;
use sse_core::EventBody;
use tokio::time::{Instant, MissedTickBehavior};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{browser::Browser, gateway::Gateway, patience::Patient};

/// What the server's owner may choose.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// How long a browser may take nothing before it is disconnected.
    pub(crate) patience: Duration,
    /// The time without an event after which there is a comment, for what lies between.
    pub(crate) keep_alive: Duration,
    /// How long browsers wait before they reconnect: this, and up to as much again by chance, so
    /// that they do not all come back at once.
    pub(crate) reconnection_time: Duration,
    /// Whose pages may read the stream, beside our own.
    pub(crate) origins: Origins,
}

/// The origins whose pages may read the stream.
#[derive(Debug, Clone)]
pub(crate) enum Origins {
    These(Vec<HeaderValue>),
    Any,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(30),
            keep_alive: Duration::from_secs(15),
            reconnection_time: Duration::from_secs(1),
            origins: Origins::These(Vec::new()),
        }
    }
}

/// Serves until the gateway is closed and its last browser has been told.
pub(crate) async fn serve<L>(listener: L, gateway: Gateway, settings: Settings) -> io::Result<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    let listener = Patient::new(listener, settings.patience);
    let closed = {
        let gateway = gateway.clone();
        async move { gateway.closed().await }
    };
    axum::serve(listener, router(gateway, settings)).with_graceful_shutdown(closed).await
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
    // By bytes, as an ID may have any character.
    let header = headers.get(LAST_EVENT_ID).map(|id| String::from_utf8_lossy(id.as_bytes()));
    let history = gateway.history();
    let place = history.borrow().place(header.as_deref().or(start.last_event_id.as_deref()));
    if history.borrow().is_over_for(place) {
        return StatusCode::NO_CONTENT.into_response();
    }
    let reconnection_time = settings.reconnection_time.mul_f64(1.0 + fastrand::f64());
    let browser = Browser::new(history, place, reconnection_time, gateway.admit());
    let body = EventBody::new(browser.into_events()).with_keep_alive(ticks(settings.keep_alive));
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        // nginx would collect events before it passes them on.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::new(body)).into_response()
}

fn ticks(period: Duration) -> impl Stream<Item = ()> {
    let mut interval = tokio::time::interval_at(Instant::now() + period, period);
    // What was missed while there were events is not made up for.
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    stream::unfold(interval, async |mut interval| {
        interval.tick().await;
        Some(((), interval))
    })
}

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The page is all there is: it loads nothing, connects to us only, and stands in no other's frame.
const PAGE_POLICY: &str = "default-src 'none'; connect-src 'self'; img-src data:; \
    style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
