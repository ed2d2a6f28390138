//! Compressed event streams over sockets: decoded by the session, or by reqwest if it was built for
//! that. In both cases an event that the server has flushed is yielded at once.
//!
//! The tests of sse-session have every coding at every boundary.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use sse_reqwest::{
    ReconnectPolicy, RequestBuilderExt as _, SseClient, SseConfig, SseErrorKind, reqwest::Client,
};
use sse_test::ContentCoding;

use crate::support::{
    Reply, ScriptedServer, TestClock, builder, causes, data, failure, http, open, reconnecting,
    rest, rest_of_data, run,
};

const CODINGS: [(ContentCoding, &str); 3] =
    [(ContentCoding::Gzip, "gzip"), (ContentCoding::Brotli, "br"), (ContentCoding::Zstd, "zstd")];

/// Returns a client that decodes by itself.
fn decoding() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

fn servers() -> [sse_test::ScriptedServerBuilder; 2] {
    [ScriptedServer::builder(), ScriptedServer::builder().http2()]
}

fn gzip(data: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Takes each event before its server sends the next one.
async fn check_each_event_at_once(server: &ScriptedServer, client: &Client, count: usize) {
    let mut session = client.get(server.url("/")).sse_session().await.unwrap();
    for number in 1..=count {
        assert_eq!(data(&mut session).await, number.to_string());
        server.go_on();
    }
    assert_eq!(rest_of_data(&mut session).await, [""; 0]);
}

#[test]
fn a_flushed_event_is_yielded_at_once() {
    for (coding, token) in CODINGS {
        let clients = [http(), builder().http2_prior_knowledge().build().unwrap()];
        for (server, client) in servers().into_iter().zip(clients) {
            run(async {
                let events = Reply::events("").compressed(coding);
                let events = (1..=5).fold(events, |reply, number| {
                    reply.send(format!("data: {number}\n\n")).pause()
                });
                let server = server.start([events]).await;
                check_each_event_at_once(&server, &client, 5).await;
                let accepted = server.requests()[0].value("accept-encoding").unwrap().to_owned();
                assert_eq!(accepted, "gzip, deflate, br, zstd", "{token}");
            });
        }
    }
}

#[test]
fn a_flushed_event_is_yielded_at_once_if_its_compressed_bytes_arrive_one_by_one() {
    for (coding, _) in CODINGS {
        for client in [http(), decoding()] {
            run(async {
                let events = Reply::events("").compressed(coding).in_pieces_of(1);
                let events = (1..=3).fold(events, |reply, number| {
                    reply.send("da").send(format!("ta: {number}\n\n")).pause()
                });
                let server = ScriptedServer::start([events]).await;
                check_each_event_at_once(&server, &client, 3).await;
            });
        }
    }
}

#[test]
fn a_large_event_is_yielded_before_the_next_is_sent() {
    for (coding, _) in CODINGS {
        run(async {
            // Compressed, the event is either a few bytes or as long as before.
            for text in ["x".repeat(1 << 18), noise(1 << 16)] {
                let events = Reply::events("").compressed(coding);
                let events = events.send(format!("data: {text}\n\n")).hang();
                let server = ScriptedServer::start([events]).await;
                let mut session = open(SseConfig::new(), server.url("/")).await;
                assert!(data(&mut session).await == text);
            }
        });
    }
}

/// Text that no coding makes much shorter.
fn noise(len: usize) -> String {
    let mut state = 1_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        char::from(b'!' + (state % 90) as u8)
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn a_gzip_member_per_flush_is_decoded_over_one_connection() {
    let clients = [http(), builder().http2_prior_knowledge().build().unwrap()];
    for (server, client) in servers().into_iter().zip(clients) {
        run(async {
            let events = Reply::events("").header("content-encoding", "gzip");
            let events = (1..=3).fold(events, |reply, number| {
                reply.send(gzip(&format!("data: {number}\n\n"))).pause()
            });
            let server = server.start([events]).await;
            check_each_event_at_once(&server, &client, 3).await;
            assert_eq!(server.requests().len(), 1);
        });
    }
}

#[test]
fn reqwest_loses_gzip_members_and_the_session_fails_after_four_responses() {
    run(async {
        let events = Reply::events("").header("content-encoding", "gzip");
        let events = events.send(gzip("data: 1\n\n")).send(gzip("data: 2\n\n"));
        let server = ScriptedServer::start(vec![events; 9]).await;
        let config = SseConfig::new().reconnect(ReconnectPolicy::exponential());
        let client = SseClient::new(decoding(), config.clock(TestClock::skipping()));
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        let (events, error) = rest(&mut session).await;
        let error = error.unwrap();
        assert!(error.is_decode(), "{error:?}");
        assert_eq!(events.iter().map(|it| it.data()).collect::<Vec<_>>(), ["1"; 4]);
        assert_eq!(server.count_requests().await, 4);
    });
}

#[test]
fn a_compressed_event_stream_that_is_cut_is_a_disconnect_to_reconnect_after() {
    for (coding, _) in CODINGS {
        for client in [http(), decoding()] {
            run(async {
                let cut = Reply::events("").compressed(coding);
                let cut = cut.send("id: 1\ndata: 1\n\ndata: ha").cut();
                let rest = Reply::events("").compressed(coding).send("data: 2\n\n");
                let server = ScriptedServer::start([cut, rest, Reply::status(204)]).await;
                let client = SseClient::new(client, reconnecting(1));
                let mut session = client.sse_session(server.url("/")).await.unwrap();
                assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
                let one = Some("1".to_owned());
                assert_eq!(server.last_event_ids(), [None, one.clone(), one]);
            });
        }
    }
}

#[test]
fn a_coding_without_its_end_shows_that_a_close_delimited_body_is_truncated() {
    for (coding, _) in CODINGS {
        for client in [http(), decoding()] {
            run(async {
                let cut = Reply::events("").compressed(coding).send("data: 1\n\n");
                let server = ScriptedServer::start([cut.until_close().cut()]).await;
                let client = SseClient::new(client, SseConfig::new());
                let mut session = client.sse_session(server.url("/")).await.unwrap();
                assert_eq!(data(&mut session).await, "1");
                let error = failure(&mut session).await;
                assert!(error.is_transport() && error.is_truncated(), "{coding:?}: {error:?}");
            });
        }
    }
}

#[test]
fn a_body_that_cannot_be_decoded_is_a_decode_error_of_session_and_reqwest() {
    for token in ["gzip", "deflate", "br", "zstd"] {
        for client in [http(), decoding()] {
            run(async {
                let garbage = Reply::events("data: 1\n\n").header("content-encoding", token);
                let server = ScriptedServer::start([garbage]).await;
                let client = SseClient::new(client, SseConfig::new());
                let mut session = client.sse_session(server.url("/")).await.unwrap();
                let error = failure(&mut session).await;
                assert_eq!(error.kind(), SseErrorKind::Decode, "{token}: {error:?}");
                assert!(error.is_decode() && error.is_retryable() && !error.is_transport());
                assert!(!causes(&error).is_empty());
            });
        }
    }
}

#[test]
fn a_disconnect_is_not_a_decode_error() {
    for (server, client) in servers()
        .into_iter()
        .zip([decoding(), Client::builder().no_proxy().http2_prior_knowledge().build().unwrap()])
    {
        run(async {
            let coded = Reply::events("").compressed(ContentCoding::Gzip).send("data: 1\n\n");
            let (cut, plain) = (coded.pause().cut(), Reply::events("data: 1\n\n").pause().cut());
            let server = server.start([cut, plain]).await;
            for _ in 0..2 {
                let mut session = client.get(server.url("/")).sse_session().await.unwrap();
                assert_eq!(data(&mut session).await, "1");
                server.go_on();
                let error = failure(&mut session).await;
                assert!(error.is_transport() && !error.is_decode(), "{error:?}");
            }
        });
    }
}

#[test]
fn a_content_coding_that_nothing_decodes_is_an_error() {
    run(async {
        let reply = Reply::events("data: 1\n\n").header("content-encoding", "compress");
        let server = ScriptedServer::start([reply]).await;
        let client = SseClient::new(http(), reconnecting(9));
        let error = client.sse_session(server.url("/")).await.unwrap_err();
        assert!(
            error.kind() == SseErrorKind::ContentEncoding && !error.is_retryable(),
            "{error:?}"
        );
        assert!(error.to_string().contains("content encoding compress"), "{error}");
        assert_eq!(error.status().unwrap(), 200);
        assert_eq!(error.headers().unwrap()["content-encoding"], "compress");
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn names_that_are_not_content_codings_are_ignored() {
    for name in ["identity", "none", "utf-8", ""] {
        run(async {
            let events = Reply::events("data: 1\n\n").header("content-encoding", name);
            let server = ScriptedServer::start([events]).await;
            let mut session = open(SseConfig::new(), server.url("/")).await;
            assert_eq!(rest_of_data(&mut session).await, ["1"]);
        });
    }
}

#[test]
fn an_accept_encoding_of_the_caller_is_kept() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::events("data: 1\n\n"); 2]).await;
        for client in [http(), decoding()] {
            let own = client.get(server.url("/")).header("accept-encoding", "identity");
            own.sse_session().await.unwrap();
        }
        for seen in server.requests() {
            assert_eq!(seen.value("accept-encoding"), Some("identity"));
        }
    });
}
