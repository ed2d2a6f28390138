//! Options of the output: what is printed, in which form, and where.

use sse_test::Reply;

use crate::program::ssecat_at;

const STREAM: &str = "\
: hello
retry: 1500

event: added
id: 1
data: {\"b\":1,
data: \"a\":[1.10]}

data: two
: with a comment

id: 3

data: [DONE]

data: incomplete";

#[tokio::test]
async fn output_options_select_what_is_printed() {
    let cases: [(&[&str], &str); 10] = [
        (
            &[],
            "event: added\nid: 1\ndata: {\"b\":1,\ndata: \"a\":[1.10]}\n\ndata: two\n\ndata: [DONE]\n\n",
        ),
        (&["--comments", "-t", "none"], ": hello\nretry: 1500\n\n"),
        (&["--retry", "-t", "none"], "retry: 1500\n\n"),
        (&["--dataless", "--type", "none"], "id: 3\n\n"),
        (&["-t", "added", "--data-only"], "{\"b\":1,\n\"a\":[1.10]}\n"),
        (
            &["-t", "added", "-t", "message", "-n2", "--data-only"],
            "{\"b\":1,\n\"a\":[1.10]}\ntwo\n",
        ),
        (
            &["-n", "1", "--pretty"],
            "event: added\nid: 1\ndata: {\ndata:   \"b\": 1,\ndata:   \"a\": [\ndata:     1.10\ndata:   ]\ndata: }\n\n",
        ),
        (&["-n1", "-p", "--data-only"], "{\n  \"b\": 1,\n  \"a\": [\n    1.10\n  ]\n}\n"),
        (
            &["-n1", "--color", "always", "--comments"],
            "\u{1b}[2m:\u{1b}[0m \u{1b}[2mhello\u{1b}[0m\n\u{1b}[34mretry:\u{1b}[0m \u{1b}[2m1500\u{1b}[0m\n\n",
        ),
        (&["--stop-after-data", "two", "--data-only"], "{\"b\":1,\n\"a\":[1.10]}\ntwo\n"),
    ];
    for (args, expected) in cases {
        let (finished, _) = ssecat_at([Reply::events(STREAM)], args).await;
        assert_eq!(finished.stdout, expected, "{args:?}");
        // The others see the end of the stream, which is incomplete.
        let stops = ["-n", "-n1", "-n2", "--stop-after-data"];
        let stops = args.iter().any(|arg| stops.contains(arg));
        assert_eq!(finished.stderr.is_empty(), stops, "{args:?}");
        assert_eq!(finished.code, Some(if stops { 0 } else { 18 }), "{args:?}");
    }
}

#[tokio::test]
async fn piped_output_is_verbatim() {
    let text = "data: \u{1b}[31mred\u{7}\ndata: \u{fffd}é\t\n\n";
    let (finished, _) = ssecat_at([Reply::events(text)], &[]).await;
    assert_eq!(finished.stdout, text);
}

#[tokio::test]
async fn timestamps_are_comments() {
    let (finished, _) = ssecat_at([Reply::events("data: 1\n\n")], &["-T"]).await;
    let (time, event) = finished.stdout.split_once('\n').unwrap();
    assert_eq!(event, "data: 1\n\n");
    humantime::parse_rfc3339(time.strip_prefix(": ").unwrap()).unwrap();
}

/// Returns the lines of --json without their times, and with the last cause instead of all: the
/// others are reqwest's.
fn json_lines(stdout: &str) -> Vec<String> {
    let lines = stdout.lines().map(|line| {
        let mut object: serde_json::Map<_, _> = serde_json::from_str(line).unwrap();
        let time = object.remove("time").unwrap();
        object.remove("end");
        object.remove("timings");
        humantime::parse_rfc3339(time.as_str().unwrap()).unwrap();
        if let Some(causes) = object.remove("causes") {
            let last = causes.as_array().unwrap().last().cloned();
            object.extend(last.map(|cause| ("cause".to_owned(), cause)));
        }
        serde_json::to_string(&object).unwrap()
    });
    lines.collect()
}

#[tokio::test]
async fn json_has_a_line_for_every_event_and_step() {
    let replies = [
        Reply::events("id: 1\nevent: a\ndata: 1\n\n: c\nretry: 1\n\nid: 2\ndata: 2").cut(),
        Reply::status(503).header("content-type", "text/plain").send("busy"),
    ];
    let args = ["--json", "--comments", "--attempts", "1", "--wait", "0"];
    let (finished, server) = ssecat_at(replies, &args).await;
    let url = server.url("/events");
    let cause = "unexpected EOF during chunk size line";
    let disconnected = format!("disconnected ({url})");
    let status = format!("unexpected status 503 Service Unavailable ({url})");
    let exhausted = format!("reconnection stopped: 1 attempt failed ({url})");
    let lines = json_lines(&finished.stdout);
    let expected = [
        r#"{"attempt":0,"kind":"connecting"}"#.to_owned(),
        format!(r#"{{"kind":"open","status":200,"url":"{url}","version":"HTTP/1.1"}}"#),
        r#"{"data":"1","id":"1","kind":"event","last_event_id":"1","type":"a"}"#.to_owned(),
        r#"{"comments":"c","kind":"event","last_event_id":"1","retry_ms":1,"type":"message"}"#
            .to_owned(),
        format!(
            r#"{{"cause":"{cause}","error":"{disconnected}","kind":"disconnected","last_event_id":"1","wait_ms":100}}"#
        ),
        r#"{"attempt":1,"kind":"connecting"}"#.to_owned(),
        format!(
            r#"{{"body":"busy","cause":"{status}","error":"{exhausted}","exit_code":22,"kind":"failed","status":503}}"#
        ),
    ];
    // The wait has jitter.
    let without_wait = |line: &str| line.split(r#","wait_ms""#).next().unwrap().to_owned();
    for (line, expected) in lines.iter().zip(&expected) {
        assert_eq!(without_wait(line), without_wait(expected));
    }
    assert_eq!(lines.len(), expected.len());
    assert_eq!(finished.code, Some(22));
}

#[tokio::test]
async fn verbose_and_silent_select_the_notes() {
    let run = async |args: &[&str]| {
        let replies =
            [Reply::events("data: 1\n\n").cut(), Reply::messages(["2"]), Reply::status(404)];
        let args = [&["-r", "--wait", "0.001", "-H", "x-api-key: secret"], args].concat();
        let (finished, server) = ssecat_at(replies, &args).await;
        assert_eq!(finished.code, Some(22));
        assert_eq!(finished.stdout, "data: 1\n\ndata: 2\n\n");
        finished.stderr.replace(&server.url("/events"), "URL")
    };
    let error = "ssecat: (22) unexpected status 404 Not Found (URL)\n";
    let normal = run(&[]).await;
    let disconnected =
        "* disconnected (URL): unexpected EOF during chunk size line\n* next attempt in";
    assert!(normal.starts_with(disconnected), "{normal}");
    let ended = "* reconnected\n* server ended the event stream (URL)\n";
    assert!(normal.contains(ended), "{normal}");
    assert!(normal.ends_with(error), "{normal}");
    assert_eq!(run(&["-s"]).await, "");
    assert_eq!(run(&["-sS"]).await, error);
    let verbose = run(&["-v"]).await;
    for words in [
        "> GET /events\n",
        "> x-api-key: (hidden)\n",
        "< HTTP/1.1 200 OK\n",
        "< content-type: text/event-stream\n",
    ] {
        assert!(verbose.contains(words), "{words}: {verbose}");
    }
    assert!(!verbose.contains("secret"), "{verbose}");
}

/// Returns the member `timings` of each line of --json that has one, and the kind of the line.
fn timings_in_json(stdout: &str) -> Vec<(String, serde_json::Value)> {
    let lines = stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let timings = lines.filter_map(|line| {
        let timings = line.get("timings")?.clone();
        Some((line["kind"].as_str()?.to_owned(), timings))
    });
    timings.collect()
}

#[tokio::test]
async fn json_prints_the_timings_of_each_connection_where_it_ends() {
    let replies = [
        Reply::messages(["1", "2", "3"]).cut(),
        Reply::events(": hi\n\n"),
        Reply::status(503),
        Reply::status(204),
    ];
    let (finished, _) = ssecat_at(replies, &["--json", "-r", "--wait", "0"]).await;
    let lines = timings_in_json(&finished.stdout);
    let names = ["to_head_ms", "to_first_byte_ms", "to_first_event_ms", "to_end_ms"];
    let expected = [
        ("disconnected", &names[..], 2),
        ("disconnected", &["to_head_ms", "to_first_byte_ms", "to_end_ms"], 0),
        ("disconnected", &["to_head_ms", "to_end_ms"], 0),
        ("closed", &["to_head_ms", "to_end_ms"], 0),
    ];
    assert_eq!(lines.len(), expected.len(), "{}", finished.stdout);
    for ((kind, timings), (expected, present, intervals)) in lines.iter().zip(expected) {
        assert_eq!(kind, expected);
        let times: Vec<_> = names.iter().filter_map(|name| timings[name].as_f64()).collect();
        assert!(times.is_sorted(), "{timings}");
        let named: Vec<_> = names.into_iter().filter(|name| !timings[name].is_null()).collect();
        assert_eq!(named, present);
        let count = timings["event_intervals"]["count"].as_u64();
        assert_eq!(count.unwrap_or_default(), intervals);
    }
    let intervals = &lines[0].1["event_intervals"];
    assert!(intervals["mean_ms"].as_f64() <= intervals["longest_ms"].as_f64(), "{intervals}");
}

#[tokio::test]
async fn verbose_prints_the_timings_of_a_connection_in_one_line() {
    for args in [&["-v"][..], &["-v", "--max-events", "2"], &["-v", "--direct"]] {
        let (finished, _) = ssecat_at([Reply::messages(["1", "2"])], args).await;
        let lines = finished.stderr.lines().filter(|line| line.starts_with("* times: "));
        let [line] = lines.collect::<Vec<_>>()[..] else { panic!("{}", finished.stderr) };
        let mut rest = line;
        let words = [
            "head after ",
            ", first byte after ",
            ", first event after ",
            ", end after ",
            "; between events ",
            " s on average, ",
            " s at most",
        ];
        for word in words {
            rest = rest.split_once(word).unwrap_or_else(|| panic!("{word} in {line}")).1;
        }
    }
    let (finished, _) = ssecat_at([Reply::status(404)], &["-v"]).await;
    assert_eq!(finished.stderr.matches("* times: head after ").count(), 1);
    assert!(!finished.stderr.contains("first event"), "{}", finished.stderr);
}

/// Returns the member `end` of the last line of --json.
fn end_in_json(stdout: &str) -> serde_json::Value {
    let line: serde_json::Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    let mut end = line["end"].clone();
    assert!(end["silent_ms"].is_u64(), "{line}");
    end.as_object_mut().unwrap().remove("silent_ms");
    end
}

#[tokio::test]
async fn verbose_and_json_print_how_a_connection_ended() {
    let whole = "no sign that anything is missing, which only a terminal event proves";
    let cases = [
        (
            Reply::events("data: 1\n\n"),
            vec![
                "body: ended regularly, by its last chunk".to_owned(),
                format!("event stream: {whole}"),
            ],
            serde_json::json!({
                "completeness": "framed", "body": "last-chunk", "messages": 1, "bytes": 9,
            }),
            "server ended the event stream",
        ),
        (
            Reply::events("data: 1\n\n").until_close(),
            vec![
                "body: ended in a way that is not known".to_owned(),
                "event stream: HTTP does not show whether anything is missing".to_owned(),
            ],
            serde_json::json!({
                "completeness": "unknown", "body": "unknown", "messages": 1, "bytes": 9,
            }),
            "server ended the event stream",
        ),
        (
            Reply::events("data: 1\n\ndata: two\n"),
            vec![
                "body: ended regularly, by its last chunk".to_owned(),
                "event stream: the blank line after the last event is missing".to_owned(),
                "discarded 10 bytes of an unfinished event, with the data: two".to_owned(),
            ],
            serde_json::json!({
                "completeness": "unfinished", "body": "last-chunk", "messages": 1, "bytes": 19,
                "pending_bytes": 10, "unfinished_data": "two",
            }),
            "server ended the event stream in the middle of an event",
        ),
        (
            Reply::failure_as_text("", "\u{1b}[1mInternal Server Error"),
            vec![
                "event stream: cut, a part is missing".to_owned(),
                "discarded 25 bytes of an unfinished event".to_owned(),
                "ignored 1 line without a known field name: \\u{1b}[1mInternal Server Error"
                    .to_owned(),
            ],
            serde_json::json!({
                "completeness": "cut", "body": "last-chunk", "messages": 0, "bytes": 25,
                "pending_bytes": 25, "unknown_lines": 1,
                "unknown_line": "\\u{1b}[1mInternal Server Error",
            }),
            "server ended the event stream in the middle of a line",
        ),
        (
            Reply::events("data: 1\n\n").cut(),
            vec!["body: truncated".to_owned(), "event stream: cut, a part is missing".to_owned()],
            serde_json::json!({
                "completeness": "cut", "body": "truncated", "messages": 1, "bytes": 9,
            }),
            "disconnected",
        ),
    ];
    for (reply, lines, json, end) in cases {
        let (finished, _) = ssecat_at([reply.clone()], &["-v"]).await;
        for line in &lines {
            assert!(finished.stderr.contains(&format!("* {line}\n")), "{line}: {finished:?}");
        }
        assert!(finished.stderr.lines().any(|line| line.contains(end)), "{finished:?}");
        let (finished, _) = ssecat_at([reply], &["--json"]).await;
        assert_eq!(end_in_json(&finished.stdout), json);
    }
}

#[tokio::test]
async fn verbose_prints_the_end_of_a_stream_that_ssecat_stops_reading() {
    let args: [(&[&str], i32); 3] = [
        (&["--stop-after-data", "1"], 0),
        (&["--fail-on", "message"], 120),
        (&["--idle-timeout", "10ms"], 28),
    ];
    for (args, code) in args {
        let reply = Reply::events("data: 1\n\n").hang();
        let (finished, _) = ssecat_at([reply], &[args, &["-v"]].concat()).await;
        assert_eq!(finished.code, Some(code), "{args:?}: {finished:?}");
        let end = "* body: closed by ssecat\n* event stream: not read to its end\n";
        assert!(finished.stderr.contains(end), "{args:?}: {finished:?}");
    }
}

/// An attempt that fails has no connection.
#[tokio::test]
async fn verbose_and_json_print_each_end_once() {
    let replies =
        || [Reply::messages(["1"]), Reply::status(503), Reply::messages(["2"]), Reply::status(404)];
    let args = ["-r", "--wait", "0.001"];
    let (finished, _) = ssecat_at(replies(), &[&args[..], &["-v"]].concat()).await;
    assert_eq!(finished.stderr.matches("* event stream: ").count(), 2, "{finished:?}");
    let (finished, _) = ssecat_at(replies(), &[&args[..], &["--json"]].concat()).await;
    assert_eq!(finished.stdout.matches(r#""completeness":"#).count(), 2, "{finished:?}");
}

#[tokio::test]
async fn gaps_are_printed() {
    let replies = || {
        [
            Reply::events("id: 1\ndata: 1\n\n"),
            Reply::events("").header("last-event-id", "9"),
            Reply::status(204),
        ]
    };
    let args = ["-r", "--wait", "0.001"];
    let (finished, _) = ssecat_at(replies(), &args).await;
    let gap = "* server resumes after event \"9\" instead of \"1\"\n";
    assert!(finished.stderr.contains(gap), "{finished:?}");
    let (finished, _) = ssecat_at(replies(), &[&args[..], &["--json"]].concat()).await;
    let gap = r#"{"kind":"gap","requested_id":"1","resumed_after_id":"9"}"#;
    assert!(json_lines(&finished.stdout).iter().any(|line| line == gap), "{finished:?}");
}
