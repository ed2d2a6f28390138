//! Replies that play recordings back.

use std::time::Duration;

use sse_test::{Recording, ScriptedServer, TestClock};

use super::HEADING;
use crate::support::{GET, RawClient, http, is_pending, run};

/// Returns a recording of these lines after the heading.
fn recording(lines: &[&str]) -> Recording {
    Recording::parse([&[HEADING], lines].concat().join("\n")).unwrap()
}

const REQUEST: &str =
    r#"{"at":1,"request":{"method":"GET","url":"http://localhost/","headers":[]}}"#;

/// Returns the line of a response with these headers, a second after the request.
fn response(version: &str, headers: &str) -> String {
    format!(
        r#"{{"at":2,"response":{{"status":200,"version":"{version}","url":"","headers":[{headers}]}}}}"#
    )
}

async fn raw(recording: &Recording) -> String {
    let server = ScriptedServer::start(recording.replies()).await;
    let mut client = RawClient::send(&server, GET).await;
    String::from_utf8(client.rest().await.unwrap()).unwrap()
}

#[test]
fn replies_send_what_was_recorded() {
    run(async {
        let recording = recording(&[
            REQUEST,
            &response(
                "HTTP/1.1",
                r#"["content-type","text/event-stream"],["x-one","1"],["x-one","2"],["connection","keep-alive, X-Hop"],["x-hop","1"],["keep-alive","5"],["transfer-encoding","chunked"]"#,
            ),
            r#"{"at":3,"text":"data: 1\n\nda"}"#,
            r#"{"at":4,"base64":"dGE6IP8KCg=="}"#,
            r#"{"at":5,"end":{}}"#,
            r#"{"at":6,"request":{"method":"GET","url":"http://localhost/","headers":[]}}"#,
            r#"{"at":6,"response":{"status":503,"version":"HTTP/1.1","url":"","headers":[["retry-after","5"],["transfer-encoding","chunked"]]}}"#,
            r#"{"at":6,"text":"busy"}"#,
            r#"{"at":6,"end":{}}"#,
        ]);
        let server = ScriptedServer::start(recording.replies()).await;
        let mut client = RawClient::send(&server, GET).await;
        let received = client.rest().await.unwrap();
        let expected = b"HTTP/1.1 200 Scripted\r\nconnection: close\r\n\
            content-type: text/event-stream\r\nx-one: 1\r\nx-one: 2\r\n\
            transfer-encoding: chunked\r\n\r\n\
            b\r\ndata: 1\n\nda\r\n7\r\nta: \xff\n\n\r\n0\r\n\r\n";
        assert_eq!(received.escape_ascii().to_string(), expected.escape_ascii().to_string());
        let rejected = http().get(server.url("/")).send().await.unwrap();
        assert_eq!(
            (rejected.status().as_u16(), &rejected.headers()["retry-after"]),
            (503, &"5".parse().unwrap())
        );
        assert_eq!(rejected.text().await.unwrap(), "busy");
    });
}

#[test]
fn replies_are_framed_as_they_were_recorded() {
    run(async {
        let framing = async |version: &str, headers: &str, end: &str| {
            let text = raw(&recording(&[
                REQUEST,
                &response(version, headers),
                r#"{"at":3,"text":"data: 1\n\n"}"#,
                end,
            ]))
            .await;
            text.split_once("connection: close\r\n").unwrap().1.to_owned()
        };
        let end = r#"{"at":4,"end":{}}"#;
        let cut = r#"{"at":4,"disconnected":{"error":"","kind":"truncated"}}"#;
        let reset = r#"{"at":4,"disconnected":{"error":"","kind":"reset"}}"#;
        let chunked = r#"["transfer-encoding","chunked"]"#;
        let with_end = "transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n0\r\n\r\n";
        let without_end = "transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n";
        let cases = [
            ("HTTP/1.1", chunked, end, with_end),
            ("HTTP/2.0", "", end, with_end),
            ("HTTP/1.1", chunked, cut, without_end),
            ("HTTP/1.1", "", reset, without_end),
            ("HTTP/1.1", chunked, r#"{"at":4,"abandoned":{}}"#, without_end),
            ("HTTP/1.1", chunked, "", without_end),
            ("HTTP/1.1", "", end, "\r\ndata: 1\n\n"),
            ("HTTP/1.1", r#"["content-length","9"]"#, end, "content-length: 9\r\n\r\ndata: 1\n\n"),
            // The length is that of what is sent: the body may have been redacted or decoded.
            ("HTTP/1.1", r#"["content-length","7"]"#, end, "content-length: 9\r\n\r\ndata: 1\n\n"),
            (
                "HTTP/2.0",
                r#"["content-length","20"]"#,
                cut,
                "content-length: 20\r\n\r\ndata: 1\n\n",
            ),
            ("HTTP/1.1", r#"["content-length","5"]"#, cut, without_end),
        ];
        for (version, headers, end, expected) in cases {
            assert_eq!(framing(version, headers, end).await, expected, "{version} {headers} {end}");
        }
    });
}

#[test]
fn replies_redirect_to_the_same_server() {
    run(async {
        let location = |location: &str| {
            recording(&[
                REQUEST,
                &response("HTTP/1.1", &format!(r#"["alt-svc","h3"],["location","{location}"]"#)),
            ])
        };
        for (recorded, expected) in [
            ("https://example.org/there?a=b", "/there?a=b"),
            ("https://example.org", "/"),
            ("https://example.org?a", "?a"),
            ("/there?url=https://example.org/", "/there?url=https://example.org/"),
            ("//example.org/there", "/there"),
            ("there", "there"),
            ("there//x", "there//x"),
            ("a/b://x", "a/b://x"),
        ] {
            let text = raw(&location(recorded)).await;
            assert!(text.contains(&format!("\r\nlocation: {expected}\r\n")), "{text}");
            assert!(!text.contains("alt-svc"), "{text}");
        }
    });
}

#[test]
fn replies_without_a_recorded_response_close_the_connection() {
    run(async {
        let refused =
            recording(&[REQUEST, r#"{"at":2,"no_response":{"error":"","kind":"other"}}"#]);
        assert_eq!(raw(&refused).await, "");
        assert_eq!(raw(&recording(&[REQUEST])).await, "");
    });
}

#[test]
fn timed_replies_wait_on_the_clock_of_the_server() {
    run(async {
        let head = response("HTTP/1.1", r#"["transfer-encoding","chunked"]"#);
        let recording = recording(&[
            REQUEST,
            &head,
            r#"{"at":3,"text":"data: 1\n\n"}"#,
            r#"{"at":61,"text":"data: 2\n\n"}"#,
            r#"{"at":62,"text":"data: 3\n\n"}"#,
            r#"{"at":3601,"end":{}}"#,
        ]);
        let clock = TestClock::manual();
        let server = ScriptedServer::builder().clock(&clock).start(recording.timed_replies()).await;
        clock.advance(Duration::from_secs(10));
        let mut client = RawClient::send(&server, GET).await;
        clock.asked_for(1).await; // the wait for the head
        assert!(client.is_silent());
        clock.advance(Duration::from_secs(1));
        client.read_until("\r\n\r\n").await;
        clock.asked_for(2).await;
        assert!(client.is_silent());
        // All that is due is sent: the times are those since the request.
        clock.advance(Duration::from_secs(60));
        client.read_until("data: 3\n\n\r\n").await;
        clock.asked_for(3).await;
        assert!(is_pending(client.rest()).await);
        clock.advance(Duration::from_secs(3600));
        assert_eq!(client.rest().await.unwrap(), b"0\r\n\r\n");
        let seconds = |it: &Duration| it.as_secs();
        assert_eq!(clock.asked().iter().map(seconds).collect::<Vec<_>>(), [1, 1, 3539]);
    });
}

#[cfg(feature = "http2")]
#[test]
fn timed_replies_wait_over_http2() {
    run(async {
        let recording = recording(&[
            REQUEST,
            &response("HTTP/2.0", ""),
            r#"{"at":61,"text":"data: 1\n\n"}"#,
            r#"{"at":61,"end":{}}"#,
        ]);
        let clock = TestClock::skipping();
        let builder = ScriptedServer::builder().http2().clock(&clock);
        let server = builder.start(recording.timed_replies()).await;
        let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
        let response = client.get(server.url("/")).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "data: 1\n\n");
        assert_eq!(clock.asked(), [1, 59].map(Duration::from_secs));
    });
}

#[test]
fn timed_replies_of_version_1_begin_at_once_after_the_first() {
    run(async {
        let content = concat!(
            r#"{"ssecat_recording":1,"started":"2026-01-02T03:04:05Z","url":"http://localhost/"}"#,
            "\n",
            r#"{"at":5,"response":{"status":204,"version":"HTTP/1.1","url":"","headers":[]}}"#,
            "\n",
            r#"{"at":60,"response":{"status":200,"version":"HTTP/1.1","url":"","headers":[]}}"#,
            "\n",
            r#"{"at":67,"text":"data: 1\n\n"}"#,
        );
        let recording = Recording::parse(content).unwrap();
        let clock = TestClock::skipping();
        let server = ScriptedServer::builder().clock(&clock).start(recording.timed_replies()).await;
        for _ in 0..2 {
            RawClient::send(&server, GET).await.rest().await.unwrap();
        }
        // The end of the first was not recorded: the second response shows that it was abandoned.
        assert_eq!(clock.asked(), [5, 55, 7].map(Duration::from_secs));
    });
}
