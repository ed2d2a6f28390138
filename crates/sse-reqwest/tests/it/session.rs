//! Consuming the events of a session: as a stream, in a block, several sessions at once.
//!
//! Nothing is lost on the way.

mod parsing; // Ktor's fourteen parser cases, end to end
mod types; // auto traits and sizes of the public types

use futures_util::{StreamExt as _, future::join_all, stream::FusedStream as _};
use sse_reqwest::{EndReason, SessionState, SseConfig};

use crate::support::{
    Reply, ScriptedServer, WebServer, data, event_stream, failure, open, reconnecting, rest,
    rest_of_data, run, sse,
};

/// Returns as many events as the query requests.
fn counted(seen: &crate::support::Seen) -> axum::response::Response {
    let count: u32 = seen.target.split_once('=').unwrap().1.parse().unwrap();
    event_stream((0..count).map(|number| format!("id: {number}\ndata: hello {number}\n\n")))
}

fn hellos(count: u32) -> Vec<String> {
    (0..count).map(|number| format!("hello {number}")).collect()
}

#[test]
fn two_sessions_at_once_are_each_complete_and_in_order() {
    run(async {
        let server = WebServer::start(counted).await;
        let client = sse(SseConfig::new());
        let read = async |count: u32| {
            let url = server.url(&format!("/?count={count}"));
            rest_of_data(&mut client.sse_session(url).await.unwrap()).await
        };
        let (hundred, fifty) = tokio::join!(read(100), read(50));
        assert_eq!(hundred, hellos(100));
        assert_eq!(fifty, hellos(50));
    });
}

#[test]
fn many_sessions_of_one_client_keep_their_own_ids() {
    run(async {
        let server = WebServer::start(counted).await;
        let client = sse(SseConfig::new());
        let last_ids = join_all((1..=8).map(async |count: u32| {
            let url = server.url(&format!("/?count={count}"));
            let mut session = client.sse_session(url).await.unwrap();
            rest(&mut session).await;
            session.last_event_id().to_owned()
        }));
        assert_eq!(last_ids.await, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    });
}

#[test]
fn a_session_is_usable_after_some_events_were_taken_as_a_stream() {
    run(async {
        let server = WebServer::start(counted).await;
        let mut session = open(SseConfig::new(), server.url("/?count=10")).await;
        let three: Vec<_> = session.by_ref().take(3).collect().await;
        assert_eq!(three.len(), 3);
        assert!(!session.is_terminated());
        let more: Vec<_> = session.by_ref().map(|item| item.unwrap()).take(2).collect().await;
        assert_eq!(more[1].data(), "hello 4");
        assert_eq!(data(&mut session).await, "hello 5");
        assert_eq!(rest_of_data(&mut session).await, hellos(10)[6..]);
    });
}

#[test]
fn next_is_cancellation_safe() {
    run(async {
        let reply = Reply::events("data: one").pause().send("\n\ndata: two\n\n");
        let server = ScriptedServer::start([reply]).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        for _ in 0..3 {
            tokio::select! {
                biased;
                next = session.next() => panic!("{next:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
        server.go_on();
        assert_eq!(rest_of_data(&mut session).await, ["one", "two"]);
    });
}

#[test]
fn sse_returns_the_value_of_its_block() {
    run(async {
        let server = WebServer::start(counted).await;
        let client = sse(SseConfig::new());
        let mut seen = Vec::new();
        let value = client.sse(server.url("/?count=3"), async |session| {
            while let Some(Ok(event)) = session.next().await {
                seen.push(event.data().to_owned());
            }
            Ok((session.connections(), session.end_reason()))
        });
        assert_eq!(value.await.unwrap(), (1, Some(EndReason::StreamEnded)));
        assert_eq!(seen, hellos(3));
    });
}

#[test]
fn sse_returns_a_result_of_its_block_as_a_value() {
    run(async {
        let server = WebServer::start(counted).await;
        let client = sse(SseConfig::new());
        let value = client.sse(server.url("/?count=3"), async |session| {
            let first = data(session).await;
            Ok(Err::<(), _>((first, session.call().response().status().as_u16())))
        });
        assert_eq!(value.await.unwrap(), Err(("hello 0".to_owned(), 200)));
    });
}

#[test]
fn sse_returns_the_error_that_its_block_returns() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").cut()]).await;
        let mut seen = Vec::new();
        let client = sse(SseConfig::new());
        let call = client.sse(server.url("/"), async |session| {
            while let Some(event) = session.next().await {
                seen.push(event?.data().to_owned());
            }
            Ok(())
        });
        assert!(call.await.unwrap_err().is_truncated());
        assert_eq!(seen, ["1"]);
    });
}

#[test]
fn sse_does_not_run_its_block_if_no_session_opens() {
    run(async {
        let server = ScriptedServer::start([Reply::status(404)]).await;
        let client = sse(SseConfig::new());
        let value = client.sse(server.url("/"), async |_| unreachable!("no session"));
        assert_eq!(value.await.map(|()| "value").unwrap_err().status().unwrap(), 404);
    });
}

#[test]
fn an_event_prints_as_it_would_be_sent() {
    run(async {
        let body = "id: 1\nevent: add\nretry: 10\ndata: a\ndata: b\n\n";
        let server = ScriptedServer::start([Reply::events(body)]).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        let event = session.next().await.unwrap().unwrap();
        assert!(event.to_string().ends_with("\n\n"));
        assert!(event.to_string().contains("data: a\ndata: b\n"));
    });
}

#[test]
fn a_large_event_in_many_pieces_is_whole() {
    run(async {
        let line = "x".repeat(10_000);
        let pieces = (0..200).map(|_| format!("data: {line}\n")).chain(["\n".to_owned()]);
        let pieces: Vec<_> = pieces.collect();
        let server = WebServer::start(move |_| event_stream(pieces.clone())).await;
        let mut session = open(SseConfig::new(), server.url("/")).await;
        assert_eq!(data(&mut session).await.len(), 200 * 10_001 - 1);
    });
}

#[test]
fn end_reason_of_each_end_stays_the_same() {
    run(async {
        let replies = [
            Reply::events(""),
            Reply::status(204),
            Reply::events("").hang(),
            Reply::events("").cut(),
        ];
        let server = ScriptedServer::start(replies).await;
        let reasons =
            [EndReason::StreamEnded, EndReason::NoContent, EndReason::Closed, EndReason::Failed];
        for reason in reasons {
            let mut session = open(SseConfig::new(), server.url("/")).await;
            assert_eq!(session.end_reason(), (reason == EndReason::NoContent).then_some(reason));
            match reason {
                EndReason::Closed => session.close(),
                EndReason::Failed => assert!(failure(&mut session).await.is_transport()),
                _ => {}
            }
            assert!(session.next().await.is_none());
            assert_eq!(session.end_reason(), Some(reason));
            assert_eq!(session.state(), SessionState::Closed);
            assert!(session.is_terminated());
            assert!(session.next().await.is_none());
        }
    });
}

#[test]
fn the_call_is_that_of_the_current_connection() {
    run(async {
        let replies = [
            Reply::events("id: 1\ndata: 1\n\n").header("x-connection", "1"),
            Reply::events("data: 2\n\n").header("x-connection", "2"),
        ];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(reconnecting(1), server.url("/")).await;
        for (number, sent) in [("1", None), ("2", Some("1"))] {
            assert_eq!(data(&mut session).await, number);
            let call = session.call();
            assert_eq!(call.response().headers()["x-connection"], number);
            let header = call.request().unwrap().headers().get("last-event-id");
            assert_eq!(header.map(|id| id.to_str().unwrap()), sent);
            assert_eq!(session.connections().to_string(), number);
            assert_eq!(session.state(), SessionState::Open);
        }
    });
}
