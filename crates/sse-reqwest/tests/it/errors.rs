//! Everything that can go wrong in, what the error answers out.
//!
//! One table of questions, then what an error carries.

use std::error::Error as _;

use reqwest::Body;
use sse_reqwest::{
    Limits, RequestBuilderExt as _, Resume, SseConfig, SseError, SseErrorKind, SseErrorOutcome,
    UrlParts,
};

use crate::support::{
    Reply, ScriptedServer, causes, data, failure, http, open, reconnecting, refusal, run, sse,
};

/// The names of all questions that an error says yes to.
fn yes(error: &SseError) -> String {
    let questions = [
        ("status", error.is_status()),
        ("content_type", error.kind() == SseErrorKind::ContentType),
        ("transport", error.is_transport()),
        ("connect", error.is_connect()),
        ("redirect", error.kind() == SseErrorKind::Redirect),
        ("timeout", error.is_timeout()),
        ("limit", error.kind() == SseErrorKind::LimitExceeded),
        ("reconnection_exhausted", error.outcome() == Some(SseErrorOutcome::Exhausted)),
        ("body_not_repeatable", error.outcome() == Some(SseErrorOutcome::BodyNotRepeatable)),
        ("request_missing", error.outcome() == Some(SseErrorOutcome::RequestMissing)),
        ("request", error.is_invalid_request()),
        ("retryable", error.is_retryable()),
    ];
    let yes = questions.into_iter().filter_map(|(name, is)| is.then_some(name));
    yes.collect::<Vec<_>>().join(" ")
}

/// The error of a session, in opening or reading, to which the server replies so.
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
    assert_eq!(yes(&error), expected, "{error:?}");
}

#[test]
fn an_error_says_what_it_is() {
    check(&[Reply::status(404)], "status");
    check(&[Reply::status(503)], "status retryable");
    check(&[Reply::status(429)], "status retryable");
    check(&[Reply::status(200)], "content_type");
    check(&[Reply::nothing().cut()], "transport retryable");
    check(&[Reply::events("").cut()], "transport retryable");
    check(&[Reply::events("data: ".to_owned() + &"x".repeat(200))], "limit");
}

#[test]
fn an_error_of_reconnecting_says_what_it_is_and_why_it_came() {
    run(async {
        let error = error_of(reconnecting(1), [Reply::events(""), Reply::status(503)]).await;
        assert_eq!(yes(&error), "status reconnection_exhausted retryable");
        let cause = error.source().unwrap().downcast_ref::<SseError>().unwrap();
        assert_eq!(yes(cause), "status retryable");
        let error = error_of(reconnecting(1), [Reply::events(""), Reply::events("")]).await;
        assert_eq!(yes(&error), "reconnection_exhausted retryable");
        assert!(causes(&error)[0].starts_with("the server ended the event stream"));
    });
}

#[test]
fn an_error_of_a_body_that_cannot_be_repeated_says_so() {
    run(async {
        let server = ScriptedServer::start([Reply::events("").cut()]).await;
        let request = http().post(server.url("/")).body(Body::wrap(String::from("once")));
        let request = request.with_sse_config(reconnecting(1).resume(Resume::FromBeginning));
        let error = failure(&mut request.sse_session().await.unwrap()).await;
        assert_eq!(yes(&error), "transport body_not_repeatable");
        let cause = error.source().unwrap().downcast_ref::<SseError>().unwrap();
        assert_eq!(yes(cause), "transport retryable");
        assert_eq!((error.attempt(), cause.attempt()), (0, 0));
    });
}

#[test]
fn a_request_that_cannot_be_sent_is_at_fault() {
    for url in [
        "http://this is invalid/",
        "/relative",
        "about:blank",
        "mailto:a@b.invalid",
        "javascript:alert(1)",
        "ftp://host.invalid/",
    ] {
        let error = run(refusal(SseConfig::new(), url.to_owned()));
        assert_eq!(yes(&error), "request", "{url}: {error:?}");
    }
    run(async {
        let parts = UrlParts::new().host("in valid");
        let error = sse(SseConfig::new()).sse_session(parts).await.unwrap_err();
        assert_eq!(yes(&error), "request");
        let request = http().get("http://localhost/").header("in valid", "x");
        assert_eq!(yes(&request.sse_session().await.unwrap_err()), "request");
    });
}

#[test]
fn only_a_refusal_has_a_status_headers_and_a_body() {
    run(async {
        for reply in [Reply::nothing().cut(), Reply::events("").cut()] {
            let error = error_of(reconnecting(0), [reply]).await;
            assert!(error.status().is_none() && error.headers().is_none());
            assert!(error.body().is_none() && error.body_text().is_none());
        }
        let error = error_of(reconnecting(0), [Reply::status(500).send([b'a', 0xFF])]).await;
        assert_eq!(error.body(), Some(&[b'a', 0xFF][..]));
        assert_eq!(error.body_text().unwrap(), "a\u{FFFD}");
    });
}

#[test]
fn an_error_says_where_and_when() {
    run(async {
        let replies = [Reply::events("id: 1\ndata: 1\n\n"), Reply::status(500), Reply::status(404)];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(reconnecting(3), server.url("/events?q#f")).await;
        assert_eq!(data(&mut session).await, "1");
        let error = failure(&mut session).await;
        assert_eq!(error.status().unwrap(), 404);
        assert_eq!(error.attempt(), 2);
        assert_eq!(error.last_event_id(), "1");
        assert_eq!(error.url().unwrap().as_str(), server.url("/events"));
        assert_eq!(error.history(), None);
    });
}

#[test]
fn what_happens_on_a_connection_of_use_is_no_attempt() {
    run(async {
        let too_large = "data: 2\n\ndata: ".to_owned() + &"x".repeat(200);
        for second in [Reply::events(too_large), Reply::events("data: 2\n\n").cut()] {
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
fn an_error_reads_as_a_sentence_and_its_causes_do_not_repeat_it() {
    run(async {
        let error = error_of(reconnecting(0), [Reply::events("").cut()]).await;
        assert!(error.to_string().starts_with("the connection was lost (http://127.0.0.1:"));
        let causes = causes(&error);
        assert!(!causes.is_empty());
        for cause in &causes {
            assert!(!error.to_string().contains(cause), "{cause}");
        }
    });
}
