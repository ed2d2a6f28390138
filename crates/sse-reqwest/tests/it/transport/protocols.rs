//! Versions of HTTP: sessions over each of them, and the failures that only HTTP/2 has.

use std::{error::Error as _, iter::successors, net::SocketAddr, sync::Arc, time::Duration};

use sse_reqwest::{
    EndReason, ReconnectPolicy, RequestBuilderExt as _, SessionEvent, SessionHandle, SessionState,
    SseClient, SseConfig, SseError,
    reqwest::{Client, Version},
};
use sse_test::Http2Error;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Notify,
};

use crate::support::{
    Reply, ScriptedServer, TestClock, WebServer, data, event_stream, failure, reach, reconnecting,
    rest, rest_of_data, run,
};

#[test]
fn a_session_is_the_same_on_each_version_of_http() {
    run(async {
        let server = WebServer::start(|seen| {
            assert_eq!(seen.values("accept"), ["text/event-stream"]);
            event_stream(["data: 1\n\nda".to_owned(), "ta: 2\n\n".to_owned()])
        })
        .await;
        let clients = [
            (Version::HTTP_11, Client::builder().http1_only()),
            (Version::HTTP_2, Client::builder().http2_prior_knowledge()),
        ];
        for (version, client) in clients {
            let request = client.no_proxy().build().unwrap().get(server.url("/"));
            let mut session = request.sse_session().await.unwrap();
            assert_eq!(session.call().response().version(), version);
            let (events, error) = rest(&mut session).await;
            assert_eq!(events.iter().map(|event| event.data()).collect::<Vec<_>>(), ["1", "2"]);
            assert!(error.is_none(), "{error:?}");
            assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
        }
    });
}

/// Returns a client that speaks HTTP/2 from the start, whose sessions have this configuration.
fn http2(config: SseConfig) -> SseClient {
    let http = Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    SseClient::new(http, config)
}

async fn start(replies: impl IntoIterator<Item = Reply>) -> ScriptedServer {
    ScriptedServer::builder().http2().start(replies).await
}

/// Returns the connection of each request.
fn connections(server: &ScriptedServer) -> Vec<usize> {
    server.requests().iter().map(|seen| seen.connection).collect()
}

#[test]
fn sessions_share_a_connection_and_none_waits_for_another() {
    run(async {
        let idle = || Reply::events("").hang();
        let server = start([idle(), Reply::events("data: 1\n\n").hang(), idle()]).await;
        let client = http2(SseConfig::new());
        let _first = client.sse_session(server.url("/")).await.unwrap();
        let mut second = client.sse_session(server.url("/")).await.unwrap();
        let third = client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut second).await, "1");
        drop(third);
        server.abandoned(2).await;
        assert_eq!(connections(&server), [0, 0, 0]);
    });
}

#[test]
fn a_session_that_is_not_read_stops_no_other_on_its_connection() {
    run(async {
        let flood = Reply::events("").repeat("data: flood\n\n".repeat(100));
        let server = start([flood, Reply::events("data: 1\n\n").hang()]).await;
        let client = http2(SseConfig::new());
        let unread = client.sse_session(server.url("/")).await.unwrap();
        let mut other = client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut other).await, "1");
        drop(unread);
        server.abandoned(0).await;
    });
}

/// Outcome of a session whose first connection ends like this: its first failure if it does not
/// reconnect, and the connections of its requests if it does.
fn after(lost: impl Fn(Reply) -> Reply) -> (Option<SseError>, Vec<usize>) {
    run(async {
        let first = lost(Reply::events("id: 1\ndata: 1\n\ndata: ha"));
        let server = start([first.clone()]).await;
        let mut session = http2(SseConfig::new()).sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        server.go_on();
        let (events, error) = rest(&mut session).await;
        assert!(events.is_empty());

        let replies = [first, Reply::events("data: 2\n\n"), Reply::status(204)];
        let server = start(replies).await;
        let mut session = http2(reconnecting(1)).sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        server.go_on();
        assert_eq!(rest_of_data(&mut session).await, ["2"]);
        assert_eq!(server.last_event_ids()[1].as_deref(), Some("1"));
        (error, connections(&server))
    })
}

/// Returns the error of h2 among the sources of an error. It has no source itself.
fn of_h2(error: &SseError) -> &h2::Error {
    let mut causes = successors(error.source(), |&cause| cause.source());
    causes.find_map(|cause| cause.downcast_ref()).expect("no error of h2 among the causes")
}

#[test]
fn a_stream_that_is_reset_is_a_disconnect_and_the_next_one_has_the_same_connection() {
    for reason in [Http2Error::Cancel, Http2Error::InternalError, Http2Error::EnhanceYourCalm] {
        let (error, connections) = after(|reply| reply.pause().reset_stream(reason));
        let error = error.expect("a reported disconnect");
        assert!(error.is_transport() && error.is_retryable(), "{reason:?}: {error:?}");
        assert_eq!(error.is_reset(), cfg!(feature = "http2"), "{reason:?}: {error:?}");
        assert!(of_h2(&error).is_reset());
        assert_eq!(connections, [0, 0, 0], "{reason:?}");
    }
}

/// hyper takes it for the end of a response that was sent before its request was complete (RFC
/// 9113, section 8.1), and reports only that the body has ended.
#[test]
fn a_stream_that_is_reset_without_an_error_looks_like_one_that_ended() {
    let (error, connections) = after(|reply| reply.pause().reset_stream(Http2Error::NoError));
    assert!(error.is_none(), "{error:?}");
    assert_eq!(connections, [0, 0, 0]);
}

#[test]
fn only_the_last_event_shows_that_a_stream_was_reset_without_an_error() {
    run(async {
        let reset = Reply::events("data: 1\n\n").pause().reset_stream(Http2Error::NoError);
        let server = start([reset]).await;
        let config = SseConfig::new().stop_before(|event| event.data() == "[DONE]");
        let client = http2(config.expect_terminal(true));
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        server.go_on();
        assert!(failure(&mut session).await.is_incomplete());
    });
}

type End = fn(Reply) -> Reply;

#[test]
fn a_connection_that_ends_is_a_disconnect_and_the_next_one_is_fresh() {
    let ends: [(End, _); 4] = [
        (|reply| reply.pause().cut(), (true, false)),
        (|reply| reply.pause().reset(), (false, true)),
        (|reply| reply.pause().go_away_with(Http2Error::InternalError), (true, false)),
        (|reply| reply.pause().go_away_with(Http2Error::EnhanceYourCalm), (true, false)),
    ];
    for (end, expected) in ends {
        let (error, connections) = after(end);
        let error = error.expect("a reported disconnect");
        assert!(error.is_transport() && error.is_retryable(), "{error:?}");
        // The feature knows the errors of h2.
        let expected = if cfg!(feature = "http2") { expected } else { (false, false) };
        assert_eq!((error.is_truncated(), error.is_reset()), expected, "{error:?}");
        assert!(!error.is_local_limit(), "{error:?}");
        assert!(of_h2(&error).is_io() || of_h2(&error).is_go_away());
        assert_eq!(connections, [0, 1, 1]);
    }
}

#[test]
fn a_server_that_shuts_down_ends_its_streams_and_the_next_connection_is_fresh() {
    let (error, connections) = after(|reply| reply.go_away().pause());
    assert!(error.is_none(), "{error:?}");
    assert_eq!(connections, [0, 1, 1]);
}

#[test]
fn other_sessions_of_a_connection_that_goes_away_reconnect_too() {
    run(async {
        let held = || Reply::events("data: held\n\n").pause_until_requested(2);
        let replies = [held(), held().go_away_with(Http2Error::InternalError)];
        let again = || Reply::events("data: again\n\n").hang();
        let server = start(replies.into_iter().chain([again(), again()])).await;
        let client = http2(reconnecting(1));
        let mut first = client.sse_session(server.url("/")).await.unwrap();
        let mut second = client.sse_session(server.url("/")).await.unwrap();
        for session in [&mut first, &mut second] {
            assert_eq!(data(session).await, "held");
            assert_eq!(data(session).await, "again");
        }
        assert_eq!(connections(&server), [0, 0, 1, 1]);
    });
}

#[test]
fn a_refused_stream_is_sent_again_by_reqwest_and_then_by_the_session() {
    run(async {
        let refused =
            || Reply::events("").pause_before_head().reset_stream(Http2Error::RefusedStream);
        // Three by reqwest for the first request of the session, which is then a failed attempt.
        let replies = (0..3).map(|_| refused()).chain([Reply::events("data: 1\n\n")]);
        let server = start(replies).await;
        (0..3).for_each(|_| server.go_on());
        let config = reconnecting(1).retry_first_connection(true);
        let mut session = http2(config).sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        assert_eq!(server.requests().len(), 4);
    });
}

/// reqwest cannot know that a silent connection is dead, and uses it again.
#[test]
fn after_a_silence_the_next_request_has_the_same_connection() {
    run(async {
        let clock = TestClock::manual();
        let replies = [Reply::events("data: 1\n\n").hang(), Reply::events("data: 2\n\n").hang()];
        let server = start(replies).await;
        let config = SseConfig::new()
            .reconnect(ReconnectPolicy::fixed(Duration::ZERO))
            .idle_timeout(Duration::from_secs(60))
            .clock(clock.clone());
        let mut session = http2(config).sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        reach(&mut session, SessionState::Open).await;
        clock.advance(Duration::from_secs(60));
        assert_eq!(data(&mut session).await, "2");
        assert_eq!(connections(&server), [0, 0]);
    });
}

/// Proxy in front of a server, whose first connection goes dead on the test's command, without a
/// sign.
async fn dying(server: SocketAddr, died: Arc<Notify>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        // They are held open, and not read, until the test ends.
        let mut dead = Vec::new();
        let (mut client, _) = listener.accept().await.unwrap();
        let mut upstream = TcpStream::connect(server).await.unwrap();
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut upstream) => {}
            () = died.notified() => dead.push((client, upstream)),
        }
        let (mut client, _) = listener.accept().await.unwrap();
        let mut upstream = TcpStream::connect(server).await.unwrap();
        // The end of the connection is left to the client.
        let _ = copy_bidirectional(&mut client, &mut upstream).await;
    });
    address
}

#[test]
fn pings_end_a_connection_that_is_dead_and_the_next_one_is_fresh() {
    run(async {
        let replies = [
            Reply::events("id: 1\ndata: 1\n\n").hang(),
            Reply::events("id: 1\ndata: 1\n\n").hang(),
            Reply::events("data: 2\n\n").hang(),
            Reply::events("data: 2\n\n").hang(),
        ];
        let server = start(replies).await;
        let death = Arc::new(Notify::new());
        let address = dying(server.address(), death.clone()).await;
        let http = Client::builder()
            .no_proxy()
            .http2_prior_knowledge()
            .http2_keep_alive_interval(PING)
            .http2_keep_alive_timeout(PING)
            .build()
            .unwrap();
        let client = SseClient::new(http, reconnecting(1));
        let url = format!("http://{address}/");
        let mut sessions = Vec::new();
        for _ in 0..2 {
            let mut session = client.sse_session(&url).await.unwrap();
            assert_eq!(data(&mut session).await, "1");
            sessions.push(session);
        }
        death.notify_one();
        // No session has an idle timeout of its own, and all of them are disconnected.
        for session in &mut sessions {
            let step = session.lifecycle().next().await.unwrap().unwrap();
            let SessionEvent::Disconnected { cause, .. } = step else { panic!("{step:?}") };
            assert!(cause.is_transport() && cause.is_retryable(), "{cause:?}");
            assert_eq!(data(session).await, "2");
        }
        assert_eq!(connections(&server), [0, 0, 1, 1]);
    });
}

/// Time that a ping may take on a busy machine.
const PING: Duration = Duration::from_secs(1);

#[test]
fn a_session_that_is_closed_resets_its_stream_and_no_other() {
    run(async {
        let server =
            start(vec![Reply::events("data: 1\n\n").pause_until_requested(2).hang(); 2]).await;
        let client = http2(SseConfig::new());
        let mut first = client.sse_session(server.url("/")).await.unwrap();
        let mut second = client.sse_session(server.url("/")).await.unwrap();
        let handle: SessionHandle = first.handle();
        assert_eq!(data(&mut first).await, "1");
        handle.close();
        assert!(first.next().await.is_none());
        server.abandoned(0).await;
        assert_eq!(data(&mut second).await, "1");
    });
}
