//! Tests of a function that follows prices, against servers that misbehave: a template for tests of
//! your own code.
//!
//! `cargo test --package sse-examples --test testing` runs them. Copy this file to your `tests/`,
//! and replace the function with your code.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::time::Duration;

use sse_reqwest::{SseClient, SseConfig, SseError, reqwest};
use sse_test::{Reply, ScriptedServer, TestClock};

/// Code under test: shows each price, and returns when the server has no more of them.
async fn follow(
    client: &SseClient,
    url: String,
    mut show: impl FnMut(&str),
) -> Result<(), SseError> {
    let mut session = client.sse_session(url).await?;
    while let Some(event) = session.next().await {
        let event = event?;
        if event.event_type() == "price" {
            show(event.data());
        }
    }
    Ok(())
}

/// Creates the client of the application, except for its clock.
fn client(clock: &TestClock) -> SseClient {
    let config = SseConfig::new()
        .max_reconnection_attempts(2)
        .head_timeout(Duration::from_secs(30))
        .clock(clock.clone());
    SseClient::new(reqwest::Client::builder().no_proxy().build().unwrap(), config)
}

/// Follows the prices of a server, and returns those that were shown, and the result.
async fn prices(server: &ScriptedServer, clock: &TestClock) -> (Vec<String>, Result<(), SseError>) {
    let mut shown = Vec::new();
    let end = follow(&client(clock), server.url("/prices"), |it| shown.push(it.to_owned())).await;
    (shown, end)
}

#[tokio::test]
async fn price_of_an_incomplete_event_is_not_shown() {
    let server = ScriptedServer::start([
        Reply::events("id: 1\nevent: price\ndata: 10\n\nid: 2\nevent: price\ndata: 2").cut(),
        Reply::events("id: 2\nevent: price\ndata: 20\n\n"),
        Reply::status(204),
    ])
    .await;
    let (prices, end) = prices(&server, &TestClock::skipping()).await;
    assert_eq!(prices, ["10", "20"]);
    assert!(end.is_ok());
    assert_eq!(server.requests()[1].last_event_id(), Some("1"));
}

#[tokio::test]
async fn retry_of_an_hour_is_waited_for() {
    let clock = TestClock::skipping();
    let replies = [Reply::events("retry: 3600000\n\n"), Reply::status(204)];
    let server = ScriptedServer::builder().clock(&clock).start(replies).await;
    prices(&server, &clock).await.1.unwrap();
    let times: Vec<_> = server.requests().iter().map(|seen| seen.time).collect();
    assert!(times[1] - times[0] >= Duration::from_secs(3600), "{times:?}");
}

#[tokio::test]
async fn prices_are_shown_at_once_however_they_are_fragmented() {
    let first = Reply::events("event: price\ndata: 10\n\n").pause();
    let reply = first.send("event: price\ndata: 20\n\n").in_pieces_of(1);
    let server = ScriptedServer::start([reply, Reply::status(204)]).await;
    let mut shown = Vec::new();
    let show = |price: &str| {
        shown.push(price.to_owned());
        // The server sends the second price only after the first has been shown.
        server.go_on();
    };
    follow(&client(&TestClock::skipping()), server.url("/"), show).await.unwrap();
    assert_eq!(shown, ["10", "20"]);
}

#[tokio::test]
async fn dropping_the_future_closes_the_connection() {
    let server = ScriptedServer::start([Reply::events("event: price\ndata: 10\n\n").hang()]).await;
    let (client, url) = (client(&TestClock::skipping()), server.url("/"));
    let following = tokio::spawn(async move { follow(&client, url, |_| {}).await });
    server.next_request().await;
    following.abort();
    server.abandoned(0).await;
    assert_eq!(server.count_requests().await, 1);
}

#[tokio::test]
async fn status_403_is_reported_and_not_retried() {
    let forbidden = Reply::status(403).header("content-type", "text/plain").send("not for you");
    let server = ScriptedServer::start([forbidden]).await;
    let (prices, end) = prices(&server, &TestClock::skipping()).await;
    assert!(prices.is_empty());
    let error = end.unwrap_err();
    assert_eq!(error.status().unwrap(), 403);
    assert_eq!(error.body_excerpt().unwrap(), "not for you");
    assert_eq!(server.count_requests().await, 1);
}
