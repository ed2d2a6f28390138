//! Options that can have no effect: opening the session is an `InvalidConfig` error, which names
//! the option that is missing.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request};
use sse_session::{
    BoxError, CleanEnd, ReconnectPolicy, Resume, SessionRequest, SseClient, SseConfig,
    SseErrorKind, SseRequest,
};

use crate::support::{Reply, Script, events, run};

type Change = fn(SseConfig) -> SseConfig;

fn with_method(client: &SseClient, method: &str) -> SseRequest {
    let request = Request::builder().method(method).uri("http://localhost/");
    client.request(request.body(Bytes::new()).unwrap())
}

/// Opens a session, and returns the message of the error, if there is one. Nothing may have been
/// sent then.
fn opened(script: &Script, request: SseRequest) -> Result<(), String> {
    run(async {
        let Err(error) = request.sse_session().await else {
            assert_eq!(script.requests().len(), 1);
            return Ok(());
        };
        assert_eq!(error.kind(), SseErrorKind::InvalidConfig);
        assert!(!error.is_retryable());
        assert_eq!(script.requests().len(), 0);
        Err(error.to_string())
    })
}

fn script() -> Script {
    Script::new([Reply::Response(events(&["data: 1\n\n"]))])
}

/// Opens a session of a client with these options.
fn of_client(method: &str, change: Change) -> Result<(), String> {
    let script = script();
    opened(&script, with_method(&script.client(change(SseConfig::new())), method))
}

/// Opens a session with these options of its own.
fn of_session(method: &str, client: Change, own: Change) -> Result<(), String> {
    let script = script();
    let client = script.client(client(SseConfig::new()));
    opened(&script, with_method(&client, method).configure(own))
}

#[track_caller]
fn assert_needs(result: Result<(), String>, option: &str, missing: &str) {
    let message = result.unwrap_err();
    let expected = format!("invalid configuration: {option} needs {missing}");
    assert!(message.starts_with(&expected), "{message}");
}

fn on(config: SseConfig) -> SseConfig {
    config.max_reconnection_attempts(3)
}

#[test]
fn expect_terminal_needs_stop_before_or_stop_after() {
    let needs = "stop_before or stop_after";
    assert_needs(of_client("GET", |it| it.expect_terminal(true)), "expect_terminal", needs);
    let before: Change = |it| it.expect_terminal(true).stop_before(|_| false);
    let after: Change = |it| it.stop_after(|_| false).expect_terminal(true);
    for change in [before, after, |it| it.expect_terminal(false)] {
        assert_eq!(of_client("POST", change), Ok(()));
    }
}

#[test]
fn max_refreshes_and_refresh_credentials_on_need_refresh_credentials() {
    assert_needs(
        of_client("GET", |it| it.max_refreshes(2)),
        "max_refreshes",
        "refresh_credentials",
    );
    let predicate: Change = |it| it.refresh_credentials_on(|error| error.is_status());
    assert_needs(of_client("GET", predicate), "refresh_credentials_on", "refresh_credentials");
    let with: Change = |it| {
        let it = it.refresh_credentials_on(|error| error.is_status());
        it.max_refreshes(2).refresh_credentials(|_| async { Ok::<_, BoxError>(HeaderMap::new()) })
    };
    assert_eq!(of_client("GET", with), Ok(()));
}

#[test]
fn options_of_reconnection_need_reconnect_or_max_reconnection_attempts() {
    let cases: [(Change, &str); 7] = [
        (|it| it.retry_first_connection(true), "retry_first_connection"),
        (|it| it.resume(Resume::IfNothingDelivered), "resume"),
        (|it| it.resume(Resume::IfIdSeen), "resume"),
        (|it| it.resume(Resume::FromBeginning), "resume"),
        (|it| it.clean_end(CleanEnd::Reconnect), "CleanEnd::Reconnect"),
        (|it| it.reconnection_time(Duration::from_secs(1)), "reconnection_time"),
        (|it| it.finish_on_empty_reconnection(true), "finish_on_empty_reconnection"),
    ];
    for (change, option) in cases {
        assert_needs(of_client("GET", change), option, "reconnect or max_reconnection_attempts");
        let reconnecting: [Change; 4] = [
            |it| it.reconnect(ReconnectPolicy::exponential()),
            |it| it.max_reconnection_attempts(1),
            // Turned off on purpose, for example for one session of a client.
            |it| it.reconnect(ReconnectPolicy::never()),
            |it| it.max_reconnection_attempts(0),
        ];
        for reconnecting in reconnecting {
            assert_eq!(of_session("GET", change, reconnecting), Ok(()), "{option}");
        }
    }
    let harmless: Change =
        |it| it.retry_first_connection(false).resume(Resume::Never).clean_end(CleanEnd::Finish);
    assert_eq!(of_client("GET", harmless), Ok(()));
}

#[test]
fn retry_first_connection_of_a_post_needs_resume() {
    let change: Change = |it| on(it).retry_first_connection(true);
    // A PUT is repeated until it gets an answer.
    for method in ["GET", "REPORT", "PUT"] {
        assert_eq!(of_client(method, change), Ok(()));
    }
    for method in ["POST", "PATCH"] {
        let needs = "resume for a request with this method";
        assert_needs(of_client(method, change), "retry_first_connection", needs);
    }
    let chosen: [Change; 4] = [
        |it| it.resume(Resume::IfNothingDelivered),
        |it| it.resume(Resume::FromBeginning),
        |it| it.resume(Resume::Feed),
        // A client that says so serves feeds and questions.
        |it| it.resume(Resume::ByMethod),
    ];
    for own in chosen {
        assert_eq!(of_session("POST", change, own), Ok(()));
    }
    let off: Change = |it| it.reconnect(ReconnectPolicy::never());
    assert_eq!(of_session("POST", change, off), Ok(()));
    assert_eq!(of_client("POST", |_| SseConfig::strict_whatwg()), Ok(()));
}

#[test]
fn clean_end_reconnect_of_a_post_needs_resume() {
    let change: Change = |it| on(it).clean_end(CleanEnd::Reconnect);
    assert_eq!(of_client("GET", change), Ok(()));
    let needs = "resume for a request with this method";
    assert_needs(of_client("POST", change), "CleanEnd::Reconnect", needs);
    assert_eq!(of_session("POST", change, |it| it.resume(Resume::Feed)), Ok(()));
    // After the first connection, the request is a GET.
    let script = script();
    let request = with_method(&script.client(change(SseConfig::new())), "POST");
    assert_eq!(opened(&script, request.resume_request("http://localhost/")), Ok(()));
}

#[test]
fn reconnection_of_a_post_needs_resume_where_it_was_set_for_that_session() {
    let needs = "resume for a request with this method";
    let own: [Change; 2] = [on, |it| it.reconnect(ReconnectPolicy::fixed(Duration::from_secs(1)))];
    for own in own {
        assert_needs(of_session("POST", |it| it, own), "reconnection", needs);
        assert_eq!(of_session("GET", |it| it, own), Ok(()));
        // The client's options are for its feeds too.
        assert_eq!(of_client("POST", own), Ok(()));
        assert_eq!(of_session("POST", own, |it| it.show_comment_events(true)), Ok(()));
        let script = script();
        let request = with_method(&script.client(SseConfig::new()), "POST").configure(own);
        assert_eq!(opened(&script, request.resume_request("http://localhost/")), Ok(()));
    }
    let resumed: Change = |it| on(it).resume(Resume::IfNothingDelivered);
    assert_eq!(of_session("POST", |it| it, resumed), Ok(()));
    let off: Change = |it| it.reconnect(ReconnectPolicy::never());
    assert_eq!(of_session("POST", on, off), Ok(()));
}

#[test]
fn finish_on_empty_reconnection_is_allowed_where_a_regular_end_is_final() {
    // The client's other sessions may reconnect after one.
    let change: Change = |it| on(it).finish_on_empty_reconnection(true);
    assert_eq!(of_session("GET", change, |it| it.clean_end(CleanEnd::Finish)), Ok(()));
    assert_eq!(of_client("POST", change), Ok(()));
}

#[test]
fn resume_if_id_seen_needs_send_last_event_id_or_a_factory() {
    let change: Change = |it| on(it).resume(Resume::IfIdSeen).send_last_event_id(false);
    assert_needs(of_client("GET", change), "Resume::IfIdSeen", "send_last_event_id");
    assert_eq!(of_session("GET", change, |it| it.send_last_event_id(true)), Ok(()));
    let script = script();
    let client = script.client(change(SseConfig::new()));
    let factory = client.request_factory(async |_| {
        let uri = http::Uri::from_static("http://localhost/?after=1");
        Ok::<_, BoxError>(SessionRequest::get(uri))
    });
    assert_eq!(opened(&script, factory), Ok(()));
}

/// Starts a request that a factory makes with this method, with options of its own.
fn made(client: &SseClient, method: &'static str, own: Change) -> SseRequest {
    let make = move |_| async move {
        let request = Request::builder().method(method).uri("http://localhost/");
        Ok::<_, BoxError>(SessionRequest::new(request.body(Bytes::new())?))
    };
    client.request_factory(make).configure(own)
}

#[test]
fn options_are_checked_against_the_method_that_a_request_factory_makes() {
    let needs = "resume for a request with this method";
    let cases: [(Change, &str); 3] = [
        (on, "reconnection"),
        (|it| on(it).retry_first_connection(true), "retry_first_connection"),
        (|it| on(it).clean_end(CleanEnd::Reconnect), "CleanEnd::Reconnect"),
    ];
    for (own, option) in cases {
        let of_session = |method, client: Change, own| {
            let script = script();
            opened(&script, made(&script.client(client(SseConfig::new())), method, own))
        };
        assert_needs(of_session("POST", |it| it, own), option, needs);
        assert_eq!(of_session("GET", |it| it, own), Ok(()));
        assert_eq!(of_session("POST", own, |it| it.resume(Resume::Feed)), Ok(()));
    }
    // The client's options are for its feeds too.
    let script = script();
    let client = script.client(on(SseConfig::new()));
    assert_eq!(opened(&script, made(&client, "POST", |it| it)), Ok(()));
}

#[test]
fn a_request_factory_that_changes_its_method_later_is_not_checked_again() {
    let later = http::Method::POST;
    let script = Script::new([
        Reply::Response(events(&["id: 1\ndata: 1\n\n"])),
        Reply::Response(events(&["data: 2\n\n"])),
    ]);
    let client = script.client(SseConfig::new());
    let factory = client.request_factory(move |context| {
        let is_first = context.last_event_id().is_empty();
        let method = if is_first { http::Method::GET } else { later.clone() };
        let request = Request::builder().method(method).uri("http://localhost/");
        async { Ok::<_, BoxError>(SessionRequest::new(request.body(Bytes::new())?)) }
    });
    let policy = ReconnectPolicy::fixed(Duration::ZERO);
    run(async {
        let mut session = factory.configure(|it| it.reconnect(policy)).sse_session().await.unwrap();
        for data in ["1", "2"] {
            assert_eq!(session.next().await.unwrap().unwrap().data(), data);
        }
        // A POST is not repeated, and its regular end is that of the session.
        assert!(session.next().await.is_none());
        assert_eq!(script.requests().len(), 2);
    });
}

#[test]
fn reconnection_of_a_session_that_begins_with_a_response_needs_resume_request() {
    let response = || events(&["data: 1\n\n"]);
    let of_session = |client: Change, own: Change, is_resumed: bool| {
        let script = Script::new([]);
        let request = script.client(client(SseConfig::new())).response(response()).configure(own);
        let request =
            if is_resumed { request.resume_request("http://localhost/") } else { request };
        run(async { request.sse_session().await.map(drop).map_err(|error| error.to_string()) })
    };
    let own: [Change; 2] = [on, |it| it.reconnect(ReconnectPolicy::exponential())];
    for own in own {
        assert_needs(of_session(|it| it, own, false), "reconnection", "resume_request");
        assert_eq!(of_session(|it| it, own, true), Ok(()));
        // The client's options are for its other sessions too.
        assert_eq!(of_session(own, |it| it.show_comment_events(true), false), Ok(()));
    }
    let off: Change = |it| it.reconnect(ReconnectPolicy::never());
    assert_eq!(of_session(on, off, false), Ok(()));
}
