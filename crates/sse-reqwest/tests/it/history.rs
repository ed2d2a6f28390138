//! Buffer policies: the part of a session that is kept.
//!
//! Which bytes count as a line is tested beside `BufferPolicy`.

use sse_reqwest::{BufferPolicy, Limits, SseConfig, SseErrorKind};

use crate::support::{
    Reply, ScriptedServer, data, event, failure, open, reconnecting, refusal, rest, run, sse,
};

const BODY: &str = ": hello\nid: 1\ndata: one\n\ndata: two\r\n\r\n: beat\n\ndata: three\n\n";

fn config(policy: BufferPolicy) -> SseConfig {
    SseConfig::new().buffer_policy(policy)
}

/// Returns the buffer at the end of a session that fails, which must be in its error too.
#[track_caller]
fn check(policy: BufferPolicy, expected: Option<&str>) {
    let (kept, in_error) = run(async {
        let server = ScriptedServer::start([Reply::events(BODY).cut()]).await;
        let mut session = open(config(policy), server.url("/")).await;
        let (events, error) = rest(&mut session).await;
        assert_eq!(events.len(), 3);
        (session.history(), error.unwrap().history().map(str::to_owned))
    });
    assert_eq!(kept.as_deref(), expected);
    assert_eq!(in_error.as_deref(), expected);
}

#[test]
fn each_buffer_policy_keeps_what_it_documents() {
    check(BufferPolicy::off(), None);
    check(BufferPolicy::default(), None);
    check(BufferPolicy::all(), Some(BODY));
    check(BufferPolicy::last_lines(3), Some("\ndata: three\n\n"));
    check(BufferPolicy::last_lines(5), Some("\r\n: beat\n\ndata: three\n\n"));
    check(BufferPolicy::last_event(), Some("data: three\n\n"));
    check(BufferPolicy::last_events(2), Some("data: two\n\ndata: three\n\n"));
    check(BufferPolicy::last_events(9), Some("id: 1\ndata: one\n\ndata: two\n\ndata: three\n\n"));
    check(BufferPolicy::all().max_bytes(7), Some("three\n\n"));
    check(BufferPolicy::last_events(9).max_bytes(13), Some("data: three\n\n"));
}

#[test]
fn buffer_policy_keeps_the_last_of_a_hundred_events() {
    let body: String = (1..=100).map(|number| format!("data: {number}\n\n")).collect();
    for (policy, expected) in [
        (BufferPolicy::last_event(), "data: 100\n\n"),
        (BufferPolicy::last_events(2), "data: 99\n\ndata: 100\n\n"),
        (BufferPolicy::all(), &body),
    ] {
        run(async {
            let server = ScriptedServer::start([Reply::events(&body)]).await;
            let mut session = open(config(policy), server.url("/")).await;
            rest(&mut session).await;
            assert_eq!(session.history().as_deref(), Some(expected));
        });
    }
}

#[test]
fn history_is_empty_before_the_first_event() {
    run(async {
        let server = ScriptedServer::start([Reply::events(BODY), Reply::events(BODY)]).await;
        for policy in [BufferPolicy::all(), BufferPolicy::last_events(9)] {
            let session = open(config(policy), server.url("/")).await;
            assert_eq!(session.history().as_deref(), Some(""));
        }
    });
}

#[test]
fn the_buffer_has_only_taken_events_and_can_be_read_at_any_time() {
    run(async {
        let server = ScriptedServer::start([Reply::events(BODY).hang()]).await;
        let mut session = open(config(BufferPolicy::all()), server.url("/")).await;
        assert_eq!(data(&mut session).await, "one");
        assert_eq!(session.history().unwrap(), ": hello\nid: 1\ndata: one\n\n");
        assert_eq!(data(&mut session).await, "two");
        // The LF of the last CRLF is not needed to complete the event.
        assert_eq!(session.history().unwrap().trim_end(), BODY.split("\r\n\r").next().unwrap());
        session.close();
        assert!(session.history().unwrap().starts_with(": hello"));
    });
}

#[test]
fn the_buffer_survives_a_reconnection() {
    run(async {
        let replies =
            [Reply::events("data: 1\n\n"), Reply::events("data: 2\n\n"), Reply::status(500)];
        let server = ScriptedServer::start(replies).await;
        let policy = BufferPolicy::all();
        let mut session = open(reconnecting(1).buffer_policy(policy), server.url("/")).await;
        let (_, error) = rest(&mut session).await;
        assert_eq!(error.unwrap().history(), Some("data: 1\n\ndata: 2\n\n"));
    });
}

#[test]
fn events_are_kept_as_they_were_shown() {
    run(async {
        let server = ScriptedServer::start([Reply::events(BODY)]).await;
        let config = config(BufferPolicy::last_events(2)).show_comment_events(true);
        let mut session = open(config, server.url("/")).await;
        rest(&mut session).await;
        assert_eq!(session.history().unwrap(), ": beat\n\ndata: three\n\n");
    });
}

#[test]
fn a_request_may_keep_more_or_less_than_its_client() {
    for (global, own, expected) in [
        (BufferPolicy::all(), BufferPolicy::off(), None),
        (BufferPolicy::off(), BufferPolicy::last_event(), Some("data: three\n\n")),
    ] {
        run(async {
            let server = ScriptedServer::start([Reply::events(BODY)]).await;
            let request = sse(config(global)).request(server.url("/"));
            let request = request.configure(|config| config.buffer_policy(own));
            let mut session = request.sse_session().await.unwrap();
            rest(&mut session).await;
            assert_eq!(session.history().as_deref(), expected);
        });
    }
}

#[test]
fn history_of_limit_exceeded_has_the_bytes_over_the_limit() {
    run(async {
        let server =
            ScriptedServer::start([Reply::events("data: 1\n\ndata: far too long\n\n")]).await;
        let config = config(BufferPolicy::all()).limits(Limits::default().max_event_bytes(20));
        let mut session = open(config, server.url("/")).await;
        assert_eq!(event(&mut session).await.data(), "1");
        let error = failure(&mut session).await;
        assert!(error.kind() == SseErrorKind::LimitExceeded);
        assert!(
            error.history().unwrap().starts_with("data: 1\n\ndata: far"),
            "{:?}",
            error.history()
        );
    });
}

#[test]
fn a_session_that_never_opened_has_an_empty_history() {
    run(async {
        let server = ScriptedServer::start([Reply::status(500), Reply::status(500)]).await;
        for (policy, kept) in [(BufferPolicy::all(), Some("")), (BufferPolicy::off(), None)] {
            let error = refusal(config(policy), server.url("/")).await;
            assert_eq!(error.history(), kept);
        }
    });
}
