//! Runtimes: a session that has to wait is polled in another one than it began in, or in none.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use sse_session::{
    ClientSseSession, Deadline, EndReason, ReconnectDecision, ReconnectPolicy, SseConfig, SseError,
    SseErrorKind,
};
use tokio::runtime::{Builder, Runtime};

use crate::support::{Reply, Script, events, hanging, status};

const HOUR: Duration = Duration::from_secs(3600);

/// Returns a runtime whose time runs ahead to the next timer.
fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

/// Returns runtimes of both flavors.
fn flavors() -> [fn() -> Runtime; 2] {
    let current_thread = || Builder::new_current_thread().enable_all().build().unwrap();
    let multi_thread =
        || Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    [current_thread, multi_thread]
}

/// Opens a session that is silent after one event, and waits in this runtime for another.
fn waiting(runtime: &Runtime, config: SseConfig, more: Vec<Reply>) -> ClientSseSession {
    let first = Reply::Response(hanging(events(&["id: 1\ndata: 1\n\n"])));
    let script = Script::new([first].into_iter().chain(more));
    runtime.block_on(async {
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
        assert!(session.next().now_or_never().is_none());
        session
    })
}

#[track_caller]
fn check_no_timer(error: &SseError, why: &str) {
    assert_eq!(error.kind(), SseErrorKind::NoTimer, "{error:?}");
    assert!(!error.is_retryable() && !error.is_timeout() && !error.is_transport());
    assert!(error.to_string().starts_with(&format!("clock cannot wait: polled {why}")), "{error}");
}

/// Polls a session once, which must have failed.
#[track_caller]
fn check_fails(mut session: ClientSseSession, why: &str) {
    let next = session.next().now_or_never().expect("the session waits");
    check_no_timer(&next.unwrap().unwrap_err(), why);
    assert_eq!(session.end_reason(), Some(EndReason::Failed));
    assert!(session.next().now_or_never().unwrap().is_none());
}

#[test]
fn idle_timeout_continues_in_another_runtime_when_the_first_was_shut_down() {
    for flavor in flavors() {
        let first = flavor();
        let mut session = waiting(&first, SseConfig::new().idle_timeout(HOUR), Vec::new());
        drop(first);
        // Pending, and not a panic.
        assert!(flavor().block_on(async { session.next().now_or_never() }).is_none());
        let error = paused().block_on(session.next()).unwrap().unwrap_err();
        assert_eq!(error.deadline(), Some(Deadline::Idle));
    }
}

#[test]
fn a_wait_before_an_attempt_continues_in_another_runtime_when_the_first_was_shut_down() {
    for flavor in flavors() {
        let first = flavor();
        let script = Script::new([
            Reply::Response(events(&["data: 1\n\n"])),
            Reply::Response(events(&["data: 2\n\n"])),
            Reply::Response(status(204)),
        ]);
        let config = SseConfig::new().max_reconnection_attempts(2);
        let mut session = first.block_on(async {
            let client = script.client(config);
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
            assert!(session.next().now_or_never().is_none());
            session
        });
        drop(first);
        let second = paused();
        assert_eq!(second.block_on(session.next()).unwrap().unwrap().data(), "2");
        assert!(second.block_on(session.next()).is_none());
    }
}

#[test]
fn idle_timeout_works_outside_of_its_runtime_for_as_long_as_that_runs() {
    for flavor in flavors() {
        let runtime = flavor();
        let mut session = waiting(&runtime, SseConfig::new().idle_timeout(HOUR), Vec::new());
        for _ in 0..3 {
            assert!(session.next().now_or_never().is_none());
        }
        drop(runtime);
        check_fails(session, "outside of a tokio runtime");
    }
}

/// Nobody drives the runtime, which keeps even a task that was aborted.
#[test]
fn idle_timeout_outside_of_its_runtime_leaves_one_task_in_it() {
    let runtime = flavors()[0]();
    let mut session = waiting(&runtime, SseConfig::new().idle_timeout(HOUR), Vec::new());
    for _ in 0..50 {
        assert!(session.next().now_or_never().is_none());
    }
    assert_eq!(runtime.metrics().num_alive_tasks(), 1);
}

#[test]
fn a_session_that_waits_outside_of_a_runtime_fails_with_no_timer() {
    let script = Script::new([Reply::Never]);
    let client = script.client(SseConfig::new().head_timeout(HOUR));
    let opened = client.sse_session("http://localhost/").now_or_never().expect("the session waits");
    check_no_timer(&opened.unwrap_err(), "outside of a tokio runtime");

    // Without a deadline there is nothing to wait for.
    let script = Script::new([Reply::Response(events(&["data: 1\n\n"]))]);
    let client = script.client(SseConfig::new());
    let mut session = client.sse_session("http://localhost/").now_or_never().unwrap().unwrap();
    assert_eq!(session.next().now_or_never().unwrap().unwrap().unwrap().data(), "1");
    assert!(session.next().now_or_never().unwrap().is_none());
}

#[test]
fn a_session_that_waits_in_a_runtime_without_timers_fails_with_no_timer() {
    let first = Builder::new_current_thread().enable_all().build().unwrap();
    let session = waiting(&first, SseConfig::new().idle_timeout(HOUR), Vec::new());
    let second = Builder::new_current_thread().enable_io().build().unwrap();
    second
        .block_on(async { check_fails(session, "in a tokio runtime whose timer is not enabled") });
}

#[test]
fn a_session_that_waits_in_the_context_of_a_dead_runtime_fails_with_no_timer() {
    for flavor in flavors() {
        let runtime = flavor();
        let handle = runtime.handle().clone();
        let session = waiting(&runtime, SseConfig::new().idle_timeout(HOUR), Vec::new());
        drop(runtime);
        let _context = handle.enter();
        check_fails(session, "in a tokio runtime that was shut down");
    }
}

/// The policy is not asked: nothing can wait for the next attempt.
#[test]
fn a_wait_that_is_not_possible_is_not_reconnected_after() {
    let policy = ReconnectPolicy::custom(|_| ReconnectDecision::After(Duration::ZERO));
    let first = Builder::new_current_thread().enable_all().build().unwrap();
    let config = SseConfig::new().idle_timeout(HOUR).reconnect(policy);
    let session = waiting(&first, config, vec![Reply::Never]);
    drop(first);
    check_fails(session, "outside of a tokio runtime");
}

/// A clock of the caller's is asked for nothing that needs a runtime.
#[test]
fn a_clock_of_the_callers_waits_outside_of_a_runtime() {
    let clock = sse_test::TestClock::manual();
    let script = Arc::new(Script::new([Reply::Response(hanging(events(&["data: 1\n\n"])))]));
    let client = script.client(SseConfig::new().idle_timeout(HOUR).clock(clock.clone()));
    let mut session = client.sse_session("http://localhost/").now_or_never().unwrap().unwrap();
    assert!(session.next().now_or_never().is_some());
    assert!(session.next().now_or_never().is_none());
    clock.advance(HOUR);
    assert!(session.next().now_or_never().is_none()); // others run once more
    let error = session.next().now_or_never().unwrap().unwrap().unwrap_err();
    assert_eq!(error.deadline(), Some(Deadline::Idle));
}
