//! Options of the request: what the server receives.

use sse_test::{HttpVersion, Reply, ScriptedServer, SeenRequest, TestCertificate};

use crate::program::{file, ssecat, ssecat_at, ssecat_with_stdin};

/// Returns the request that a command line sends.
async fn seen(args: &[&str]) -> SeenRequest {
    let (finished, server) = ssecat_at([Reply::status(204)], args).await;
    assert_eq!(finished.code, Some(0), "{args:?}: {finished:?}");
    server.requests().remove(0)
}

#[tokio::test]
async fn default_request_asks_for_an_event_stream() {
    let request = seen(&[]).await;
    assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "/events"));
    assert_eq!(request.value("accept"), Some("text/event-stream"));
    assert_eq!(request.value("user-agent"), Some(concat!("ssecat/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.last_event_id(), None);
    assert_eq!(request.body, b"");
}

#[tokio::test]
async fn options_of_curl_are_accepted() {
    for arg in ["-N", "-fsSNL", "-sS", "--no-buffer", "--location", "--compressed", "--fail"] {
        assert_eq!(seen(&[arg]).await.method, "GET", "{arg}");
    }
}

#[tokio::test]
async fn header_adds_or_replaces_headers() {
    let headers = file("headers", "X-One: 1\n\nX-Two: 2\r\n");
    let request = seen(&[
        "-H",
        "x-a: b: c",
        "-H",
        "X-Empty;",
        "-H",
        &format!("@{headers}"),
        "-HUser-Agent: me",
        "-u",
        "Ada:secret",
        "--last-event-id",
        "7",
    ])
    .await;
    let expected = [
        ("x-a", "b: c"),
        ("x-empty", ""),
        ("x-one", "1"),
        ("x-two", "2"),
        ("user-agent", "me"),
        ("authorization", "Basic QWRhOnNlY3JldA=="),
        ("last-event-id", "7"),
    ];
    for (name, value) in expected {
        assert_eq!(request.values(name), [value], "{name}");
    }
}

#[tokio::test]
async fn data_is_sent_verbatim() {
    let form = "application/x-www-form-urlencoded";
    let json = "application/json";
    let path = file("body", "a=1\n");
    let at_path = format!("@{path}");
    let cases: [(&[&str], &str, &str, &str); 7] = [
        (&["-d", "a=1", "--data", "b=2"], "POST", form, "a=1&b=2"),
        (&["-d", r#"{"stream": true}"#], "POST", json, r#"{"stream": true}"#),
        (&["-d", "[1]", "-H", "content-type: text/plain"], "POST", "text/plain", "[1]"),
        (&["-d", &at_path], "POST", form, "a=1\n"),
        (&["--data-binary", &at_path], "POST", form, "a=1\n"),
        (&["-d", "", "-X", "PUT"], "PUT", form, ""),
        (&["-d", "--", "-XQUERY"], "QUERY", form, "--"),
    ];
    for (args, method, content_type, body) in cases {
        let request = seen(args).await;
        assert_eq!(request.method, method, "{args:?}");
        assert_eq!(request.values("content-type"), [content_type], "{args:?}");
        assert_eq!(String::from_utf8(request.body).unwrap(), body, "{args:?}");
    }
}

#[tokio::test]
async fn data_is_read_from_standard_input() {
    for source in ["-", "@-"] {
        let server = ScriptedServer::start([Reply::status(204)]).await;
        let finished = ssecat_with_stdin(&["-d", source, &server.url("/")], "[1]\n").await;
        assert_eq!(finished.code, Some(0), "{finished:?}");
        let request = server.requests().remove(0);
        assert_eq!(request.body, b"[1]\n");
        assert_eq!(request.value("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn redirects_are_followed() {
    let replies = [Reply::redirect(302, "/elsewhere"), Reply::messages(["1"])];
    let (finished, server) = ssecat_at(replies, &["--data-only"]).await;
    assert_eq!(finished.stdout, "1\n");
    assert_eq!(server.requests()[1].target, "/elsewhere");
}

#[tokio::test]
async fn proxy_receives_the_request() {
    let proxy = ScriptedServer::start([Reply::messages(["1"])]).await;
    let url = "http://example.invalid/events";
    let finished = ssecat(&["-x", &proxy.url(""), "--data-only", url]).await;
    assert_eq!(finished.stdout, "1\n", "{finished:?}");
    assert_eq!(proxy.requests()[0].target, url);
}

#[tokio::test]
async fn http2_prior_knowledge_needs_no_negotiation() {
    let server = ScriptedServer::builder().http2().start([Reply::messages(["1"])]).await;
    let args = ["--http2-prior-knowledge", "--json", &server.url("/")];
    assert!(ssecat(&args).await.stdout.contains(r#""version":"HTTP/2.0""#));
    assert_eq!(server.requests()[0].version, HttpVersion::Http2);
}

#[tokio::test]
async fn cacert_and_insecure_trust_certificates() {
    let certificate = TestCertificate::for_loopback();
    let pem = file("certificate.pem", &certificate.pem());
    let cases: [(&[&str], i32); 3] = [(&[], 7), (&["--cacert", &pem], 0), (&["-k"], 0)];
    for (args, code) in cases {
        let replies = [Reply::messages(["1"])];
        let server = ScriptedServer::builder().tls(&certificate).start(replies).await;
        let finished = ssecat(&[args, &[&server.url("/")]].concat()).await;
        assert_eq!(finished.code, Some(code), "{args:?}: {finished:?}");
    }
}
