//! Tests of what the gateway promises its browsers: no event is lost or repeated, and no browser
//! waits for another.
//!
//! They run the gateway's own files without sockets, and with a paused clock where time matters.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(dead_code, reason = "some items are used only by the program")]

mod gateway;
mod web;
mod write_timeout;
mod test_connection;

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode},
};
use sse_core::ServerSentEvent;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower::ServiceExt as _;

use crate::{
    gateway::{Bounds, Gateway},
    test_connection::{Connection, in_memory},
    web::{Origins, Settings},
};

#[tokio::test]
async fn slow_browser_delays_no_other_and_is_disconnected_once_an_event_is_gone() {
    let gateway = keeping(4);
    let (mut slow, mut fast) = (open(&gateway, None).await, open(&gateway, None).await);
    publish(&gateway, 1..=1);
    assert_eq!(slow.events(1).await, ["r-1 1"]);
    assert_eq!(fast.events(1).await, ["r-1 1"]);
    for number in 2..=10 {
        publish(&gateway, [number]);
        assert_eq!(fast.events(1).await, [format!("r-{number} {number}")]);
    }
    let failure = slow.failure().await;
    assert!(failure.contains("too slow"), "{failure}");
    // It reconnects with its last event ID, and is notified of the gap.
    let mut again = open(&gateway, Some("r-1")).await;
    let gap = "gateway-gap {\"missed\":5}";
    assert_eq!(again.events(5).await, [gap, "r-7 7", "r-8 8", "r-9 9", "r-10 10"]);
}

#[tokio::test]
async fn events_that_come_together_are_sent_together() {
    let gateway = keeping(9);
    let mut browser = open(&gateway, None).await;
    assert_eq!(browser.frame().await.unwrap(), "retry: 0\n\n");
    gateway.publish(&[event("1"), event("2")]).unwrap();
    let frame = browser.frame().await.unwrap();
    let types = "event: gateway-types\ndata: [\"message\"]\n\n";
    assert_eq!(frame, format!("{types}id: r-1\ndata: 1\n\nid: r-2\ndata: 2\n\n"));
}

#[tokio::test]
async fn last_event_id_selects_where_a_browser_resumes() {
    let kept = ["r-3 3", "r-4 4", "r-5 5"];
    let unknown = "gateway-gap {\"missed\":null}";
    let cases: [(Option<&str>, &[&str]); 11] = [
        (None, &kept),
        (Some(""), &kept),
        (Some("r-2"), &kept),
        (Some("r-3"), &kept[1..]),
        (Some("r-5"), &[]),
        // The next event has been removed.
        (Some("r-1"), &["gateway-gap {\"missed\":1}", "r-3 3", "r-4 4", "r-5 5"]),
        // An ID of an earlier run, or an invented one.
        (Some("q-3"), &[unknown, "r-3 3", "r-4 4", "r-5 5"]),
        (Some("r-6"), &[unknown, "r-3 3", "r-4 4", "r-5 5"]),
        (Some("r-0"), &[unknown, "r-3 3", "r-4 4", "r-5 5"]),
        (Some("r-"), &[unknown, "r-3 3", "r-4 4", "r-5 5"]),
        (Some("5"), &[unknown, "r-3 3", "r-4 4", "r-5 5"]),
    ];
    for (id, expected) in cases {
        let gateway = keeping(3);
        publish(&gateway, 1..=5);
        let mut browser = open(&gateway, id).await;
        assert_eq!(browser.events(expected.len()).await, expected, "{id:?}");
        // The kept events and the new ones join without a gap or a repetition.
        publish(&gateway, 6..=6);
        assert_eq!(browser.events(1).await, ["r-6 6"], "{id:?}");
    }
}

#[tokio::test]
async fn last_event_id_parameter_yields_to_the_header() {
    let gateway = keeping(9);
    publish(&gateway, 1..=3);
    let router = router(&gateway);
    let request = Request::get("/events?last-event-id=r-1").body(Body::empty()).unwrap();
    let mut browser = Connection::new(router.clone().oneshot(request).await.unwrap());
    assert_eq!(browser.events(2).await, ["r-2 2", "r-3 3"]);
    // An `EventSource` that reconnects has the same URL, and a header that is newer.
    let again = Request::get("/events?last-event-id=r-1").header("last-event-id", "r-2");
    let again = router.oneshot(again.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(Connection::new(again).events(1).await, ["r-3 3"]);
}

#[tokio::test]
async fn event_type_is_announced_before_its_first_event() {
    let gateway = keeping(9);
    let mut browser = open(&gateway, None).await;
    let cases: [(&str, &[&str]); 3] = [
        ("a", &["gateway-types [\"a\"]", "r-1 1"]),
        ("b", &["gateway-types [\"a\",\"b\"]", "r-2 2"]),
        ("a", &["r-3 3"]),
    ];
    for (number, (event_type, expected)) in (1..).zip(cases) {
        let event = ServerSentEvent::builder().event(event_type).data(number.to_string());
        gateway.publish(&[event.build().unwrap()]).unwrap();
        for expected in expected {
            assert_eq!(&browser.next().await.unwrap(), expected);
        }
    }
    // A browser that connects later first receives all types.
    let mut resumed = open(&gateway, Some("r-2")).await;
    assert_eq!(resumed.next().await.unwrap(), "gateway-types [\"a\",\"b\"]");
    assert_eq!(resumed.next().await.unwrap(), "r-3 3");
}

#[tokio::test]
async fn bounds_bytes_limits_the_history_to_at_least_the_newest_event() {
    let bounds = Bounds { events: 100, bytes: 40 };
    let gateway = Gateway::new("r".to_owned(), bounds);
    for data in ["x".repeat(20), "y".repeat(10), "z".repeat(30), "w".repeat(50)] {
        gateway.publish(&[event(&data)]).unwrap();
    }
    let mut browser = open(&gateway, None).await;
    assert_eq!(browser.events(1).await, [format!("r-4 {}", "w".repeat(50))]);
}

#[tokio::test]
async fn no_content_is_for_browsers_that_have_received_the_last_event() {
    let gateway = keeping(9);
    publish(&gateway, 1..=2);
    let mut early = open(&gateway, None).await;
    gateway.end();
    assert_eq!(early.events(2).await, ["r-1 1", "r-2 2"]);
    assert_eq!(early.next().await, None);
    assert_eq!(answer(&gateway, Some("r-2")).await.status(), StatusCode::NO_CONTENT);
    let mut late = open(&gateway, Some("r-1")).await;
    assert_eq!(late.events(1).await, ["r-2 2"]);
    assert_eq!(late.next().await, None);
}

#[tokio::test]
async fn close_ends_every_response_once_it_is_read_so_that_browsers_reconnect() {
    let gateway = keeping(9);
    let mut browser = open(&gateway, None).await;
    publish(&gateway, 1..=2);
    assert_eq!(browser.events(1).await, ["r-1 1"]);
    gateway.close();
    assert_eq!(browser.events(1).await, ["r-2 2"]);
    assert_eq!(browser.next().await, None);
    // Not a 204, after which it would not come back.
    let mut late = open(&gateway, Some("r-2")).await;
    assert_eq!(late.next().await.unwrap(), "gateway-types [\"message\"]");
    assert_eq!(late.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn keep_alive_sends_a_comment_without_events() {
    let gateway = keeping(9);
    let (_connect, listener) = in_memory();
    tokio::spawn(web::serve(listener, gateway.clone(), settings()));
    let mut browser = open(&gateway, None).await;
    let silence = tokio::time::Instant::now();
    assert_eq!(browser.frame().await.unwrap(), "retry: 0\n\n");
    assert_eq!(browser.frame().await.unwrap(), ":\n\n");
    assert_eq!(silence.elapsed(), Settings::default().keep_alive);
}

#[tokio::test]
async fn origins_limit_which_pages_may_read_the_stream() {
    let friend = "https://friend.example";
    let named = Origins::These(vec![friend.parse().unwrap()]);
    let cases = [
        (Origins::These(Vec::new()), friend, None),
        (named.clone(), friend, Some(friend)),
        (named, "https://stranger.example", None),
        (Origins::Any, "https://stranger.example", Some("*")),
    ];
    for (origins, origin, allowed) in cases {
        let settings = Settings { origins: origins.clone(), ..settings() };
        let router = web::router(keeping(1), settings);
        for request in [Request::get("/events"), Request::options("/events")] {
            let request = request.header("origin", origin);
            let request = request.header("access-control-request-method", "GET");
            let request = request.body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            let value = response.headers().get("access-control-allow-origin");
            let value = value.map(|value| value.to_str().unwrap());
            assert_eq!(value, allowed, "{origins:?} {origin}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn write_timeout_disconnects_a_browser_that_does_not_read() {
    let gateway = keeping(100);
    let (connect, listener) = in_memory();
    let serving = tokio::spawn(web::serve(listener, gateway.clone(), settings()));
    let (mut stuck, theirs) = tokio::io::duplex(64);
    connect.send(theirs).unwrap();
    stuck.write_all(b"GET /events HTTP/1.1\r\nhost: gateway\r\n\r\n").await.unwrap();
    browsers(&gateway, 1).await;

    publish(&gateway, 1..=50);
    let silence = tokio::time::Instant::now();
    browsers(&gateway, 0).await;
    let timeout = Settings::default().write_timeout;
    assert!((timeout..timeout + 2 * LOOK).contains(&silence.elapsed()));
    let mut taken = Vec::new();
    stuck.read_to_end(&mut taken).await.unwrap();
    assert_eq!(taken.len(), 64);

    // It reconnects with its last event ID.
    let mut again = open(&gateway, Some("r-1")).await;
    assert_eq!(again.events(49).await.last().unwrap(), "r-50 50");
    drop(again);
    gateway.close();
    serving.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn close_ends_the_server_despite_connected_browsers() {
    let gateway = keeping(20);
    let (connect, listener) = in_memory();
    let serving = tokio::spawn(web::serve(listener, gateway.clone(), settings()));
    let (mut reading, theirs) = tokio::io::duplex(64);
    connect.send(theirs).unwrap();
    let (mut stuck, theirs) = tokio::io::duplex(64);
    connect.send(theirs).unwrap();
    for browser in [&mut reading, &mut stuck] {
        browser.write_all(b"GET /events HTTP/1.1\r\nhost: gateway\r\n\r\n").await.unwrap();
    }
    browsers(&gateway, 2).await;
    publish(&gateway, 1..=9);
    gateway.close();
    let mut taken = Vec::new();
    reading.read_to_end(&mut taken).await.unwrap();
    assert!(taken.ends_with(b"0\r\n\r\n"), "{}", taken.escape_ascii());
    serving.await.unwrap().unwrap();
}

/// Gateway with this many events in its history. The last event is kept in addition to the bound.
fn keeping(events: usize) -> Gateway {
    Gateway::new("r".to_owned(), Bounds { events: events - 1, ..Bounds::default() })
}

fn settings() -> Settings {
    Settings { reconnection_time: Duration::ZERO, ..Settings::default() }
}

fn router(gateway: &Gateway) -> Router {
    web::router(gateway.clone(), settings())
}

fn publish(gateway: &Gateway, numbers: impl IntoIterator<Item = usize>) {
    for number in numbers {
        gateway.publish(&[event(&number.to_string())]).unwrap();
    }
}

fn event(data: &str) -> ServerSentEvent {
    ServerSentEvent::builder().data(data).build().unwrap()
}

/// Waits until this many browsers are connected, by the paused clock.
async fn browsers(gateway: &Gateway, count: usize) {
    let mut looks = tokio::time::interval(LOOK);
    while gateway.browsers() != count {
        looks.tick().await;
    }
}

/// Time between two looks at the number of browsers.
const LOOK: Duration = Duration::from_millis(1);

async fn answer(gateway: &Gateway, last_event_id: Option<&str>) -> Response<Body> {
    let mut request = Request::get("/events");
    if let Some(id) = last_event_id {
        request = request.header("last-event-id", id);
    }
    router(gateway).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn open(gateway: &Gateway, last_event_id: Option<&str>) -> Connection {
    Connection::new(answer(gateway, last_event_id).await)
}
