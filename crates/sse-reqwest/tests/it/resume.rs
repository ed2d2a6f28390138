//! Requests with side effects, and whether they are repeated.
//!
//! Every connection here is lost; which ends are disconnects is tested in `body_end`.

use std::{error::Error as _, slice};

use reqwest::{Body, RequestBuilder};
use sse_reqwest::{
    EndReason, RequestBuilderExt as _, Resume, SseConfig, SseError, SseErrorKind, SseErrorOutcome,
};

use crate::support::{Reply, ScriptedServer, Seen, http, reconnecting, rest, run, sse};

struct Outcome {
    events: usize,
    error: Option<SseError>,
    end: Option<EndReason>,
    requests: Vec<Seen>,
}

/// Makes a request of a server that gives these replies and then a 204. The options are those of a
/// client, as its policy may have no effect on this request.
fn outcome(
    make: impl FnOnce(&reqwest::Client, String) -> RequestBuilder,
    config: SseConfig,
    replies: &[Reply],
) -> Outcome {
    run(async {
        let replies = replies.iter().cloned().chain([Reply::status(204)]);
        let server = ScriptedServer::start(replies).await;
        let request = sse(config).request(make(&http(), server.url("/")));
        let mut session = request.sse_session().await.unwrap();
        let (events, error) = rest(&mut session).await;
        let count = server.count_requests().await;
        let requests = server.requests()[..count].to_vec();
        Outcome { events: events.len(), error, end: session.end_reason(), requests }
    })
}

fn post(client: &reqwest::Client, url: String) -> RequestBuilder {
    client.post(url).body("question")
}

/// Returns replies that are lost after an event with an ID, after one without, and before any.
fn disconnects() -> [Reply; 3] {
    [
        Reply::events("id: 1\ndata\n\n").cut(),
        Reply::events("data\n\n").cut(),
        Reply::events(": beat\n\n").cut(),
    ]
}

#[test]
fn only_a_safe_method_is_repeated_by_default() {
    for disconnect in disconnects() {
        for name in ["GET", "REPORT", "QUERY", "SEARCH", "PROPFIND"] {
            let of_safe = outcome(of(name), reconnecting(1), slice::from_ref(&disconnect));
            assert_eq!((of_safe.end, of_safe.requests.len()), (Some(EndReason::NoContent), 2));
            let repeated = &of_safe.requests[1];
            assert_eq!((repeated.method.as_str(), &repeated.body[..]), (name, &b"question"[..]));
        }
        for name in ["POST", "PUT", "DELETE"] {
            let of_other = outcome(of(name), reconnecting(1), slice::from_ref(&disconnect));
            assert!(of_other.error.unwrap().is_transport());
            assert_eq!(of_other.requests.len(), 1);
        }
    }
}

/// Makes a request with this method and a body.
fn of(name: &str) -> impl FnOnce(&reqwest::Client, String) -> RequestBuilder {
    let method = reqwest::Method::from_bytes(name.as_bytes()).unwrap();
    |client, url| client.request(method, url).body("question")
}

#[test]
fn clean_end_by_method_reconnects_after_the_answer_to_a_safe_method() {
    for (name, requests) in [("REPORT", 2), ("QUERY", 2), ("POST", 1), ("PUT", 1)] {
        let outcome = outcome(of(name), reconnecting(1), &[Reply::events("data\n\n")]);
        assert_eq!(outcome.requests.len(), requests, "{name}");
    }
}

#[test]
fn resume_by_method_repeats_an_idempotent_method_that_is_unanswered() {
    let closed = || Reply::nothing().cut();
    for (name, requests) in [("PUT", 4), ("DELETE", 4), ("QUERY", 4), ("POST", 1)] {
        run(async {
            // The first repetition needs no policy.
            let replies = [closed(), closed(), closed(), Reply::events("data\n\n")];
            let server = ScriptedServer::start(replies).await;
            // A session that retries the first connection of a POST needs another `Resume`.
            let config = reconnecting(2).retry_first_connection(name != "POST");
            let request = sse(config).request(of(name)(&http(), server.url("/")));
            let opened = request.sse_session().await;
            assert_eq!(server.count_requests().await, requests, "{name}");
            assert_eq!(opened.is_ok(), requests > 1, "{name}");
        });
    }
    // A response, even one that may be retried, is an answer.
    run(async {
        let server = ScriptedServer::start([Reply::status(503), Reply::events("")]).await;
        let config = reconnecting(2).retry_first_connection(true);
        let request = of("PUT")(&http(), server.url("/")).with_sse_config(config);
        assert!(request.sse_session().await.unwrap_err().is_status());
        assert_eq!(server.count_requests().await, 1);
    });
}

/// Returns after how many of the three disconnects a POST is repeated.
fn repeated(resume: Resume) -> [bool; 3] {
    let config = || reconnecting(1).resume(resume);
    disconnects().map(|disconnect| outcome(post, config(), &[disconnect]).requests.len() == 2)
}

/// The options are those of this request alone, and not of a client with other requests.
#[test]
fn with_sse_config_needs_resume_for_a_policy_of_a_post() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::messages(["1"]); 5]).await;
        let request = || post(&http(), server.url("/"));
        let opened = request().with_sse_config(reconnecting(3)).sse_session().await;
        let error = opened.unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::InvalidConfig);
        let message = error.to_string();
        assert!(message.contains("reconnection needs resume for a request with"), "{message}");
        // The options of `configure` are added to these.
        let mut opened = request().with_sse_config(reconnecting(3));
        opened = opened.configure(|config| config.show_comment_events(true));
        assert_eq!(opened.sse_session().await.unwrap_err().kind(), SseErrorKind::InvalidConfig);
        assert_eq!(server.requests().len(), 0);
        for config in [
            SseConfig::new(),
            reconnecting(0),
            reconnecting(3).resume(Resume::ByMethod),
            reconnecting(3).resume(Resume::IfNothingDelivered),
        ] {
            assert!(request().with_sse_config(config).sse_session().await.is_ok());
        }
        // A policy that a client has for other requests is allowed.
        assert!(sse(reconnecting(3)).request(request()).sse_session().await.is_ok());
    });
}

#[test]
fn resume_decides_whether_a_post_is_repeated() {
    assert_eq!(repeated(Resume::Never), [false, false, false]);
    assert_eq!(repeated(Resume::Feed), [true, true, true]);
    // A part of the answer was yielded, and the server cannot resume after it.
    assert_eq!(repeated(Resume::FromBeginning), [true, false, true]);
    assert_eq!(repeated(Resume::IfIdSeen), [true, false, false]);
    assert_eq!(repeated(Resume::IfNothingDelivered), [false, false, true]);
}

#[test]
fn a_repeated_post_has_the_same_body_and_the_last_event_id() {
    let config = reconnecting(1).resume(Resume::FromBeginning);
    let outcome = outcome(post, config, &disconnects()[..1]);
    assert_eq!(outcome.events, 1);
    let [first, second] = &outcome.requests[..] else { panic!("{:?}", outcome.requests) };
    assert_eq!((second.method.as_str(), second.body.as_slice()), ("POST", &b"question"[..]));
    assert_eq!((first.last_event_id(), second.last_event_id()), (None, Some("1")));
}

#[test]
fn a_post_whose_answer_has_ended_is_finished() {
    let config = reconnecting(5).resume(Resume::FromBeginning);
    let outcome = outcome(post, config, &[Reply::events("id: 1\ndata\n\n")]);
    assert_eq!((outcome.events, outcome.end), (1, Some(EndReason::StreamEnded)));
    assert!(outcome.error.is_none());
    assert_eq!(outcome.requests.len(), 1);
}

#[test]
fn resume_never_does_not_repeat_a_get() {
    for (reply, end) in [
        (Reply::events("data\n\n").cut(), EndReason::Failed),
        (Reply::events("data\n\n"), EndReason::StreamEnded),
    ] {
        let config = reconnecting(5).resume(Resume::Never);
        let outcome = outcome(|client, url| client.get(url), config, &[reply]);
        assert_eq!((outcome.end, outcome.requests.len()), (Some(end), 1));
    }
}

#[test]
fn configure_overrides_resume_of_the_client() {
    for (global, own, requests) in
        [(Resume::Never, Resume::FromBeginning, 2), (Resume::FromBeginning, Resume::Never, 1)]
    {
        run(async {
            let replies = [Reply::events("").cut(), Reply::status(204)];
            let server = ScriptedServer::start(replies).await;
            let client = sse(reconnecting(1).resume(global));
            let request = client.request(http().post(server.url("/")));
            let request = request.configure(|config| config.resume(own));
            rest(&mut request.sse_session().await.unwrap()).await;
            assert_eq!(server.count_requests().await, requests);
        });
    }
}

fn one_shot(client: &reqwest::Client, url: String) -> RequestBuilder {
    client.post(url).body(Body::wrap(String::from("once")))
}

#[test]
fn a_body_that_can_be_read_once_is_sent_once_and_the_error_reports_it() {
    let config = reconnecting(5).resume(Resume::FromBeginning);
    let outcome = outcome(one_shot, config, &disconnects()[..1]);
    assert_eq!(outcome.events, 1);
    assert_eq!(outcome.requests.len(), 1);
    assert_eq!(outcome.requests[0].body, b"once");
    let error = outcome.error.unwrap();
    assert!(error.outcome() == Some(SseErrorOutcome::BodyNotRepeatable) && !error.is_retryable());
    assert_eq!(error.last_event_id(), "1");
    let cause = error.source().unwrap().downcast_ref::<SseError>().unwrap();
    assert!(cause.is_transport());
}

#[test]
fn a_body_that_can_be_read_once_is_accepted_if_nothing_is_repeated() {
    for config in [reconnecting(0).resume(Resume::FromBeginning), reconnecting(5)] {
        let outcome = outcome(one_shot, config, &disconnects()[..1]);
        assert!(outcome.error.unwrap().is_transport());
    }
    let config = reconnecting(5).resume(Resume::FromBeginning);
    let outcome = outcome(one_shot, config, &[Reply::events("data\n\n")]);
    assert_eq!(outcome.end, Some(EndReason::StreamEnded));
}

#[test]
fn resume_factory_makes_the_requests_after_a_post_and_their_method_decides() {
    run(async {
        let disconnect = |id| Reply::events(format!("id: {id}\ndata: 1\n\n")).cut();
        for (method, requests) in [(reqwest::Method::GET, 3), (reqwest::Method::POST, 2)] {
            let server =
                ScriptedServer::start([disconnect(1), disconnect(2), Reply::status(204)]).await;
            let (client, url) = (http(), server.url("/resumed"));
            let request = sse(reconnecting(1)).request(http().post(server.url("/")));
            let request = request.resume_factory(move |_| {
                let made = client.request(method.clone(), &url);
                async move { Ok::<_, SseError>(made) }
            });
            rest(&mut request.sse_session().await.unwrap()).await;
            assert_eq!(server.count_requests().await, requests);
            assert_eq!(server.requests()[0].method, "POST");
            assert_eq!(server.requests()[1].target, "/resumed");
        }
    });
}
