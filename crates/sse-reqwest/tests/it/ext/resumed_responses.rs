//! Disconnects of sessions that began with a response.
//!
//! Every response here is lost, or comes to its end.

use std::error::Error as _;

use futures_util::future;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use sse_reqwest::{
    CleanEnd, EndReason, ResponseExt as _, Resume, SseConfig, SseError, SseErrorKind,
    SseErrorOutcome,
};

use crate::{
    ext::responses::{disconnect, open, open_to_resume, response},
    support::{
        Reply, ScriptedServer, TestClock, data, failure, http, reconnecting, rest, rest_of_data,
        run, sse,
    },
};

#[test]
fn a_response_is_resumed_with_resume_request() {
    for resume in [Resume::ByMethod, Resume::IfIdSeen] {
        run(async {
            let replies = [disconnect(), Reply::events("data: 2\n\n").cut(), Reply::status(204)];
            let server = ScriptedServer::start(replies).await;
            let mut session = open_to_resume(reconnecting(2).resume(resume), &server).await;
            assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
            assert_eq!(session.end_reason(), Some(EndReason::NoContent));
            assert_eq!(session.connections(), 2);
            assert_eq!(session.call().request().unwrap().method(), "GET");
            let [first, second, third] = &server.requests()[..] else { panic!() };
            assert_eq!((first.method.as_str(), first.last_event_id()), ("POST", None));
            for resumed in [second, third] {
                let target = (resumed.method.as_str(), resumed.target.as_str());
                assert_eq!((target, resumed.last_event_id()), (("GET", "/stream"), Some("1")));
                assert_eq!(resumed.value("accept"), Some("text/event-stream"));
            }
        });
    }
}

#[test]
fn policies_apply_to_resume_request_as_to_any_request() {
    for (config, requests) in [
        (reconnecting(0), 1),
        (reconnecting(1).resume(Resume::Never), 1),
        (reconnecting(1).resume(Resume::IfNothingDelivered), 1),
        (reconnecting(1), 2),
    ] {
        run(async {
            let server = ScriptedServer::start([disconnect(), Reply::status(500)]).await;
            let mut session = open_to_resume(config, &server).await;
            let (events, error) = rest(&mut session).await;
            assert_eq!(events.len(), 1);
            let error = error.unwrap();
            assert_eq!(
                error.outcome() == Some(SseErrorOutcome::Exhausted),
                requests == 2,
                "{error:?}"
            );
            assert!(error.outcome() != Some(SseErrorOutcome::RequestMissing));
            assert_eq!(server.count_requests().await, requests);
        });
    }
}

/// A server that has sent everything may well reject another request.
#[test]
fn a_regular_end_of_a_response_depends_on_resume_request_and_clean_end() {
    let config = || reconnecting(3).resume(Resume::IfIdSeen);
    let finishing = config().clean_end(CleanEnd::Finish);
    let stopping = config().stop_after(|event| event.data() == "1");
    for (config, end, requests) in [
        (config(), EndReason::Failed, 2),
        (finishing, EndReason::StreamEnded, 1),
        (stopping, EndReason::Stopped, 1),
    ] {
        run(async {
            let reply = Reply::events("id: 1\ndata: 1\n\n");
            let server = ScriptedServer::start([reply, Reply::status(405)]).await;
            let mut session = open_to_resume(config, &server).await;
            let (events, error) = rest(&mut session).await;
            assert_eq!((events.len(), session.end_reason()), (1, Some(end)));
            assert_eq!(error.is_some(), end == EndReason::Failed, "{error:?}");
            assert_eq!(server.count_requests().await, requests);
        });
    }
}

#[test]
fn without_resume_request_a_response_ends_the_session() {
    for config in [reconnecting(0), reconnecting(3), reconnecting(0).resume(Resume::FromBeginning)]
    {
        run(async {
            let server = ScriptedServer::start([disconnect(), Reply::messages(["1"])]).await;
            let mut session = open(config.clone(), &server).await;
            assert_eq!(data(&mut session).await, "1");
            let error = failure(&mut session).await;
            assert!(
                error.is_transport()
                    && error.is_retryable()
                    && error.outcome() != Some(SseErrorOutcome::RequestMissing)
            );
            let mut session = open(config, &server).await;
            assert_eq!(rest_of_data(&mut session).await, ["1"]);
            assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
            assert_eq!(server.count_requests().await, 2);
        });
    }
}

#[test]
fn without_resume_request_the_error_is_request_missing() {
    for resume in [Resume::FromBeginning, Resume::IfIdSeen] {
        run(async {
            let server = ScriptedServer::start([disconnect()]).await;
            let mut session = open(reconnecting(3).resume(resume), &server).await;
            assert_eq!(data(&mut session).await, "1");
            let error = failure(&mut session).await;
            assert!(
                error.outcome() == Some(SseErrorOutcome::RequestMissing)
                    && error.outcome() != Some(SseErrorOutcome::BodyNotRepeatable)
            );
            assert!(error.is_transport() && !error.is_retryable());
            assert_eq!(error.last_event_id(), "1");
            let message = "no request to reconnect with: the session began with a response, and \
                           resume_request is not set";
            assert_eq!(error.to_string(), format!("{message} ({})", server.url("/rpc")));
            let cause = error.source().unwrap().downcast_ref::<SseError>().unwrap();
            assert!(cause.is_transport() && cause.is_retryable());
            assert_eq!(server.count_requests().await, 1);
        });
    }
}

#[test]
fn reconnect_now_uses_resume_request_or_fails_without_one() {
    run(async {
        let hanging = || Reply::events("data: 1\n\n").hang();
        let replies = [hanging(), Reply::events("data: 2\n\n"), hanging()];
        let server = ScriptedServer::start(replies).await;
        let mut session = open_to_resume(SseConfig::new(), &server).await;
        assert_eq!(data(&mut session).await, "1");
        session.handle().reconnect_now();
        assert_eq!(data(&mut session).await, "2");
        assert_eq!(server.requests()[1].method, "GET");
        let mut session = open(SseConfig::new(), &server).await;
        assert_eq!(data(&mut session).await, "1");
        session.handle().reconnect_now();
        let error = failure(&mut session).await;
        assert!(
            error.outcome() == Some(SseErrorOutcome::RequestMissing)
                && error.kind() == SseErrorKind::ReconnectRequested
        );
    });
}

#[test]
fn reconnect_now_abandons_a_response_that_is_being_rejected() {
    for has_request in [true, false] {
        run(async {
            let refusal = Reply::status(503).send("no, and that is beca").hang();
            let server = ScriptedServer::start([refusal, Reply::events("data: 1\n\n")]).await;
            let client = sse(SseConfig::new().clock(TestClock::manual()));
            let mut request = client.response(response(&server).await);
            if has_request {
                request = request.resume_request(server.url("/stream"));
            }
            let mut opening = request.sse_session();
            let refused = future::poll_immediate(&mut opening).await;
            assert!(refused.is_none(), "{refused:?}");
            opening.handle().reconnect_now();
            match opening.await {
                Ok(mut session) => assert_eq!(data(&mut session).await, "1"),
                Err(error) => assert!(
                    !has_request && error.outcome() == Some(SseErrorOutcome::RequestMissing),
                    "{error:?}"
                ),
            }
            assert_eq!(server.requests().len(), if has_request { 2 } else { 1 });
        });
    }
}

#[test]
fn a_response_is_resumed_with_resume_factory() {
    run(async {
        let replies = [disconnect(), Reply::events("id: 2\ndata: 2\n\n").cut(), Reply::status(204)];
        let server = ScriptedServer::start(replies).await;
        let (http, url) = (http(), server.url("/stream"));
        let request = sse(reconnecting(1)).response(response(&server).await);
        let request = request.resume_factory(move |context| {
            assert!(context.cause().is_some_and(SseError::is_transport));
            let url =
                format!("{url}?after={}&attempt={}", context.last_event_id(), context.attempt());
            let request = http.get(url);
            async move { Ok::<_, SseError>(request) }
        });
        let mut session = request.sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        let targets: Vec<_> = server.requests().iter().map(|seen| seen.target.clone()).collect();
        assert_eq!(targets, ["/rpc?q", "/stream?after=1&attempt=1", "/stream?after=2&attempt=1"]);
        assert_eq!(server.last_event_ids(), [None, Some("1".into()), Some("2".into())]);
    });
}

#[test]
fn credentials_are_refreshed_for_resume_request() {
    run(async {
        let replies = [disconnect(), Reply::unauthorized(), Reply::messages(["2"])];
        let server = ScriptedServer::start(replies).await;
        let config = reconnecting(1).refresh_credentials(|_| async {
            let token = HeaderValue::from_static("Bearer fresh");
            Ok::<_, SseError>(HeaderMap::from_iter([(AUTHORIZATION, token)]))
        });
        let mut session = open_to_resume(config, &server).await;
        assert_eq!((data(&mut session).await, data(&mut session).await), ("1".into(), "2".into()));
        assert_eq!(server.requests()[2].value("authorization"), Some("Bearer fresh"));
    });
}

#[test]
fn resume_request_of_a_bare_response_needs_a_client() {
    run(async {
        let server =
            ScriptedServer::start([disconnect(), disconnect(), Reply::messages(["2"])]).await;
        let request = response(&server).await.with_sse_config(reconnecting(1));
        let error = request.resume_request(server.url("/stream")).sse_session().await.unwrap_err();
        assert!(error.is_invalid_request());
        assert_eq!(
            error.to_string(),
            "invalid URL: no client to send it with (use a reqwest::RequestBuilder, or an SseClient)"
        );
        let request = response(&server).await.with_sse_config(reconnecting(1));
        let request = request.resume_request(http().get(server.url("/stream")));
        let mut session = request.sse_session().await.unwrap();
        assert_eq!((data(&mut session).await, data(&mut session).await), ("1".into(), "2".into()));
    });
}

#[test]
fn the_last_event_id_to_start_from_is_that_of_the_configuration() {
    run(async {
        let replies = [Reply::messages(["1"]), Reply::status(204), Reply::messages(["2"])];
        let server = ScriptedServer::start(replies).await;
        let mut session = open_to_resume(reconnecting(1).last_event_id("6"), &server).await;
        assert_eq!(session.last_event_id(), "6");
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
        assert_eq!(server.last_event_ids(), [None, Some("6".to_owned())]);
        let request = sse(SseConfig::new().last_event_id("\u{7}"));
        let request = request.response(response(&server).await);
        assert!(request.sse_session().await.unwrap_err().is_invalid_request());
    });
}

#[test]
fn unacknowledged_events_are_requested_again() {
    run(async {
        let reply = Reply::events("id: a\ndata: 1\n\nid: b\ndata: 2\n\n");
        let server = ScriptedServer::start([reply, Reply::status(204)]).await;
        let mut session = open_to_resume(reconnecting(1).acknowledge_events(true), &server).await;
        assert_eq!(data(&mut session).await, "1");
        let position = session.ack_token();
        assert_eq!(data(&mut session).await, "2");
        session.acknowledge(position);
        assert_eq!(rest_of_data(&mut session).await, [""; 0]);
        assert_eq!(server.last_event_ids(), [None, Some("a".to_owned())]);
    });
}

#[test]
fn with_sse_config_needs_resume_request_for_a_policy() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::messages(["1"]); 3]).await;
        let begun = response(&server).await.with_sse_config(reconnecting(3));
        let error = begun.sse_session().await.unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::InvalidConfig);
        let message = error.to_string();
        assert!(message.contains("reconnection needs resume_request"), "{message}");
        assert!(
            response(&server).await.with_sse_config(reconnecting(0)).sse_session().await.is_ok()
        );
        let begun = response(&server).await.with_sse_config(reconnecting(3));
        let next = http().get(server.url("/stream"));
        assert!(begun.resume_request(next).sse_session().await.is_ok());
    });
}
