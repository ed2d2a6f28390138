//! What the gateway promises its browsers: nothing lost, nothing twice, and nobody waits for
//! another.
//!
//! The gateway's own files, asked without a socket and by a clock that stands still, so that it is
//! the test that says who is slow.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(dead_code, reason = "what belongs to the program alone")]

mod history;
mod gateway;
mod browser;
mod web;
mod patience;

use std::{io, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, Response, StatusCode},
    serve::Listener,
};
use http_body_util::BodyExt as _;
use sse_core::{Parser, ServerSentEvent};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream},
    sync::mpsc,
};
use tower::ServiceExt as _;

use crate::{
    gateway::Gateway,
    history::Bounds,
    web::{Origins, Settings},
};

#[tokio::test]
async fn a_browser_that_does_not_read_holds_nobody_up_and_is_told_what_it_has_missed() {
    let gateway = keeping(4);
    let (mut slow, mut quick) = (open(&gateway, None).await, open(&gateway, None).await);
    publish(&gateway, 1..=1);
    assert_eq!(slow.events(1).await, ["r-1 1"]);
    assert_eq!(quick.events(1).await, ["r-1 1"]);
    for number in 2..=10 {
        publish(&gateway, [number]);
        assert_eq!(quick.events(1).await, [format!("r-{number} {number}")]);
    }
    let gap = "gateway-gap {\"missed\":5}";
    assert_eq!(slow.events(5).await, [gap, "r-7 7", "r-8 8", "r-9 9", "r-10 10"]);
}

#[tokio::test]
async fn a_browser_goes_on_after_its_last_event_id() {
    let kept = ["r-3 3", "r-4 4", "r-5 5"];
    let unknown = "gateway-gap {\"missed\":null}";
    let cases: [(Option<&str>, &[&str]); 11] = [
        (None, &kept),
        (Some(""), &kept),
        (Some("r-2"), &kept),
        (Some("r-3"), &kept[1..]),
        (Some("r-5"), &[]),
        // It was away for too long.
        (Some("r-1"), &["gateway-gap {\"missed\":1}", "r-3 3", "r-4 4", "r-5 5"]),
        // It comes from an earlier run, or it makes things up.
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
        // What is kept and what comes now meet without a gap, and without an event twice.
        publish(&gateway, 6..=6);
        assert_eq!(browser.events(1).await, ["r-6 6"], "{id:?}");
    }
}

#[tokio::test]
async fn a_page_that_opens_a_new_event_source_says_where_to_go_on_in_the_url() {
    let gateway = keeping(9);
    publish(&gateway, 1..=3);
    let router = router(&gateway);
    let asked = Request::get("/events?last-event-id=r-1").body(Body::empty()).unwrap();
    let mut browser = Connection::new(router.clone().oneshot(asked).await.unwrap());
    assert_eq!(browser.events(2).await, ["r-2 2", "r-3 3"]);
    // When that one reconnects, its URL is the same, and its header knows better.
    let again = Request::get("/events?last-event-id=r-1").header("last-event-id", "r-2");
    let again = router.oneshot(again.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(Connection::new(again).events(1).await, ["r-3 3"]);
}

#[tokio::test]
async fn a_type_is_named_before_its_first_event() {
    let gateway = keeping(9);
    let mut browser = open(&gateway, None).await;
    let cases: [(&str, &[&str]); 3] = [
        ("a", &["gateway-types [\"a\"]", "r-1 1"]),
        ("b", &["gateway-types [\"a\",\"b\"]", "r-2 2"]),
        ("a", &["r-3 3"]),
    ];
    for (number, (event_type, expected)) in (1..).zip(cases) {
        let event = ServerSentEvent::builder().event(event_type).data(number.to_string());
        gateway.publish(&event.build().unwrap()).unwrap();
        for expected in expected {
            assert_eq!(&browser.next().await.unwrap(), expected);
        }
    }
}

#[tokio::test]
async fn memory_is_bounded_by_bytes_too_and_the_newest_event_is_kept() {
    let bounds = Bounds { events: 100, bytes: 40 };
    let gateway = Gateway::new("r".to_owned(), bounds);
    for data in ["x".repeat(20), "y".repeat(10), "z".repeat(30), "w".repeat(50)] {
        gateway.publish(&ServerSentEvent::builder().data(data).build().unwrap()).unwrap();
    }
    let mut browser = open(&gateway, None).await;
    assert_eq!(browser.events(1).await, [format!("r-4 {}", "w".repeat(50))]);
}

#[tokio::test]
async fn a_browser_that_has_seen_the_last_event_is_told_that_there_is_no_more() {
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
async fn closing_ends_every_response_at_once() {
    let gateway = keeping(9);
    let mut browser = open(&gateway, None).await;
    publish(&gateway, 1..=2);
    assert_eq!(browser.events(1).await, ["r-1 1"]);
    gateway.close();
    assert_eq!(browser.next().await, None);
    let mut late = open(&gateway, Some("r-1")).await;
    assert_eq!(late.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_comment_comes_when_there_is_no_event_for_a_while() {
    let gateway = keeping(9);
    let mut browser = open(&gateway, None).await;
    let silence = tokio::time::Instant::now();
    assert_eq!(browser.frame().await.unwrap(), "retry: 0\n\n");
    assert_eq!(browser.frame().await.unwrap(), ":\n\n");
    assert_eq!(silence.elapsed(), Settings::default().keep_alive);
}

#[tokio::test]
async fn only_pages_of_the_named_origins_may_read_the_stream() {
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
async fn a_browser_that_takes_nothing_for_long_is_disconnected_and_resumes() {
    let gateway = keeping(100);
    let (connect, listener) = in_memory();
    let serving = tokio::spawn(web::serve(listener, gateway.clone(), settings()));
    let (mut stuck, theirs) = tokio::io::duplex(64);
    connect.send(theirs).unwrap();
    stuck.write_all(b"GET /events HTTP/1.1\r\nhost: gateway\r\n\r\n").await.unwrap();
    let mut present = gateway.browsers();
    present.wait_for(|count| *count == 1).await.unwrap();

    publish(&gateway, 1..=50);
    let silence = tokio::time::Instant::now();
    present.wait_for(|count| *count == 0).await.unwrap();
    assert_eq!(silence.elapsed(), Settings::default().patience);
    let mut taken = Vec::new();
    stuck.read_to_end(&mut taken).await.unwrap();
    assert_eq!(taken.len(), 64);

    // It comes back with the ID that it had seen last.
    let mut again = open(&gateway, Some("r-1")).await;
    assert_eq!(again.events(49).await.last().unwrap(), "r-50 50");
    drop(again);
    gateway.close();
    serving.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_server_ends_though_browsers_are_connected() {
    let gateway = keeping(9);
    let (connect, listener) = in_memory();
    let serving = tokio::spawn(web::serve(listener, gateway.clone(), settings()));
    let (mut reading, theirs) = tokio::io::duplex(64);
    connect.send(theirs).unwrap();
    let (mut stuck, theirs) = tokio::io::duplex(64);
    connect.send(theirs).unwrap();
    for browser in [&mut reading, &mut stuck] {
        browser.write_all(b"GET /events HTTP/1.1\r\nhost: gateway\r\n\r\n").await.unwrap();
    }
    gateway.browsers().wait_for(|count| *count == 2).await.unwrap();
    publish(&gateway, 1..=9);
    gateway.close();
    let mut taken = Vec::new();
    reading.read_to_end(&mut taken).await.unwrap();
    assert!(taken.ends_with(b"0\r\n\r\n"), "{}", taken.escape_ascii());
    serving.await.unwrap().unwrap();
}

fn keeping(events: usize) -> Gateway {
    Gateway::new("r".to_owned(), Bounds { events, ..Bounds::default() })
}

fn settings() -> Settings {
    Settings { reconnection_time: Duration::ZERO, ..Settings::default() }
}

fn router(gateway: &Gateway) -> Router {
    web::router(gateway.clone(), settings())
}

fn publish(gateway: &Gateway, numbers: impl IntoIterator<Item = usize>) {
    for number in numbers {
        let event = ServerSentEvent::builder().data(number.to_string()).build().unwrap();
        gateway.publish(&event).unwrap();
    }
}

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

/// What a browser reads, and only when it reads.
struct Connection {
    body: Body,
    parser: Parser,
    unread: Bytes,
}

impl Connection {
    fn new(response: Response<Body>) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), parser: Parser::new(), unread: Bytes::new() }
    }

    async fn frame(&mut self) -> Option<Bytes> {
        Some(self.body.frame().await?.unwrap().into_data().unwrap())
    }

    /// The next event: its ID, or its type if it has none, and its data.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(event) = self.parser.next(&mut self.unread).unwrap() {
                let name = event.id().unwrap_or(event.event_type());
                return Some(format!("{name} {}", event.data()));
            }
            self.unread = self.frame().await?;
        }
    }

    /// So many events, but for those that name types.
    async fn events(&mut self, count: usize) -> Vec<String> {
        let mut events = Vec::new();
        while events.len() < count {
            let event = self.next().await.unwrap();
            if !event.starts_with(browser::TYPES) {
                events.push(event);
            }
        }
        events
    }
}

/// Connections without sockets, which a test makes by sending one end of them.
fn in_memory() -> (mpsc::UnboundedSender<DuplexStream>, InMemory) {
    let (connect, connections) = mpsc::unbounded_channel();
    (connect, InMemory(connections))
}

struct InMemory(mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for InMemory {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.recv().await {
            Some(connection) => (connection, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}
