//! tokio runtimes: a session outlives the runtime that it was opened in, unlike reqwest's
//! connections.
//!
//! The server has a runtime of its own, which runs all the time.

use std::time::Duration;

use futures_util::FutureExt as _;
use sse_reqwest::{
    ClientSseSession, EndReason, ReconnectDecision, ReconnectPolicy, SseConfig, SseErrorKind,
};
use tokio::runtime::{Builder, Runtime};

use crate::support::{Reply, ScriptedServer, TestClock, data, sse, within_guard};

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// Returns runtimes of both flavors.
fn flavors() -> [fn() -> Runtime; 2] {
    [|| Builder::new_current_thread().enable_all().build().unwrap(), multi_thread]
}

/// Returns the configuration of a session that reconnects without a wait.
fn reconnecting() -> SseConfig {
    let policy = ReconnectPolicy::custom(|_| ReconnectDecision::After(Duration::ZERO));
    SseConfig::new().idle_timeout(Duration::from_secs(3600)).reconnect(policy)
}

/// Opens a session in a runtime, and takes its first event.
fn opened(runtime: &Runtime, config: SseConfig, server: &ScriptedServer) -> ClientSseSession {
    runtime.block_on(within_guard(async {
        let mut session = sse(config).sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        session
    }))
}

fn silent_after(event: &str) -> Reply {
    Reply::events(event).hang()
}

#[test]
fn a_session_that_outlives_its_runtime_reconnects_in_the_next() {
    let servers = multi_thread();
    for flavor in flavors() {
        for waits_before in [false, true] {
            let replies = [silent_after("id: 1\ndata: 1\n\n"), silent_after("data: 2\n\n")];
            let server = servers.block_on(ScriptedServer::start(replies));
            let first = flavor();
            let mut session = opened(&first, reconnecting(), &server);
            if waits_before {
                assert!(first.block_on(async { session.next().now_or_never() }).is_none());
            }
            drop(first);
            let second = flavor();
            second.block_on(within_guard(async {
                assert_eq!(data(&mut session).await, "2");
            }));
            assert_eq!(session.connections(), 2);
            assert_eq!(server.last_event_ids(), [None, Some("1".to_owned())]);
        }
    }
}

#[test]
fn a_session_that_outlives_its_runtime_is_disconnected_without_reconnection() {
    let servers = multi_thread();
    for flavor in flavors() {
        let server = servers.block_on(ScriptedServer::start([silent_after("data: 1\n\n")]));
        let first = flavor();
        let config = SseConfig::new().idle_timeout(Duration::from_secs(3600));
        let mut session = opened(&first, config, &server);
        drop(first);
        let error = flavor().block_on(within_guard(session.next())).unwrap().unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::Disconnected);
        assert!(error.is_transport() && error.is_retryable());
        assert_eq!(session.end_reason(), Some(EndReason::Failed));
    }
}

/// The head has not arrived when the runtime is shut down.
#[test]
fn a_request_that_outlives_its_runtime_is_an_error_or_made_again() {
    let servers = multi_thread();
    for flavor in flavors() {
        for retries in [false, true] {
            let replies = [Reply::nothing(), silent_after("data: 2\n\n")];
            let server = servers.block_on(ScriptedServer::start(replies));
            let client = sse(reconnecting().retry_first_connection(retries));
            let first = flavor();
            let mut opening = client.sse_session(server.url("/"));
            first.block_on(within_guard(async {
                tokio::select! {
                    opened = &mut opening => panic!("{opened:?}"),
                    () = server.requested(1) => {}
                }
            }));
            drop(first);
            let second = flavor();
            let opened = second.block_on(within_guard(opening));
            if retries {
                let mut session = opened.unwrap();
                assert_eq!(second.block_on(within_guard(data(&mut session))), "2");
            } else {
                let error = opened.unwrap_err();
                assert_eq!(error.kind(), SseErrorKind::NoResponse, "{error:?}");
            }
        }
    }
}

/// The timers of the first runtime work as long as it runs.
#[test]
fn a_session_is_read_in_another_runtime_while_the_first_runs() {
    let servers = multi_thread();
    let reply = Reply::events("data: 1\n\n").pause().send("data: 2\n\n").hang();
    let server = servers.block_on(ScriptedServer::start([reply]));
    let first = multi_thread();
    let mut session = opened(&first, reconnecting(), &server);
    for flavor in flavors() {
        let second = flavor();
        assert!(second.block_on(async { session.next().now_or_never() }).is_none());
    }
    server.go_on();
    assert_eq!(flavors()[0]().block_on(within_guard(data(&mut session))), "2");
    assert_eq!(session.connections(), 1);
}

#[test]
fn a_session_outside_of_any_runtime_is_an_error() {
    let result = sse(SseConfig::new()).sse_session("http://127.0.0.1:9/").now_or_never();
    let error = result.expect("the session waits").unwrap_err();
    assert_eq!(error.kind(), SseErrorKind::InvalidRequest);
    assert!(!error.is_retryable());

    let servers = multi_thread();
    for flavor in flavors() {
        let replies = [silent_after("data: 1\n\n")];
        let server = servers.block_on(ScriptedServer::start(replies));
        let first = flavor();
        let mut session = opened(&first, reconnecting(), &server);
        drop(first);
        // The connection has failed, and no timer can wait for the next attempt.
        let error = session.next().now_or_never().expect("the session waits").unwrap().unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::NoTimer);
    }
}

/// The clock works in any runtime, so nothing else would end the attempts.
#[test]
fn retry_first_connection_ends_outside_of_any_runtime_with_a_clock_of_its_own() {
    let config = reconnecting().retry_first_connection(true).clock(TestClock::skipping());
    let opened = sse(config).sse_session("http://127.0.0.1:9/").now_or_never();
    let error = opened.expect("the session waits").unwrap_err();
    assert_eq!(error.kind(), SseErrorKind::InvalidRequest);
    assert!(!error.is_retryable());
}

/// Nobody drives the first runtime, which keeps even a task that was aborted.
#[test]
fn a_session_that_is_read_in_another_runtime_leaves_no_task_in_the_first() {
    let servers = multi_thread();
    let server = servers.block_on(ScriptedServer::start([silent_after("data: 1\n\n")]));
    let first = flavors()[0]();
    let mut session = opened(&first, reconnecting(), &server);
    let before = first.metrics().num_alive_tasks();
    let second = multi_thread();
    for _ in 0..50 {
        assert!(second.block_on(async { session.next().now_or_never() }).is_none());
    }
    assert_eq!(first.metrics().num_alive_tasks(), before);
    drop(session);
    // Running the first runtime removes them.
    first.block_on(within_guard(async {
        while first.metrics().num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    }));
}

#[test]
fn the_sessions_of_a_runtime_share_the_task_that_shows_whether_it_runs() {
    let servers = multi_thread();
    let replies = [(); 3].map(|()| silent_after("data: 1\n\n"));
    let server = servers.block_on(ScriptedServer::start(replies));
    let runtime = flavors()[0]();
    let mut sessions = Vec::new();
    let tasks = [(); 3].map(|()| {
        sessions.push(opened(&runtime, reconnecting(), &server));
        runtime.metrics().num_alive_tasks()
    });
    // All others are those of a connection.
    let per_connection = tasks[1] - tasks[0];
    assert_eq!(tasks.map(|tasks| tasks - 1), [1, 2, 3].map(|number| number * per_connection));
}
