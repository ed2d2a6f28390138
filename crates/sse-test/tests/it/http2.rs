//! Replies over HTTP/2, as a client receives them.

use std::{error::Error, io::ErrorKind};

use h2::Reason;
use reqwest::{Client, Response};
use sse_test::{Http2Error, HttpVersion, Reply, ScriptedServer, Side};
use tokio::{net::TcpStream, task::JoinHandle};

use crate::support::{GET, RawClient, is_pending, run};

async fn start(replies: impl IntoIterator<Item = Reply>) -> ScriptedServer {
    ScriptedServer::builder().http2().start(replies).await
}

fn http() -> Client {
    Client::builder().no_proxy().http2_prior_knowledge().build().unwrap()
}

async fn get(client: &Client, server: &ScriptedServer) -> reqwest::Result<Response> {
    client.get(server.url("/")).send().await
}

/// Client that shows the connection.
async fn connect(
    server: &ScriptedServer,
) -> (h2::client::SendRequest<bytes::Bytes>, JoinHandle<Result<(), h2::Error>>) {
    let stream = TcpStream::connect(server.address()).await.unwrap();
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    (client, tokio::spawn(connection))
}

/// Returns the h2 error among the sources of an error.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> &'a h2::Error {
    match error.downcast_ref() {
        Some(error) => error,
        None => cause(error.source().expect("an error of h2")),
    }
}

#[test]
fn a_reply_has_its_status_headers_and_body() {
    run(async {
        let server = start([Reply::messages(["1"]).header("x", "y").send("2").with_length()]).await;
        let client = http();
        let response = client.post(server.url("/a?b")).body("hi").send().await.unwrap();
        assert_eq!(response.version(), reqwest::Version::HTTP_2);
        assert_eq!((response.status().as_u16(), response.content_length()), (200, Some(10)));
        assert_eq!(response.headers()["x"], "y");
        assert!(!response.headers().contains_key("connection"));
        assert_eq!(response.text().await.unwrap(), "data: 1\n\n2");
        let seen = server.next_request().await;
        assert_eq!(seen.version, HttpVersion::Http2);
        assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/a?b"));
        assert_eq!((seen.value("content-length"), &seen.body[..]), (Some("2"), &b"hi"[..]));
    });
}

#[test]
fn each_piece_is_a_frame() {
    run(async {
        let server = start([Reply::events("data").in_pieces_of(1)]).await;
        let mut response = get(&http(), &server).await.unwrap();
        let mut chunks = Vec::new();
        while let Some(chunk) = response.chunk().await.unwrap() {
            chunks.push(chunk);
        }
        // The end is a frame of its own.
        assert_eq!(chunks, ["d", "a", "t", "a", ""]);
    });
}

#[test]
fn a_connection_takes_many_requests_at_a_time() {
    run(async {
        let wait = Reply::events("").pause_until_requested(2).send("1");
        let server = start([wait, Reply::events("2")]).await;
        let client = http();
        let first = get(&client, &server).await.unwrap();
        let second = get(&client, &server).await.unwrap();
        assert_eq!(first.text().await.unwrap(), "1");
        assert_eq!(second.text().await.unwrap(), "2");
        let connections: Vec<_> = server.requests().iter().map(|seen| seen.connection).collect();
        assert_eq!(connections, [0, 0]);
        drop(client);
        assert_eq!(server.closed(0).await, Side::Client);
    });
}

#[test]
fn a_head_and_a_body_may_pause() {
    run(async {
        let server = start([Reply::events("1").pause_within_head().pause().send("2")]).await;
        let client = http();
        let mut response = Box::pin(get(&client, &server));
        tokio::select! {
            response = &mut response => panic!("{response:?}"),
            () = server.requested(1) => {}
        }
        assert!(is_pending(&mut response).await);
        server.go_on();
        let mut response = response.await.unwrap();
        assert_eq!(response.chunk().await.unwrap().unwrap(), "1");
        assert!(is_pending(response.chunk()).await);
        server.go_on();
        assert_eq!(response.chunk().await.unwrap().unwrap(), "2");
    });
}

#[test]
fn reset_stream_sends_its_error_and_keeps_the_connection() {
    run(async {
        let errors = [
            (Http2Error::ProtocolError, Reason::PROTOCOL_ERROR),
            (Http2Error::InternalError, Reason::INTERNAL_ERROR),
            (Http2Error::RefusedStream, Reason::REFUSED_STREAM),
            (Http2Error::Cancel, Reason::CANCEL),
            (Http2Error::EnhanceYourCalm, Reason::ENHANCE_YOUR_CALM),
        ];
        let reply = |error| Reply::events("1").pause().reset_stream(error);
        let server = start(errors.map(|(error, _)| reply(error))).await;
        let client = http();
        for (number, (_, reason)) in errors.into_iter().enumerate() {
            let mut response = get(&client, &server).await.unwrap();
            assert_eq!(response.chunk().await.unwrap().unwrap(), "1");
            server.go_on();
            let error = response.chunk().await.unwrap_err();
            let cause = cause(&error);
            assert!(cause.is_reset() && cause.is_remote(), "{cause:?}");
            assert_eq!(cause.reason(), Some(reason));
            assert_eq!(server.requests()[number].connection, 0);
        }
    });
}

#[test]
fn hyper_takes_a_reset_without_an_error_for_a_regular_end() {
    run(async {
        let server = start([Reply::events("1").pause().reset_stream(Http2Error::NoError)]).await;
        let response = get(&http(), &server).await.unwrap();
        server.go_on();
        assert_eq!(response.text().await.unwrap(), "1");
    });
}

#[test]
fn a_stream_may_be_reset_instead_of_answered() {
    run(async {
        let server = start([Reply::nothing().reset_stream(Http2Error::InternalError)]).await;
        let error = get(&http(), &server).await.unwrap_err();
        assert_eq!(cause(&error).reason(), Some(Reason::INTERNAL_ERROR));
    });
}

#[test]
fn go_away_lets_the_stream_continue_and_the_next_use_another_connection() {
    run(async {
        let first = Reply::events("1").pause().go_away().send("2").pause().send("3");
        let server = start([first, Reply::events("4")]).await;
        let client = http();
        let mut response = get(&client, &server).await.unwrap();
        assert_eq!(response.chunk().await.unwrap().unwrap(), "1");
        server.go_on();
        assert_eq!(response.chunk().await.unwrap().unwrap(), "2");
        // The client reports it once its new connection is open.
        let next = loop {
            let next = get(&client, &server).await.unwrap();
            if server.requests().last().unwrap().connection == 1 {
                break next;
            }
        };
        drop(next);
        server.go_on();
        assert_eq!(response.text().await.unwrap(), "3");
        assert_eq!(server.closed(0).await, Side::Server);
    });
}

#[test]
fn a_go_away_with_an_error_ends_all_streams() {
    run(async {
        let reply = Reply::events("1").pause().go_away_with(Http2Error::EnhanceYourCalm);
        let server = start([Reply::events("2").hang(), reply]).await;
        let (mut client, connection) = connect(&server).await;
        let request = || http::Request::get(server.url("/")).body(()).unwrap();
        let mut bodies = Vec::new();
        for _ in 0..2 {
            client = client.ready().await.unwrap();
            let response = client.send_request(request(), true).unwrap().0.await.unwrap();
            bodies.push(response.into_body());
        }
        server.go_on();
        let error = connection.await.unwrap().unwrap_err();
        assert!(error.is_go_away() && error.is_remote(), "{error:?}");
        assert_eq!(error.reason(), Some(Reason::ENHANCE_YOUR_CALM));
        for body in &mut bodies {
            while let Some(Ok(_)) = body.data().await {}
            assert!(!body.is_end_stream());
        }
        assert_eq!(server.closed(0).await, Side::Server);
    });
}

#[test]
fn a_connection_may_be_cut_or_reset() {
    run(async {
        let reply = || Reply::events("1").pause();
        let server = start([reply().cut(), reply().half_close(), reply().reset()]).await;
        let client = http();
        for number in 0..3 {
            let mut response = get(&client, &server).await.unwrap();
            assert_eq!(response.chunk().await.unwrap().unwrap(), "1");
            server.go_on();
            let error = response.chunk().await.unwrap_err();
            assert!(cause(&error).is_io(), "{error:?}");
            assert_eq!(server.closed(number).await, Side::Server);
        }
    });
}

#[test]
fn abandoned_reports_a_reset_of_the_stream() {
    run(async {
        let replies = [
            Reply::events("1").hang(),
            Reply::events("1").pause(),
            Reply::events("1").repeat([b'x'; 10_000]),
            Reply::events("1").repeat(""),
        ];
        let count = replies.len();
        let server = start(replies).await;
        let client = http();
        for number in 0..count {
            let mut response = get(&client, &server).await.unwrap();
            assert_eq!(response.chunk().await.unwrap().unwrap(), "1");
            drop(response);
            server.abandoned(number).await;
            assert_eq!(server.requests()[number].connection, 0);
        }
        assert!(is_pending(server.closed(0)).await);
    });
}

#[test]
fn abandoned_reports_a_request_without_a_reply() {
    run(async {
        let server = start([Reply::nothing()]).await;
        let client = http();
        tokio::select! {
            response = get(&client, &server) => panic!("{response:?}"),
            () = server.requested(1) => {}
        }
        server.abandoned(0).await;
    });
}

#[test]
fn abandoned_reports_all_requests_of_a_closed_connection() {
    run(async {
        let server = start([Reply::events("").hang(), Reply::nothing()]).await;
        let (client, connection) = connect(&server).await;
        let mut client = client.ready().await.unwrap();
        let request = || http::Request::get(server.url("/")).body(()).unwrap();
        let _first = client.send_request(request(), true).unwrap();
        let mut client = client.ready().await.unwrap();
        let _second = client.send_request(request(), true).unwrap();
        server.requested(2).await;
        connection.abort();
        server.abandoned(0).await;
        server.abandoned(1).await;
        assert_eq!(server.closed(0).await, Side::Client);
    });
}

#[test]
fn a_body_without_end_comes_as_fast_as_it_is_taken() {
    run(async {
        let server = start([Reply::events("").repeat([b'x'; 10_000])]).await;
        let mut response = get(&http(), &server).await.unwrap();
        let mut len = 0;
        while len < 1_000_000 {
            len += response.chunk().await.unwrap().unwrap().len();
        }
        assert_eq!(server.count_requests().await, 1);
        drop(response);
        server.abandoned(0).await;
    });
}

#[test]
fn a_reply_that_http_2_cannot_express_resets_the_stream() {
    run(async {
        let replies = [
            Reply::raw("HTTP/1.1 200 OK\r\n\r\n"),
            Reply::status(99),
            Reply::status(200).header("a b", "c"),
            Reply::status(200).header("a", "\n"),
            Reply::status(200).header("transfer-encoding", "chunked"),
        ];
        let count = replies.len();
        let server = start(replies).await;
        let client = http();
        for _ in 0..count {
            let error = get(&client, &server).await.unwrap_err();
            assert_eq!(cause(&error).reason(), Some(Reason::INTERNAL_ERROR));
        }
    });
}

#[test]
fn replies_of_http_2_have_an_equivalent_on_http_1() {
    run(async {
        let replies = [
            Reply::events("1").go_away().send("2").pause().go_away_with(Http2Error::NoError),
            Reply::events("12").pause().reset_stream(Http2Error::Cancel),
        ];
        let server = ScriptedServer::start(replies).await;
        for kind in [None, Some(ErrorKind::ConnectionReset)] {
            let mut client = RawClient::send(&server, GET).await;
            client.read_until("2\r\n").await;
            server.go_on();
            assert_eq!(client.rest().await.err().map(|error| error.kind()), kind);
        }
        assert_eq!(server.closed(0).await, Side::Server);
        assert_eq!(server.closed(1).await, Side::Server);
    });
}

#[test]
fn a_length_that_is_too_long_is_an_error_of_the_protocol() {
    run(async {
        let server = start([Reply::events("1").with_length_too_long_by(1)]).await;
        let response = get(&http(), &server).await.unwrap();
        let error = response.text().await.unwrap_err();
        assert_eq!(cause(&error).reason(), Some(Reason::PROTOCOL_ERROR));
    });
}

#[test]
fn a_204_and_a_reply_to_head_have_no_body() {
    run(async {
        let server = start([Reply::status(204).send("1"), Reply::events("1").with_length()]).await;
        let response = get(&http(), &server).await.unwrap();
        assert_eq!(response.text().await.unwrap(), "");
        let response = http().head(server.url("/")).send().await.unwrap();
        assert_eq!(response.headers()["content-length"], "1");
        assert_eq!(response.text().await.unwrap(), "");
    });
}

#[test]
fn failure_as_status_code_resets_the_stream_with_that_code() {
    run(async {
        let replies = [
            Reply::failure_as_status_code("data: 1\n\n", 503),
            Reply::failure_as_no_error("data: 1\n\n"),
        ];
        let server = start(replies).await;
        for code in [503, 0] {
            let (client, _connection) = connect(&server).await;
            let request = http::Request::get(server.url("/")).body(()).unwrap();
            let (response, _) = client.ready().await.unwrap().send_request(request, true).unwrap();
            let mut body = response.await.unwrap().into_body();
            assert_eq!(body.data().await.unwrap().unwrap(), "data: 1\n\n");
            server.go_on();
            let error = body.data().await.unwrap().unwrap_err();
            assert_eq!(error.reason(), Some(Reason::from(code)));
        }
    });
}
