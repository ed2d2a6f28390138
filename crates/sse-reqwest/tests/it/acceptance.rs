//! Heads of first responses: which ones open a session, and which are rejected.
//!
//! Reconnection is on throughout, so that each test also shows that nothing is repeated. The body
//! of an event stream is not tested here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sse_reqwest::{
    EndReason, RequestBuilderExt as _, SessionEvent, SseClient, SseConfig, SseError, SseErrorKind,
};

use crate::support::{
    Reply, ScriptedServer, TestClock, builder, data, http, open, reconnecting, refusal,
    rest_of_data, run, sse,
};

/// Sends the only response of a server, and returns the error.
fn refused(reply: Reply) -> (SseError, usize) {
    run(async {
        let server = ScriptedServer::start([reply]).await;
        let error = refusal(reconnecting(3), server.url("/events")).await;
        (error, server.count_requests().await)
    })
}

#[track_caller]
fn check_status(status: u16) {
    let body = if status == 205 { "" } else { "data: no event\n\n" };
    let reply = Reply::status(status).header("content-type", "text/event-stream").send(body);
    let (error, requests) = refused(reply);
    assert!(error.is_status(), "{error}");
    assert_eq!(error.status().unwrap(), status);
    assert_eq!(error.body_text().unwrap(), body);
    assert_eq!(requests, 1);
}

#[test]
fn a_status_other_than_200_and_204_opens_nothing_and_is_not_retried() {
    let refused = [201, 202, 203, 205, 206, 210, 299, 400, 401, 403, 404, 410, 429, 500, 503];
    refused.into_iter().for_each(check_status);
}

#[test]
fn a_404_is_an_error_with_its_status() {
    run(async {
        let server = ScriptedServer::start([Reply::status(404)]).await;
        let error = refusal(reconnecting(3), server.url("/no/such?q")).await;
        let message = format!("unexpected status 404 Not Found ({})", server.url("/no/such"));
        assert_eq!(error.to_string(), message);
        assert!(!error.is_retryable());
    });
}

#[test]
fn a_rejection_has_headers_and_a_body_that_can_be_read_twice() {
    let reply = Reply::status(500).header("retry-after", "7").send("Server").pause().send(" error");
    run(async {
        let server = ScriptedServer::start([reply]).await;
        server.go_on();
        let error = refusal(reconnecting(0), server.url("/")).await;
        assert_eq!(error.body(), Some(&b"Server error"[..]));
        assert_eq!(error.body_text().unwrap(), "Server error");
        assert_eq!(error.headers().unwrap()["retry-after"], "7");
        assert!(error.is_retryable());
    });
}

#[test]
fn body_of_a_json_rejection_is_unchanged() {
    let reply = Reply::status(400).header("content-type", "application/json");
    let (error, _) = refused(reply.send(r#"{"error":"no such model"}"#));
    assert_eq!(error.status().unwrap(), 400);
    assert_eq!(error.body_text().unwrap(), r#"{"error":"no such model"}"#);
    assert_eq!(error.headers().unwrap()["content-type"], "application/json");
}

#[track_caller]
fn check_no_event_stream(content_type: Option<&str>, said: &str) {
    let reply = Reply::status(200).send("data: no event\n\n");
    let (error, requests) = refused(match content_type {
        Some(value) => reply.header("content-type", value),
        None => reply,
    });
    assert!(error.kind() == SseErrorKind::ContentType, "{error}");
    assert!(error.to_string().contains(said), "{error}");
    assert_eq!(error.status().unwrap(), 200);
    assert_eq!(error.headers().unwrap().contains_key("content-type"), content_type.is_some());
    assert_eq!(error.body_text().unwrap(), "data: no event\n\n");
    assert_eq!(requests, 1);
}

#[test]
fn another_content_type_opens_nothing_and_is_not_retried() {
    check_no_event_stream(Some("text/plain"), "not an event stream: content type text/plain");
    check_no_event_stream(Some("text/x-bogus"), "text/x-bogus");
    check_no_event_stream(Some("x bogus"), "x bogus");
    check_no_event_stream(Some("text/event-stream x bogus"), "x bogus");
    check_no_event_stream(Some("application/json"), "application/json");
    check_no_event_stream(Some(""), "content type ");
    check_no_event_stream(None, "no content type");
}

#[track_caller]
fn check_event_stream(content_type: &str) {
    let body = "data: ok\u{2026}\n\n";
    let reply = Reply::status(200).header("content-type", content_type).send(body);
    let data = run(async {
        let server = ScriptedServer::start([reply]).await;
        data(&mut open(reconnecting(0), server.url("/")).await).await
    });
    assert_eq!(data, "ok\u{2026}");
}

#[test]
fn parameters_and_letter_case_of_the_content_type_do_not_matter_and_it_is_always_utf_8() {
    for content_type in [
        "text/event-stream",
        "TEXT/Event-Stream",
        "text/event-stream; charset=UTF-8",
        "text/event-stream;charset=windows-1252",
        "text/event-stream;",
        "text/event-stream ; x=bogus",
    ] {
        check_event_stream(content_type);
    }
}

#[test]
fn a_204_first_is_a_session_without_events_and_one_request() {
    run(async {
        let reply = Reply::status(204).header("x-own", "1");
        let server = ScriptedServer::start([reply]).await;
        let mut session = open(reconnecting(3), server.url("/")).await;
        assert_eq!(session.call().response().status(), 204);
        assert_eq!(session.connections(), 0);
        assert_eq!(session.call().response().headers()["x-own"], "1");
        assert_eq!(rest_of_data(&mut session).await, [""; 0]);
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn a_200_with_an_empty_body_is_a_session_without_events() {
    for reply in
        [Reply::events(""), Reply::events("").with_length(), Reply::events("").until_close()]
    {
        run(async {
            let server = ScriptedServer::start([reply]).await;
            let mut session = open(reconnecting(0), server.url("/")).await;
            assert_eq!(rest_of_data(&mut session).await, [""; 0]);
            assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
        });
    }
}

#[test]
fn a_session_is_open_before_any_event_comes() {
    run(async {
        let server = ScriptedServer::start([Reply::events("").pause().send("data: 1\n\n")]).await;
        let mut session = open(reconnecting(0), server.url("/")).await;
        server.go_on();
        assert_eq!(data(&mut session).await, "1");
    });
}

#[test]
fn an_endless_error_body_is_cut_at_64_kib() {
    run(async {
        let piece = "no! ".repeat(1000);
        let server = ScriptedServer::start([Reply::status(500).repeat(&piece)]).await;
        let error = refusal(reconnecting(0), server.url("/")).await;
        assert_eq!(error.status().unwrap(), 500);
        assert_eq!(error.body().unwrap().len(), 64 * 1024);
        assert!(error.body_text().unwrap().starts_with("no! no! "));
        server.closed_by_client(1).await;
    });
}

#[test]
fn an_endless_body_of_another_type_is_cut_at_64_kib() {
    run(async {
        let reply = Reply::status(200).header("content-type", "application/octet-stream");
        let server = ScriptedServer::start([reply.repeat([0; 5000])]).await;
        let error = refusal(reconnecting(0), server.url("/")).await;
        assert!(error.kind() == SseErrorKind::ContentType);
        assert_eq!(error.body().unwrap().len(), 64 * 1024);
        server.closed_by_client(1).await;
    });
}

#[test]
fn an_error_body_that_never_ends_is_cut_by_the_deadline() {
    run(async {
        let clock = TestClock::manual();
        let server = ScriptedServer::start([Reply::status(503).send("wait").hang()]).await;
        let config = reconnecting(0).clock(clock.clone());
        let (error, ()) = tokio::join!(refusal(config, server.url("/")), async {
            clock.asked_for(1).await;
            assert_eq!(clock.asked(), [Duration::from_secs(5)]);
            clock.advance(Duration::from_secs(5));
        });
        assert_eq!(error.status().unwrap(), 503);
        // The part that had arrived by then: with a clock that the test moves, that may be nothing
        // yet.
        assert!(b"wait".starts_with(error.body().unwrap()));
        server.closed_by_client(1).await;
    });
}

#[test]
fn an_error_body_that_breaks_off_is_kept_as_far_as_it_came() {
    for reply in [
        Reply::status(500).send("half").cut(),
        Reply::status(500).send("half").with_length_too_long_by(4).cut(),
    ] {
        let (error, _) = refused(reply);
        assert_eq!(error.status().unwrap(), 500);
        assert_eq!(error.body_text().unwrap(), "half");
    }
}

#[test]
fn a_session_that_is_dropped_while_an_error_body_is_read_closes_its_connection() {
    run(async {
        let clock = TestClock::manual();
        let server = ScriptedServer::start([Reply::status(503).send("wait").hang()]).await;
        let config = reconnecting(9).retry_first_connection(true).clock(clock.clone());
        let opening = sse(config).sse_session(server.url("/"));
        tokio::select! {
            opened = opening => panic!("{opened:?}"),
            // The deadline of the body runs.
            () = clock.asked_for(1) => {}
        }
        server.abandoned(0).await;
        assert_eq!(clock.running(), 0);
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn the_body_of_a_429_is_reported_even_if_the_session_continues() {
    run(async {
        let busy = Reply::status(429).header("x-limit", "9").send("slow down");
        let replies = [Reply::events("data\n\n"), busy, Reply::status(204)];
        let server = ScriptedServer::start(replies).await;
        let mut session = sse(reconnecting(2)).sse_session(server.url("/")).await.unwrap();
        let mut refusals = Vec::new();
        while let Some(step) = session.lifecycle().next().await {
            if let SessionEvent::Disconnected { cause, .. } = step.unwrap() {
                refusals.extend(cause.body_text().map(|body| {
                    let header = cause.headers().unwrap()["x-limit"].to_str().unwrap().to_owned();
                    (cause.status().unwrap().as_u16(), header, body.into_owned())
                }));
            }
        }
        assert_eq!(refusals, [(429, "9".to_owned(), "slow down".to_owned())]);
    });
}

#[test]
fn a_401_says_what_to_do_and_a_new_request_opens() {
    run(async {
        let server = ScriptedServer::start([
            Reply::status(401).header("www-authenticate", "Bearer"),
            Reply::events("data: welcome\n\n"),
        ])
        .await;
        let client = http();
        let open = |token| client.get(server.url("/")).bearer_auth(token).sse_session();
        let error = open("old").await.unwrap_err();
        assert_eq!(error.status().unwrap(), 401);
        assert_eq!(error.headers().unwrap()["www-authenticate"], "Bearer");
        assert_eq!(data(&mut open("new").await.unwrap()).await, "welcome");
        assert_eq!(server.requests()[1].value("authorization"), Some("Bearer new"));
    });
}

#[test]
fn a_pooled_connection_that_is_closed_does_not_leave_a_first_request_unanswered() {
    let ends: [fn(Reply) -> Reply; 2] = [Reply::cut, Reply::reset];
    for end in ends {
        for is_http2 in [false, true] {
            run(async {
                let busy = Reply::status(503).with_length().keep_alive();
                let replies = [busy, end(Reply::nothing()), Reply::messages(["1"])];
                let server = ScriptedServer::builder();
                let server = if is_http2 { server.http2() } else { server };
                let server = server.start(replies).await;
                let http = builder();
                let http = if is_http2 { http.http2_prior_knowledge() } else { http };
                let client = SseClient::new(http.build().unwrap(), SseConfig::new());
                client.sse_session(server.url("/")).await.unwrap_err();
                let mut session = client.sse_session(server.url("/")).await.unwrap();
                assert_eq!(rest_of_data(&mut session).await, ["1"]);
                let seen = server.requests();
                let connections: Vec<_> = seen.iter().map(|seen| seen.connection).collect();
                assert_eq!(connections, [0, 0, 1]);
            });
        }
    }
}

#[test]
fn a_server_that_closes_each_connection_leaves_a_first_request_unanswered() {
    for method in [reqwest::Method::GET, reqwest::Method::POST] {
        run(async {
            let server = ScriptedServer::start(vec![Reply::nothing().cut(); 3]).await;
            let requests = if method == reqwest::Method::GET { 2 } else { 1 };
            let request = http().request(method.clone(), server.url("/"));
            let error = request.sse_session().await.unwrap_err();
            assert!(error.is_unanswered() && error.is_transport(), "{error:?}");
            assert!(!error.is_truncated() && !error.is_reset() && !error.is_connect());
            assert!(error.to_string().starts_with("no response: connection closed"), "{error}");
            assert_eq!(server.count_requests().await, requests);
        });
    }
}

#[test]
fn client_factory_makes_the_client_that_repeats_an_unanswered_first_request() {
    run(async {
        let busy = Reply::status(503).with_length().keep_alive();
        let replies = [busy, Reply::nothing().cut(), Reply::messages(["1"])];
        let server = ScriptedServer::start(replies).await;
        let made = Arc::new(AtomicUsize::new(0));
        let counter = made.clone();
        let client = SseClient::new(http(), SseConfig::new()).client_factory(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            builder().build()
        });
        client.sse_session(server.url("/")).await.unwrap_err();
        assert_eq!(made.load(Ordering::Relaxed), 0);
        client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(made.load(Ordering::Relaxed), 1);
    });
}
