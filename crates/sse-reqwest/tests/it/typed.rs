//! Sessions with sse-typed: the values, and access to the session.
//!
//! Decoding itself is tested in sse-typed.

use serde::Deserialize;
use sse_reqwest::{
    EndReason, RequestBuilderExt as _, Resume, SessionEvent, SessionState, SseError,
    SseErrorOutcome,
};
use sse_typed::{EventStreamExt as _, TypedError, deserialize_by_type};

use crate::support::{Reply, ScriptedServer, data, http, open, reconnecting, run};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Update {
    Count(u32),
    Closing,
}

#[test]
fn get_ref_returns_the_session_over_all_its_connections() {
    run(async {
        let first = Reply::events("id: 1\nevent: count\ndata: 1\n\n").header("x-number", "1");
        let second = Reply::events("id: 2\nevent: closing\n\n").header("x-number", "2");
        let server = ScriptedServer::start([first, second, Reply::status(204)]).await;
        let config = reconnecting(2).show_dataless_events(true);
        let mut updates = open(config, server.url("/")).await.json_by_type::<Update>();
        for (number, expected) in [("1", Update::Count(1)), ("2", Update::Closing)] {
            assert_eq!(updates.next().await.unwrap().unwrap().into_data(), expected);
            let session = updates.get_ref();
            assert_eq!(session.call().response().headers()["x-number"], number);
            assert_eq!(session.last_event_id(), number);
            assert_eq!(session.state(), SessionState::Open);
        }
        assert!(updates.next().await.is_none());
        assert_eq!(updates.get_ref().end_reason(), Some(EndReason::NoContent));
        assert_eq!(updates.get_ref().call().response().status(), 204);
    });
}

/// The text of the second answer would follow the half of the first one.
#[test]
fn restart_unseen_ends_the_values_of_a_post_that_would_be_answered_from_the_beginning() {
    run(async {
        let replies =
            [Reply::events("data: \"Hel\"\n\n").cut(), Reply::events("data: \"Hello\"\n\n")];
        let server = ScriptedServer::start(replies).await;
        let post = http().post(server.url("/")).body("question");
        let request = post.with_sse_config(reconnecting(3).resume(Resume::FromBeginning));
        let mut chunks = request.sse_session().await.unwrap().json::<String>();
        assert_eq!(chunks.next().await.unwrap().unwrap().into_data(), "Hel");
        let Some(Err(TypedError::Session(error))) = chunks.next().await else {
            panic!("the answer started again");
        };
        assert_eq!(error.outcome(), Some(SseErrorOutcome::RestartUnseen));
        assert!(chunks.next().await.is_none());
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn a_decode_error_moves_the_last_event_id_and_a_failed_session_is_the_last_item() {
    run(async {
        let events = Reply::events("id: 7\nevent: count\ndata: many\n\n").cut();
        let server = ScriptedServer::start([events]).await;
        let mut updates = open(reconnecting(0), server.url("/")).await.json_by_type::<Update>();
        let error = updates.next().await.unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "could not decode count event (id 7): expected value at line 1 column 1"
        );
        assert_eq!(updates.get_ref().last_event_id(), "7");
        let error = updates.next().await.unwrap().unwrap_err();
        assert!(matches!(error, TypedError::Session(lost) if lost.is_transport()));
        assert!(updates.next().await.is_none());
    });
}

#[test]
fn a_stop_leaves_the_session_open_and_closing_it_closes_the_connection() {
    run(async {
        let events = Reply::events("data: 1\n\ndata: [DONE]\n\ndata: 2\n\ndata: 3\n\n").hang();
        let server = ScriptedServer::start([events]).await;
        let session = open(reconnecting(1), server.url("/")).await;
        let mut numbers = session.json::<u32>().stop_before_data("[DONE]");
        assert_eq!(numbers.next().await.unwrap().unwrap().into_data(), 1);
        assert!(numbers.next().await.is_none());
        assert_eq!(numbers.get_ref().state(), SessionState::Open);
        assert_eq!(data(numbers.get_mut()).await, "2");
        assert!(numbers.next().await.is_none(), "a stop is for good");
        let mut session = numbers.into_inner();
        assert_eq!(data(&mut session).await, "3");
        session.close();
        server.closed_by_client(1).await;
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
    });
}

#[test]
fn a_value_is_acknowledged_with_all_that_was_skipped_before_it() {
    run(async {
        let events = Reply::events("id: 1\ndata: 1\n\nid: 2\ndata: no\n\nid: 3\ndata: 3\n\n");
        let server = ScriptedServer::start([events]).await;
        let config = reconnecting(0).acknowledge_events(true);
        let session = open(config, server.url("/")).await;
        let mut numbers = session.json::<u32>().skip_data("no");
        for id in ["1", "3"] {
            let value = numbers.next().await.unwrap().unwrap();
            assert_eq!(value.id(), Some(id));
            assert_ne!(numbers.get_ref().last_event_id(), id);
            let position = numbers.get_ref().ack_token();
            numbers.get_mut().acknowledge(position);
            assert_eq!(numbers.get_ref().last_event_id(), id);
        }
    });
}

#[test]
fn values_and_lifecycle_alternate() -> Result<(), SseError> {
    run(async {
        let first = Reply::events("event: count\ndata: 1\n\nevent: count\ndata: 2\n\n");
        let second = Reply::events("event: count\ndata: 3\n\nevent: count\ndata: 4\n\n");
        let server = ScriptedServer::start([first, second, Reply::status(204)]).await;
        let mut updates = open(reconnecting(2), server.url("/")).await.json_by_type::<Update>();
        let mut seen = vec![format!("{:?}", updates.next().await.unwrap().unwrap().data())];
        while let Some(step) = updates.get_mut().lifecycle().next().await {
            match step? {
                SessionEvent::Event(event) => {
                    let update: Update = deserialize_by_type(&event).unwrap();
                    seen.push(format!("received: {update:?}"));
                    if update == Update::Count(3) {
                        let next = updates.next().await.unwrap().unwrap();
                        seen.push(format!("{:?}", next.data()));
                    }
                }
                SessionEvent::Disconnected { .. } => seen.push("disconnected".to_owned()),
                SessionEvent::Closed(reason) => seen.push(format!("{reason:?}")),
                _ => {}
            }
        }
        let expected = [
            "Count(1)",
            "received: Count(2)",
            "disconnected",
            "received: Count(3)",
            "Count(4)",
            "disconnected",
        ];
        assert_eq!(seen[..6], expected);
        assert_eq!(seen[6..], ["NoContent"]);
        Ok(())
    })
}
