//! Option --direct: the same requests, outputs and exit codes without an HTTP client.

use sse_test::{ContentCoding, Reply, ScriptedServer, TestCertificate};

use crate::program::{file, finish, spawn_with, ssecat, ssecat_at};

#[tokio::test]
async fn direct_sends_what_the_options_say() {
    let args = ["--direct", "-d", "[1]", "-H", "X-One: 1", "-u", "Ada:secret", "--last-event-id=7"];
    let (finished, server) = ssecat_at([Reply::status(204)], &args).await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let request = server.requests().remove(0);
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/events"));
    assert_eq!(request.body, b"[1]");
    for (name, value) in [
        ("accept", "text/event-stream"),
        ("content-type", "application/json"),
        ("user-agent", concat!("ssecat/", env!("CARGO_PKG_VERSION"))),
        ("x-one", "1"),
        ("authorization", "Basic QWRhOnNlY3JldA=="),
        ("last-event-id", "7"),
    ] {
        assert_eq!(request.values(name), [value], "{name}");
    }
}

#[tokio::test]
async fn direct_follows_redirects_reconnects_and_decodes() {
    let replies = [
        Reply::redirect(307, "/feed"),
        Reply::events("id: 1\ndata: 1\n\nid: 2\nda").cut(),
        Reply::status(503),
        Reply::events("id: 2\ndata: 2\n\n").compressed(ContentCoding::Gzip),
        Reply::status(204),
    ];
    let args = ["--direct", "-r", "--wait", "0.001", "--data-only"];
    let (finished, server) = ssecat_at(replies, &args).await;
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(0), "1\n2\n"), "{finished:?}");
    assert_eq!(server.requests()[1].target, "/feed");
    assert_eq!(server.last_event_ids()[3].as_deref(), Some("1"));
}

#[tokio::test]
async fn direct_has_the_exit_codes_of_other_sessions() {
    let events = || Reply::events("data: 1\n\n");
    let page = Reply::status(200).header("content-type", "text/html").send("data: 1\n\n");
    let cases: [(&str, Reply, &[&str], i32); 9] = [
        ("ended", events(), &[], 0),
        ("incomplete", events(), &["--stop-after-data", "2", "--expect-terminal"], 18),
        ("cut", events().cut(), &[], 18),
        ("too short", events().with_length_too_long_by(1).cut(), &[], 18),
        ("HTML", page, &[], 8),
        ("rejected", Reply::status(404), &[], 22),
        ("idle timeout", events().hang(), &["--idle-timeout", "10ms"], 28),
        ("head timeout", Reply::nothing(), &["--head-timeout", "0.01"], 28),
        ("not HTTP", Reply::raw("220 ready\r\n"), &[], 56),
    ];
    for (name, reply, args, code) in cases {
        let (finished, _) = ssecat_at([reply], &[&["--direct"], args].concat()).await;
        assert_eq!(finished.code, Some(code), "{name}: {finished:?}");
    }
    // No server listens on this port.
    assert_eq!(ssecat(&["--direct", "127.0.0.1:1"]).await.code, Some(7));
}

#[tokio::test]
async fn direct_rejects_options_that_it_does_not_support() {
    let cases: [&[&str]; 4] = [
        &["--proxy", "http://127.0.0.1:1"],
        &["--http2-prior-knowledge"],
        &["--max-redirs", "3"],
        &["--replay", "never-read.jsonl"],
    ];
    for args in cases {
        let url: &[&str] = if args[0] == "--replay" { &[] } else { &["127.0.0.1:1"] };
        let finished = ssecat(&[&["--direct"], args, url].concat()).await;
        assert_eq!(finished.code, Some(2), "{args:?}: {finished:?}");
        let error = format!("the argument '--direct' cannot be used with '{}", args[0]);
        assert!(finished.stderr.contains(&error), "{args:?}: {finished:?}");
    }
}

#[tokio::test]
async fn direct_with_cacert_and_insecure_trusts_certificates() {
    let certificate = TestCertificate::for_loopback();
    let pem = file("direct-certificate.pem", &certificate.pem());
    let broken = file("broken.pem", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n");
    let cases: [(&[&str], i32); 4] =
        [(&[], 7), (&["--cacert", &pem], 0), (&["-k"], 0), (&["--cacert", &broken], 3)];
    for (args, code) in cases {
        let replies = [Reply::messages(["1"])];
        let server = ScriptedServer::builder().tls(&certificate).start(replies).await;
        let url = server.url("/");
        let finished = ssecat(&[&["--direct"], args, &[&url]].concat()).await;
        assert_eq!(finished.code, Some(code), "{args:?}: {finished:?}");
    }
}

#[tokio::test]
async fn direct_says_that_a_proxy_of_the_environment_is_not_used() {
    let note = "* proxy of the environment is not used, because of --direct\n";
    for (args, is_noted) in [(&["--direct"][..], true), (&["--direct", "-s"], false)] {
        let server = ScriptedServer::start([Reply::messages(["1"])]).await;
        let variables = [("HTTP_PROXY", "http://user:hunter2@127.0.0.1:1"), ("NO_PROXY", "")];
        let child = spawn_with(&[args, &[&server.url("/")]].concat(), &variables);
        let finished = finish(child).await;
        assert_eq!(finished.stdout, "data: 1\n\n", "{finished:?}");
        assert_eq!(finished.stderr == note, is_noted, "{finished:?}");
    }
}

#[tokio::test]
async fn verbose_shows_the_address_of_the_server() {
    for args in [&["-v"][..], &["-v", "--direct"]] {
        let (finished, server) = ssecat_at([Reply::messages(["1"])], args).await;
        let address = server.url("").replace("http://", "");
        let line = format!("* connected to {}\n> GET /events\n", address.trim_end_matches('/'));
        assert!(finished.stderr.starts_with(&line), "{args:?}: {finished:?}");
    }
}
