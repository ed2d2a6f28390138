//! Errors: the kind, outcome and properties of each failure, and the data that an error carries.

// These need what the features add.
#[cfg(all(feature = "http2", feature = "gzip"))]
mod truth; // every property of an error, for everything that can happen to a connection
mod secrets; // texts that may be logged, none of which shows a secret

use std::error::Error as _;

use reqwest::Body;
use sse_reqwest::{
    Limits, RequestBuilderExt as _, Resume, SseConfig, SseError, SseErrorKind, UrlParts,
};

use crate::support::{
    Reply, ScriptedServer, causes, data, failure, http, open, reconnecting, refusal, run, sse,
};

/// Returns the kind of an error, its outcome if it has one, and the names of all its properties.
fn summary(error: &SseError) -> String {
    let properties = [
        ("connect", error.is_connect()),
        ("incomplete", error.is_incomplete()),
        ("invalid_request", error.is_invalid_request()),
        ("reset", error.is_reset()),
        ("retryable", error.is_retryable()),
        ("status", error.is_status()),
        ("timeout", error.is_timeout()),
        ("transport", error.is_transport()),
        ("truncated", error.is_truncated()),
        ("unanswered", error.is_unanswered()),
        ("unauthorized", error.is_unauthorized()),
    ];
    let kind = format!("{:?}", error.kind());
    let outcome = error.outcome().map(|outcome| format!("{outcome:?}"));
    let names = properties.into_iter().filter(|(_, is)| *is).map(|(name, _)| name.to_owned());
    Vec::from_iter([kind].into_iter().chain(outcome).chain(names)).join(" ")
}

/// Returns the error of a session, in opening or reading, to which the server replies like this.
async fn error_of(config: SseConfig, replies: impl IntoIterator<Item = Reply>) -> SseError {
    let server = ScriptedServer::start(replies).await;
    match sse(config).sse_session(server.url("/")).await {
        Ok(mut session) => loop {
            if let Err(error) = session.next().await.unwrap() {
                return error;
            }
        },
        Err(error) => error,
    }
}

#[track_caller]
fn check(replies: &[Reply], expected: &str) {
    let config = reconnecting(0).limits(Limits::default().max_event_bytes(100));
    let error = run(error_of(config, replies.iter().cloned()));
    assert_eq!(summary(&error), expected, "{error:?}");
}

#[test]
fn kind_and_properties_of_each_failure() {
    check(&[Reply::status(404)], "Status status");
    check(&[Reply::unauthorized()], "Status status unauthorized");
    check(&[Reply::status(503)], "Status retryable status");
    check(&[Reply::status(429)], "Status retryable status");
    check(&[Reply::status(200)], "ContentType");
    check(
        &[Reply::nothing().cut(), Reply::nothing().cut()],
        "NoResponse retryable transport unanswered",
    );
    check(&[Reply::events("").cut()], "Disconnected retryable transport truncated");
    check(&[Reply::events("data: ".to_owned() + &"x".repeat(200))], "LimitExceeded");
    run(async {
        let server = ScriptedServer::start([]).await;
        let url = server.url("/");
        drop(server);
        let error = refusal(SseConfig::new(), url).await;
        assert!(error.kind() == SseErrorKind::NoResponse && error.is_connect(), "{error:?}");
    });
}

#[test]
fn kind_and_outcome_of_an_incomplete_session_are_those_of_its_last_failure() {
    let cases = [
        (0, Reply::events(""), "StreamEnded Incomplete incomplete retryable"),
        (
            0,
            Reply::events("").cut(),
            "Disconnected Incomplete incomplete retryable transport truncated",
        ),
        (1, Reply::status(503), "Status Exhausted incomplete retryable status"),
        (1, Reply::status(404), "Status Incomplete incomplete status"),
        (1, Reply::status(204), "NoContent Incomplete incomplete"),
    ];
    for (attempts, last, expected) in cases {
        run(async {
            let mut replies = vec![Reply::events(""); attempts as usize];
            replies.push(last);
            let config = reconnecting(attempts).stop_before(|_| false).expect_terminal(true);
            let error = error_of(config, replies).await;
            assert_eq!(summary(&error), expected, "{error:?}");
            let cause = error.source().unwrap().downcast_ref::<SseError>().unwrap();
            assert_eq!((cause.kind(), cause.is_incomplete()), (error.kind(), false));
        });
    }
}

#[test]
fn body_excerpt_shows_a_textual_body_in_one_line() {
    run(async {
        let body = "{\n  \"error\": \"no such \u{1b}[31mmodel\"\n}";
        let json = Reply::status(400).header("content-type", "application/problem+json");
        let error = error_of(SseConfig::new(), [json.send(body)]).await;
        let expected = r#"{ "error": "no such \u{1b}[31mmodel" }"#;
        assert_eq!(error.body_excerpt().as_deref(), Some(expected));
        assert_eq!(error.body_text().unwrap(), body);
        assert!(!format!("{error} {error:?}").contains("model"));
        let binary = Reply::status(400).header("content-type", "application/octet-stream");
        let error = error_of(SseConfig::new(), [binary.send("abc")]).await;
        assert_eq!((error.body_excerpt(), error.body()), (None, Some(&b"abc"[..])));
        let error = error_of(SseConfig::new(), [Reply::events("").cut()]).await;
        assert_eq!(error.body_excerpt(), None);
    });
}

#[test]
fn source_of_an_exhausted_error_is_the_last_failure() {
    run(async {
        let error = error_of(reconnecting(1), [Reply::events(""), Reply::status(503)]).await;
        assert_eq!(summary(&error), "Status Exhausted retryable status");
        let cause = error.source().unwrap().downcast_ref::<SseError>().unwrap();
        assert_eq!(summary(cause), "Status retryable status");
        let error = error_of(reconnecting(1), [Reply::events(""), Reply::events("")]).await;
        assert_eq!(summary(&error), "StreamEnded Exhausted retryable");
        assert!(causes(&error)[0].starts_with("server ended the event stream"));
    });
}

#[test]
fn an_error_of_a_body_that_cannot_be_repeated_reports_it() {
    run(async {
        let server = ScriptedServer::start([Reply::events("").cut()]).await;
        let request = http().post(server.url("/")).body(Body::wrap(String::from("once")));
        let request = request.with_sse_config(reconnecting(1).resume(Resume::FromBeginning));
        let error = failure(&mut request.sse_session().await.unwrap()).await;
        assert_eq!(summary(&error), "Disconnected BodyNotRepeatable transport truncated");
        let cause = error.source().unwrap().downcast_ref::<SseError>().unwrap();
        assert_eq!(summary(cause), "Disconnected retryable transport truncated");
        assert_eq!((error.attempt(), cause.attempt()), (0, 0));
    });
}

#[test]
fn is_invalid_request_if_a_request_cannot_be_sent() {
    for url in [
        "http://this is invalid/",
        "/relative",
        "about:blank",
        "mailto:a@b.invalid",
        "javascript:alert(1)",
        "ftp://host.invalid/",
    ] {
        let error = run(refusal(SseConfig::new(), url.to_owned()));
        assert_eq!(summary(&error), "InvalidRequest invalid_request", "{url}: {error:?}");
    }
    run(async {
        let parts = UrlParts::new().host("in valid");
        let error = sse(SseConfig::new()).sse_session(parts).await.unwrap_err();
        assert_eq!(summary(&error), "InvalidRequest invalid_request");
        let request = http().get("http://localhost/").header("in valid", "x");
        let error = request.sse_session().await.unwrap_err();
        assert_eq!(summary(&error), "InvalidRequest invalid_request");
    });
}

#[test]
fn only_a_rejection_has_a_status_headers_and_a_body() {
    run(async {
        for reply in [Reply::nothing().cut(), Reply::events("").cut()] {
            let error = error_of(reconnecting(0), vec![reply; 2]).await;
            assert!(error.status().is_none() && error.headers().is_none());
            assert!(error.body().is_none() && error.body_text().is_none());
        }
        let error = error_of(reconnecting(0), [Reply::status(500).send([b'a', 0xFF])]).await;
        assert_eq!(error.body(), Some(&[b'a', 0xFF][..]));
        assert_eq!(error.body_text().unwrap(), "a\u{FFFD}");
    });
}

#[test]
fn an_error_has_its_uri_attempt_and_last_event_id() {
    run(async {
        let replies = [Reply::events("id: 1\ndata: 1\n\n"), Reply::status(500), Reply::status(404)];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(reconnecting(3), server.url("/events?q#f")).await;
        assert_eq!(data(&mut session).await, "1");
        let error = failure(&mut session).await;
        assert_eq!(error.status().unwrap(), 404);
        assert_eq!(error.attempt(), 2);
        assert_eq!(error.last_event_id(), "1");
        assert_eq!(error.uri().unwrap().to_string(), server.url("/events"));
        assert_eq!(error.history(), None);
    });
}

#[test]
fn attempt_is_zero_for_a_failure_on_a_healthy_connection() {
    run(async {
        let healthy = "id: 2\ndata: 2\n\n";
        let too_large = healthy.to_owned() + "data: " + &"x".repeat(200);
        for second in [Reply::events(too_large), Reply::events(healthy).cut()] {
            let server = ScriptedServer::start([Reply::events(""), second]).await;
            let config = reconnecting(1).limits(Limits::default().max_event_bytes(100));
            let config = config.resume(Resume::IfNothingDelivered);
            let mut session = open(config, server.url("/")).await;
            assert_eq!(data(&mut session).await, "2");
            let error = failure(&mut session).await;
            assert!(error.kind() == SseErrorKind::LimitExceeded || error.is_transport());
            assert_eq!(error.attempt(), 0, "{error:?}");
        }
    });
}

#[test]
fn display_of_an_error_is_not_repeated_by_its_sources() {
    run(async {
        let error = error_of(reconnecting(0), [Reply::events("").cut()]).await;
        assert!(error.to_string().starts_with("disconnected (http://127.0.0.1:"));
        let causes = causes(&error);
        assert!(!causes.is_empty());
        for cause in &causes {
            assert!(!error.to_string().contains(cause), "{cause}");
        }
    });
}
