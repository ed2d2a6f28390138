//! Limits of answers: deadlines, the budget, and connections that all end at the same age.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use sse_session::{
    BlockingClient, Deadline, ExcessPolicy, IdleTimeout, Judgment, Limits, ReconnectPolicy,
    ServerSentEvent, SessionRequest, SseErrorKind,
};
use sse_test::TestClock;

use super::{SECOND, answer, config, cut, judge, post, read, whole};
use crate::support::{Reply, Script, events, hanging, run};

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn head_timeout_of_an_answer_is_120_s_by_default() {
    run(async {
        let script = Script::new([Reply::Never]);
        let (config, clock) = config();
        let mut answer = post(&script, config).answer(judge).reconnect(ReconnectPolicy::never());
        let reading = tokio::spawn(async move { answer.concat().await });
        clock.asked_for(2).await;
        assert_eq!(clock.asked(), [10 * MINUTE, 2 * MINUTE]);
        clock.advance(2 * MINUTE);
        assert_eq!(reading.await.unwrap().unwrap_err().deadline(), Some(Deadline::Head));
    });
}

#[test]
fn total_timeout_of_the_request_replaces_the_head_timeout_of_an_answer() {
    run(async {
        let script = Script::new([Reply::Never]);
        let (config, clock) = config();
        let request = Request::post("http://localhost/").body(Bytes::new()).unwrap();
        let request = SessionRequest::new(request).total_timeout(30 * SECOND);
        let answer = script.client(config).request(request).answer(judge);
        let mut answer = answer.reconnect(ReconnectPolicy::never());
        let reading = tokio::spawn(async move { answer.concat().await });
        clock.asked_for(2).await;
        assert_eq!(clock.asked(), [10 * MINUTE, 30 * SECOND]);
        reading.abort();
    });
}

#[test]
fn idle_timeout_of_an_answer_is_300_s_by_default_and_a_stall_wants_a_fresh_connection() {
    run(async {
        let stalled = hanging(events(&["event: info\ndata: 1\n\n"]));
        let script =
            Script::new([Reply::Response(stalled), whole("data: Hello\n\nevent: end\n\n")]);
        let (config, clock) = config();
        let mut answer = post(&script, config).answer(judge);
        let reading = tokio::spawn(async move { answer.concat().await });
        clock.asked_for(3).await;
        assert!(clock.asked().contains(&(5 * MINUTE)), "{:?}", clock.asked());
        clock.advance(5 * MINUTE);
        assert_eq!(reading.await.unwrap().unwrap(), "Hello");
        assert_eq!(script.contexts(), [(0, false), (1, true)]);
    });
}

#[test]
fn deadlines_of_the_config_replace_those_of_an_answer() {
    run(async {
        let script = Script::new([Reply::Response(hanging(events(&["data: Hel\n\n"])))]);
        let (config, clock) = config();
        let config = config.idle_timeout(SECOND).head_timeout(Duration::MAX);
        let mut answer = post(&script, config).answer(judge);
        let reading = tokio::spawn(async move { answer.concat().await });
        clock.asked_for(3).await;
        assert_eq!(clock.asked(), [10 * MINUTE, Duration::MAX, SECOND]);
        clock.advance(SECOND);
        let error = reading.await.unwrap().unwrap_err();
        assert_eq!(error.deadline(), Some(Deadline::Idle));
        assert!(error.is_incomplete() && error.is_timeout());
    });
    run(async {
        let script = Script::new([whole("data: Hello\n\nevent: end\n\n")]);
        let config = config().0.idle_timeout(IdleTimeout::auto()).first_byte_timeout(SECOND);
        assert_eq!(post(&script, config).answer(judge).concat().await.unwrap(), "Hello");
    });
}

#[test]
fn budget_ends_an_answer_that_has_brought_nothing_but_keep_alives() {
    run(async {
        let script = Script::new([Reply::Response(hanging(events(&["event: ping\n\n"])))]);
        let (config, clock) = config();
        let mut answer = post(&script, config).answer(judge).budget(MINUTE);
        let reading = tokio::spawn(async move { answer.concat().await });
        clock.asked_for(3).await;
        clock.advance(MINUTE);
        let error = reading.await.unwrap().unwrap_err();
        assert_eq!(error.deadline(), Some(Deadline::Budget));
        let message = "event stream is incomplete: no terminal event after 0 events \
                       (http://localhost/)";
        assert_eq!(error.to_string(), message);
        assert_eq!(script.requests().len(), 1);
    });
}

#[test]
fn budget_ends_an_answer_whose_transport_is_always_ready() {
    let pings = "event: ping\n\n".repeat(5).leak();
    let judge = |clock: &TestClock| {
        let clock = clock.clone();
        move |event: &ServerSentEvent| {
            clock.advance(20 * SECOND);
            judge(event)
        }
    };
    run(async {
        let script = Script::new([whole(pings)]);
        let (config, clock) = config();
        let mut answer = post(&script, config).answer(judge(&clock)).budget(MINUTE);
        let error = answer.concat().await.unwrap_err();
        assert_eq!(error.deadline(), Some(Deadline::Budget));
        assert_eq!(clock.now(), MINUTE);
    });
    let body = pings.as_bytes();
    let send = move |_: Request<Bytes>| {
        http::Response::builder().header("content-type", "text/event-stream").body(body)
    };
    let (config, clock) = config();
    let client = BlockingClient::new(send, config);
    let answer = client.request("http://localhost/").answer(judge(&clock));
    let error = answer.configure(|answer| answer.budget(MINUTE)).concat().unwrap_err();
    assert_eq!((error.deadline(), clock.now()), (Some(Deadline::Budget), MINUTE));
}

#[test]
fn limits_of_an_answer_skip_no_event() {
    run(async {
        let script = Script::new([whole("data: Hel\n\ndata: lo, and much more\n\nevent: end\n\n")]);
        let limits = Limits::default().max_event_bytes(25).excess_policy(ExcessPolicy::Skip);
        let (text, error) = read(&mut post(&script, config().0.limits(limits)).answer(judge)).await;
        assert_eq!((text.as_str(), error.unwrap().kind()), ("Hel", SseErrorKind::LimitExceeded));
    });
}

#[test]
fn budget_does_not_limit_an_answer_that_is_being_received() {
    run(async {
        let script = Script::new([Reply::Response(hanging(events(&["data: Hel\n\n"])))]);
        let (config, clock) = config();
        let mut answer = post(&script, config).answer(judge).budget(SECOND);
        let reading = tokio::spawn(async move { answer.concat().await });
        clock.asked_for(2).await;
        clock.advance(5 * MINUTE);
        assert_eq!(reading.await.unwrap().unwrap_err().deadline(), Some(Deadline::Idle));
    });
}

#[test]
fn budget_ends_an_answer_before_a_wait_that_exceeds_it() {
    run(async {
        let script = Script::new([whole(""), whole("")]);
        let error = answer(&script).budget(2 * SECOND).concat().await.unwrap_err();
        assert!(error.is_incomplete());
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("next delay of 2s exceeds the budget of 2s"), "{cause}");
    });
}

#[test]
fn suspected_limit_is_the_age_at_which_all_connections_ended() {
    run(async {
        let body = "event: info\ndata: 1\n\n";
        let script = Script::new([cut(body), cut(body)]);
        let (config, clock) = config();
        let policy = ReconnectPolicy::fixed(SECOND).max_attempts(1);
        let answer = post(&script, config).answer(move |_| {
            clock.advance(15 * SECOND);
            Judgment::<String>::NotYet
        });
        let error = answer.reconnect(policy).concat().await.unwrap_err();
        assert_eq!(error.suspected_limit(), Some(15 * SECOND));
        let cause = std::error::Error::source(&error).unwrap().to_string();
        let expected = "all 2 connections ended 15.0 s after they were made, which may be a limit";
        assert!(cause.contains(expected), "{cause}");
    });
    run(async {
        let script = Script::new([cut(""), cut("")]);
        let policy = ReconnectPolicy::fixed(SECOND).max_attempts(1);
        let (_, error) = read(&mut answer(&script).reconnect(policy)).await;
        let error = error.unwrap();
        assert_eq!((error.kind(), error.suspected_limit()), (SseErrorKind::Disconnected, None));
    });
}
