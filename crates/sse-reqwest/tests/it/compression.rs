//! Compressed event streams in, each event as soon as its server has flushed it out.
//!
//! They are decompressed by reqwest, if it was built for that: what is shown is that nothing is
//! held back on the way, and that what cannot be decompressed does not pass for silence.

use sse_reqwest::{RequestBuilderExt as _, SseClient, SseConfig, SseErrorKind, reqwest::Client};
use sse_test::ContentCoding;

use crate::support::{
    Reply, ScriptedServer, causes, data, failure, http, open, reconnecting, rest_of_data, run,
};

const CODINGS: [(ContentCoding, &str); 3] =
    [(ContentCoding::Gzip, "gzip"), (ContentCoding::Brotli, "br"), (ContentCoding::Zstd, "zstd")];

fn servers() -> [sse_test::ScriptedServerBuilder; 2] {
    [ScriptedServer::builder(), ScriptedServer::builder().http2()]
}

fn clients() -> [Client; 2] {
    let builder = || Client::builder().no_proxy();
    [builder(), builder().http2_prior_knowledge()].map(|it| it.build().unwrap())
}

/// Takes each event before its server goes on to the next.
async fn check_each_event_at_once(server: &ScriptedServer, client: &Client, count: usize) {
    let mut session = client.get(server.url("/")).sse_session().await.unwrap();
    for number in 1..=count {
        assert_eq!(data(&mut session).await, number.to_string());
        server.go_on();
    }
    assert_eq!(rest_of_data(&mut session).await, [""; 0]);
}

#[test]
fn each_event_that_was_flushed_is_out_at_once() {
    for (coding, token) in CODINGS {
        for (server, client) in servers().into_iter().zip(clients()) {
            run(async {
                let events = Reply::events("").compressed(coding);
                let events = (1..=5).fold(events, |reply, number| {
                    reply.send(format!("data: {number}\n\n")).pause()
                });
                let server = server.start([events]).await;
                check_each_event_at_once(&server, &client, 5).await;
                let accepted = server.requests()[0].value("accept-encoding").unwrap().to_owned();
                assert!(
                    accepted.split(',').map(str::trim).any(|accepted| accepted == token),
                    "{accepted}"
                );
            });
        }
    }
}

#[test]
fn each_event_is_out_at_once_however_its_compressed_bytes_are_cut() {
    for (coding, _) in CODINGS {
        run(async {
            let events = Reply::events("").compressed(coding).in_pieces_of(1);
            let events = (1..=3).fold(events, |reply, number| {
                reply.send("da").send(format!("ta: {number}\n\n")).pause()
            });
            let server = ScriptedServer::start([events]).await;
            check_each_event_at_once(&server, &http(), 3).await;
        });
    }
}

#[test]
fn a_large_event_is_out_before_the_next_is_sent() {
    for (coding, _) in CODINGS {
        run(async {
            // Compressed it is a few bytes, or as many as before.
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
fn a_compressed_event_stream_that_breaks_off_is_a_disconnect_to_reconnect_after() {
    for (coding, _) in CODINGS {
        run(async {
            let cut = Reply::events("").compressed(coding).send("id: 1\ndata: 1\n\ndata: ha").cut();
            let rest = Reply::events("").compressed(coding).send("data: 2\n\n");
            let server = ScriptedServer::start([cut, rest, Reply::status(204)]).await;
            let mut session = open(reconnecting(1), server.url("/")).await;
            assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
            let one = Some("1".to_owned());
            assert_eq!(server.last_event_ids(), [None, one.clone(), one]);
        });
    }
}

#[test]
fn the_coding_shows_what_http_does_not_that_a_body_is_incomplete() {
    for (coding, _) in CODINGS {
        run(async {
            let cut = Reply::events("").compressed(coding).send("data: 1\n\n").until_close().cut();
            let server = ScriptedServer::start([cut]).await;
            let mut session = open(SseConfig::new(), server.url("/")).await;
            assert_eq!(data(&mut session).await, "1");
            let error = failure(&mut session).await;
            assert!(error.is_transport() && error.is_truncated(), "{coding:?}: {error:?}");
        });
    }
}

#[test]
fn what_is_not_compressed_as_it_says_is_a_disconnect_that_says_so() {
    for (_, token) in CODINGS {
        run(async {
            let garbage = Reply::events("data: 1\n\n").header("content-encoding", token);
            let server = ScriptedServer::start([garbage]).await;
            let mut session = open(SseConfig::new(), server.url("/")).await;
            let error = failure(&mut session).await;
            assert!(error.is_transport() && error.is_retryable(), "{error:?}");
            assert!(!causes(&error).is_empty());
        });
    }
}

#[test]
fn what_nobody_decompresses_is_an_error_and_not_a_session_without_events() {
    for (coding, token) in CODINGS {
        run(async {
            let reply = Reply::events("").compressed(coding).send("data: 1\n\n");
            let server = ScriptedServer::start([reply]).await;
            // As if reqwest had been built without it.
            let plain = Client::builder().no_proxy().no_gzip().no_brotli().no_zstd();
            let client = SseClient::new(plain.build().unwrap(), reconnecting(9));
            let error = client.sse_session(server.url("/")).await.unwrap_err();
            assert!(
                error.kind() == SseErrorKind::ContentEncoding && !error.is_retryable(),
                "{error:?}"
            );
            let feature = if token == "br" { "brotli" } else { token };
            let message =
                format!("content encoding {token}, for which reqwest has the feature `{feature}`");
            assert!(error.to_string().contains(&message), "{error}");
            assert_eq!(error.status().unwrap(), 200);
            assert_eq!(error.headers().unwrap()["content-encoding"], token);
            assert_eq!(server.count_requests().await, 1);
        });
    }
}

#[test]
fn names_of_no_coding_are_passed_over() {
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
fn a_client_may_ask_for_no_compression() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::events("data: 1\n\n"); 2]).await;
        let own = http().get(server.url("/")).header("accept-encoding", "identity");
        own.sse_session().await.unwrap();
        let client = Client::builder().no_proxy().no_gzip().no_brotli().no_zstd().build().unwrap();
        client.get(server.url("/")).sse_session().await.unwrap();
        let accepted: Vec<_> = server
            .requests()
            .iter()
            .map(|seen| seen.value("accept-encoding").map(str::to_owned))
            .collect();
        assert_eq!(accepted, [Some("identity".to_owned()), None]);
    });
}
