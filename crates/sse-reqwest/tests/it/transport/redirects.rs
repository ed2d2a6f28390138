//! Redirects: the session at the place that they name.
//!
//! reqwest follows them, by its own policy: these tests show that sessions work with that.

use reqwest::header::HeaderName;
use sse_reqwest::{ReconnectUrl, RequestBuilderExt as _, SseConfig};

use crate::support::{
    Reply, ScriptedServer, data, http, open, reconnecting, refusal, rest_of_data, run, sse,
};

#[track_caller]
fn check_followed(status: u16) {
    let (data, targets, url) = run(async {
        let server = ScriptedServer::start([
            Reply::redirect(status, "/target"),
            Reply::events("data: data\n\n"),
        ])
        .await;
        let mut session = open(SseConfig::new(), server.url("/start")).await;
        let data = data(&mut session).await;
        let call = session.call();
        assert_eq!(call.request().unwrap().uri().path(), "/start");
        assert_eq!(session.connections(), 1);
        let targets: Vec<_> = server.requests().into_iter().map(|seen| seen.target).collect();
        (data, targets, call.response().uri().path().to_owned())
    });
    assert_eq!(data, "data");
    assert_eq!(targets, ["/start", "/target"]);
    assert_eq!(url, "/target");
}

#[test]
fn a_get_follows_every_redirect() {
    [301, 302, 303, 307, 308].into_iter().for_each(check_followed);
}

#[test]
fn a_redirect_keeps_the_headers_of_an_event_stream() {
    run(async {
        let server =
            ScriptedServer::start([Reply::redirect(307, "/target"), Reply::events("")]).await;
        open(SseConfig::new().last_event_id("7"), server.url("/")).await;
        let redirected = &server.requests()[1];
        assert_eq!(redirected.values("accept"), ["text/event-stream"]);
        assert_eq!(redirected.values("cache-control"), ["no-cache"]);
        assert_eq!(redirected.last_event_id(), Some("7"));
    });
}

#[test]
fn reconnecting_starts_at_the_original_url() {
    run(async {
        let server = ScriptedServer::start([
            Reply::redirect(301, "/first"),
            Reply::events("id: 1\ndata: 1\n\n"),
            Reply::redirect(302, "/second"),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ])
        .await;
        let mut session = open(reconnecting(1), server.url("/start")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        let targets: Vec<_> = server.requests().into_iter().map(|seen| seen.target).collect();
        assert_eq!(targets, ["/start", "/first", "/start", "/second", "/start"]);
        let one = Some("1".to_owned());
        let ids = [None, None, one.clone(), one.clone(), one];
        assert_eq!(server.last_event_ids(), ids);
        assert_eq!(session.connections(), 2);
    });
}

#[test]
fn reconnect_url_may_be_that_of_the_redirect_until_it_fails() {
    run(async {
        let server = ScriptedServer::start([
            Reply::redirect(301, "/first"),
            Reply::events("data: 1\n\n"),
            Reply::events("data: 2\n\n"),
            Reply::status(503),
            Reply::redirect(302, "/second"),
            Reply::events("data: 3\n\n"),
            Reply::status(204),
        ])
        .await;
        let config = reconnecting(2).reconnect_url(ReconnectUrl::Final);
        let mut session = open(config, server.url("/start")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1", "2", "3"]);
        let targets: Vec<_> = server.requests().into_iter().map(|seen| seen.target).collect();
        let expected = ["/start", "/first", "/first", "/first", "/start", "/second", "/second"];
        assert_eq!(targets, expected);
    });
}

#[test]
fn credentials_are_not_sent_when_reconnecting_to_another_origin() {
    run(async {
        let other = ScriptedServer::start([
            Reply::events("id: 7\ndata: 1\n\n"),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ])
        .await;
        let server = ScriptedServer::start([Reply::redirect(307, other.url("/"))]).await;
        let config = reconnecting(1)
            .reconnect_url(ReconnectUrl::Final)
            .sensitive_headers([HeaderName::from_static("x-api-key")]);
        let request = http()
            .get(server.url("/"))
            .header("authorization", "secret")
            .header("cookie", "secret")
            .header("x-api-key", "secret")
            .header("x-other", "kept");
        let mut session = sse(config).sse_session(request).await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        let has = |name: &str| -> Vec<_> {
            other.requests().iter().map(|seen| seen.value(name).is_some()).collect()
        };
        assert_eq!(has("authorization"), [false; 3]);
        assert_eq!(has("cookie"), [false; 3]);
        // reqwest lets this one cross with the redirect; on a reconnection it is not sent.
        assert_eq!(has("x-api-key"), [true, false, false]);
        assert_eq!(has("x-other"), [true; 3]);
        assert_eq!(has("last-event-id"), [false, true, true]);
    });
}

#[test]
fn a_post_is_redirected_as_its_status_says() {
    for (status, method, body) in [(303, "GET", ""), (307, "POST", "question")] {
        run(async {
            let server = ScriptedServer::start([
                Reply::redirect(status, "/target"),
                Reply::events("data: answer\n\n"),
            ])
            .await;
            let request = http().post(server.url("/")).body("question");
            let mut session = request.sse_session().await.unwrap();
            assert_eq!(data(&mut session).await, "answer");
            let seen = &server.requests()[1];
            assert_eq!((seen.method.as_str(), seen.body.as_slice()), (method, body.as_bytes()));
        });
    }
}

#[test]
fn a_redirect_that_may_not_be_followed_is_a_status() {
    run(async {
        let server = ScriptedServer::start([Reply::redirect(302, "/target?secret")]).await;
        let client = reqwest::Client::builder().no_proxy();
        let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let error = client.get(server.url("/")).sse_session().await.unwrap_err();
        assert_eq!(error.status().unwrap(), 302);
        assert_eq!(error.headers().unwrap()["location"], "/target?secret");
        assert!(!format!("{error} {error:?}").contains("secret"));
    });
}

#[test]
fn credentials_do_not_follow_to_another_origin_but_are_sent_again_to_their_own() {
    run(async {
        let events = |body| Reply::events(body);
        let other = ScriptedServer::start([events("data: 1\n\n"), events("data: 2\n\n")]).await;
        let there = Reply::redirect(307, other.url("/"));
        let server = ScriptedServer::start([there.clone(), there, Reply::status(204)]).await;
        let request = http().get(server.url("/")).bearer_auth("secret").header("cookie", "a=b");
        let mut session = request.with_sse_config(reconnecting(1)).sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        for seen in server.requests() {
            assert_eq!(seen.value("authorization"), Some("Bearer secret"));
            assert_eq!(seen.value("cookie"), Some("a=b"));
        }
        assert_eq!(other.requests().len(), 2);
        for seen in other.requests() {
            assert_eq!(seen.value("authorization"), None);
            assert_eq!(seen.value("cookie"), None);
        }
    });
}

#[test]
fn a_circle_of_redirects_ends() {
    run(async {
        let circle = std::iter::repeat_n(Reply::redirect(302, "/again"), 20);
        let server = ScriptedServer::start(circle).await;
        let error = refusal(reconnecting(9), server.url("/")).await;
        assert!(!error.is_retryable());
        assert_eq!(error.status(), None);
        assert_eq!(server.count_requests().await, 11);
    });
}

#[test]
fn a_redirect_to_an_invalid_url_is_not_an_invalid_request() {
    for location in ["ftp://host.invalid/", "mailto:a@b.invalid"] {
        run(async {
            let server = ScriptedServer::start([Reply::redirect(302, location)]).await;
            let error = refusal(reconnecting(9), server.url("/")).await;
            assert!(!error.is_invalid_request() && !error.is_retryable(), "{error:?}");
            assert_eq!(server.count_requests().await, 1);
        });
    }
}
