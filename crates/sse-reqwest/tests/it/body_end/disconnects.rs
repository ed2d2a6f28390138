//! Ends of connections, and whether each one is a disconnect.
//!
//! Each disconnect ends a session without reconnection, and a session with it continues.

use sse_reqwest::{EndReason, SseError, SseErrorOutcome};

use crate::support::{
    Reply, ScriptedServer, data, failure, open, reconnecting, rest, rest_of_data, run,
};

const BODY: &str = "data: 1\n\ndata: 2\n\ndata: incomplete";

/// Returns the end of a session that does not reconnect, and has two events before.
fn end(reply: Reply) -> (Option<EndReason>, Option<SseError>) {
    run(async {
        let server = ScriptedServer::start([reply]).await;
        let mut session = open(reconnecting(0), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        assert_eq!(data(&mut session).await, "2");
        server.go_on();
        let (events, error) = rest(&mut session).await;
        assert!(events.is_empty(), "{events:?}");
        assert!(session.next().await.is_none());
        (session.end_reason(), error)
    })
}

/// Asserts that a session with reconnection continues after this reply.
#[track_caller]
fn check_continues(first: Reply) {
    let data = run(async {
        let replies = [first, Reply::events("data: 3\n\n"), Reply::status(204)];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(reconnecting(1), server.url("/")).await;
        let mut first_two = vec![data(&mut session).await, data(&mut session).await];
        server.go_on();
        first_two.extend(rest_of_data(&mut session).await);
        first_two
    });
    assert_eq!(data, ["1", "2", "3"]);
}

#[track_caller]
fn check_clean(reply: Reply) {
    let (reason, error) = end(reply.clone());
    assert_eq!(reason, Some(EndReason::StreamEnded));
    assert!(error.is_none(), "{error:?}");
    check_continues(reply);
}

#[track_caller]
fn check_disconnect(reply: Reply) {
    let (reason, error) = end(reply.clone());
    assert_eq!(reason, Some(EndReason::Failed));
    let error = error.expect("a reported disconnect");
    assert!(error.is_transport(), "{error:?}");
    assert!(!error.is_timeout() && !error.is_connect() && error.is_retryable());
    check_continues(reply);
}

#[test]
fn a_complete_body_is_a_clean_end() {
    check_clean(Reply::events(BODY));
    check_clean(Reply::events(BODY).with_length());
}

#[test]
fn a_body_without_a_length_does_not_show_a_disconnect() {
    check_clean(Reply::events(BODY).until_close());
}

#[test]
fn a_chunked_body_that_breaks_off_is_a_disconnect() {
    check_disconnect(Reply::events(BODY).cut());
}

#[test]
fn a_body_shorter_than_its_length_is_a_disconnect() {
    check_disconnect(Reply::events(BODY).with_length_too_long_by(1).cut());
}

#[test]
fn a_reset_is_a_disconnect_even_without_a_length() {
    check_disconnect(Reply::events(BODY).pause().reset());
    check_disconnect(Reply::events(BODY).with_length_too_long_by(1).pause().reset());
    check_disconnect(Reply::events(BODY).until_close().pause().reset());
}

#[test]
fn a_disconnect_right_after_the_head_is_a_disconnect() {
    run(async {
        let server = ScriptedServer::start([Reply::events("").cut()]).await;
        let mut session = open(reconnecting(0), server.url("/")).await;
        assert!(failure(&mut session).await.is_transport());
    });
}

#[test]
fn the_error_after_max_attempts_is_the_last_disconnect() {
    run(async {
        let replies = [Reply::events("data: 1\n\n").cut(), Reply::events("").cut()];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(reconnecting(1), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        let error = failure(&mut session).await;
        assert!(error.outcome() == Some(SseErrorOutcome::Exhausted));
        let cause = std::error::Error::source(&error).unwrap();
        assert!(cause.downcast_ref::<SseError>().unwrap().is_transport());
    });
}

#[test]
fn a_disconnect_in_the_middle_of_an_event_makes_no_event_of_its_halves() {
    let first = Reply::events("data: 1\n\nevent: e\nid: 9\ndata: ha");
    for lost in [first.clone(), first.clone().cut(), first.until_close()] {
        run(async {
            let replies = [lost, Reply::events("lf\n\ndata: 2\n\n"), Reply::status(204)];
            let server = ScriptedServer::start(replies).await;
            let mut session = open(reconnecting(9), server.url("/")).await;
            let (events, error) = rest(&mut session).await;
            assert!(error.is_none(), "{error:?}");
            let events: Vec<_> = events.iter().map(|it| (it.event_type(), it.data())).collect();
            assert_eq!(events, [("message", "1"), ("message", "2")]);
            assert!(server.last_event_ids().iter().all(Option::is_none));
        });
    }
}
