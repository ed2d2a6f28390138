//! How it ends, by its exit code.

use sse_test::{Reply, ScriptedServer};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::program::{file, finish, scratch, spawn, ssecat, ssecat_at};

#[tokio::test]
async fn each_end_that_a_server_brings_about_has_its_code() {
    let events = || Reply::events("data: 1\n\n");
    let page = || Reply::status(200).header("content-type", "text/html").send("data: 1\n\n");
    let cases: [(&str, Reply, &[&str], i32); 19] = [
        ("ended", events(), &[], 0),
        ("204", Reply::status(204), &[], 0),
        ("stop", events().hang(), &["--stop-on", "1"], 0),
        ("stop on type", events().hang(), &["--stop-on-type", "message"], 0),
        ("a stop that was expected", events().hang(), &["--stop-on", "1", "--expect-stop"], 0),
        ("enough", events().hang(), &["-n1"], 0),
        ("not what was expected", events(), &["--stop-on", "2", "--expect-stop"], 18),
        ("cut", events().cut(), &[], 18),
        ("too short", events().with_length_too_long_by(1).cut(), &[], 18),
        ("a page", page(), &[], 8),
        ("a page that is meant", page(), &["--any-content-type"], 0),
        ("compressed", events().header("content-encoding", "compress"), &[], 8),
        ("refused", Reply::status(404), &[], 22),
        ("busy", Reply::status(503), &["--attempts", "0"], 22),
        ("silent", events().hang(), &["--idle-timeout", "10ms"], 28),
        ("no answer", Reply::nothing(), &["--head-timeout", "0.01"], 28),
        ("out of time", events().hang(), &["-m", "0.01"], 28),
        ("a redirect", Reply::redirect(302, "/"), &["--max-redirs", "0"], 47),
        ("not HTTP", Reply::raw("220 ready\r\n"), &[], 56),
    ];
    for (name, reply, args, code) in cases {
        let (finished, _) = ssecat_at([reply], args).await;
        assert_eq!(finished.code, Some(code), "{name}: {finished:?}");
        let told = format!("ssecat: ({code}) ");
        assert_eq!(finished.stderr.starts_with(&told), code != 0, "{name}: {finished:?}");
    }
}

#[tokio::test]
async fn an_event_that_is_too_large_ends_it() {
    let large = Reply::events("data: ").repeat("x".repeat(1 << 20));
    assert_eq!(ssecat_at([large], &[]).await.0.code, Some(63));
}

#[tokio::test]
async fn a_refusal_is_told_with_what_the_server_said() {
    let (finished, server) = ssecat_at([Reply::status(403).send("not\nfor you")], &[]).await;
    let url = server.url("/events");
    assert_eq!(
        finished.stderr,
        format!(
            "ssecat: (22) the server answered 403 Forbidden ({url})\n  the server said: not\n  the server said: for you\n"
        ),
    );
}

#[tokio::test]
async fn what_cannot_be_asked_for_has_its_code() {
    // Nobody listens on this port.
    let nobody = "127.0.0.1:1";
    let no_file = scratch("no/such/file").to_str().unwrap().to_owned();
    let at_no_file = format!("@{no_file}");
    let text = file("no-recording", "data: 1\n\n");
    let cases: [(&[&str], i32); 13] = [
        (&[], 2),
        (&["--no-such-option", nobody], 2),
        (&[nobody, nobody], 2),
        (&["-n", "0", nobody], 2),
        (&["--expect-stop", nobody], 2),
        (&["--speed", "2", nobody], 2),
        (&["ftp://a"], 3),
        (&["-H", "no header", nobody], 3),
        (&["--last-event-id", "a\u{7}", nobody], 3),
        (&[nobody], 7),
        (&["-d", &at_no_file, nobody], 26),
        (&["--replay", &text], 26),
        (&["--record", &no_file, nobody], 23),
    ];
    for (args, code) in cases {
        let finished = ssecat(args).await;
        assert_eq!(finished.code, Some(code), "{args:?}: {finished:?}");
        assert_eq!(finished.stdout, "", "{args:?}");
        assert_ne!(finished.stderr, "", "{args:?}");
    }
}

#[tokio::test]
async fn help_and_version_are_no_failure() {
    for (arg, expected) in [("--help", "Exit codes"), ("-h", "--replay"), ("-V", "ssecat ")] {
        let finished = ssecat(&[arg]).await;
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""), "{arg}");
        assert!(finished.stdout.contains(expected), "{arg}: {finished:?}");
    }
}

#[tokio::test]
async fn a_pipe_that_is_closed_ends_it_quietly() {
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
async fn ctrl_c_closes_the_connection_be_it_silent_or_a_flood() {
    let replies = [Reply::events("data: 1\n\n").hang(), Reply::events("").repeat("data: 1\n\n")];
    for reply in replies {
        let server = ScriptedServer::start([reply]).await;
        let mut child = spawn(&[&server.url("/")]);
        let id = child.id().unwrap().to_string();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).await.unwrap();
        tokio::process::Command::new("kill").args(["-INT", &id]).status().await.unwrap();
        // It may have much to write still.
        let rest =
            tokio::spawn(async move { tokio::io::copy(&mut stdout, &mut tokio::io::sink()).await });
        server.given_up(0).await;
        rest.await.unwrap().unwrap();
        assert_eq!(finish(child).await.code, Some(130));
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_output_that_is_full_is_a_failure() {
    let server = ScriptedServer::start([Reply::messages(["1"]).hang()]).await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ssecat"));
    let mut child = command.arg(server.url("/")).stdout(full).spawn().unwrap();
    server.given_up(0).await;
    let status = tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(23));
}
