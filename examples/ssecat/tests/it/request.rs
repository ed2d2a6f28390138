//! The options of the request, by what the server sees.

use sse_test::{Reply, SeenRequest};

use crate::program::{file, ssecat_at, ssecat_with_stdin};

/// What the server sees of a command line.
async fn seen(args: &[&str]) -> SeenRequest {
    let (finished, server) = ssecat_at([Reply::status(204)], args).await;
    assert_eq!(finished.code, Some(0), "{args:?}: {finished:?}");
    server.requests().remove(0)
}

#[tokio::test]
async fn a_request_is_that_of_an_event_stream() {
    let request = seen(&[]).await;
    assert_eq!((request.method.as_str(), request.target.as_str()), ("GET", "/events"));
    assert_eq!(request.value("accept"), Some("text/event-stream"));
    assert_eq!(request.value("user-agent"), Some(concat!("ssecat/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.last_event_id(), None);
    assert_eq!(request.body, b"");
}

#[tokio::test]
async fn options_for_curl_are_known() {
    for args in [&["-N"], &["-L"], &["-sNL"], &["-sS"], &["--no-buffer"], &["--location"]] {
        assert_eq!(seen(args).await.method, "GET");
    }
}

#[tokio::test]
async fn headers_are_added_and_take_the_place_of_the_usual_ones() {
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
async fn data_is_posted_as_it_is() {
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
async fn data_may_come_from_standard_input() {
    for source in ["-", "@-"] {
        let server = sse_test::ScriptedServer::start([Reply::status(204)]).await;
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
