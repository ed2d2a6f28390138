//! Reconnection policies: the connections that a session makes.
//!
//! Each policy's decisions are tested beside it; these tests show how a session applies them.

mod wait; // waits after `retry` fields and with a configured time
mod storms; // how often clients request a server that goes down or closes again and again

use std::time::Duration;

use sse_reqwest::{
    CleanEnd, EndReason, ReconnectDecision, ReconnectPolicy, Resume, SessionState, SseClient,
    SseConfig, SseError, SseErrorKind, SseErrorOutcome,
};

use crate::support::{
    Reply, ScriptedServer, TestClock, data, http, open, reach, reconnecting, refusal, rest,
    rest_of_data, run, sse,
};

const SECOND: Duration = Duration::from_secs(1);

/// Outcome of a session that got these replies: the waits, the number of requests, and the error,
/// if it ended with one.
fn outcome(config: SseConfig, replies: Vec<Reply>) -> (Vec<Duration>, usize, Option<SseError>) {
    run(async {
        let clock = TestClock::skipping();
        let server = ScriptedServer::start(replies).await;
        let config = config.clock(clock.clone()).randomness(|| 0.0);
        let error = match sse(config).sse_session(server.url("/")).await {
            Ok(mut session) => rest(&mut session).await.1,
            Err(error) => Some(error),
        };
        (clock.asked(), server.count_requests().await, error)
    })
}

/// Asserts that a session with this configuration, getting these replies, has made these waits.
#[track_caller]
fn check_waits(config: SseConfig, replies: Vec<Reply>, expected_secs: &[u64]) -> Option<SseError> {
    let (waits, _, error) = outcome(config, replies);
    let expected: Vec<_> = expected_secs.iter().map(|&secs| Duration::from_secs(secs)).collect();
    assert_eq!(waits, expected, "{error:?}");
    error
}

fn with(policy: ReconnectPolicy) -> SseConfig {
    SseConfig::new().reconnect(policy)
}

fn end() -> Reply {
    Reply::status(204)
}

#[test]
fn exponential_waits_grow_while_connections_are_not_healthy() {
    // Events without IDs, which may come again, do not make a connection healthy that was lost.
    let cut = || Reply::events("data\n\n").cut();
    let replies = vec![cut(), Reply::events(""), cut(), end()];
    check_waits(with(ReconnectPolicy::exponential()), replies.clone(), &[1, 2, 4]);
    check_waits(with(ReconnectPolicy::fixed(7 * SECOND)), replies, &[7, 7, 7]);
}

#[test]
fn a_server_that_accepts_and_closes_is_asked_five_times_at_most_in_two_seconds() {
    for closed in
        [Reply::events(""), Reply::events("retry: 0\n"), Reply::events("retry: 0\n\n").cut()]
    {
        let policy = ReconnectPolicy::exponential().max_attempts(10);
        let (waits, requests, _) = outcome(with(policy), vec![closed; 12]);
        assert_eq!(requests, 11);
        let mut now = Duration::ZERO;
        let in_time = waits.iter().filter(|&&wait| {
            now += wait;
            now <= 2 * SECOND
        });
        assert!(in_time.count() < 5, "{waits:?}");
    }
}

#[test]
fn healthy_after_resets_the_backoff() {
    run(async {
        let clock = TestClock::manual();
        let long = || Reply::events("data\n\n").pause();
        let server = ScriptedServer::start([Reply::events(""), long(), end()]).await;
        let config = with(ReconnectPolicy::exponential().jitter(0.0)).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        reach(&mut session, SessionState::Waiting).await;
        clock.advance(SECOND);
        data(&mut session).await;
        clock.advance(5 * SECOND);
        server.go_on();
        reach(&mut session, SessionState::Waiting).await;
        assert_eq!(clock.asked(), [SECOND, SECOND]);
    });
}

#[test]
fn the_jitter_comes_from_the_randomness_that_was_given() {
    run(async {
        let clock = TestClock::skipping();
        let server = ScriptedServer::start([Reply::events("retry: 4000\n\n").cut(), end()]).await;
        let config = with(ReconnectPolicy::exponential().jitter(1.0));
        let config = config.randomness(|| 0.25).clock(clock.clone());
        rest_of_data(&mut open(config, server.url("/")).await).await;
        assert_eq!(clock.asked(), [5 * SECOND]);
    });
}

#[test]
fn a_wait_beyond_max_outage_ends_the_session_at_once() {
    let policy = ReconnectPolicy::fixed(SECOND).max_outage(60 * SECOND);
    let replies = vec![Reply::events("retry: 3600000\n\ndata\n\n")];
    let error = check_waits(with(policy), replies, &[]).unwrap();
    assert!(
        error.outcome() == Some(SseErrorOutcome::Exhausted)
            && error.kind() == SseErrorKind::StreamEnded
    );
    assert!(error.to_string().contains("3600s"), "{error}");
}

#[test]
fn a_custom_policy_decides_and_its_reason_is_reported() {
    let policy = ReconnectPolicy::custom(|disconnect| match disconnect.cause().status() {
        None => ReconnectDecision::After(9 * SECOND),
        Some(status) => ReconnectDecision::Stop(format!("no more after {status}").into()),
    });
    let replies = vec![Reply::events("data\n\n"), Reply::status(503)];
    // The second sleep is the deadline for the body of the rejected response.
    let error = check_waits(with(policy), replies, &[9, 5]).unwrap();
    assert!(error.outcome() == Some(SseErrorOutcome::Exhausted));
    assert_eq!(error.status().unwrap(), 503);
    assert!(error.to_string().contains("no more after 503"), "{error}");
}

/// Returns the waits before the requests that follow a rejection with this header.
#[track_caller]
fn check_retry_after(status: u16, value: &str, expected_secs: &[u64]) {
    let refusal = Reply::status(status).header("retry-after", value);
    let replies = vec![Reply::events("data\n\n"), refusal, Reply::status(status), end()];
    let (waits, ..) = outcome(with(ReconnectPolicy::fixed(SECOND)), replies);
    // After each rejection, the session waits for its body, for 5 s at most.
    let [first, _, second, _, third] = waits[..] else { panic!("{waits:?}") };
    assert_eq!(first, SECOND);
    let expected: Vec<_> = expected_secs.iter().map(|&secs| Duration::from_secs(secs)).collect();
    assert_eq!([second, third], expected[..], "{value}");
}

#[test]
fn retry_after_is_a_floor_under_the_next_wait_alone() {
    check_retry_after(429, "120", &[120, 1]);
    check_retry_after(503, "120", &[120, 1]);
    check_retry_after(503, "0", &[1, 1]);
    check_retry_after(503, "soon", &[1, 1]);
}

#[test]
fn retry_after_may_be_a_date() {
    let refusal = Reply::status(429)
        .header("date", "Sun, 06 Nov 1994 08:49:37 GMT")
        .header("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT");
    let replies = vec![Reply::events("data\n\n"), refusal, end()];
    check_waits(with(ReconnectPolicy::fixed(SECOND)), replies, &[1, 5, 60]);
}

#[test]
fn retry_after_of_an_error_is_that_of_the_rejection() {
    run(async {
        let reply = Reply::status(429).header("retry-after", "120");
        let server = ScriptedServer::start([reply]).await;
        let error = refusal(SseConfig::new(), server.url("/")).await;
        assert_eq!(error.retry_after(), Some(120 * SECOND));
    });
}

#[test]
fn retry_statuses_decides_which_rejections_are_followed_by_another_request() {
    let replies = vec![Reply::events("data\n\n"), Reply::status(404), end()];
    let policy = || with(ReconnectPolicy::fixed(SECOND));
    let (_, requests, error) = outcome(policy(), replies.clone());
    assert_eq!(requests, 2);
    assert!(!error.unwrap().is_retryable());
    let (_, requests, error) =
        outcome(policy().retry_statuses(|status| status == 404), replies.clone());
    assert_eq!(requests, 3);
    assert!(error.is_none());
    let replies = vec![Reply::events("data\n\n"), Reply::status(503), end()];
    let (_, requests, error) = outcome(policy().retry_statuses(|_| false), replies);
    assert_eq!(requests, 2);
    assert!(!error.unwrap().is_retryable());
}

#[test]
fn accept_any_content_type_accepts_every_content_type() {
    run(async {
        let html = || Reply::status(200).header("content-type", "text/html").send("data: 1\n\n");
        let bare = Reply::status(200).send("data: 2\n\n");
        let server = ScriptedServer::start([html(), bare, html()]).await;
        let lenient = SseConfig::new().accept_any_content_type(true);
        for expected in ["1", "2"] {
            let mut session = open(lenient.clone(), server.url("/")).await;
            assert_eq!(rest_of_data(&mut session).await, [expected]);
        }
        let error = refusal(lenient.accept_any_content_type(false), server.url("/")).await;
        assert!(error.kind() == SseErrorKind::ContentType);
    });
}

#[test]
fn retry_first_connection_repeats_the_first_request() {
    let replies = vec![
        // The policy is not asked about the first connection.
        Reply::nothing().cut(),
        Reply::nothing().cut(),
        Reply::status(503).header("retry-after", "9"),
        Reply::events("data\n\n"),
        end(),
    ];
    let policy = || with(ReconnectPolicy::fixed(SECOND));
    let (_, requests, error) = outcome(policy(), replies.clone());
    assert_eq!(requests, 2);
    assert!(error.unwrap().is_transport());
    let error = check_waits(policy().retry_first_connection(true), replies, &[1, 5, 9, 1]);
    assert!(error.is_none(), "{error:?}");
}

#[test]
fn retry_first_connection_ends_with_the_policy() {
    let config = with(ReconnectPolicy::fixed(SECOND).max_attempts(2)).retry_first_connection(true);
    let (_, requests, error) = outcome(config.clone(), vec![Reply::nothing().cut(); 4]);
    let error = error.unwrap();
    assert!(error.outcome() == Some(SseErrorOutcome::Exhausted) && error.is_transport());
    assert_eq!((requests, error.attempt()), (4, 2));
    let (_, requests, error) = outcome(config, vec![Reply::status(404)]);
    assert!(error.unwrap().is_status());
    assert_eq!(requests, 1);
}

#[test]
fn retry_first_connection_does_not_repeat_a_first_post() {
    run(async {
        let config = reconnecting(9).retry_first_connection(true).resume(Resume::ByMethod);
        let server = ScriptedServer::start(vec![Reply::status(503); 11]).await;
        let client = SseClient::new(http(), config);
        let post = || client.request(http().post(server.url("/")));
        assert!(post().sse_session().await.unwrap_err().is_status());
        assert_eq!(server.requests().len(), 1);
        // A rejection has delivered nothing, so that this allows it.
        let request = post().configure(|config| config.resume(Resume::IfNothingDelivered));
        assert!(request.sse_session().await.is_err());
        assert_eq!(server.count_requests().await, 1 + 10);
    });
}

/// Returns how a session with these options ends, whose server has one stream and then nothing
/// more.
fn end_of(method: reqwest::Method, resume: Resume, clean_end: CleanEnd) -> Option<EndReason> {
    run(async {
        let server = ScriptedServer::start([Reply::events("data\n\n"), end()]).await;
        let client = SseClient::new(http(), reconnecting(1).clean_end(clean_end).resume(resume));
        let request = http().request(method, server.url("/"));
        let mut session = client.sse_session(request).await.unwrap();
        rest_of_data(&mut session).await;
        session.end_reason()
    })
}

#[test]
fn clean_end_decides_what_a_regular_end_means() {
    use reqwest::Method;
    let (finished, went_on) = (Some(EndReason::StreamEnded), Some(EndReason::NoContent));
    let cases = [
        (Method::GET, Resume::ByMethod, CleanEnd::ByMethod, went_on),
        (Method::GET, Resume::ByMethod, CleanEnd::Finish, finished),
        (Method::GET, Resume::ByMethod, CleanEnd::Reconnect, went_on),
        (Method::POST, Resume::FromBeginning, CleanEnd::ByMethod, finished),
        (Method::POST, Resume::FromBeginning, CleanEnd::Finish, finished),
        (Method::POST, Resume::Feed, CleanEnd::Reconnect, went_on),
        // The option defines what an end means, not what may be repeated.
        (Method::POST, Resume::ByMethod, CleanEnd::Reconnect, finished),
    ];
    for (method, resume, clean_end, expected) in cases {
        assert_eq!(end_of(method.clone(), resume, clean_end), expected, "{method} {clean_end:?}");
    }
}

#[test]
fn strict_whatwg_reconnects_after_every_network_error_and_every_end() {
    let replies = vec![
        Reply::nothing().cut(),
        Reply::nothing().cut(),
        Reply::events("data\n\n"),
        Reply::events("data\n\n").cut(),
        Reply::nothing().reset(),
        Reply::events("retry: 1000\n\n"),
        end(),
    ];
    let error = check_waits(SseConfig::strict_whatwg(), replies, &[3, 3, 3, 3, 1]);
    assert!(error.is_none(), "{error:?}");
}

#[test]
fn strict_whatwg_takes_every_other_status_and_content_type_for_the_end() {
    for status in [205, 210, 299, 404, 410, 429, 503] {
        let replies = vec![Reply::events("data\n\n"), Reply::status(status), end()];
        let (_, requests, error) = outcome(SseConfig::strict_whatwg(), replies);
        assert_eq!(requests, 2);
        assert_eq!(error.unwrap().status().unwrap(), status);
        let (_, requests, error) =
            outcome(SseConfig::strict_whatwg(), vec![Reply::status(status), end()]);
        assert_eq!((requests, error.is_some()), (1, true));
    }
    let html = Reply::status(200).header("content-type", "text/html");
    let (_, requests, error) = outcome(SseConfig::strict_whatwg(), vec![html, end()]);
    assert!(error.unwrap().kind() == SseErrorKind::ContentType);
    assert_eq!(requests, 1);
}

/// Returns the cause of the disconnect of a connection with this reply.
fn cause(reply: Reply) -> SseError {
    outcome(reconnecting(0), vec![reply]).2.expect("an error")
}

#[test]
fn disconnects_are_distinguished_by_their_cause() {
    let truncated = cause(Reply::events("data\n\n").cut());
    assert!(truncated.is_truncated() && truncated.is_transport(), "{truncated:?}");
    assert!(
        !truncated.is_reset()
            && truncated.kind() != SseErrorKind::StreamEnded
            && !truncated.is_timeout()
    );
    let short = cause(Reply::events("data\n\n").with_length_too_long_by(1));
    assert!(short.is_truncated() && !short.is_reset(), "{short:?}");
    let reset = cause(Reply::events("data\n\n").reset());
    assert!(reset.is_reset() && reset.is_transport(), "{reset:?}");
    assert!(!reset.is_truncated() && reset.kind() != SseErrorKind::StreamEnded);
    let status = cause(Reply::status(500));
    assert!(status.is_status() && !status.is_transport() && !status.is_truncated());
}

#[test]
fn pending_bytes_counts_the_incomplete_event_at_the_end() {
    let error = cause(Reply::events("data: 1\n\ndata: 2\nda").cut());
    assert_eq!(error.pending_bytes(), 10);
}

#[test]
fn configure_overrides_each_option_of_the_client() {
    run(async {
        let replies = [Reply::status(503), Reply::events("id: 1\ndata\n\n")];
        let server = ScriptedServer::start(replies).await;
        let config = reconnecting(9)
            .retry_first_connection(true)
            .expect_terminal(true)
            .acknowledge_events(true);
        let client = sse(config);
        let request = || {
            client.request(server.url("/")).configure(|config| {
                config
                    .retry_first_connection(false)
                    .expect_terminal(false)
                    .acknowledge_events(false)
                    .clean_end(CleanEnd::Finish)
            })
        };
        let error = request().sse_session().await.unwrap_err();
        assert_eq!(error.status().unwrap(), 503);
        let mut session = request().sse_session().await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, [""]);
        assert_eq!(session.last_event_id(), "1");
    });
}
