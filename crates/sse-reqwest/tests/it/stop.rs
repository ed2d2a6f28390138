//! Terminal events, and ends that report whether the event was received.

use sse_reqwest::{EndReason, Resume, SseConfig, SseError, SseErrorKind, SseErrorOutcome};

use crate::support::{
    Reply, ScriptedServer, data, http, open, reconnecting, rest, rest_of_data, run, sse,
};

/// Returns the configuration of a session that ends after, or before, an event with the data
/// `[DONE]`.
fn stop_after(config: SseConfig) -> SseConfig {
    config.stop_after(|event| event.data() == "[DONE]")
}

fn stop_before(config: SseConfig) -> SseConfig {
    config.stop_before(|event| event.data() == "[DONE]")
}

#[test]
fn stop_after_yields_the_terminal_event_and_stop_before_does_not() {
    type Stop = fn(SseConfig) -> SseConfig;
    let cases: [(Stop, &[&str]); 4] = [
        (stop_after, &["1", "[DONE]"]),
        (stop_before, &["1"]),
        // Both predicates match the same event.
        (|config| stop_after(stop_before(config)), &["1"]),
        // The predicate that matches first decides.
        (|config| stop_before(config).stop_after(|event| event.data() == "1"), &["1"]),
    ];
    for (stop, expected) in cases {
        run(async {
            let reply = Reply::events("data: 1\n\ndata: [DONE]\n\ndata: 2\n\n").hang();
            let server = ScriptedServer::start([reply]).await;
            let config = stop(reconnecting(5)).expect_terminal(true);
            let mut session = open(config, server.url("/")).await;
            assert_eq!(rest_of_data(&mut session).await, expected);
            assert_eq!(session.end_reason(), Some(EndReason::Stopped));
            server.closed_by_client(1).await;
            assert_eq!(server.count_requests().await, 1);
        });
    }
}

#[test]
fn stop_before_sees_a_hidden_event_with_its_type_and_id() {
    run(async {
        let body = "event: message_stop\nid: 9\ndata: {}\n\ndata: 2\n\n";
        let server = ScriptedServer::start([Reply::events(body)]).await;
        let config = SseConfig::new()
            .filter_event_types(|name| name == "delta")
            .stop_before(|event| event.event_type() == "message_stop");
        let mut session = open(config, server.url("/")).await;
        assert!(rest_of_data(&mut session).await.is_empty());
        assert_eq!(session.end_reason(), Some(EndReason::Stopped));
        assert_eq!(session.last_event_id(), "9");
    });
}

#[test]
fn stop_after_and_stop_before_see_blocks_without_data_where_they_are_shown() {
    type Change = fn(SseConfig) -> SseConfig;
    // GraphQL over SSE ends a subscription with this block.
    let body = "event: next\ndata: 1\n\nevent: complete\n\nevent: next\ndata: 2\n\n";
    let cases: [(Change, &[&str]); 3] = [
        (|config| config.stop_after(|event| event.event_type() == "complete"), &["1", ""]),
        (|config| config.stop_before(|event| event.event_type() == "complete"), &["1"]),
        // The block is hidden again.
        (
            |config| {
                let config = config.stop_before(|event| event.event_type() == "complete");
                config.show_dataless_events(false)
            },
            &["1", "2"],
        ),
    ];
    for (stop, expected) in cases {
        run(async {
            let server = ScriptedServer::start([Reply::events(body)]).await;
            let config = stop(SseConfig::new().show_dataless_events(true));
            let mut session = open(config, server.url("/")).await;
            assert_eq!(rest_of_data(&mut session).await, expected);
            let is_stopped = session.end_reason() == Some(EndReason::Stopped);
            assert_eq!(is_stopped, expected.last() != Some(&"2"));
        });
    }
}

/// GraphQL over SSE ends an answer with a block that has a type and no data.
#[test]
fn expect_terminal_is_met_by_a_block_without_data_that_is_shown() {
    for end in ["\n\n", "\n", ""] {
        run(async {
            let body = format!("event: next\ndata: 1\n\nevent: complete{end}");
            let server = ScriptedServer::start([Reply::events(&body), Reply::events(&body)]).await;
            let config = SseConfig::new()
                .stop_before(|event| event.event_type() == "complete")
                .expect_terminal(true)
                .dispatch_unfinished_event(true);
            let shown = config.clone().show_dataless_events(true);
            let mut session = open(shown, server.url("/")).await;
            assert_eq!(rest_of_data(&mut session).await, ["1"]);
            assert_eq!(session.end_reason(), Some(EndReason::Stopped));
            // A block that is neither an event nor shown is not the terminal event.
            let mut session = open(config, server.url("/")).await;
            assert!(rest(&mut session).await.1.unwrap().is_incomplete());
        });
    }
}

#[test]
fn without_expect_terminal_a_regular_end_is_not_an_error() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n")]).await;
        let config = stop_before(SseConfig::new());
        let mut session = open(config, server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
        assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
    });
}

/// Returns the error of a session that expects a terminal event and gets these replies.
async fn incomplete(config: SseConfig, replies: Vec<Reply>) -> SseError {
    let server = ScriptedServer::start(replies).await;
    let config = stop_before(config).expect_terminal(true);
    let mut session = open(config, server.url("/")).await;
    let error = rest(&mut session).await.1.expect("an error");
    assert_eq!(session.end_reason(), Some(EndReason::Failed));
    assert!(error.is_incomplete());
    error
}

#[test]
fn an_answer_that_ends_without_its_last_event_is_incomplete() {
    run(async {
        let body = "id: 1\ndata: 1\n\nid: 2\ndata: 2\n\ndata: [DO";
        let error = incomplete(SseConfig::new(), vec![Reply::events(body)]).await;
        assert!(error.kind() == SseErrorKind::Unfinished && !error.is_transport());
        assert_eq!(error.events_seen(), Some(2));
        assert_eq!(error.pending_bytes(), 9);
        assert_eq!(error.last_event_id(), "2");
        assert!(error.to_string().contains("2 events"), "{error}");
    });
}

#[test]
fn source_of_an_incomplete_error_is_what_ended_the_session() {
    run(async {
        let event = "data: 1\n\n";
        let cut = incomplete(SseConfig::new(), vec![Reply::events(event).cut()]).await;
        assert!(cut.is_truncated() && cut.kind() != SseErrorKind::StreamEnded);
        let replies = vec![Reply::events(event), Reply::status(404)];
        let refused = incomplete(reconnecting(1), replies).await;
        assert_eq!(refused.status().unwrap(), 404);
        let replies = vec![Reply::events(event), Reply::status(503)];
        let exhausted = incomplete(reconnecting(1), replies).await;
        assert!(exhausted.outcome() == Some(SseErrorOutcome::Exhausted) && exhausted.is_status());
        let replies = vec![Reply::events(event), Reply::status(204)];
        let nothing_more = incomplete(reconnecting(1), replies).await;
        assert!(nothing_more.kind() != SseErrorKind::StreamEnded && !nothing_more.is_transport());
    });
}

#[test]
fn an_answer_of_204_is_incomplete_though_there_was_no_connection() {
    run(async {
        let server = ScriptedServer::start([Reply::status(204)]).await;
        let client = sse(stop_before(SseConfig::new()).expect_terminal(true));
        let error = client.sse_session(server.url("/")).await.unwrap_err();
        assert!(error.is_incomplete());
        assert_eq!(error.events_seen(), Some(0));
    });
}

#[test]
fn a_session_that_reconnects_is_not_incomplete_yet() {
    run(async {
        let replies = [Reply::events("data: 1\n\n").cut(), Reply::events("data: [DONE]\n\n")];
        let server = ScriptedServer::start(replies).await;
        let config = stop_after(reconnecting(1)).expect_terminal(true);
        let mut session = open(config, server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1", "[DONE]"]);
        assert_eq!(session.end_reason(), Some(EndReason::Stopped));
    });
}

#[test]
fn close_is_not_an_incomplete_end() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").hang()]).await;
        let config = stop_after(SseConfig::new()).expect_terminal(true);
        let mut session = open(config, server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        session.close();
        assert!(session.next().await.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
    });
}

#[test]
fn a_post_that_is_cut_off_is_incomplete_and_not_made_again() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::events("data: 1\n\n").cut(); 2]).await;
        let config = stop_after(reconnecting(5)).expect_terminal(true);
        assert_eq!(Resume::default(), Resume::ByMethod);
        let post = http().post(server.url("/")).body("hi");
        let mut session = sse(config).sse_session(post).await.unwrap();
        let (events, error) = rest(&mut session).await;
        assert_eq!(events.len(), 1);
        assert!(error.unwrap().is_incomplete());
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn an_error_in_the_event_stream_is_an_event_and_may_be_the_last_one() {
    run(async {
        let body = "data: 1\n\nevent: error\ndata: {\"error\": \"overloaded\"}\n\n";
        let server = ScriptedServer::start(vec![Reply::events(body).cut(); 9]).await;
        let config = reconnecting(9)
            .stop_after(|event| event.event_type() == "error" || event.data() == "[DONE]")
            .expect_terminal(true);
        let mut session = open(config, server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1", r#"{"error": "overloaded"}"#]);
        // It is not reported as a truncated answer, and not requested again.
        assert_eq!(session.end_reason(), Some(EndReason::Stopped));
        assert_eq!(server.count_requests().await, 1);
    });
}
