//! Heads of requests and responses: which codings are accepted, and which are decoded.

use http::{Request, Response};
use sse_session::{Capabilities, SseConfig, SseErrorKind};

use super::{
    DATA, PIECES, decoded,
    encode::{CODINGS, gzip},
};
use crate::support::{Reply, Script, coded, events, read, run};

#[test]
fn accept_encoding_follows_the_features_unless_the_caller_sets_it() {
    run(async {
        let script = Script::new([(); 2].map(|()| Reply::Response(events(&[]))));
        let client = script.client(SseConfig::new());
        client.sse_session("http://localhost/").await.unwrap();
        let own = Request::get("http://localhost/").header("accept-encoding", "identity");
        client.sse_session(own.body(bytes::Bytes::new()).unwrap()).await.unwrap();
        let seen: Vec<_> = script
            .requests()
            .iter()
            .map(|request| request.headers()["accept-encoding"].to_str().unwrap().to_owned())
            .collect();
        assert_eq!(seen, ["gzip, deflate, br, zstd", "identity"]);
    });
}

#[test]
fn a_transport_that_decodes_content_is_left_to_it() {
    run(async {
        let script = Script::new([Reply::Response(coded("gzip", [PIECES.concat()]))])
            .capabilities(Capabilities::new().decodes_content(true));
        let client = script.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, DATA);
        assert!(!script.requests()[0].headers().contains_key("accept-encoding"));
    });
}

#[test]
fn names_of_codings_have_any_case_and_identity_is_none() {
    run(async {
        for name in ["GZIP", "x-gzip", "X-Gzip", "identity, gzip", "gzip,", " gzip , identity"] {
            let (data, _) = decoded(coded(name, gzip(&PIECES))).await;
            assert_eq!(data, DATA, "{name}");
        }
        for name in ["identity", "none", "utf-8", ""] {
            let (data, _) = decoded(coded(name, [PIECES.concat()])).await;
            assert_eq!(data, DATA, "{name}");
        }
        let mut two_lines = coded("identity", gzip(&PIECES));
        two_lines.headers_mut().append("content-encoding", "gzip".parse().unwrap());
        assert_eq!(decoded(two_lines).await.0, DATA);
    });
}

#[test]
fn a_coding_that_nothing_decodes_is_a_final_content_encoding_error() {
    let cases = [
        ("content-encoding", "compress", "content encoding compress"),
        ("content-encoding", "gzip, gzip, gzip, gzip, gzip", "content encoding gzip, gzip,"),
        ("transfer-encoding", "gzip, chunked", "transfer encoding gzip, chunked"),
    ];
    for (name, value, message) in cases {
        run(async {
            let mut response = coded("identity", gzip(&PIECES));
            response.headers_mut().insert(name, value.parse().unwrap());
            let script = Script::new([Reply::Response(response)]);
            let config = SseConfig::new().max_reconnection_attempts(9);
            let client = script.client(config.retry_first_connection(true));
            let error = client.sse_session("http://localhost/").await.unwrap_err();
            assert_eq!(error.kind(), SseErrorKind::ContentEncoding, "{value}");
            assert!(!error.is_retryable() && !error.is_decode());
            assert!(error.to_string().contains(message), "{error}");
        });
    }
}

#[test]
fn the_body_of_a_rejected_response_is_decoded() {
    for (coding, encode) in CODINGS {
        run(async {
            let mut response = coded(coding, encode(&[b"{\"error\":", b"\"no credit\"}"]));
            *response.status_mut() = http::StatusCode::FORBIDDEN;
            response.headers_mut().insert("content-type", "application/json".parse().unwrap());
            let script = Script::new([Reply::Response(response)]);
            let client = script.client(SseConfig::new());
            let error = client.sse_session("http://localhost/").await.unwrap_err();
            assert_eq!(error.body_excerpt().as_deref(), Some("{\"error\":\"no credit\"}"));
            assert_eq!(error.headers().unwrap()["content-encoding"], coding);
        });
    }
}

#[test]
fn the_body_of_a_rejected_response_that_cannot_be_decoded_is_the_part_before() {
    run(async {
        let mut chunks = gzip(&[b"no credit"]);
        chunks[1] = vec![0xff; 20];
        let rejected = Response::builder().status(403).header("content-encoding", "gzip");
        let body = std::mem::take(coded("gzip", chunks).body_mut());
        let script = Script::new([Reply::Response(rejected.body(body).unwrap())]);
        let client = script.client(SseConfig::new());
        let error = client.sse_session("http://localhost/").await.unwrap_err();
        assert!(error.is_status() && !error.is_decode());
        assert_eq!(error.body_excerpt().as_deref(), Some("no credit"));
    });
}

#[test]
fn the_body_of_a_rejected_response_that_is_in_no_coding_is_its_text() {
    let text = r#"{"error":"no credit"}"#;
    for coding in ["gzip", "deflate", "br", "zstd", "gzip, br"] {
        for size in [1, 5, text.len()] {
            run(async {
                let chunks = text.as_bytes().chunks(size).map(<[u8]>::to_vec);
                let mut response = coded(coding, chunks);
                *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
                let script = Script::new([Reply::Response(response)]);
                let client = script.client(SseConfig::new());
                let error = client.sse_session("http://localhost/").await.unwrap_err();
                assert_eq!(error.body_excerpt().as_deref(), Some(text), "{coding}");
            });
        }
    }
}
