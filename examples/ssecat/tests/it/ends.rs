//! Exit codes of all kinds of ends.

use sse_test::{Reply, ScriptedServer};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::program::{file, finish, scratch, spawn, ssecat, ssecat_at};

#[tokio::test]
async fn exit_code_of_each_end_that_a_server_causes() {
    let events = || Reply::events("data: 1\n\n");
    let page = || Reply::status(200).header("content-type", "text/html").send("data: 1\n\n");
    let body = |text: &str| Reply::events(["data: 1\n\n", text].concat());
    let error = || Reply::events("event: error\ndata: {\"error\": {\"code\": 429}}\n\n").hang();
    let cases: [(&str, Reply, &[&str], i32); 33] = [
        ("stop when", error(), &["--stop-when", "error.code=429"], 0),
        ("not when", events(), &["--stop-when", "error.code=429"], 0),
        ("not when expected", events(), &["--stop-when", "a=1", "--expect-terminal"], 18),
        ("fail on", error(), &["--fail-on", "error"], 120),
        ("fail when", error(), &["--fail-when", "error.code=429"], 120),
        (
            "fail first",
            error(),
            &["--stop-after-type", "error", "--fail-on", "error", "-t", "x"],
            120,
        ),
        ("ended", events(), &[], 0),
        ("204", Reply::status(204), &[], 0),
        ("terminal data", events().hang(), &["--stop-after-data", "1"], 0),
        ("terminal type", events().hang(), &["--stop-after-type", "message"], 0),
        ("expected", events().hang(), &["--stop-after-data", "1", "--expect-terminal"], 0),
        ("max events", events().hang(), &["-n1"], 0),
        ("incomplete", events(), &["--stop-after-data", "2", "--expect-terminal"], 18),
        ("cut", events().cut(), &[], 18),
        ("too short", events().with_length_too_long_by(1).cut(), &[], 18),
        ("in a line", body("data: 2"), &[], 18),
        ("in an event", body("data: 2\n"), &[], 18),
        ("a sentence", body("Internal Server Error"), &[], 18),
        ("unfinished", body("data: 2\n"), &["--unfinished"], 0),
        ("unfinished sentence", body("Internal Server Error"), &["--unfinished"], 18),
        ("in an event of a POST", body("data: 2\n"), &["-d", "", "-r"], 18),
        ("after a comment", body(": hi\n"), &[], 0),
        ("unknown lines", body("{\"error\": 1}\n"), &[], 0),
        ("HTML", page(), &[], 8),
        ("any content type", page(), &["--any-content-type"], 0),
        ("compressed", events().header("content-encoding", "compress"), &[], 8),
        ("rejected", Reply::status(404), &[], 22),
        ("attempts exhausted", Reply::status(503), &["--attempts", "0"], 22),
        ("idle timeout", events().hang(), &["--idle-timeout", "10ms"], 28),
        ("head timeout", Reply::nothing(), &["--head-timeout", "0.01"], 28),
        ("max time", events().hang(), &["-m", "0.01"], 28),
        ("max redirs", Reply::redirect(302, "/"), &["--max-redirs", "0"], 47),
        ("not HTTP", Reply::raw("220 ready\r\n"), &[], 56),
    ];
    for (name, reply, args, code) in cases {
        let (finished, _) = ssecat_at([reply], args).await;
        assert_eq!(finished.code, Some(code), "{name}: {finished:?}");
        let error = format!("ssecat: ({code}) ");
        assert_eq!(finished.stderr.starts_with(&error), code != 0, "{name}: {finished:?}");
    }
}

#[tokio::test]
async fn stop_after_type_and_fail_on_see_events_without_data() {
    let complete = ["--stop-after-type", "complete", "--expect-terminal"];
    let message = ["--stop-after-type", "message"];
    let empty = ["--stop-after-data", "", "--fail-on", "error"];
    let hidden = ["--stop-after-type", "complete", "--type", "x"];
    let both = ["--fail-on", "error", "--stop-after-type", "complete", "-n1"];
    let cases: [(&str, &[&str], i32, &str); 8] = [
        ("event: complete\n\n", &complete, 0, ""),
        ("event: complete\nid: 1\n\n", &hidden, 0, ""),
        ("event: error\n\n", &["--fail-on", "error"], 120, ""),
        ("event: error\n\n", &["--fail-on", "error", "--dataless"], 120, "event: error\n\n"),
        // Others are neither printed nor counted, and have no type or data that ends the session.
        ("event: x\n\nid: 1\n\ndata: 1\n\n", &both, 0, "data: 1\n\n"),
        ("id: 1\n\nevent\n\ndata: 1\n\n", &message, 0, "data: 1\n\n"),
        (
            ": hi\n\ndata: 1\n\n",
            &[&message[..], &["--comments"]].concat(),
            0,
            ": hi\n\ndata: 1\n\n",
        ),
        ("event: x\n\ndata\n\n", &empty, 0, "data: \n\n"),
    ];
    for (text, args, code, stdout) in cases {
        let (finished, _) = ssecat_at([Reply::events(text).hang()], args).await;
        assert_eq!((finished.code, finished.stdout.as_str()), (Some(code), stdout), "{args:?}");
    }
}

#[tokio::test]
async fn limit_of_an_event_is_a_failure() {
    let large = Reply::events("data: ").repeat("x".repeat(1 << 20));
    assert_eq!(ssecat_at([large], &[]).await.0.code, Some(63));
}

#[tokio::test]
async fn body_excerpt_of_a_rejected_response_is_printed() {
    let forbidden = |content_type| {
        let reply = Reply::status(403).header("content-type", content_type);
        reply.send("not\nfor \u{1b}you")
    };
    let body = "  response body: not for \\u{1b}you\n";
    for (content_type, body) in [("text/plain", body), ("application/octet-stream", "")] {
        let (finished, server) = ssecat_at([forbidden(content_type)], &[]).await;
        let error = format!("unexpected status 403 Forbidden ({})", server.url("/events"));
        assert_eq!(finished.stderr, format!("ssecat: (22) {error}\n{body}"));
    }
}

#[tokio::test]
async fn exit_code_of_each_failure_before_a_response() {
    // No server listens on this port.
    let closed = "127.0.0.1:1";
    let no_file = scratch("no/such/file").to_str().unwrap().to_owned();
    let at_no_file = format!("@{no_file}");
    let text = file("not-a-recording", "data: 1\n\n");
    let cases: [(&[&str], i32); 13] = [
        (&[], 2),
        (&["--no-such-option", closed], 2),
        (&[closed, closed], 2),
        (&["-n", "0", closed], 2),
        (&["--expect-terminal", closed], 2),
        (&["--speed", "2", closed], 2),
        (&["ftp://a"], 3),
        (&["-H", "no header", closed], 3),
        (&["--last-event-id", "a\u{7}", closed], 3),
        (&[closed], 7),
        (&["-d", &at_no_file, closed], 26),
        (&["--replay", &text], 26),
        (&["--record", &no_file, closed], 23),
    ];
    for (args, code) in cases {
        let finished = ssecat(args).await;
        assert_eq!(finished.code, Some(code), "{args:?}: {finished:?}");
        assert_eq!(finished.stdout, "", "{args:?}");
        assert_ne!(finished.stderr, "", "{args:?}");
    }
}

#[tokio::test]
async fn help_and_version_succeed() {
    for (arg, expected) in [("--help", "Exit codes"), ("-h", "--replay"), ("-V", "ssecat ")] {
        let finished = ssecat(&[arg]).await;
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""), "{arg}");
        assert!(finished.stdout.contains(expected), "{arg}: {finished:?}");
    }
}

#[tokio::test]
async fn closed_pipe_is_a_silent_success() {
    let server = ScriptedServer::start([Reply::events("").repeat("data: 1\n\n")]).await;
    let mut child = spawn(&[&server.url("/")]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("data: 1"));
    drop(lines);
    let finished = finish(child).await;
    assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_closes_silent_and_busy_connections() {
    let replies = [Reply::events("data: 1\n\n").hang(), Reply::events("").repeat("data: 1\n\n")];
    for reply in replies {
        let server = ScriptedServer::start([reply]).await;
        let mut child = spawn(&[&server.url("/")]);
        let id = child.id().unwrap().to_string();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).await.unwrap();
        tokio::process::Command::new("kill").args(["-INT", &id]).status().await.unwrap();
        // The program may still have output in its buffers.
        let rest =
            tokio::spawn(async move { tokio::io::copy(&mut stdout, &mut tokio::io::sink()).await });
        server.abandoned(0).await;
        rest.await.unwrap().unwrap();
        assert_eq!(finish(child).await.code, Some(130));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn output_that_cannot_be_written_is_a_failure() {
    let server = ScriptedServer::start([Reply::messages(["1"]).hang()]).await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ssecat"));
    let mut child = command.arg(server.url("/")).stdout(full).spawn().unwrap();
    server.abandoned(0).await;
    let status = tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(23));
}
