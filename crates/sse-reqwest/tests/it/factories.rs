//! Functions of the caller's: request factories, credential refreshes, senders, and client factories.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use reqwest::header::{AUTHORIZATION, HeaderMap};
use sse_reqwest::{
    BoxError, EndReason, RequestContext, Resume, SessionEvent, SseClient, SseConfig, SseError,
    SseErrorKind, SseErrorOutcome, SseRequest,
};

use crate::support::{
    Reply, ScriptedServer, TestClock, causes, http, open, reconnecting, rest, rest_of_data, run,
    sse,
};

/// A request that says how many requests there were before it.
fn numbered(config: SseConfig, url: String) -> SseRequest {
    let count = AtomicU32::new(0);
    SseClient::new(http(), config).request_factory(move |context: RequestContext| {
        let number = count.fetch_add(1, Ordering::Relaxed);
        let cause = context.cause().map_or_else(String::new, ToString::to_string);
        let request = http()
            .get(&url)
            .header("x-number", number)
            .header("x-attempt", context.attempt())
            .header("x-last-event-id", context.last_event_id())
            .header("x-cause", cause);
        async { Ok::<_, BoxError>(request) }
    })
}

#[test]
fn each_request_is_made_anew_knowing_what_is_known() {
    run(async {
        let replies = [
            Reply::events("id: 7\ndata: 1\n\n"),
            Reply::status(503),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ];
        let server = ScriptedServer::start(replies).await;
        let mut session = numbered(reconnecting(3), server.url("/")).sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        let seen = server.requests();
        let of = |name: &str| -> Vec<_> {
            seen.iter().map(|seen| seen.value(name).unwrap_or_default().to_owned()).collect()
        };
        assert_eq!(of("x-number"), ["0", "1", "2", "3"]);
        assert_eq!(of("x-attempt"), ["0", "1", "2", "1"]);
        assert_eq!(of("x-last-event-id"), ["", "7", "7", "7"]);
        assert_eq!(of("last-event-id"), ["", "7", "7", "7"]);
        assert_eq!(of("accept"), ["text/event-stream"; 4]);
        let causes = of("x-cause");
        assert!(causes[0].is_empty() && causes[1].contains("ended"), "{causes:?}");
        assert!(causes[2].contains("503") && causes[3].contains("ended"), "{causes:?}");
    });
}

#[test]
fn a_factory_that_fails_is_a_failed_attempt() {
    run(async {
        let server =
            ScriptedServer::start([Reply::events("data: 1\n\n"), Reply::status(204)]).await;
        let calls = Arc::new(AtomicU32::new(0));
        let (url, counted) = (server.url("/"), calls.clone());
        let client = SseClient::new(http(), reconnecting(2));
        let request = client.request_factory(move |_| {
            let request = http().get(&url);
            let number = counted.fetch_add(1, Ordering::Relaxed);
            async move { if number == 1 { Err("no token") } else { Ok(request) } }
        });
        let mut session = request.sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
        assert_eq!(calls.load(Ordering::Relaxed), 3);
        assert_eq!(server.count_requests().await, 2);
    });
}

#[test]
fn a_factory_that_fails_at_first_opens_nothing() {
    run(async {
        let client = SseClient::new(http(), SseConfig::new());
        let request = client.request_factory(|_| async { Err("no token") });
        let error = request.sse_session().await.unwrap_err();
        assert!(
            error.kind() == SseErrorKind::RequestFactory
                && error.is_retryable()
                && !error.is_transport()
        );
        assert_eq!(causes(&error), ["no token"]);
        let request = client.request_factory(|_| async { Ok::<_, BoxError>(http().get("no url")) });
        let error = request.sse_session().await.unwrap_err();
        assert!(error.is_invalid_request() && !error.is_retryable());
    });
}

#[test]
fn a_factory_is_not_called_before_its_request_is_to_be_made() {
    run(async {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = calls.clone();
        let client = SseClient::new(http(), SseConfig::new());
        let request = client.request_factory(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            async { Err("unused") }
        });
        let opening = request.sse_session();
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        drop(opening);
        assert_eq!(calls.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn what_a_factory_makes_is_repeated_as_its_method_allows() {
    run(async {
        for (resume, requests) in
            [(Resume::ByMethod, 1), (Resume::FromBeginning, 1), (Resume::Feed, 2)]
        {
            let replies = [Reply::events("data: 1\n\n").cut(), Reply::status(204)];
            let server = ScriptedServer::start(replies).await;
            let url = server.url("/");
            let client = SseClient::new(http(), reconnecting(1).resume(resume));
            let request = client.request_factory(move |_| {
                let request = http().post(&url);
                async { Ok::<_, BoxError>(request) }
            });
            rest(&mut request.sse_session().await.unwrap()).await;
            assert_eq!(server.count_requests().await, requests);
        }
    });
}

/// Names a new token each time: `token 1`, `token 2` and so on.
fn refreshing(config: SseConfig) -> SseConfig {
    let count = AtomicU32::new(1);
    config.refresh_credentials(move |refusal: SseError| {
        assert!(refusal.is_unauthorized());
        let token = format!("token {}", count.fetch_add(1, Ordering::Relaxed));
        async move { Ok::<_, BoxError>(HeaderMap::from_iter([(AUTHORIZATION, token.parse()?)])) }
    })
}

fn tokens(server: &ScriptedServer) -> Vec<Option<String>> {
    let requests = server.requests();
    requests.iter().map(|seen| seen.value("authorization").map(str::to_owned)).collect()
}

fn token(number: u32) -> Option<String> {
    Some(format!("token {number}"))
}

#[test]
fn credentials_are_refreshed_and_used_from_then_on() {
    run(async {
        let replies = [
            Reply::status(401),
            Reply::events("data: 1\n\n"),
            Reply::events("data: 2\n\n"),
            Reply::status(401),
            Reply::events("data: 3\n\n"),
            Reply::status(204),
        ];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(refreshing(reconnecting(1)), server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1", "2", "3"]);
        let expected = [None, token(1), token(1), token(1), token(2), token(2)];
        assert_eq!(tokens(&server), expected);
    });
}

#[test]
fn refreshing_needs_no_reconnection_and_waits_for_nothing() {
    run(async {
        let clock = TestClock::manual();
        let server =
            ScriptedServer::start([Reply::status(401), Reply::events("data: 1\n\n")]).await;
        let config = refreshing(SseConfig::new()).clock(clock);
        let mut session = open(config, server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
    });
}

#[test]
fn a_post_is_repeated_with_new_credentials_as_it_was_not_accepted() {
    run(async {
        let server =
            ScriptedServer::start([Reply::status(401), Reply::events("data: 1\n\n")]).await;
        let post = http().post(server.url("/")).body("question");
        let mut session = sse(refreshing(SseConfig::new())).sse_session(post).await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
        let bodies: Vec<_> = server.requests().into_iter().map(|seen| seen.body).collect();
        assert_eq!(bodies, [b"question"; 2]);
    });
}

#[test]
fn credentials_are_refreshed_so_often_and_no_more() {
    for max in [0, 1, 3] {
        run(async {
            let server = ScriptedServer::start(vec![Reply::status(401); 9]).await;
            let config = refreshing(reconnecting(9)).max_refreshes(max);
            let error = sse(config).sse_session(server.url("/")).await.unwrap_err();
            assert!(error.is_unauthorized() && !error.is_retryable());
            assert_eq!(server.count_requests().await, 1 + max as usize);
        });
    }
}

#[test]
fn refreshed_credentials_are_for_the_origin_that_asked_for_them() {
    run(async {
        let first = [Reply::status(401), Reply::events("data: 1\n\n").cut()];
        let first = ScriptedServer::start(first).await;
        let other = ScriptedServer::start([Reply::status(204)]).await;
        let request = sse(refreshing(reconnecting(1))).request(first.url("/"));
        let request = request.resume_request(other.url("/"));
        let mut session = request.sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
        assert_eq!((tokens(&first), tokens(&other)), (vec![None, token(1)], vec![None]));
    });
}

#[test]
fn credentials_that_cannot_be_refreshed_are_a_failed_attempt() {
    run(async {
        let replies = [Reply::events("data: 1\n\n"), Reply::status(401), Reply::status(204)];
        let server = ScriptedServer::start(replies).await;
        let config = reconnecting(2).refresh_credentials(|_| async { Err("no token server") });
        let mut session = open(config, server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
        let config = SseConfig::new().refresh_credentials(|_| async { Err("no token server") });
        let server = ScriptedServer::start([Reply::status(401)]).await;
        let error = sse(config).sse_session(server.url("/")).await.unwrap_err();
        assert!(error.kind() == SseErrorKind::CredentialsRefresh);
        assert_eq!(causes(&error), ["no token server"]);
    });
}

#[test]
fn credentials_that_were_not_to_be_had_are_asked_for_again() {
    run(async {
        let replies = [
            Reply::events("data: 1\n\n"),
            Reply::status(401),
            Reply::status(401),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ];
        let server = ScriptedServer::start(replies).await;
        let calls = AtomicU32::new(0);
        let config = reconnecting(9).refresh_credentials(move |_| {
            let refreshed = match calls.fetch_add(1, Ordering::Relaxed) {
                0 => Err("the token server is being deployed"),
                _ => Ok(HeaderMap::from_iter([(AUTHORIZATION, "token 1".parse().unwrap())])),
            };
            async { refreshed }
        });
        let mut session = open(config, server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        assert_eq!(tokens(&server), [None, None, None, token(1), token(1)]);
    });
}

#[test]
fn a_body_that_can_be_read_once_is_a_clear_error_when_it_matters() {
    run(async {
        let server = ScriptedServer::start([Reply::status(401)]).await;
        let body = reqwest::Body::wrap(String::from("once"));
        let post = http().post(server.url("/")).body(body);
        let error = sse(refreshing(SseConfig::new())).sse_session(post).await.unwrap_err();
        assert!(
            error.outcome() == Some(SseErrorOutcome::BodyNotRepeatable) && error.is_unauthorized()
        );
    });
}

#[test]
fn a_post_is_resumed_by_another_request() {
    run(async {
        let replies = [
            Reply::events("id: 1\ndata: 1\n\n"),
            Reply::events("id: 2\ndata: 2\n\n"),
            Reply::status(204),
        ];
        let server = ScriptedServer::start(replies).await;
        let client = sse(reconnecting(1).resume(Resume::IfIdSeen));
        let request = client
            .request(http().post(server.url("/mcp")).body("question"))
            .resume_request(http().get(server.url("/mcp?resume")));
        let mut session = request.sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        let seen: Vec<_> = server
            .requests()
            .iter()
            .map(|seen| (seen.method.clone(), seen.target.clone(), seen.body.len()))
            .collect();
        let get = || ("GET".to_owned(), "/mcp?resume".to_owned(), 0);
        assert_eq!(seen, [("POST".to_owned(), "/mcp".to_owned(), 8), get(), get()]);
        assert_eq!(server.last_event_ids(), [None, Some("1".into()), Some("2".into())]);
    });
}

#[test]
fn a_request_to_resume_with_must_be_one() {
    run(async {
        let client = sse(reconnecting(1));
        let request = client.request("http://localhost/").resume_request("no url");
        assert!(request.sse_session().await.unwrap_err().is_invalid_request());
    });
}

#[test]
fn something_else_may_send_the_requests() {
    run(async {
        let replies = [Reply::events("data: 1\n\n"), Reply::status(204)];
        let server = ScriptedServer::start(replies).await;
        let sent = Arc::new(Mutex::new(Vec::new()));
        let (log, http) = (sent.clone(), http());
        let client = sse(reconnecting(1)).send_with(move |mut request: reqwest::Request| {
            log.lock().unwrap().push(request.url().path().to_owned());
            request.headers_mut().insert("x-signed", "yes".parse().unwrap());
            http.execute(request)
        });
        let mut session = client.sse_session(server.url("/a")).await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
        assert_eq!(*sent.lock().unwrap(), ["/a", "/a"]);
        assert!(server.requests().iter().all(|seen| seen.value("x-signed") == Some("yes")));
    });
}

#[test]
fn what_a_sender_fails_with_is_the_cause_and_may_pass() {
    run(async {
        let client = sse(SseConfig::new());
        let request = client.request("http://localhost/");
        let request =
            request.send_with(|_| async { Err::<reqwest::Response, _>("the cable is out") });
        let error = request.sse_session().await.unwrap_err();
        assert!(error.is_transport() && error.is_retryable() && !error.is_connect());
        assert_eq!(causes(&error), ["the cable is out"]);
    });
}

#[test]
fn what_a_sender_wraps_around_an_error_does_not_make_it_pass() {
    run(async {
        let replies = vec![Reply::redirect(302, "/"); 30];
        let server = ScriptedServer::start(replies).await;
        let (http, config) = (http(), reconnecting(9).retry_first_connection(true));
        let client = sse(config).send_with(move |request| {
            let sent = http.execute(request);
            async { sent.await.map_err(|error| std::io::Error::other(Wrapped(error))) }
        });
        let error = client.sse_session(server.url("/")).await.unwrap_err();
        assert!(error.kind() == SseErrorKind::Redirect && !error.is_retryable());
    });
}

#[derive(Debug)]
struct Wrapped(reqwest::Error);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the middleware has failed")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn a_disconnect_because_of_old_credentials_is_told() {
    run(async {
        let replies =
            [Reply::events("data: 1\n\n"), Reply::status(401), Reply::events("data: 2\n\n").hang()];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(refreshing(reconnecting(1)), server.url("/")).await;
        let mut told = Vec::new();
        while told.last().is_none_or(|last| last != "2") {
            told.push(match session.lifecycle().next().await.unwrap().unwrap() {
                SessionEvent::Disconnected { cause, .. } if cause.is_unauthorized() => "401".into(),
                SessionEvent::Disconnected { .. } => "lost".to_owned(),
                SessionEvent::Event(event) => event.data().to_owned(),
                SessionEvent::Connecting => "connecting".to_owned(),
                _ => "open".to_owned(),
            });
        }
        let expected = ["1", "lost", "connecting", "401", "connecting", "open", "2"];
        assert_eq!(told, expected);
    });
}
