//! Ends of replies, as the client and the record see them.

use std::io;

use sse_test::{Reply, ScriptedServer, Side};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{GET, RawClient, http, run};

#[test]
fn a_complete_reply_closes_the_connection() {
    run(async {
        let server = ScriptedServer::start([Reply::messages(["1"])]).await;
        let text = http().get(server.url("/")).send().await.unwrap().text().await.unwrap();
        assert_eq!(text, "data: 1\n\n");
        assert_eq!(server.closed(0).await, Side::Server);
    });
}

#[test]
fn a_connection_that_is_kept_alive_takes_another_request() {
    run(async {
        let reply = |text| Reply::events(text).keep_alive();
        let server = ScriptedServer::start([reply("1"), reply("2")]).await;
        let client = http();
        for expected in ["1", "2"] {
            let response = client.get(server.url("/")).send().await.unwrap();
            assert_eq!(response.text().await.unwrap(), expected);
        }
        let connections: Vec<_> = server.requests().iter().map(|seen| seen.connection).collect();
        assert_eq!(connections, [0, 0]);
        drop(client);
        assert_eq!(server.closed(0).await, Side::Client);
        server.closed_by_client(1).await;
    });
}

#[test]
fn a_cut_is_an_end_without_the_rest() {
    run(async {
        let body = || Reply::events("data: 1\n\nda");
        let server = ScriptedServer::start([body().cut(), body().with_length_too_long_by(1)]).await;
        for number in 0..2 {
            let mut response = http().get(server.url("/")).send().await.unwrap();
            assert_eq!(response.chunk().await.unwrap().unwrap(), "data: 1\n\nda");
            assert!(response.chunk().await.unwrap_err().is_decode());
            assert_eq!(server.closed(number).await, Side::Server);
        }
    });
}

#[test]
fn a_reset_is_an_error_of_the_socket() {
    run(async {
        let server = ScriptedServer::start([Reply::events("").pause().reset()]).await;
        let mut client = RawClient::send(&server, GET).await;
        client.read_until("\r\n\r\n").await;
        server.go_on();
        assert_eq!(client.rest().await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(server.closed(0).await, Side::Server);
    });
}

#[test]
fn a_half_closed_connection_is_still_listened_to() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data").half_close()]).await;
        let mut client = RawClient::send(&server, GET).await;
        let bytes = client.rest().await.unwrap();
        assert!(bytes.ends_with(b"4\r\ndata\r\n"));
        // The other way round, the first write would reset it, and the second one fail.
        for _ in 0..2 {
            client.stream.write_all(b"still here").await.unwrap();
            assert_eq!(server.count_requests().await, 1);
            assert_eq!(client.stream.read(&mut [0]).await.unwrap(), 0);
        }
        drop(client);
        assert_eq!(server.closed(0).await, Side::Server);
    });
}

#[test]
fn a_body_without_end_comes_as_fast_as_it_is_taken() {
    run(async {
        let piece = "piece".repeat(100);
        let server = ScriptedServer::start([Reply::events("start").repeat(&piece)]).await;
        let mut response = http().get(server.url("/")).send().await.unwrap();
        assert_eq!(response.chunk().await.unwrap().unwrap(), "start");
        let mut body = Vec::new();
        while body.len() < 1_000_000 {
            body.extend(response.chunk().await.unwrap().unwrap());
        }
        assert!(body.chunks_exact(5).all(|piece| piece == b"piece"));
        // That this completes shows that a writer whom nobody reads lets other tasks run.
        assert_eq!(server.count_requests().await, 1);
        drop(response);
        server.abandoned(0).await;
        assert_eq!(server.closed(0).await, Side::Client);
    });
}

#[test]
fn repeat_of_nothing_hangs() {
    run(async {
        let server = ScriptedServer::start([Reply::events("start").repeat("")]).await;
        let mut response = http().get(server.url("/")).send().await.unwrap();
        assert_eq!(response.chunk().await.unwrap().unwrap(), "start");
        assert_eq!(server.count_requests().await, 1);
        drop(response);
        server.abandoned(0).await;
    });
}

#[test]
fn the_end_that_is_set_last_is_in_effect() {
    run(async {
        let server = ScriptedServer::start([Reply::events("").reset().hang().cut()]).await;
        let client = RawClient::send(&server, GET).await;
        assert_eq!(server.closed(0).await, Side::Server);
        drop(client);
    });
}

#[test]
fn a_server_that_is_dropped_is_gone() {
    run(async {
        let server = ScriptedServer::start([Reply::events("").hang()]).await;
        let address = server.address();
        let mut client = RawClient::send(&server, GET).await;
        server.requested(1).await;
        drop(server);
        // Without its last chunk.
        assert!(client.rest().await.unwrap().ends_with(b"chunked\r\n\r\n"));
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    });
}
