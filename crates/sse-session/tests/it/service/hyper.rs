//! hyper-util's client as the transport, over sockets.

use std::{io, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, dns::Name},
    },
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use sse_session::{
    BodyEnd, BoxError, Deadline, SseClient, SseConfig, SseError, SseErrorKind, TowerTransport,
    TransportErrorKind,
};
use sse_test::{Http2Error, Reply, ScriptedServer, TestClock};
use tokio::net::TcpStream;
use tower::service_fn;

use crate::support::{read, run};

type Http = Client<HttpConnector, Full<Bytes>>;

fn http(is_http2: bool) -> Http {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .http2_only(is_http2)
        .build_http()
}

fn client(is_http2: bool, config: SseConfig) -> SseClient {
    SseClient::new(TowerTransport::new(http(is_http2)), config)
}

async fn start(is_http2: bool, replies: impl IntoIterator<Item = Reply>) -> ScriptedServer {
    let builder = ScriptedServer::builder();
    let builder = if is_http2 { builder.http2() } else { builder };
    builder.start(replies).await
}

#[test]
fn tower_hyper_sessions_redirect_reconnect_and_resume() {
    for is_http2 in [false, true] {
        run(async {
            let replies = [
                Reply::redirect(307, "/feed"),
                Reply::events("id: 1\ndata: 1\n\nid: 2\nda").pause().cut(),
                Reply::status(503),
                Reply::events("id: 2\ndata: 2\n\n"),
                Reply::status(204),
            ];
            let server = start(is_http2, replies).await;
            let config = SseConfig::new().max_reconnection_attempts(3).clock(TestClock::skipping());
            let client = client(is_http2, config);
            let mut session = client.sse_session(server.url("/")).await.unwrap();
            assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
            server.go_on();
            assert_eq!(read(&mut session).await.0, ["2"]);
            let ids = [None, None, Some("1"), Some("1"), Some("2")];
            assert_eq!(server.last_event_ids(), ids.map(|id| id.map(str::to_owned)));
            assert_eq!(server.requests()[1].target, "/feed");
        });
    }
}

#[test]
fn tower_hyper_posts_a_body() {
    for is_http2 in [false, true] {
        run(async {
            let server = start(is_http2, [Reply::messages(["1"])]).await;
            let request = Request::post(server.url("/")).body(Bytes::from("question")).unwrap();
            let client = client(is_http2, SseConfig::new());
            let mut session = client.sse_session(request).await.unwrap();
            assert_eq!(read(&mut session).await.0, ["1"]);
            assert_eq!(server.requests()[0].body, b"question");
            let end = if is_http2 { BodyEnd::EndStream } else { BodyEnd::LastChunk };
            assert_eq!(session.end_evidence().unwrap().body_end(), end);
        });
    }
}

#[test]
fn tower_hyper_reads_the_reason_of_a_rejection_and_keeps_its_connection() {
    for is_http2 in [false, true] {
        run(async {
            let busy = Reply::status(503).header("content-type", "text/plain").with_length();
            let replies = [busy.send("too busy").keep_alive(), Reply::messages(["1"]).keep_alive()];
            let server = start(is_http2, replies).await;
            let client = client(is_http2, SseConfig::new());
            let error = client.sse_session(server.url("/")).await.unwrap_err();
            assert_eq!(error.body_excerpt().as_deref(), Some("too busy"));
            assert_eq!(
                read(&mut client.sse_session(server.url("/")).await.unwrap()).await.0,
                ["1"]
            );
            assert!(server.requests().iter().all(|request| request.connection == 0));
        });
    }
}

#[test]
fn tower_hyper_yields_each_event_when_it_arrives() {
    for is_http2 in [false, true] {
        run(async {
            let events = Reply::events("").send("data: 1\n\n").pause().send("data: 2\n\n").pause();
            let server = start(is_http2, [events.in_pieces_of(3)]).await;
            let client = client(is_http2, SseConfig::new());
            let mut session = client.sse_session(server.url("/")).await.unwrap();
            for data in ["1", "2"] {
                assert_eq!(session.next().await.unwrap().unwrap().data(), data);
                server.go_on();
            }
            assert!(session.next().await.is_none());
        });
    }
}

type End = fn(Reply) -> Reply;

/// Returns the error of a session whose only connection ends in this way after an event.
async fn ended(is_http2: bool, end: End) -> SseError {
    let server = start(is_http2, [end(Reply::messages(["1"]).send("data").pause())]).await;
    let client = client(is_http2, SseConfig::new());
    let mut session = client.sse_session(server.url("/")).await.unwrap();
    assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
    server.go_on();
    session.next().await.unwrap().unwrap_err()
}

#[test]
fn tower_hyper_error_kinds_of_bodies_are_truthful() {
    use TransportErrorKind::{Reset, Truncated};
    let cases: [(bool, End, TransportErrorKind); 8] = [
        (false, |it| it.cut(), Truncated),
        (false, |it| it.with_length_too_long_by(9).cut(), Truncated),
        (false, |it| it.reset(), Reset),
        (true, |it| it.cut(), Truncated),
        (true, |it| it.reset(), Reset),
        (true, |it| it.reset_stream(Http2Error::InternalError), Reset),
        (true, |it| it.go_away_with(Http2Error::InternalError), Truncated),
        (true, |it| it.go_away_with(Http2Error::NoError), Truncated),
    ];
    for (index, (is_http2, end, expected)) in cases.into_iter().enumerate() {
        let error = run(ended(is_http2, end));
        let seen = (error.is_truncated(), error.is_reset());
        let expected = (expected == Truncated, expected == Reset);
        assert_eq!(seen, expected, "{index}: {error:?}");
        assert_eq!(error.kind(), SseErrorKind::Disconnected, "{index}: {error:?}");
        assert!(!error.is_timeout() && !error.is_connect(), "{index}: {error:?}");
    }
}

#[test]
fn tower_hyper_error_kinds_of_requests_are_truthful() {
    for is_http2 in [false, true] {
        run(async {
            // A server that is gone.
            let server = start(is_http2, []).await;
            let url = server.url("/");
            drop(server);
            let client = client(is_http2, SseConfig::new());
            let error = loop {
                match client.sse_session(&*url).await {
                    Err(error) if error.is_connect() => break error,
                    // It was still closing.
                    _ => tokio::task::yield_now().await,
                }
            };
            assert_eq!((error.kind(), error.is_timeout()), (SseErrorKind::NoResponse, false));
            let (reset, cut) = (|| Reply::nothing().reset(), || Reply::nothing().cut());
            // Each is the second one of its session.
            let server = start(is_http2, [reset(), reset(), cut(), cut()]).await;
            let error = client.sse_session(server.url("/")).await.unwrap_err();
            assert!(error.is_reset() && error.is_unanswered(), "{error:?}");
            assert!(!error.is_connect(), "{error:?}");
            let error = client.sse_session(server.url("/")).await.unwrap_err();
            assert!(
                error.is_unanswered() && !error.is_connect() && !error.is_truncated(),
                "{error:?}"
            );
            assert_eq!(server.requests().len(), 4);
        });
    }
}

#[test]
fn tower_hyper_repeats_an_unanswered_first_request() {
    let ends: [End; 2] = [Reply::cut, Reply::reset];
    for (is_http2, end) in [false, true].into_iter().flat_map(|it| ends.map(|end| (it, end))) {
        run(async {
            let busy = Reply::status(503).with_length().keep_alive();
            let replies = [busy, end(Reply::nothing()), Reply::messages(["1"])];
            let server = start(is_http2, replies).await;
            let client = client(is_http2, SseConfig::new());
            client.sse_session(server.url("/")).await.unwrap_err();
            let mut session = client.sse_session(server.url("/")).await.unwrap();
            assert_eq!(read(&mut session).await.0, ["1"]);
            let connections: Vec<_> = server.requests().iter().map(|it| it.connection).collect();
            assert_eq!(connections, [0, 0, 1]);
        });
    }
}

#[test]
fn tower_hyper_error_kind_of_a_name_without_an_address_is_connect() {
    run(async {
        let resolver = service_fn(async |_: Name| {
            let error = io::Error::other("no such name");
            Err::<std::vec::IntoIter<std::net::SocketAddr>, _>(error)
        });
        let connector = HttpConnector::new_with_resolver(resolver);
        let http = Client::builder(TokioExecutor::new()).build::<_, Full<Bytes>>(connector);
        let client = SseClient::new(TowerTransport::new(http), SseConfig::new());
        let error = client.sse_session("http://name.invalid/").await.unwrap_err();
        assert!(error.is_connect() && error.is_retryable(), "{error:?}");
    });
}

#[test]
fn tower_hyper_error_kind_of_a_connection_without_pongs_is_timeout() {
    run(async {
        // It accepts, and never says anything.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let keep_alive = Duration::from_millis(20);
        let http: Http = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .http2_only(true)
            .http2_keep_alive_interval(keep_alive)
            .http2_keep_alive_timeout(keep_alive)
            .build_http();
        let client = SseClient::new(TowerTransport::new(http), SseConfig::new());
        let error = client.sse_session(url).await.unwrap_err();
        assert!(error.is_timeout() && !error.is_connect(), "{error:?}");
    });
}

#[test]
fn tower_service_factory_replaces_the_service_after_a_silence() {
    run(async {
        let replies = [Reply::messages(["1"]).hang(), Reply::messages(["2"]), Reply::status(204)];
        let server = start(true, replies).await;
        let clock = TestClock::manual();
        let config = SseConfig::new()
            .max_reconnection_attempts(3)
            .reconnection_time(Duration::ZERO)
            .idle_timeout(Duration::from_secs(60))
            .clock(clock.clone());
        let transport = TowerTransport::new(http(true)).with_service_factory(|| http(true));
        let client = SseClient::new(transport, config);
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
        let (event, ()) = tokio::join!(session.next(), async {
            clock.asked_for(1).await;
            clock.advance(Duration::from_secs(60));
        });
        assert_eq!(event.unwrap().unwrap().data(), "2");
        assert!(session.next().await.is_none());
        let connections: Vec<_> = server.requests().iter().map(|it| it.connection).collect();
        assert_eq!(connections, [0, 1, 1]);
    });
}

/// Sends a request over a connection of its own, as the examples do.
async fn send(mut request: Request<Bytes>) -> Result<Response<Incoming>, BoxError> {
    let authority = request.uri().authority().unwrap().to_string();
    request.headers_mut().insert("host", authority.parse()?);
    let socket = TokioIo::new(TcpStream::connect(authority).await?);
    let (mut sender, connection) = http1::handshake(socket).await?;
    tokio::spawn(connection);
    Ok(sender.send_request(request.map(Full::new)).await?)
}

#[test]
fn closure_over_a_connection_of_its_own_closes_it_when_a_session_is_dropped() {
    run(async {
        let replies = [Reply::messages(["1"]).hang(), Reply::nothing().hang()];
        let server = start(false, replies).await;
        let client = SseClient::new(send, SseConfig::new());
        drop(client.sse_session(server.url("/")).await.unwrap());
        server.closed_by_client(1).await;
        tokio::select! {
            _ = client.sse_session(server.url("/")) => panic!("there is no response"),
            () = server.requested(2) => {}
        }
        server.closed_by_client(2).await;
    });
}

#[test]
fn tower_dropped_sessions_cancel_their_request() {
    for is_http2 in [false, true] {
        run(async {
            let server =
                start(is_http2, [Reply::messages(["1"]).hang(), Reply::nothing().hang()]).await;
            let client = client(is_http2, SseConfig::new());
            let session = client.sse_session(server.url("/")).await.unwrap();
            drop(session);
            server.abandoned(0).await;
            let clock = TestClock::manual();
            let request = client
                .request(server.url("/"))
                .configure(|it| it.head_timeout(Duration::from_secs(1)).clock(clock.clone()));
            let (opened, ()) = tokio::join!(request.sse_session(), async {
                server.requested(2).await;
                clock.asked_for(1).await;
                clock.advance(Duration::from_secs(1));
            });
            assert_eq!(opened.unwrap_err().deadline(), Some(Deadline::Head));
            server.abandoned(1).await;
        });
    }
}

const FLOOD: usize = 20_000;

/// Starts a server with two event streams: the first has many small events, each in a frame of its
/// own, the second has one once the test says so.
async fn flood() -> ScriptedServer {
    let beginning = Reply::messages(["1"]).pause_until_requested(2);
    let flood = (0..FLOOD).fold(beginning, |reply, _| reply.send("data:x\n\n"));
    let neighbor = Reply::events("").pause().send("data: neighbor\n\n").hang();
    start(true, [flood, neighbor]).await
}

#[test]
fn is_local_limit_if_unread_frames_end_the_connection_of_hyper() {
    run(async {
        let server = flood().await;
        let client = client(true, SseConfig::new());
        let _unread = client.sse_session(server.url("/")).await.unwrap();
        let mut neighbor = client.sse_session(server.url("/")).await.unwrap();
        let error = neighbor.next().await.unwrap().unwrap_err();
        assert!(error.is_local_limit() && error.is_truncated(), "{error:?}");
        assert!(error.is_retryable() && !error.is_reset(), "{error:?}");
        assert!(error.to_string().contains("larger HTTP/2 windows"), "{error}");
    });
}

/// These are the windows that the documentation of `TowerTransport` names.
#[test]
fn windows_of_hyper_carry_a_session_that_is_not_read() {
    run(async {
        let server = flood().await;
        let http = Client::builder(TokioExecutor::new())
            .http2_only(true)
            .http2_initial_stream_window_size(64 * 1024)
            .http2_initial_connection_window_size(1024 * 1024 * 1024)
            .build_http::<Full<Bytes>>();
        let client = SseClient::new(TowerTransport::new(http), SseConfig::new());
        let mut unread = client.sse_session(server.url("/")).await.unwrap();
        let mut neighbor = client.sse_session(server.url("/")).await.unwrap();
        for _ in 0..FLOOD {
            tokio::task::yield_now().await;
        }
        server.go_on();
        assert_eq!(neighbor.next().await.unwrap().unwrap().data(), "neighbor");
        let mut events = 0;
        while let Some(event) = unread.next().await {
            event.unwrap();
            events += 1;
        }
        assert_eq!(events, FLOOD + 1);
    });
}
