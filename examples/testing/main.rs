//! How to test code of your own against servers that misbehave: a function that follows prices, and
//! what it does when the server is not at its best.
//!
//! `cargo test --package sse-examples --test testing` runs it. Copy it to your `tests/` and put your
//! own code where the function is.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::time::Duration;

use sse_reqwest::{SseClient, SseConfig, SseError, reqwest};
use sse_test::{Reply, ScriptedServer, TestClock};

/// What is to be tested: shows each price of an article, and ends when the server has no more.
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

/// A client as the application has it, but for its clock.
fn client(clock: &TestClock) -> SseClient {
    let config = SseConfig::new().max_reconnection_attempts(2).clock(clock.clone());
    SseClient::new(reqwest::Client::builder().no_proxy().build().unwrap(), config)
}

/// All prices that are shown, and how it ends.
async fn prices(server: &ScriptedServer, clock: &TestClock) -> (Vec<String>, Result<(), SseError>) {
    let mut shown = Vec::new();
    let end = follow(&client(clock), server.url("/prices"), |it| shown.push(it.to_owned())).await;
    (shown, end)
}

#[tokio::test]
async fn a_price_that_was_cut_is_not_shown_until_it_is_whole() {
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
async fn a_server_that_asks_for_an_hour_gets_an_hour() {
    let clock = TestClock::skipping();
    let replies = [Reply::events("retry: 3600000\n\n"), Reply::status(204)];
    let server = ScriptedServer::builder().clock(&clock).start(replies).await;
    prices(&server, &clock).await.1.unwrap();
    let times: Vec<_> = server.requests().iter().map(|seen| seen.time).collect();
    assert!(times[1] - times[0] >= Duration::from_secs(3600), "{times:?}");
}

#[tokio::test]
async fn prices_are_shown_when_they_come_however_they_are_cut() {
    let first = Reply::events("event: price\ndata: 10\n\n").pause();
    let reply = first.send("event: price\ndata: 20\n\n").in_pieces_of(1);
    let server = ScriptedServer::start([reply, Reply::status(204)]).await;
    let mut shown = Vec::new();
    let show = |price: &str| {
        shown.push(price.to_owned());
        // The second price is not sent before the first is shown.
        server.go_on();
    };
    follow(&client(&TestClock::skipping()), server.url("/"), show).await.unwrap();
    assert_eq!(shown, ["10", "20"]);
}

#[tokio::test]
async fn who_stops_following_is_gone() {
    let server = ScriptedServer::start([Reply::events("event: price\ndata: 10\n\n").hang()]).await;
    let (client, url) = (client(&TestClock::skipping()), server.url("/"));
    let following = tokio::spawn(async move { follow(&client, url, |_| {}).await });
    server.next_request().await;
    following.abort();
    server.given_up(0).await;
    assert_eq!(server.count_requests().await, 1);
}

#[tokio::test]
async fn a_refusal_is_told_and_not_repeated() {
    let server = ScriptedServer::start([Reply::status(403).send("not for you")]).await;
    let (prices, end) = prices(&server, &TestClock::skipping()).await;
    assert!(prices.is_empty());
    assert_eq!(end.unwrap_err().status().unwrap(), 403);
    assert_eq!(server.count_requests().await, 1);
}
