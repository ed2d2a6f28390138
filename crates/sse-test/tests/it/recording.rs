//! Recordings: their files, good and bad, and the replies that play them back.

mod play; // replies that play recordings back

use std::{
    env::temp_dir,
    fs, io,
    path::PathBuf,
    process,
    time::{Duration, SystemTime},
};

use sse_test::{RecordedEnd, Recording, RecordingError, RecordingErrorKind, Redaction};

pub(crate) const HEADING: &str = r#"{"sse_recording":2,"started":"2026-11-25T09:00:00.000000Z"}"#;

/// One exchange of each end, the last two of which overlap.
const RECORDING: &str = concat!(
    r#"{"sse_recording":2,"started":"2026-11-25T09:00:00.000000Z"}"#,
    "\n",
    r#"{"at":0.5,"request":{"method":"POST","url":"http://localhost/a?token=REDACTED","headers":[["accept","text/event-stream"],["x","1"]]}}"#,
    "\n",
    r#"{"at":0.75,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/a","headers":[["content-type","text/event-stream"]]}}"#,
    "\n",
    r#"{"at":1.0,"text":"data: 1\n\nda"}"#,
    "\n",
    r#"{"at":1.25,"base64":"dGE6IP8KCg=="}"#,
    "\n",
    r#"{"at":1.5,"end":{}}"#,
    "\n",
    r#"{"at":2.0,"request":{"method":"GET","url":"http://localhost/b","headers":[]}}"#,
    "\n",
    r#"{"at":2.0,"no_response":{"error":"refused","kind":"other"}}"#,
    "\n",
    r#"{"at":3.0,"request":{"method":"GET","url":"http://localhost/c","headers":[]}}"#,
    "\n",
    r#"{"at":3.0,"response":{"status":503,"version":"HTTP/2.0","url":"http://localhost/c","headers":[]}}"#,
    "\n",
    r#"{"at":3.0,"disconnected":{"error":"reset","kind":"reset"}}"#,
    "\n",
    r#"{"at":4.0,"request":{"method":"GET","url":"http://localhost/d","headers":[]}}"#,
    "\n",
    r#"{"at":4.5,"request":{"method":"GET","url":"http://localhost/e","headers":[]}}"#,
    "\n",
    r#"{"at":5.0,"exchange":3,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/d","headers":[]}}"#,
    "\n",
    r#"{"at":6.0,"abandoned":{}}"#,
    "\n",
    r#"{"at":7.0,"exchange":3,"text":"x"}"#,
    "\n",
);

/// Recording of an older ssecat.
const VERSION_1: &str = r#"{"ssecat_recording":1,"started":"2026-01-02T03:04:05Z","url":"http://localhost/"}
{"at":0,"no_response":{"error":"refused","kind":"other"}}
{"at":60,"response":{"status":200,"version":"HTTP/2.0","url":"http://localhost/a","headers":[["content-type","text/event-stream"]]}}
{"at":61.5,"text":"data: 1\n\n"}
{"at":3600,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/b","headers":[]}}
{"at":3601,"base64":"ZGF0YTogMgoK"}
{"at":3602,"disconnected":{"error":"reset","kind":"reset"}}
{"at":3603,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/c","headers":[]}}
"#;

/// Returns the path of a file that does not exist.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let path = temp_dir().join(format!("sse-test-{}-{name}", process::id()));
    // Left by an earlier run, if at all.
    let _ = fs::remove_file(&path);
    path
}

fn ends(recording: &Recording) -> Vec<RecordedEnd> {
    recording.exchanges().iter().map(|it| it.end()).collect()
}

#[test]
fn recording_has_requests_responses_chunks_and_ends() {
    let recording = Recording::parse(RECORDING).unwrap();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_061_200);
    assert!(recording.started() > start);
    assert_eq!(recording.url(), Some("http://localhost/a?token=REDACTED"));
    assert!(!recording.is_interrupted());
    use RecordedEnd::{Abandoned, Complete, Failed, Reset, Unrecorded};
    assert_eq!(ends(&recording), [Complete, Failed, Reset, Unrecorded, Abandoned]);
    let first = &recording.exchanges()[0];
    let request = first.request().unwrap();
    assert_eq!((request.method(), request.header("x")), ("POST", Some("1")));
    assert_eq!((request.at().as_millis(), request.headers().len()), (500, 2));
    let response = first.response().unwrap();
    assert_eq!((response.status(), response.version()), (200, "HTTP/1.1"));
    assert_eq!((response.at().as_millis(), response.url()), (750, "http://localhost/a"));
    assert_eq!(response.header("content-type"), Some("text/event-stream"));
    let chunks: Vec<_> =
        first.chunks().iter().map(|it| (it.at().as_millis(), it.bytes())).collect();
    assert_eq!(chunks, [(1000, &b"data: 1\n\nda"[..]), (1250, b"ta: \xff\n\n")]);
    assert_eq!(first.body(), b"data: 1\n\ndata: \xff\n\n");
    assert_eq!(first.ended_at(), Some(Duration::from_millis(1500)));
    assert_eq!(recording.exchanges()[1].error(), Some("refused"));
    assert_eq!(recording.exchanges()[3].body(), b"x");
}

#[test]
fn recording_is_written_as_it_was_read() {
    let recording = Recording::parse(RECORDING).unwrap();
    assert_eq!(recording.to_string(), RECORDING);
    let old = Recording::parse(VERSION_1).unwrap();
    assert_eq!(Recording::parse(old.to_string()).unwrap(), old);
    // As an editor or a version control system may have saved it.
    let edited = RECORDING.trim_end().replace('\n', "\r\n\r\n");
    assert_eq!(Recording::parse(edited).unwrap(), recording);
}

#[test]
fn recording_has_times_in_microseconds_and_header_names_in_lower_case() {
    let content = concat!(
        r#"{"sse_recording":2,"started":"2026-11-25T09:00:00.123456789Z"}"#,
        "\n",
        r#"{"at":0.1234567,"request":{"method":"GET","url":"","headers":[["X-One","1"]]}}"#,
        "\n",
        r#"{"at":0.1234568,"response":{"status":200,"version":"HTTP/1.1","url":"","headers":[["Content-Length","0"],["LOCATION","http://a/b"]]}}"#,
        "\n",
        r#"{"at":1e-7,"end":{}}"#,
        "\n",
    );
    let recording = Recording::parse(content.replace("1e-7", "999999999.9999999")).unwrap();
    let exchange = &recording.exchanges()[0];
    assert_eq!(exchange.request().unwrap().at().as_nanos(), 123_457_000);
    assert_eq!(exchange.request().unwrap().headers()[0].0, "x-one");
    assert_eq!(exchange.response().unwrap().headers()[1].0, "location");
    assert_eq!(Recording::parse(recording.to_string()).unwrap(), recording);
    assert_eq!(error(content).line(), Some(4));
}

#[test]
fn recording_with_an_unknown_kind_of_error_has_failed() {
    for (kind, end) in [
        ("quantum_decoherence", RecordedEnd::Failed),
        ("tls", RecordedEnd::Failed),
        ("closed", RecordedEnd::Truncated),
    ] {
        let content = RECORDING.replace(r#""kind":"other""#, &format!(r#""kind":"{kind}""#));
        let recording = Recording::parse(content).unwrap();
        assert_eq!(recording.exchanges()[1].end(), end, "{kind}");
        assert_eq!(Recording::parse(recording.to_string()).unwrap(), recording, "{kind}");
    }
}

#[test]
fn version_1_of_ssecat_is_loaded() {
    let recording = Recording::parse(VERSION_1).unwrap();
    use RecordedEnd::{Abandoned, Failed, Reset, Unrecorded};
    assert_eq!(ends(&recording), [Failed, Abandoned, Reset, Unrecorded]);
    assert_eq!(recording.url(), Some("http://localhost/"));
    assert!(recording.exchanges().iter().all(|it| it.request().is_none()));
    assert_eq!(recording.exchanges()[2].body(), b"data: 2\n\n");
}

#[test]
fn save_keeps_a_file_that_exists_and_overwrite_replaces_it() {
    let path = scratch("save");
    let recording = Recording::parse(RECORDING).unwrap();
    recording.save(&path).unwrap();
    assert_eq!(Recording::load(&path).unwrap(), recording);
    let other = Recording::parse(HEADING).unwrap();
    let error = other.save(&path).unwrap_err();
    assert_eq!((error.kind(), error.path()), (RecordingErrorKind::Io, Some(&*path)));
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(Recording::load(&path).unwrap(), recording);
    other.overwrite(&path).unwrap();
    assert_eq!(Recording::load(&path).unwrap(), other);
    fs::remove_file(&path).unwrap();
    let error = Recording::load(&path).unwrap_err();
    assert!(error.to_string().starts_with(path.to_str().unwrap()), "{error}");
    assert_eq!((error.kind(), error.line()), (RecordingErrorKind::Io, None));
}

/// Asserts that a recording is the first part of another one.
fn assert_is_prefix(part: &Recording, whole: &Recording) {
    assert!(part.exchanges().len() <= whole.exchanges().len());
    for (part, whole) in part.exchanges().iter().zip(whole.exchanges()) {
        assert_eq!(part.request(), whole.request());
        assert!(part.response().is_none() || part.response() == whole.response());
        assert!(whole.chunks().starts_with(part.chunks()));
        let has_ended = part.end() != RecordedEnd::Unrecorded;
        assert!(!has_ended || part == whole, "{part:?}");
    }
    // Only what overlaps can be incomplete before the last exchange.
    let complete = part.exchanges().iter().zip(whole.exchanges()).filter(|(a, b)| a == b).count();
    assert!(complete + 2 >= part.exchanges().len());
}

#[test]
fn truncated_recording_is_usable_up_to_its_last_whole_line() {
    let whole = Recording::parse(RECORDING).unwrap();
    let heading = RECORDING.find('\n').unwrap();
    for at in heading..RECORDING.len() {
        let recording = Recording::parse(&RECORDING[..at]).unwrap();
        // Without its line end, a line can be whole.
        let is_within_line = RECORDING.as_bytes()[at] != b'\n' && !RECORDING[..at].ends_with('\n');
        assert_eq!(recording.is_interrupted(), is_within_line, "{at}");
        assert_is_prefix(&recording, &whole);
    }
    let at = RECORDING.find("dGE6").unwrap();
    let recording = Recording::parse(&RECORDING[..at]).unwrap();
    assert_eq!(ends(&recording), [RecordedEnd::Unrecorded]);
    assert_eq!(recording.exchanges()[0].body(), b"data: 1\n\nda");
}

fn error(content: impl AsRef<[u8]>) -> RecordingError {
    Recording::parse(content).unwrap_err()
}

#[test]
fn recording_with_an_invalid_first_line_is_an_error() {
    let cases = [
        ("", "line 1: not the first line of a recording: "),
        ("\n", "line 1: not the first line of a recording: "),
        ("data: 1\n\n", "line 1: not the first line of a recording: "),
        ("{}", "line 1: not the first line of a recording: "),
        (r#"{"started":"2026-01-02T03:04:05Z"}"#, "missing field `sse_recording`"),
        (r#"{"sse_recording":2,"started":"today"}"#, "not the first line of a recording: "),
        (r#"{"sse_recording":"2","started":"2026-01-02T03:04:05Z"}"#, "invalid type: string"),
        // The recorder was stopped before it had written the line.
        (&HEADING[..20], "line 1: not the first line of a recording: "),
    ];
    for (content, expected) in cases {
        let error = error(content);
        assert!(error.to_string().contains(expected), "{content}: {error}");
        assert_eq!(error.kind(), RecordingErrorKind::NotARecording, "{content}");
        assert_eq!((error.line(), error.offset()), (Some(1), Some(0)));
    }
    error(b"\xff\xfe\x00");
    for (version, key) in [(1, "sse"), (3, "sse"), (2, "ssecat"), (4_294_967_295_u32, "sse")] {
        let heading =
            format!(r#"{{"{key}_recording":{version},"started":"2026-01-02T03:04:05Z"}}"#);
        let error = error(heading);
        assert_eq!(error.kind(), RecordingErrorKind::UnsupportedVersion);
        assert_eq!(error.to_string(), format!("line 1: unsupported version {version}"));
    }
}

#[test]
fn recording_with_an_invalid_line_is_an_error_with_its_place() {
    let request = r#"{"at":1,"request":{"method":"GET","url":"","headers":[]}}"#;
    let response = r#"{"at":1,"response":{"status":200,"version":"","url":"","headers":[]}}"#;
    let text = |at: &str| format!(r#"{{"at":{at},"text":"x"}}"#);
    let begun = [request, response].map(str::to_owned);
    let cases: [(&[String], &str, &str); 18] = [
        (&[], "garbage", "expected value"),
        (&[], "[1]", "invalid type"),
        (&[], r#"{"at":1,"words":"x"}"#, "no variant of enum"),
        (&[], r#"{"at":1}"#, ""),
        (&[], r#"{"text":"x"}"#, "missing field `at`"),
        (&[], &text("1"), "there is no such exchange"),
        (&[], r#"{"at":1,"exchange":0,"end":{}}"#, "there is no such exchange"),
        (&begun, r#"{"at":1,"exchange":99999999999,"end":{}}"#, "there is no such exchange"),
        (&begun, r#"{"at":1,"exchange":-1,"end":{}}"#, ""),
        (&begun[..1], &text("1"), "a body without a response"),
        (&begun, &text("-1"), "invalid time -1"),
        (&begun, &text("2e9"), "invalid time 2000000000"),
        (&begun, &text("1e999"), "number out of range"),
        (&begun, &text("null"), "invalid type: null"),
        (&begun, &text("0.5"), "time is before that of an earlier line"),
        (&begun, r#"{"at":1,"base64":"?"}"#, "invalid base64"),
        (
            &begun,
            r#"{"at":1,"exchange":0,"response":{"status":200,"version":"","url":"","headers":[]}}"#,
            "a second response",
        ),
        (
            &begun,
            r#"{"at":1,"response":{"status":70000,"version":"","url":"","headers":[]}}"#,
            "invalid value",
        ),
    ];
    for (before, line, expected) in cases {
        let start = [&[HEADING.to_owned()], before].concat().join("\n") + "\n";
        let error = error(format!("{start}{line}\n"));
        assert_eq!(error.kind(), RecordingErrorKind::InvalidLine, "{line}");
        assert_eq!(error.line(), Some(before.len() + 2), "{line}");
        assert_eq!(error.offset(), Some(start.len()), "{line}");
        assert!(error.to_string().contains(expected), "{line}: {error}");
    }
    let ended = format!("{HEADING}\n{request}\n{response}\n{{\"at\":1,\"end\":{{}}}}\n");
    let invalid = [text("1"), r#"{"at":1,"abandoned":{}}"#.to_owned()];
    for line in invalid {
        assert!(error(format!("{ended}{line}\n")).to_string().contains("has ended"), "{line}");
    }
    let old = VERSION_1.replace(r#""at":3600,"#, r#""at":61,"#);
    assert_eq!(error(old).line(), Some(5));
    let earlier = r#"{"at":0.5,"request":{"method":"GET","url":"","headers":[]}}"#;
    assert_eq!(error(format!("{ended}{earlier}\n")).line(), Some(5));
}

#[test]
fn recording_with_any_byte_changed_is_an_error_or_can_be_written_again() {
    let lines = RECORDING.lines().take(6).chain(RECORDING.lines().skip(11));
    let content = lines.collect::<Vec<_>>().join("\n") + "\n";
    for content in [content.as_str(), VERSION_1] {
        for at in 0..content.len() {
            for byte in [b'0', b'9', b'-', b'"', b'\\', b'{', b'\n', b' ', b'e', 0xff] {
                let mut changed = content.as_bytes().to_vec();
                changed[at] = byte;
                if let Ok(recording) = Recording::parse(&changed) {
                    let written = Recording::parse(recording.to_string()).unwrap();
                    assert_eq!(written.exchanges(), recording.exchanges());
                    assert_eq!(written.started(), recording.started());
                    assert_eq!(written.url(), recording.url());
                }
            }
        }
    }
}

#[test]
fn recording_may_have_long_and_empty_chunks() {
    let long = "x".repeat(1_000_000);
    let recording = Recording::parse(format!(
        "{HEADING}\n{}\n{}\n{}\n",
        r#"{"at":1,"response":{"status":200,"version":"","url":"","headers":[]}}"#,
        r#"{"at":1,"text":""}"#,
        format_args!(r#"{{"at":1,"text":"{long}"}}"#),
    ));
    let recording = recording.unwrap();
    assert_eq!(recording.exchanges()[0].chunks().len(), 1);
    assert_eq!(recording.exchanges()[0].body().len(), long.len());
}

#[test]
fn redact_applies_to_a_recording_that_exists() {
    let exchange = |coding: &str| {
        let text = [
            HEADING,
            r#"{"at":0,"request":{"method":"GET","url":"http://u:secret@localhost/?key=secret","headers":[["x-api-key","secret"]]}}"#,
            r#"{"at":0,"response":{"status":200,"version":"HTTP/1.1","url":"http://localhost/?token=secret","headers":[["content-type","text/event-stream"],["set-cookie","secret"],["content-encoding","CODING"]]}}"#,
            r#"{"at":0,"text":"data: {\"choices\":[{\"delta\":{\"content\":\"sec"}"#,
            r#"{"at":1,"text":"ret\"},\"finish_reason\":null}]}\n\ndata: [DONE]\n\n"}"#,
            r#"{"at":2,"disconnected":{"error":"failed: http://u:secret@localhost/?key=secret","kind":"other"}}"#,
        ];
        Recording::parse(text.join("\n").replace("CODING", coding)).unwrap()
    };
    let redaction = Redaction::new().json_path("choices.0.delta.content".parse().unwrap());
    let mut recording = exchange("identity");
    recording.redact(&redaction).unwrap();
    let text = recording.to_string();
    assert!(!text.contains("secret") && !text.contains("sec\""), "{text}");
    let chunks: Vec<_> = recording.exchanges()[0].chunks().iter().map(|it| it.bytes()).collect();
    assert_eq!(
        chunks,
        [
            &br#"data: {"choices":[{"delta":{"content":"REDACTED""#[..],
            b"},\"finish_reason\":null}]}\n\ndata: [DONE]\n\n",
        ],
    );
    let error = recording.exchanges()[0].error();
    assert_eq!(error, Some("failed: http://localhost/?key=REDACTED"));

    let mut compressed = exchange("gzip");
    let error = compressed.redact(&redaction).unwrap_err();
    assert_eq!(error.kind(), RecordingErrorKind::Compressed);
    assert_eq!(compressed, exchange("gzip"));
    compressed.redact(&Redaction::new()).unwrap();
    assert!(!compressed.to_string().contains("u:secret"));
}
