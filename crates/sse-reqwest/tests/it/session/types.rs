//! Auto traits and sizes of the public types: where they may be moved, and from where.
//!
//! Most of it is shown by compiling.

use std::sync::Arc;

use futures_util::{Stream, stream::FusedStream};
use sse_reqwest::{
    Answer, AnswerPart, BufferPolicy, Call, ClientSseSession, Clock, EndReason, OpenSession,
    RequestBuilderExt as _, Resume, SessionState, SseClient, SseConfig, SseError, SseRequest,
    UrlParts,
};

use crate::support::{
    Reply, ScriptedServer, TestClock, data, http, reconnecting, sse, within_guard,
};

fn is_send<T: Send>() {}
fn is_sync<T: Sync>() {}
fn is_unpin<T: Unpin>() {}
fn is_static<T: 'static>() {}

#[test]
fn a_session_may_move_between_threads() {
    is_send::<ClientSseSession>();
    is_unpin::<ClientSseSession>();
    is_static::<ClientSseSession>();
    is_send::<OpenSession>();
    is_unpin::<OpenSession>();
    is_static::<OpenSession>();
}

#[test]
fn an_answer_may_move_between_threads_and_is_a_fused_stream() {
    fn is_stream<T: Stream<Item = Result<AnswerPart<String>, SseError>> + FusedStream>() {}
    is_send::<Answer<String>>();
    is_unpin::<Answer<String>>();
    is_static::<Answer<String>>();
    is_stream::<Answer<String>>();
}

#[test]
fn a_session_is_a_fused_stream() {
    fn is_stream<T: Stream<Item = Result<sse_reqwest::ServerSentEvent, SseError>> + FusedStream>() {
    }
    is_stream::<ClientSseSession>();
    is_stream::<&mut ClientSseSession>();
}

#[test]
fn an_error_may_go_anywhere() {
    fn is_error<T: std::error::Error + Send + Sync + 'static>() {}
    is_error::<SseError>();
    is_unpin::<SseError>();
    // Small enough to be returned by everything.
    assert_eq!(size_of::<SseError>(), size_of::<usize>());
}

#[test]
fn a_session_is_small_to_move() {
    assert!(size_of::<ClientSseSession>() <= 2 * size_of::<usize>());
}

#[test]
fn shared_types_are_send_and_sync() {
    is_send::<SseClient>();
    is_sync::<SseClient>();
    is_send::<SseConfig>();
    is_sync::<SseConfig>();
    is_send::<SseRequest>();
    is_send::<Call>();
    is_sync::<Call>();
    is_sync::<Arc<dyn Clock>>();
    is_send::<(BufferPolicy, Resume, EndReason, SessionState, UrlParts)>();
}

/// On a runtime with several threads: a spawned future must be `Send`.
fn run_on_threads<T>(test: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(within_guard(test))
}

/// Starts a server of one event per connection, for as many sessions as a test has.
async fn server() -> ScriptedServer {
    ScriptedServer::start(vec![Reply::events("data: 1\n\n"); 4]).await
}

#[test]
fn a_scoped_call_can_be_spawned() {
    run_on_threads(async {
        let server = server().await;
        let (client, url) = (sse(SseConfig::new()), server.url("/"));
        let task = tokio::spawn(async move {
            client.sse(url, async |session: &mut ClientSseSession| Ok(data(session).await)).await
        });
        assert_eq!(task.await.unwrap().unwrap(), "1");
    });
}

#[test]
fn a_scoped_call_that_borrows_can_be_spawned() {
    run_on_threads(async {
        let server = server().await;
        let (client, url) = (sse(SseConfig::new()), server.url("/"));
        let task = tokio::spawn(async move {
            let mut seen = Vec::new();
            let block = async |session: &mut ClientSseSession| {
                seen.push(data(session).await);
                Ok(())
            };
            client.sse(url, block).await.map(|()| seen)
        });
        assert_eq!(task.await.unwrap().unwrap(), ["1"]);
    });
}

#[test]
fn a_configured_scoped_call_can_be_spawned() {
    run_on_threads(async {
        let server = server().await;
        let request = sse(SseConfig::new()).request(server.url("/"));
        let task = tokio::spawn(
            request.sse(async |session: &mut ClientSseSession| Ok(data(session).await)),
        );
        assert_eq!(task.await.unwrap().unwrap(), "1");
    });
}

#[test]
fn a_scoped_call_on_a_bare_request_builder_can_be_spawned() {
    run_on_threads(async {
        let server = server().await;
        let request = http().get(server.url("/"));
        let task = tokio::spawn(async move {
            request.sse(async |session: &mut ClientSseSession| Ok(data(session).await)).await
        });
        assert_eq!(task.await.unwrap().unwrap(), "1");
    });
}

#[test]
fn a_session_can_be_opened_and_read_in_spawned_tasks() {
    run_on_threads(async {
        let server = server().await;
        let client = sse(SseConfig::new().clock(TestClock::skipping()));
        let opening = tokio::spawn(client.sse_session(server.url("/")));
        let mut session = opening.await.unwrap().unwrap();
        let reading = tokio::spawn(async move { data(&mut session).await });
        assert_eq!(reading.await.unwrap(), "1");
        let opening = tokio::spawn(http().get(server.url("/")).sse_session());
        assert!(opening.await.unwrap().is_ok());
        let configured = http().get(server.url("/")).with_sse_config(reconnecting(1));
        assert!(tokio::spawn(configured.sse_session()).await.unwrap().is_ok());
    });
}
