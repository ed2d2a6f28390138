//! Recordings: a replay prints the same events, and a recording contains no secrets.

use std::fs;

use sse_test::{ContentCoding, Recording, Reply};

use crate::program::{file, scratch, ssecat, ssecat_at};

/// Records a session, replays it, and compares the output. Returns the recording.
async fn record(name: &str, replies: Vec<Reply>, args: &[&str], code: i32) -> String {
    let path = scratch(name);
    let path = path.to_str().unwrap();
    let request = ["-u", "Ada:secret", "--record", path];
    let (live, server) = ssecat_at(replies, &[args, &request].concat()).await;
    assert_eq!(live.code, Some(code), "{live:?}");
    assert_eq!(server.requests()[0].value("accept-encoding"), Some("identity"));
    let replay = ["--replay", path, "--speed", "max"];
    let replayed = ssecat(&[args, &replay].concat()).await;
    assert_eq!(replayed.stdout, live.stdout);
    assert_eq!(replayed.code, live.code, "{replayed:?}");
    let recording = fs::read_to_string(path).unwrap();
    for secret in ["secret", "QWRhOnNlY3JldA"] {
        assert!(!recording.contains(secret), "{recording}");
    }
    recording
}

#[tokio::test]
async fn replay_prints_what_the_session_printed() {
    let stream = "\u{feff}: hi\r\nretry: 2\r\rid: 1\nevent: é€🦀\ndata: {\"a\": \"é\"}\n\n";
    let fragmented = || Reply::events(stream).send(b"data: \xff\xfe\n\ndata\n\n").in_pieces_of(1);
    let shown = ["--comments", "--retry", "--pretty"];
    let recording = record("fragments", vec![fragmented()], &shown, 0).await;
    assert!(recording.contains(r#""base64":"#) && recording.contains(r#""text":"#), "{recording}");
    assert!(recording.trim_end().ends_with(r#""end":{}}"#), "{recording}");
    record("cut", vec![fragmented().cut()], &[], 18).await;
    let set_cookie = fragmented().header("set-cookie", "session=secret");
    record("stopped", vec![set_cookie.hang()], &["-n1"], 0).await;
    let recording =
        record("gzip", vec![Reply::events(stream).compressed(ContentCoding::Gzip)], &[], 0).await;
    assert!(recording.contains("content-encoding"), "{recording}");
    record("rejected", vec![Reply::status(503).send("busy")], &[], 22).await;
    record("no-content", vec![Reply::status(204)], &[], 0).await;
}

#[tokio::test]
async fn record_works_with_direct() {
    let direct = ["--direct"];
    for (name, reply, code) in [
        ("direct", Reply::events("data: 1\n\n"), 0),
        ("direct-cut", Reply::events("data: 1\n\n").cut(), 18),
    ] {
        let path = scratch(name);
        let args = [&direct[..], &["-u", "Ada:secret", "--record", path.to_str().unwrap()]];
        let (live, server) = ssecat_at([reply], &args.concat()).await;
        assert_eq!(server.requests()[0].value("accept-encoding"), Some("identity"));
        let replayed = ssecat(&["--replay", path.to_str().unwrap(), "--speed", "max"]).await;
        assert_eq!((replayed.code, &replayed.stdout), (Some(code), &live.stdout));
        assert_eq!(live.code, Some(code));
        assert!(!fs::read_to_string(path).unwrap().contains("QWRhOnNlY3JldA"));
    }
}

#[tokio::test]
async fn redact_replaces_headers_and_values_in_json() {
    let path = scratch("redacted");
    let reply = Reply::events("data: {\"a\":[\"secret\",1],\"b\":\"secr")
        .header("x-account", "secret")
        .send("et\",\"c\":\"shown\"}\n\n");
    let args = ["--redact", "a.*", "--redact", "b", "--redact-header", "X-Account"];
    let record = ["-H", "x-account: secret", "--record", path.to_str().unwrap()];
    let (live, server) = ssecat_at([reply], &[&args[..], &record].concat()).await;
    assert!(live.stdout.contains("secret"), "{live:?}");
    assert_eq!(server.requests()[0].value("x-account"), Some("secret"));
    assert!(!fs::read_to_string(&path).unwrap().contains("secr"));
    let replayed = ssecat(&["--replay", path.to_str().unwrap(), "--speed", "max"]).await;
    let expected = "data: {\"a\":[\"REDACTED\",0],\"b\":\"REDACTED\",\"c\":\"shown\"}\n\n";
    assert_eq!(replayed.stdout, expected);
    for args in [&["--redact", "a..b", "--record", "x"][..], &["--redact", "a"]] {
        let invalid = ssecat(&[args, &["127.0.0.1:1"]].concat()).await;
        assert_eq!(invalid.code, Some(2), "{invalid:?}");
    }
}

#[tokio::test]
async fn redact_fails_if_the_body_is_compressed() {
    let path = scratch("redacted-gzip");
    let reply = Reply::events("data: {}\n\n").compressed(ContentCoding::Gzip);
    let args = ["--redact", "a", "--record", path.to_str().unwrap()];
    let (failed, _) = ssecat_at([reply], &args).await;
    assert_eq!(failed.code, Some(23), "{failed:?}");
    assert!(failed.stderr.contains("JSON cannot be redacted in a body that is compressed"));
}

#[tokio::test]
async fn record_reports_its_failure_besides_that_of_the_session() {
    let path = scratch("redacted-rejected");
    let reply = Reply::status(503).send("busy").compressed(ContentCoding::Gzip);
    let args = ["--redact", "a", "--record", path.to_str().unwrap()];
    let (failed, _) = ssecat_at([reply], &args).await;
    assert_eq!(failed.code, Some(22), "{failed:?}");
    assert!(failed.stderr.contains("cannot write the recording: JSON cannot be redacted"));
}

#[tokio::test]
async fn record_has_no_values_of_header_options_that_may_be_secret() {
    let path = scratch("header-options");
    let record = ["--record", path.to_str().unwrap()];
    let headers = [
        "X-Whatever: secret",
        "X-Auth: secret",
        "Mcp-Session-Id: secret",
        "Accept-Language: en",
        "User-Agent: me",
        "Last-Event-ID: 7",
        "Referer: http://u:secret@a/?key=secret",
    ];
    let args: Vec<_> = headers.iter().flat_map(|it| ["-H", it]).chain(record).collect();
    let (live, server) = ssecat_at([Reply::events("data: 1\n\n")], &args).await;
    assert_eq!(live.code, Some(0), "{live:?}");
    assert_eq!(server.requests()[0].value("x-whatever"), Some("secret"));
    let recording = Recording::load(&path).unwrap();
    assert!(!recording.to_string().contains("secret"), "{recording}");
    let request = recording.exchanges()[0].request().unwrap();
    for (name, value) in [
        ("x-whatever", "REDACTED"),
        ("accept-language", "en"),
        ("user-agent", "me"),
        ("last-event-id", "7"),
        ("referer", "http://a/"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn replay_has_the_exit_code_of_the_recorded_kind_of_error() {
    for (kind, code) in [("connect", 7), ("connect_timeout", 28), ("timeout", 28), ("newer", 56)] {
        let content = [
            r#"{"sse_recording":2,"started":"2026-01-02T03:04:05Z"}"#,
            r#"{"at":0,"request":{"method":"GET","url":"http://localhost/","headers":[]}}"#,
            &format!(r#"{{"at":0,"no_response":{{"error":"failed","kind":"{kind}"}}}}"#),
        ];
        let path = file("kinds", &content.join("\n"));
        let replayed = ssecat(&["--replay", &path, "--speed", "max"]).await;
        assert_eq!(replayed.code, Some(code), "{kind}: {replayed:?}");
    }
}

#[tokio::test]
async fn record_replaces_a_file_only_with_force() {
    let path = scratch("exists");
    fs::write(&path, "kept").unwrap();
    let args = ["--record", path.to_str().unwrap()];
    let (refused, server) = ssecat_at([Reply::events("data: 1\n\n")], &args).await;
    assert_eq!(refused.code, Some(23));
    assert!(refused.stderr.contains("exists; --force replaces it"), "{refused:?}");
    assert!(server.requests().is_empty());
    assert_eq!(fs::read_to_string(&path).unwrap(), "kept");
    let args = [&args[..], &["--force"]].concat();
    let (recorded, _) = ssecat_at([Reply::events("data: 1\n\n")], &args).await;
    assert_eq!(recorded.code, Some(0), "{recorded:?}");
    assert!(fs::read_to_string(&path).unwrap().contains("data: 1"));
}

#[tokio::test]
async fn record_with_invalid_arguments_creates_and_replaces_no_file() {
    let (new, old) = (scratch("invalid-new"), scratch("invalid-old"));
    fs::write(&old, "kept").unwrap();
    let no_file = format!("@{}", scratch("no/such/file").to_str().unwrap());
    let cases: [(&[&str], i32); 4] = [
        (&["-H", &no_file], 26),
        (&["-d", &no_file], 26),
        (&["-H", "no header"], 3),
        (&["--last-event-id", "a\u{7}"], 3),
    ];
    for (args, code) in cases {
        for record in [
            &["--record", new.to_str().unwrap()][..],
            &["--force", "--record", old.to_str().unwrap()],
        ] {
            let finished = ssecat(&[args, record, &["127.0.0.1:1"]].concat()).await;
            assert_eq!(finished.code, Some(code), "{args:?}: {finished:?}");
        }
        assert!(!new.exists(), "{args:?}");
        assert_eq!(fs::read_to_string(&old).unwrap(), "kept", "{args:?}");
    }
}

#[tokio::test]
async fn replay_reconnects_where_the_session_did() {
    let replies = vec![
        Reply::events("id: 1\ndata: 1\n\nda").cut(),
        Reply::status(503),
        Reply::events("retry: 60000\n\nid: 2\ndata: 2\n\n").hang(),
        Reply::status(204),
    ];
    let path = scratch("reconnected");
    let path = path.to_str().unwrap();
    let args = ["-r", "--wait", "0.001", "-n2", "--record", path];
    let (live, _) = ssecat_at(replies, &args).await;
    assert_eq!(live.stdout, "id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n");
    // The recording ends in the middle of a connection.
    let replayed = ssecat(&["-v", "--replay", path, "--speed", "max"]).await;
    assert_eq!((replayed.code, &replayed.stdout), (Some(0), &live.stdout));
    assert!(replayed.stderr.contains("* unexpected status 503"), "{replayed:?}");
    assert!(replayed.stderr.ends_with("* end of the recording\n"), "{replayed:?}");
}

const RECORDING: &str = r#"{"ssecat_recording":1,"started":"2026-01-02T03:04:05Z","url":"http://localhost/"}
{"at":0,"no_response":{"error":"refused","kind":"other"}}
{"at":60,"response":{"status":200,"version":"HTTP/2.0","url":"http://localhost/a","headers":[["content-type","text/event-stream"]]}}
{"at":61.5,"text":"data: 1\n\n"}
{"at":3600,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/b","headers":[["content-type","text/event-stream"]]}}
{"at":3601,"base64":"ZGF0YTogMgoK"}
{"at":3602,"disconnected":{"error":"reset","kind":"reset"}}
"#;

#[tokio::test]
async fn replay_has_the_times_of_the_recording() {
    let path = file("hour", RECORDING);
    let replayed = ssecat(&["-T", "-v", "--replay", &path, "--speed", "max"]).await;
    assert_eq!(
        replayed.stdout,
        ": 2026-01-02T03:05:06.500Z\ndata: 1\n\n: 2026-01-02T04:04:06.000Z\ndata: 2\n\n",
    );
    assert_eq!(replayed.code, Some(0));
    // At this speed, the first minute takes less than a millisecond.
    let replayed = ssecat(&["-n1", "--data-only", "--replay", &path, "--speed", "1e5"]).await;
    assert_eq!(replayed.stdout, "1\n");
}

#[tokio::test]
async fn replay_of_an_invalid_file_names_the_line() {
    let heading = RECORDING.lines().next().unwrap();
    let cases = [
        ("", "line 1: not the first line of a recording"),
        ("data: 1\n\n", "line 1: not the first line of a recording"),
        (&heading.replace(":1,", ":2,"), "line 1: unsupported version 2"),
        (&format!("{heading}\n{{\"at\":-1,\"text\":\"\"}}\n"), "line 2: invalid time -1"),
        (&format!("{heading}\n{{\"at\":2e9,\"text\":\"\"}}\n"), "line 2: invalid time 2000000000"),
        (&format!("{heading}\n{{\"at\":1,\"words\":\"\"}}\n"), "line 2: "),
    ];
    for (content, message) in cases {
        let path = file("invalid", content);
        let finished = ssecat(&["--replay", &path]).await;
        assert_eq!(finished.code, Some(26), "{content}");
        assert!(finished.stderr.contains(message), "{content}: {finished:?}");
    }
}

#[tokio::test]
async fn replay_of_an_interrupted_recording_ends_there() {
    // It was interrupted in its last line, and continues into a year that has no timestamps.
    let cut =
        RECORDING.replace("2026-01-02T03:04:05", "9999-12-31T23:59:59").replace("reset\"}}\n", "");
    let path = file("interrupted", &cut);
    let replayed = ssecat(&["--json", "-v", "--replay", &path, "--speed", "max"]).await;
    assert_eq!(replayed.code, Some(0), "{replayed:?}");
    assert!(replayed.stdout.ends_with("\"recording-ended\"}\n"), "{replayed:?}");
}
