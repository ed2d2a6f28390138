//! What is shown of an event stream, and where.

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

data: cut off";

#[tokio::test]
async fn what_is_shown_of_an_event_can_be_chosen() {
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
        (&["--stop-on", "two", "--data-only"], "{\"b\":1,\n\"a\":[1.10]}\ntwo\n"),
    ];
    for (args, expected) in cases {
        let (finished, _) = ssecat_at([Reply::events(STREAM)], args).await;
        assert_eq!(finished.stdout, expected, "{args:?}");
        assert_eq!(finished.stderr, "", "{args:?}");
        assert_eq!(finished.code, Some(0), "{args:?}");
    }
}

#[tokio::test]
async fn what_is_piped_is_not_changed() {
    let text = "data: \u{1b}[31mred\u{7}\ndata: \u{fffd}é\t\n\n";
    let (finished, _) = ssecat_at([Reply::events(text)], &[]).await;
    assert_eq!(finished.stdout, text);
}

#[tokio::test]
async fn a_timestamp_is_a_comment() {
    let (finished, _) = ssecat_at([Reply::events("data: 1\n\n")], &["-T"]).await;
    let (time, event) = finished.stdout.split_once('\n').unwrap();
    assert_eq!(event, "data: 1\n\n");
    humantime::parse_rfc3339(time.strip_prefix(": ").unwrap()).unwrap();
}

/// The lines of --json without their times, and with the last cause instead of all: what lies between
/// is up to reqwest.
fn json_lines(stdout: &str) -> Vec<String> {
    let lines = stdout.lines().map(|line| {
        let mut object: serde_json::Map<_, _> = serde_json::from_str(line).unwrap();
        let time = object.remove("time").unwrap();
        humantime::parse_rfc3339(time.as_str().unwrap()).unwrap();
        if let Some(causes) = object.remove("causes") {
            object.insert("cause".to_owned(), causes.as_array().unwrap().last().unwrap().clone());
        }
        serde_json::to_string(&object).unwrap()
    });
    lines.collect()
}

#[tokio::test]
async fn in_json_every_event_and_step_is_a_line() {
    let replies = [
        Reply::events("id: 1\nevent: a\ndata: 1\n\n: c\nretry: 1\n\nid: 2\ndata: 2").cut(),
        Reply::status(503).send("busy"),
    ];
    let args = ["--json", "--comments", "--attempts", "1", "--wait", "0"];
    let (finished, server) = ssecat_at(replies, &args).await;
    let url = server.url("/events");
    let cause = "unexpected EOF during chunk size line";
    let lost = format!("the connection was lost ({url})");
    let answer = format!("the server answered 503 Service Unavailable ({url})");
    let gave_up = format!("gave up reconnecting (failed attempts in a row: 1) ({url})");
    let lines = json_lines(&finished.stdout);
    let expected = [
        r#"{"attempt":0,"kind":"connecting"}"#.to_owned(),
        format!(r#"{{"kind":"open","status":200,"url":"{url}","version":"HTTP/1.1"}}"#),
        r#"{"data":"1","id":"1","kind":"event","last_event_id":"1","type":"a"}"#.to_owned(),
        r#"{"comments":"c","kind":"event","last_event_id":"1","retry_ms":1,"type":"message"}"#
            .to_owned(),
        format!(
            r#"{{"cause":"{cause}","error":"{lost}","kind":"lost","last_event_id":"1","wait_ms":100}}"#
        ),
        r#"{"attempt":1,"kind":"connecting"}"#.to_owned(),
        format!(
            r#"{{"body":"busy","cause":"{answer}","error":"{gave_up}","exit_code":22,"kind":"failed","status":503}}"#
        ),
    ];
    // How long a wait is, is up to chance.
    let without_wait = |line: &str| line.split(r#","wait_ms""#).next().unwrap().to_owned();
    for (line, expected) in lines.iter().zip(&expected) {
        assert_eq!(without_wait(line), without_wait(expected));
    }
    assert_eq!(lines.len(), expected.len());
    assert_eq!(finished.code, Some(22));
}

#[tokio::test]
async fn how_much_is_said_of_the_connection_can_be_chosen() {
    let run = async |args: &[&str]| {
        let replies =
            [Reply::events("data: 1\n\n").cut(), Reply::messages(["2"]), Reply::status(404)];
        let args = [&["-r", "--wait", "0.001", "-H", "x-api-key: secret"], args].concat();
        let (finished, server) = ssecat_at(replies, &args).await;
        assert_eq!(finished.code, Some(22));
        assert_eq!(finished.stdout, "data: 1\n\ndata: 2\n\n");
        finished.stderr.replace(&server.url("/events"), "URL")
    };
    let error = "ssecat: (22) the server answered 404 Not Found (URL)\n";
    let usual = run(&[]).await;
    let lost =
        "* the connection was lost (URL): unexpected EOF during chunk size line\n* next attempt in";
    assert!(usual.starts_with(lost), "{usual}");
    assert!(
        usual.contains("* connected again\n* the server ended the event stream (URL)\n"),
        "{usual}"
    );
    assert!(usual.ends_with(error), "{usual}");
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
