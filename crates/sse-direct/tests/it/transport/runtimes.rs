//! Runtimes: a session over TCP outlives the one in which its socket was opened.

use std::time::Duration;

use futures_util::FutureExt as _;
use sse_direct::DirectTransport;
use sse_session::{ReconnectDecision, ReconnectPolicy, SseClient, SseConfig, SseErrorKind};
use sse_test::{Reply, ScriptedServer};
use tokio::runtime::{Builder, Runtime};

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_session_that_outlives_its_runtime_reconnects_in_the_next() {
    let servers = multi_thread();
    for flavor in [multi_thread, current_thread] {
        let first_reply = Reply::events("id: 1\ndata: 1\n\n").hang();
        let replies = [first_reply, Reply::events("data: 2\n\n").hang()];
        let server = servers.block_on(ScriptedServer::start(replies));
        let policy = ReconnectPolicy::custom(|_| ReconnectDecision::After(Duration::ZERO));
        let config = SseConfig::new().idle_timeout(HOUR).reconnect(policy);
        let client = SseClient::new(DirectTransport::tcp(), config);
        let first = flavor();
        let mut session = first.block_on(client.sse_session(server.url("/"))).unwrap();
        assert_eq!(first.block_on(session.next()).unwrap().unwrap().data(), "1");
        assert!(first.block_on(async { session.next().now_or_never() }).is_none());
        drop(first);
        let second = flavor();
        assert_eq!(second.block_on(session.next()).unwrap().unwrap().data(), "2");
        assert_eq!(server.last_event_ids(), [None, Some("1".to_owned())]);
        drop(second);
        // Outside of any runtime, the socket has failed, and nothing can wait.
        let error = session.next().now_or_never().expect("the session waits").unwrap().unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::NoTimer, "{error:?}");
    }
}

#[test]
fn a_session_that_outlives_its_runtime_is_disconnected_without_reconnection() {
    let servers = multi_thread();
    for flavor in [multi_thread, current_thread] {
        let server = servers.block_on(ScriptedServer::start([Reply::messages(["1"]).hang()]));
        let client = SseClient::new(DirectTransport::tcp(), SseConfig::new().idle_timeout(HOUR));
        let first = flavor();
        let mut session = first.block_on(client.sse_session(server.url("/"))).unwrap();
        assert_eq!(first.block_on(session.next()).unwrap().unwrap().data(), "1");
        drop(first);
        let error = flavor().block_on(session.next()).unwrap().unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::Disconnected, "{error:?}");
    }
}

#[test]
fn a_session_outside_of_any_runtime_is_an_error() {
    let client = SseClient::new(DirectTransport::tcp(), SseConfig::new());
    let opened = client.sse_session("http://127.0.0.1:9/").now_or_never();
    let error = opened.expect("the session waits").unwrap_err();
    assert_eq!(error.kind(), SseErrorKind::InvalidRequest, "{error:?}");
    assert!(!error.is_retryable());
}
