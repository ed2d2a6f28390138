//! Credentials that a session refreshes: after which rejections, how often, and for which origin.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::header::{AUTHORIZATION, HeaderMap};
use sse_reqwest::{BoxError, EndReason, SessionEvent, SseConfig, SseError, SseErrorKind};

use crate::support::{
    Reply, ScriptedServer, TestClock, causes, http, open, reconnecting, rest_of_data, run, sse,
};

/// Refreshes credentials with a new token each time: `token 1`, `token 2` and so on.
pub(crate) fn refreshing(config: SseConfig) -> SseConfig {
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
fn max_refreshes_limits_refreshes() {
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

/// Obtains a token for the rejections of this predicate.
fn refreshing_on(
    config: SseConfig,
    predicate: impl Fn(&SseError) -> bool + Send + Sync + 'static,
) -> SseConfig {
    let token = || HeaderMap::from_iter([(AUTHORIZATION, "token 1".parse().unwrap())]);
    let config = config.refresh_credentials(move |_| {
        let refreshed = Ok::<_, BoxError>(token());
        async { refreshed }
    });
    config.refresh_credentials_on(predicate)
}

#[test]
fn refresh_credentials_on_decides_which_rejections_ask_for_credentials() {
    let expired = || Reply::status(403).send("token expired");
    let login = || Reply::status(200).header("content-type", "text/html").send("log in");
    let predicate = |rejection: &SseError| {
        rejection.kind() == SseErrorKind::ContentType
            || rejection.body_text().is_some_and(|body| body.contains("expired"))
    };
    for rejection in [expired(), login()] {
        run(async {
            let replies = [rejection, Reply::events("data: 1\n\n")];
            let server = ScriptedServer::start(replies).await;
            let mut session =
                open(refreshing_on(SseConfig::new(), predicate), server.url("/")).await;
            assert_eq!(rest_of_data(&mut session).await, ["1"]);
            assert_eq!(tokens(&server), [None, token(1)]);
        });
    }
    // Any other 403 is final, and so is a 401, which the predicate does not name.
    for status in [403, 401] {
        run(async {
            let server = ScriptedServer::start([Reply::status(status).send("forbidden")]).await;
            let config = refreshing_on(reconnecting(1), predicate);
            let error = sse(config).sse_session(server.url("/")).await.unwrap_err();
            assert_eq!(error.status().unwrap(), status);
            assert_eq!(server.count_requests().await, 1);
        });
    }
    // By default a 403 is final.
    run(async {
        let server = ScriptedServer::start([expired()]).await;
        let config = refreshing(SseConfig::new());
        let error = sse(config).sse_session(server.url("/")).await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), server.count_requests().await), (403, 1));
    });
}

#[test]
fn refresh_credentials_on_is_called_before_the_policy() {
    run(async {
        let replies = [
            Reply::events("data: 1\n\n"),
            Reply::status(503),
            Reply::status(503),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ];
        let server = ScriptedServer::start(replies).await;
        let config = refreshing_on(reconnecting(2), |rejection| rejection.is_status());
        let mut session = open(config, server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        assert_eq!(tokens(&server), [None, None, token(1), token(1), token(1)]);
    });
}

#[test]
fn refreshed_credentials_are_for_the_origin_that_requested_them() {
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
fn refresh_credentials_is_called_again_after_it_failed() {
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
fn a_disconnect_because_of_old_credentials_is_reported() {
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
