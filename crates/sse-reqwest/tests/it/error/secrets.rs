//! Secrets of requests: no text that may be logged contains one.
//!
//! A value that the caller accesses by name, such as a header's, is not hidden from the caller.

use std::fmt::Debug;

use sse_reqwest::{
    ClientSseSession, RequestBuilderExt as _, SseClient, SseConfig, SseError,
    reqwest::{
        self,
        header::{AUTHORIZATION, HeaderMap, HeaderValue},
    },
};

use crate::support::{
    Reply, ScriptedServer, causes, data, failure, http, open, reconnecting, rest, run, sse,
};

const SECRET: &str = "hunter2";

#[track_caller]
fn check_text(text: &str) {
    assert!(!text.contains(SECRET), "{text}");
}

#[track_caller]
fn check_debug(value: &impl Debug) {
    check_text(&format!("{value:?}"));
    check_text(&format!("{value:#?}"));
}

#[track_caller]
fn check_error(error: &SseError) {
    check_debug(error);
    check_text(&error.to_string());
    causes(error).iter().for_each(|cause| check_text(cause));
    if let Some(url) = error.uri() {
        check_text(&url.to_string());
    }
}

/// Returns the URL of a server, with a secret in every part that may hold one.
fn secret_url(server: &ScriptedServer) -> String {
    let url = server.url(&format!("/events?token={SECRET}#{SECRET}"));
    url.replace("http://", &format!("http://{SECRET}:{SECRET}@"))
}

/// Returns the responses to a request with secrets, and to all that follow it.
fn secret_replies() -> Vec<Vec<Reply>> {
    let event = || Reply::events("data: 1\n\n");
    let location = format!("/other?token={SECRET}");
    vec![
        vec![Reply::status(500).header("x-token", SECRET).send(SECRET)],
        vec![Reply::status(200).header("x-token", SECRET).send(SECRET)],
        vec![Reply::nothing().cut(), Reply::nothing().cut()],
        vec![event().cut()],
        vec![event(), Reply::status(404).header("x-token", SECRET)],
        vec![event(), Reply::status(500), Reply::nothing().cut()],
        vec![event(), Reply::events(""), Reply::events("").cut()],
        vec![[Reply::redirect(302, &location), Reply::nothing().cut()]; 2].concat(),
        vec![Reply::redirect(302, &location), event().cut()],
        vec![Reply::redirect(302, &location); 20],
        vec![Reply::status(403).header("set-cookie", format!("session={SECRET}"))],
        vec![event().header("set-cookie", format!("session={SECRET}")).cut()],
        vec![event().header("content-encoding", "compress").header("x-token", SECRET)],
        // Redirects to a port on which nobody listens, to a scheme that cannot be requested, and to
        // an invalid URL.
        vec![Reply::redirect(302, format!("http://{SECRET}:{SECRET}@127.0.0.1:1/?{SECRET}"))],
        vec![Reply::redirect(302, format!("ftp://{SECRET}:{SECRET}@127.0.0.1/?{SECRET}"))],
        vec![Reply::redirect(302, format!("http://in valid/?{SECRET}"))],
    ]
}

#[test]
fn no_error_shows_a_secret() {
    for replies in secret_replies() {
        run(async {
            let attempts = if replies.len() > 2 { 1 } else { 0 };
            let server = ScriptedServer::start(replies).await;
            let request = http().get(secret_url(&server)).bearer_auth(SECRET);
            let request = request.header("cookie", format!("session={SECRET}"));
            let request = request.header("proxy-authorization", SECRET);
            let request = request.with_sse_config(reconnecting(attempts));
            let error = match request.sse_session().await {
                Ok(mut session) => rest(&mut session).await.1,
                Err(error) => Some(error),
            };
            if let Some(error) = error {
                check_error(&error);
            }
        });
    }
}

#[test]
fn no_argument_of_a_callback_shows_a_secret() {
    run(async {
        let server = ScriptedServer::start([
            Reply::events("data: 1\n\n"),
            Reply::unauthorized().header("x-token", SECRET).send(SECRET),
            Reply::status(204),
        ])
        .await;
        let (client, url) = (http(), secret_url(&server));
        let config = reconnecting(1).refresh_credentials(|refusal| async move {
            check_error(&refusal);
            Ok::<_, SseError>(HeaderMap::from_iter([(
                AUTHORIZATION,
                HeaderValue::from_static(SECRET),
            )]))
        });
        check_debug(&config);
        let request = sse(config).request_factory(move |context| {
            check_debug(&context);
            let request = client.get(&url).bearer_auth(SECRET);
            async { Ok::<_, SseError>(request) }
        });
        check_debug(&request);
        let (events, error) = rest(&mut request.sse_session().await.unwrap()).await;
        assert!(events.len() == 1 && error.is_none(), "{error:?}");
        assert_eq!(server.requests().len(), 3);
    });
}

#[test]
fn no_client_shows_its_default_headers() {
    let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(SECRET))]);
    let client = reqwest::Client::builder().default_headers(headers).build().unwrap();
    check_debug(&SseClient::from(client));
}

#[test]
fn no_error_of_a_request_that_was_never_sent_shows_a_secret() {
    for url in [
        "http://hunter2:hunter2@in valid/?hunter2",
        "other://hunter2@host.invalid/?hunter2",
        "ftp://hunter2@host.invalid/?hunter2",
        "hunter2",
    ] {
        run(async {
            let error = sse(SseConfig::new()).sse_session(url).await.unwrap_err();
            check_error(&error);
        });
    }
}

#[test]
fn no_session_shows_a_secret_of_its_request() {
    run(async {
        let replies = [Reply::redirect(302, "/other?token=hunter2"), Reply::events("data: 1\n\n")];
        let server = ScriptedServer::start(replies).await;
        let request = http().get(secret_url(&server)).header("x-token", SECRET);
        let mut session: ClientSseSession = request.sse_session().await.unwrap();
        check_debug(&session);
        check_debug(session.call());
        check_debug(session.call().request().unwrap());
        check_debug(session.call().response());
        assert_eq!(data(&mut session).await, "1");
        check_debug(&session);
        check_debug(&session.lifecycle());
    });
}

#[test]
fn no_request_shows_a_secret_before_it_is_sent() {
    run(async {
        let server = ScriptedServer::start([]).await;
        let client = sse(SseConfig::new());
        let request = http().get(secret_url(&server)).header("x-token", SECRET).body(SECRET);
        let request = client.request(request);
        check_debug(&request);
        check_debug(&request.sse_session());
        check_debug(&client.request(format!("http://in valid/?{SECRET}")));
    });
}

#[test]
fn no_session_that_begins_with_a_response_shows_a_secret_of_it() {
    run(async {
        let reply = || Reply::events("").header("set-cookie", SECRET);
        let server = ScriptedServer::start([reply().cut(), reply(), Reply::status(500)]).await;
        let response = async || http().get(secret_url(&server)).send().await.unwrap();
        let request = sse(SseConfig::new()).response(response().await);
        check_debug(&request);
        let mut session = request.sse_session().await.unwrap();
        check_debug(&session);
        check_debug(session.call());
        check_error(&failure(&mut session).await);
        let request = sse(SseConfig::new()).response(response().await);
        check_debug(&request.resume_request(secret_url(&server)));
        let refused = sse(SseConfig::new()).response(response().await).sse_session().await;
        check_error(&refused.unwrap_err());
    });
}

#[test]
fn an_error_shows_its_path_and_call_request_the_whole_uri() {
    run(async {
        let server = ScriptedServer::start([Reply::events("").cut()]).await;
        let mut session = open(SseConfig::new(), secret_url(&server)).await;
        let error = failure(&mut session).await;
        assert!(error.to_string().contains(&server.url("/events")));
        assert!(session.call().request().unwrap().uri().to_string().contains(SECRET));
    });
}
