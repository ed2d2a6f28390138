//! Sessions through nginx: what a proxy makes of an event stream, and of the failures of its
//! server.
//!
//! They need nginx, so that `cargo test` leaves them out. `cargo xtask nginx` runs them if it is
//! installed.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

mod proxy;

use std::time::Duration;

use sse_reqwest::{
    ClientSseSession, RequestBuilderExt as _, SseClient, SseConfig, SseError, reqwest::Client,
};
use sse_test::{Reply, ScriptedServer};

use self::proxy::Nginx;

/// Runs a test to its end, on one thread; a test that hangs fails.
fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Long enough for any machine: only a test that fails waits this long.
    let guard = Duration::from_secs(30);
    runtime.block_on(async { tokio::time::timeout(guard, test).await.expect("the test hangs") })
}

async fn data(session: &mut ClientSseSession) -> String {
    session.next().await.expect("the session has ended").unwrap().data().to_owned()
}

/// Takes the data of all events up to the end, and the error if there is one.
async fn rest(session: &mut ClientSseSession) -> (Vec<String>, Option<SseError>) {
    let mut data = Vec::new();
    while let Some(event) = session.next().await {
        match event {
            Ok(event) => data.push(event.data().to_owned()),
            Err(error) => return (data, Some(error)),
        }
    }
    (data, None)
}

/// Returns the configuration of a session that reconnects this many times, without a wait.
fn reconnecting(attempts: u32) -> SseConfig {
    SseConfig::new().max_reconnection_attempts(attempts).reconnection_time(Duration::ZERO)
}

/// Opens a session at a location of nginx, for each version of HTTP, with a server behind nginx
/// that replies like this.
fn on_each_version(
    place: &str,
    config: &SseConfig,
    replies: &[Reply],
    mut test: impl AsyncFnMut(ClientSseSession, &ScriptedServer),
) {
    for version in [Nginx::http1, Nginx::http2] {
        run(async {
            let server = ScriptedServer::start(replies.to_vec()).await;
            let nginx = Nginx::before(server.address());
            let client = SseClient::new(version(&nginx), config.clone());
            let session = client.sse_session(Nginx::url(place)).await.unwrap();
            test(session, &server).await;
        });
    }
}

fn paused_events() -> Reply {
    (1..=3).fold(Reply::events(""), |reply, number| {
        reply.send(format!("id: {number}\ndata: {number}\n\n")).pause()
    })
}

#[track_caller]
fn check_each_event_at_once(place: &str, reply: Reply) {
    on_each_version(place, &SseConfig::new(), &[reply], async |mut session, server| {
        for number in 1..=3 {
            assert_eq!(data(&mut session).await, number.to_string());
            server.go_on();
        }
        let (events, error) = rest(&mut session).await;
        assert!(events.is_empty() && error.is_none(), "{error:?}");
    });
}

#[test]
fn each_event_comes_at_once_where_nginx_does_not_buffer() {
    check_each_event_at_once("/plain", paused_events());
}

#[test]
fn each_event_comes_at_once_where_the_server_asks_nginx_not_to_buffer() {
    check_each_event_at_once("/buffered", paused_events().header("x-accel-buffering", "no"));
}

#[test]
fn each_event_comes_at_once_where_nginx_compresses() {
    check_each_event_at_once("/compressed", paused_events());
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n")]).await;
        let nginx = Nginx::before(server.address());
        let client = nginx.http1_without(|client| client.no_gzip());
        let request = client.get(Nginx::url("/compressed")).header("accept-encoding", "gzip");
        let mut session = request.sse_session().await.unwrap();
        assert_eq!(session.call().response().headers()["content-encoding"], "gzip");
        assert_eq!(data(&mut session).await, "1");
    });
}

#[test]
fn a_stream_that_is_truncated_before_nginx_is_a_disconnect_to_reconnect_after() {
    let replies = [
        Reply::events("id: 1\ndata: 1\n\ndata: ha").pause().cut(),
        Reply::events("id: 2\ndata: 2\n\n").pause().reset(),
        Reply::status(204),
    ];
    for place in ["/plain", "/compressed"] {
        on_each_version(place, &SseConfig::new(), &replies, async |mut session, server| {
            assert_eq!(data(&mut session).await, "1");
            server.go_on();
            let (events, error) = rest(&mut session).await;
            let error = error.expect("a reported disconnect");
            assert!(events.is_empty() && error.is_transport(), "{error:?}");
        });
        on_each_version(place, &reconnecting(1), &replies, async |mut session, server| {
            for number in ["1", "2"] {
                assert_eq!(data(&mut session).await, number);
                server.go_on();
            }
            let (events, error) = rest(&mut session).await;
            assert!(events.is_empty() && error.is_none(), "{error:?}");
            let ids = server.last_event_ids();
            assert_eq!(ids, [None, Some("1".to_owned()), Some("2".to_owned())]);
        });
    }
}

#[test]
fn a_server_that_nginx_cannot_reach_is_a_502_and_is_asked_again() {
    let replies = [
        Reply::events("data: 1\n\n"),
        Reply::nothing().cut(),
        Reply::events("data: 2\n\n"),
        Reply::status(204),
    ];
    on_each_version("/plain", &reconnecting(2), &replies, async |mut session, _| {
        let (events, error) = rest(&mut session).await;
        assert!(events == ["1", "2"] && error.is_none(), "{events:?} {error:?}");
    });
    run(async {
        let server = ScriptedServer::start([Reply::nothing().cut()]).await;
        let nginx = Nginx::before(server.address());
        let request = nginx.http1().get(Nginx::url("/plain"));
        let error = request.sse_session().await.unwrap_err();
        assert_eq!(error.status().unwrap(), 502);
        assert!(error.is_retryable() && error.body_text().unwrap().contains("<html>"));
    });
}

/// nginx waits for 60 s by default, and here for as long as it is configured to.
#[test]
fn a_stream_that_is_silent_for_too_long_for_nginx_is_a_disconnect() {
    let replies = [
        Reply::events("id: 1\ndata: 1\n\n").hang(),
        Reply::events("id: 2\ndata: 2\n\n").hang(),
        Reply::status(204),
    ];
    on_each_version("/impatient", &reconnecting(1), &replies, async |mut session, server| {
        let (events, error) = rest(&mut session).await;
        assert!(events == ["1", "2"] && error.is_none(), "{events:?} {error:?}");
        assert_eq!(server.last_event_ids()[2].as_deref(), Some("2"));
    });
}

#[test]
fn a_reload_of_nginx_ends_its_streams_and_they_continue_with_the_next_workers() {
    for version in [Nginx::http1, Nginx::http2] {
        run(async {
            let replies = [
                Reply::events("id: 1\ndata: 1\n\n").hang(),
                Reply::events("id: 2\ndata: 2\n\n"),
                Reply::status(204),
            ];
            let server = ScriptedServer::start(replies).await;
            let nginx = Nginx::before(server.address());
            let client = SseClient::new(version(&nginx), reconnecting(1));
            let mut session = client.sse_session(Nginx::url("/plain")).await.unwrap();
            assert_eq!(data(&mut session).await, "1");
            nginx.reload();
            let (events, error) = rest(&mut session).await;
            assert!(events == ["2"] && error.is_none(), "{events:?} {error:?}");
            assert_eq!(server.last_event_ids()[1].as_deref(), Some("1"));
        });
    }
}

/// nginx announces it with a GOAWAY.
#[test]
fn a_connection_that_nginx_wants_no_more_requests_on_is_followed_by_another() {
    run(async {
        let replies: Vec<_> = (1..=4).map(|number| Reply::messages([number.to_string()])).collect();
        let server = ScriptedServer::start(replies.into_iter().chain([Reply::status(204)])).await;
        let nginx = Nginx::before(server.address());
        let client = SseClient::new(nginx.http2(), reconnecting(1));
        let mut session = client.sse_session(Nginx::url("/plain")).await.unwrap();
        let (events, error) = rest(&mut session).await;
        assert!(events == ["1", "2", "3", "4"] && error.is_none(), "{events:?} {error:?}");
        let requests = server.requests();
        let connections: Vec<_> =
            requests.iter().map(|seen| seen.value("x-connection").unwrap()).collect();
        assert_eq!(connections[0], connections[1]);
        assert_ne!(connections[1], connections[2], "{connections:?}");
    });
}

#[test]
fn the_longest_and_the_most_unusual_last_event_id_pass_nginx() {
    for id in ["x".repeat(4096), "\u{2026}\u{1f600}".to_owned(), "{\"a b\": \"c\td\"}".to_owned()] {
        let first = Reply::events(format!("id: {id}\ndata: 1\n\n"));
        let replies = [first, Reply::events("data: 2\n\n"), Reply::status(204)];
        on_each_version("/plain", &reconnecting(1), &replies, async |mut session, server| {
            let (events, error) = rest(&mut session).await;
            assert!(events == ["1", "2"] && error.is_none(), "{events:?} {error:?}");
            let sent = server.last_event_ids();
            assert_eq!(sent, [None, Some(id.clone()), Some(id.clone())]);
        });
    }
}

#[test]
fn a_redirect_and_a_refusal_by_nginx_are_what_they_are() {
    let events = Reply::events("data: 1\n\n");
    on_each_version("/moved", &SseConfig::new(), &[events], async |mut session, _| {
        assert_eq!(data(&mut session).await, "1");
        assert_eq!(session.call().response().uri().path(), "/plain");
    });
    run(async {
        let server = ScriptedServer::start([]).await;
        let nginx = Nginx::before(server.address());
        let client: Client = nginx.http1();
        let limited = client.get(Nginx::url("/limited")).sse_session().await.unwrap_err();
        assert_eq!(limited.status().unwrap(), 429);
        assert_eq!(limited.retry_after(), Some(Duration::from_secs(120)));
        assert!(limited.is_retryable());
        let locked = client.get(Nginx::url("/locked")).sse_session().await.unwrap_err();
        assert!(locked.is_unauthorized() && !locked.is_retryable());
        assert_eq!(locked.headers().unwrap()["www-authenticate"], "Basic realm=\"the shop\"");
        assert!(server.requests().is_empty());
    });
}
