//! Tests of bodies whose events are split into chunks anywhere.

use std::time::Duration;

use super::BodyRedactor;
use crate::recording::{RecordingErrorKind, Redaction};

fn redactor(status: u16, kind: &str, coding: &str) -> BodyRedactor {
    let redaction =
        Redaction::new().json_path("a.*".parse().unwrap()).json_path("key".parse().unwrap());
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let headers = [header("content-type", kind), header("content-encoding", coding)];
    BodyRedactor::new(&redaction, status, &headers)
}

/// Redacts chunks that arrive a second after each other, and returns them with their times and
/// the number of those that were held back until the end.
fn redact(redactor: &mut BodyRedactor, chunks: &[&[u8]]) -> (Vec<(u64, String)>, usize) {
    let mut redacted = Vec::new();
    for (at, chunk) in (0..).zip(chunks) {
        redacted.extend(redactor.push(Duration::from_secs(at), chunk).unwrap());
    }
    let held = redactor.finish();
    let count = held.len();
    redacted.extend(held);
    let text = |bytes: Vec<u8>| bytes.escape_ascii().to_string().replace("\\\"", "\"");
    (redacted.into_iter().map(|(at, bytes)| (at.as_secs(), text(bytes))).collect(), count)
}

fn events(chunks: &[&str]) -> Vec<(u64, String)> {
    let chunks: Vec<_> = chunks.iter().map(|chunk| chunk.as_bytes()).collect();
    redact(&mut redactor(200, "text/event-stream", ""), &chunks).0
}

#[test]
fn json_path_is_redacted_in_events_whatever_their_chunks() {
    for stream in [
        "\u{feff}data: {\"key\":\"secret\"}\n\ndata:{\"a\":[\"secret\"]}\nid: 1\n\ndata: [DONE]\n\n",
        "\u{feff}data: {\ndata:\"key\":\r\ndata: \"secret\"\rdata\rdata:}\n\rdata: [\"secret\"",
        "event: a\r\ndata: {\"a\": {\"b\": \"secret\", \"c\": \"secret\"}}\r\n\r\ndata: {\"key\":\"secret\"",
        "data: {\"key\":\"secret\"}",
        "data: {\"key\":\"secret\"} {\n\n",
    ] {
        let whole = events(&[stream]);
        assert!(!whole[0].1.contains("secret") && whole[0].1.contains("REDACTED"), "{whole:?}");
        let text = |chunks: Vec<(u64, String)>| -> String {
            chunks.into_iter().map(|(_, text)| text).collect()
        };
        let expected = text(whole);
        for at in 1..stream.len() {
            let (first, second) = stream.as_bytes().split_at(at);
            let mut redactor = redactor(200, "text/event-stream", "");
            let redacted = redact(&mut redactor, &[first, second]).0;
            assert_eq!(text(redacted), expected, "{at}");
        }
        let single: Vec<_> = stream.as_bytes().chunks(1).collect();
        let redacted = redact(&mut redactor(200, "text/event-stream", ""), &single).0;
        assert_eq!(text(redacted), expected);
    }
}

#[test]
fn json_path_keeps_the_chunks_around_a_value() {
    let chunks =
        ["data: {\"key\":\"s", "ecr", "et\",\"b\":1", "}\n\ndata: {\"a\":[1],\"b\":", "2}\n\n"];
    let expected = [
        (0, r#"data: {"key":"REDACTED""#),
        (2, r#","b":1"#),
        (3, r#"}\n\ndata: {"a":[0],"b":"#),
        (4, r"2}\n\n"),
    ];
    assert_eq!(events(&chunks), expected.map(|(at, text)| (at, text.to_owned())));
}

#[test]
fn json_path_is_redacted_in_lines_between_events() {
    let chunks = [
        "data: 1\n\n{\"key\":\"secret\",\"b\":1}\n",
        "data: {\"key\":\n{\"b\":2,\n\"key\":[\n  \"secret\"\n]}\n",
        "data: \"secret\"}\n\nfoo: bar\n",
    ];
    let expected = [
        (0, r#"data: 1\n\n{"key":"REDACTED","b":1}\n"#),
        (1, r#"data: {"key":\n{"b":2,\n"key":[\n  "REDACTED"\n]}\n"#),
        (2, r#"data: "REDACTED"}\n\nfoo: bar\n"#),
    ];
    assert_eq!(events(&chunks), expected.map(|(at, text)| (at, text.to_owned())));
    let open = ["foo\n", ": c\n", "{\n", "\"key\":1\n", "}\n", "id: 1\n"];
    let chunks: Vec<_> = open.iter().map(|chunk| chunk.as_bytes()).collect();
    let (redacted, held) = redact(&mut redactor(200, "text/event-stream", ""), &chunks);
    assert_eq!((redacted[3].1.as_str(), held), (r#""key":0\n"#, 0));
}

#[test]
fn json_path_holds_back_no_more_than_the_incomplete_event() {
    let chunks = [&b"data: 1\n\n"[..], b": comment\n", b"id: 1\n", b"data: {", b"}\n", b"x"];
    let (_, held) = redact(&mut redactor(200, "text/event-stream", ""), &chunks);
    assert_eq!(held, 3);
}

#[test]
fn json_path_applies_to_a_whole_body_that_is_json_or_of_a_rejection() {
    let body: [&[u8]; 2] = [b"{\n\"key\": \"sec", b"ret\"}"];
    for (status, kind) in [
        (200, "application/json"),
        (200, "text/plain"),
        (200, "text/html"),
        (200, "text/event-stream"),
        (200, ""),
        (401, "text/plain"),
        (401, "text/event-stream"),
        (500, ""),
    ] {
        let (redacted, held) = redact(&mut redactor(status, kind, "identity"), &body);
        let expected = [(0, r#"{\n"key": "REDACTED""#.to_owned()), (1, "}".to_owned())];
        assert_eq!((redacted.as_slice(), held), (&expected[..], 2), "{status} {kind}");
    }
    // The byte that decides may arrive late.
    for start in ["", "\n", "\u{feff}", " \r\n\u{feff} "] {
        let body = format!(r#"{start}{{"key":"secret"}}"#);
        let single: Vec<_> = body.as_bytes().chunks(1).collect();
        for kind in ["text/event-stream", "text/plain"] {
            for chunks in [&single[..], &[body.as_bytes()]] {
                let (redacted, _) = redact(&mut redactor(200, kind, ""), chunks);
                let text: String = redacted.into_iter().map(|(_, text)| text).collect();
                let is_shape = text.ends_with(r#"{"key":"REDACTED"}"#) || start.len() > 3;
                assert!(!text.contains("secret") && is_shape, "{text}");
            }
        }
    }
    let (prefixed, _) = redact(&mut redactor(200, "text/plain", ""), &[b")]}'\n{\"key\":1}"]);
    assert_eq!(prefixed, [(0, "REDACTED".to_owned())]);
    // Events of a server that forgot their type are released one by one.
    let chunks = [&b"\n"[..], b": x\n", b"data: {\"key\":\"secret\"}\n\n", b"data: 1"];
    let (redacted, held) = redact(&mut redactor(200, "text/plain", ""), &chunks);
    assert_eq!((redacted.len(), held), (4, 1));
    assert_eq!(redacted[2].1, r#"data: {"key":"REDACTED"}\n\n"#);
    let rejected = |body: &[u8]| redact(&mut redactor(503, "", ""), &[body]).0;
    assert_eq!(rejected(b"busy"), [(0, "busy".to_owned())]);
    assert_eq!(rejected(b"{\"key\":\"sec"), [(0, "REDACTED".to_owned())]);
}

#[test]
fn json_path_with_bytes_that_are_not_utf8_is_redacted() {
    let body: [&[u8]; 1] = [b"data: {\"b\":\"\xff\xe2\x82\",\"key\":\"\xffsecret\"}\n\n"];
    let redacted = redact(&mut redactor(200, "text/event-stream", ""), &body).0;
    let expected = r#"data: {"b":"\xff\xe2\x82","key":"REDACTED"}\n\n"#;
    assert_eq!(redacted, [(0, expected.to_owned())]);
}

#[test]
fn json_path_in_a_compressed_body_is_an_error() {
    let mut redactor = redactor(200, "text/event-stream", "gzip");
    assert!(redactor.push(Duration::ZERO, b"").is_ok());
    let error = redactor.push(Duration::ZERO, b"\x1f").unwrap_err();
    assert_eq!(error.kind(), RecordingErrorKind::Compressed);
    // Each of several headers counts.
    let redaction = Redaction::new().json_path("key".parse().unwrap());
    for (codings, is_compressed) in [
        (["identity", "gzip"], true),
        (["", "br"], true),
        (["identity, zstd", ""], true),
        (["Identity", " "], false),
    ] {
        let headers = codings.map(|it| ("Content-Encoding".to_owned(), it.to_owned()));
        let mut redactor = BodyRedactor::new(&redaction, 200, &headers);
        assert_eq!(redactor.push(Duration::ZERO, b"x").is_err(), is_compressed, "{codings:?}");
    }
}

#[test]
fn json_path_is_redacted_in_random_streams_and_chunks() {
    let parts = [
        "data: ",
        "data:",
        "{\"key\":\"secret\"}",
        "{\"a\":{\"b\":[\"secret\",1]},",
        "\"key\" : \"s\u{e9}secret\"}",
        "[DONE]",
        "\r",
        "\n",
        "\n\n",
        "\r\n\r\n",
        ": c",
        "\"",
        "{",
        "data: {\"key\":\"secret\"}\n\n",
        "{\"key\":\"secret\"}\n",
    ];
    // Random numbers need no crate here.
    let mut seed = 1_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    // Whole valid events, whose values are all to be redacted, and the other fields.
    let whole_events = [
        "data: {\"key\":\"secret\"}\n\n",
        "data:{\"a\":{\"b\":[\"secret\",1]},\r\ndata: \"key\" : \"s\u{e9}secret\"}\r\n\r\n",
        "id: 1\rdata: {\"a\":[\"secret\",{\"c\":\"secret\"}]}\r\r",
        "data: [DONE]\n\n",
        ": c\n",
        "{\"key\":\"secret\"}\n",
        "data: {\"key\":\"secret\"\n{\"key\":\"secret\"}\ndata: }\n\n",
    ];
    for round in 0..3000 {
        let is_valid = round % 2 == 0;
        let parts = if is_valid { &whole_events[..] } else { &parts };
        let stream: String = (0..random(20)).map(|_| parts[random(parts.len())]).collect();
        let whole = events(&[&stream]).into_iter().map(|(_, text)| text).collect::<String>();
        if is_valid {
            assert!(!whole.contains("secret"), "{stream:?}: {whole:?}");
            assert_eq!(whole.contains("REDACTED"), stream.contains("secret"), "{stream:?}");
        }
        let mut chunks = Vec::new();
        let mut rest = stream.as_bytes();
        while !rest.is_empty() {
            let (chunk, more) = rest.split_at(1 + random(rest.len()));
            chunks.push(chunk);
            rest = more;
        }
        let (redacted, _) = redact(&mut redactor(200, "text/event-stream", ""), &chunks);
        let times: Vec<_> = redacted.iter().map(|(at, _)| *at).collect();
        assert!(times.is_sorted(), "{stream:?}");
        let text = redacted.into_iter().map(|(_, text)| text).collect::<String>();
        assert_eq!(text, whole, "{stream:?}");
    }
}
