//! Sessions over TCP, with a server that misbehaves.

use sse_direct::DirectTransport;
use sse_session::{BodyEnd, SseClient, SseConfig};
use sse_test::{Reply, ScriptedServer, TestClock};

use crate::support::{read, run};

fn client(config: SseConfig) -> SseClient {
    SseClient::new(DirectTransport::tcp(), config.clock(TestClock::skipping()))
}

#[test]
fn a_session_resumes_after_a_cut_until_the_server_has_no_more() {
    run(async {
        let server = ScriptedServer::start([
            Reply::events("id: 1\ndata: 1\n\nda").cut(),
            Reply::events("id: 2\ndata: 2\n\n"),
            Reply::status(503),
            Reply::status(204),
        ])
        .await;
        let client = client(SseConfig::new().max_reconnection_attempts(5));
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        let (data, error) = read(&mut session).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!(data, ["1", "2"]);
        let ids = [None, Some("1".to_owned()), Some("2".to_owned()), Some("2".to_owned())];
        assert_eq!(server.last_event_ids(), ids);
    });
}

#[test]
fn each_event_is_yielded_when_it_is_sent() {
    run(async {
        let events = (1..=5).fold(Reply::events(""), |reply, number| {
            reply.send(format!("data: {number}\n\n")).pause()
        });
        let server = ScriptedServer::start([events]).await;
        let mut session = client(SseConfig::new()).sse_session(server.url("/")).await.unwrap();
        for number in 1..=5 {
            assert_eq!(session.next().await.unwrap().unwrap().data(), number.to_string());
            server.go_on();
        }
        assert!(session.next().await.is_none());
        assert_eq!(session.end_evidence().unwrap().body_end(), BodyEnd::LastChunk);
    });
}

#[test]
fn a_refused_connection_is_a_connect_error() {
    run(async {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", socket.local_addr().unwrap());
        drop(socket);
        let error = client(SseConfig::new()).sse_session(url).await.unwrap_err();
        assert!(error.is_connect() && !error.is_timeout(), "{error:?}");
    });
}

#[test]
fn https_without_the_feature_is_an_error() {
    run(async {
        let error = client(SseConfig::new()).sse_session("https://localhost/").await.unwrap_err();
        assert!(error.is_invalid_request() && !error.is_retryable(), "{error:?}");
    });
}
