//! Regular ends of event streams: the waits after them, and the limits of a session whose server
//! has no other end.

mod restarts; // `max_restarts`: reconnections without a last event ID after events

use std::{io::ErrorKind, time::Duration};

use http::{Response, Version};
use sse_session::{
    BodyEnd, ClientSseSession, EndReason, ReconnectPolicy, SessionEvent, SseConfig, SseError,
    SseErrorOutcome,
};
use sse_test::TestClock;

use crate::support::{Frames, Reply, Script, broken, events, run, status};

const SECOND: Duration = Duration::from_secs(1);

/// Outcome of a session.
struct Outcome {
    waits: Vec<Duration>,
    /// Number of disconnects that were marked as restarts.
    restarts: usize,
    requests: usize,
    error: Option<SseError>,
    session: ClientSseSession,
}

/// Reads a session that gets these responses. Its randomness adds all the jitter there is.
async fn lived(config: SseConfig, responses: Vec<Response<Frames>>) -> Outcome {
    let script = Script::new(responses.into_iter().map(Reply::Response));
    let config = config.clock(TestClock::skipping()).randomness(|| 1.0);
    let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
    let (mut waits, mut restarts, mut error) = (Vec::new(), 0, None);
    while let Some(step) = session.lifecycle().next().await {
        match step {
            Ok(SessionEvent::Disconnected { delay, is_restart, .. }) => {
                waits.push(delay);
                restarts += usize::from(is_restart);
            }
            Ok(_) => {}
            Err(failed) => error = Some(failed),
        }
    }
    Outcome { waits, restarts, requests: script.requests().len(), error, session }
}

fn with(policy: ReconnectPolicy) -> SseConfig {
    SseConfig::new().reconnect(policy)
}

/// Returns the event stream without the head that says where it ends.
fn close_delimited(mut response: Response<Frames>) -> Response<Frames> {
    response.headers_mut().remove("transfer-encoding");
    response
}

fn http2(mut response: Response<Frames>) -> Response<Frames> {
    *response.version_mut() = Version::HTTP_2;
    close_delimited(response)
}

#[test]
fn max_attempts_does_not_count_regular_ends_and_retry_is_the_wait_as_it_was_sent() {
    // With data, and without: an event that only sets the ID, and a comment.
    let bodies = ["id: 1\nretry: 500\ndata: 1\n\n", "id: 1\nretry: 500\n\n", ": x\nretry: 500\n\n"];
    let framings: [fn(Response<Frames>) -> Response<Frames>; 3] = [|it| it, close_delimited, http2];
    for body in bodies {
        for framing in framings {
            run(async {
                let mut responses: Vec<_> = (0..20).map(|_| framing(events(&[body]))).collect();
                responses.push(status(204));
                let policy = ReconnectPolicy::exponential().max_attempts(5).max_outage(SECOND);
                let outcome = lived(with(policy), responses).await;
                assert_eq!(outcome.waits, [Duration::from_millis(550); 20], "{body}");
                assert_eq!(outcome.session.end_reason(), Some(EndReason::NoContent));
            });
        }
    }
}

#[test]
fn reconnection_time_is_the_wait_after_a_regular_end_without_a_retry() {
    run(async {
        let mut responses: Vec<_> = (0..9).map(|_| events(&["data: 1\n\n"])).collect();
        responses.push(status(204));
        let policy = ReconnectPolicy::exponential().reconnection_time(2 * SECOND).max_attempts(1);
        let outcome = lived(with(policy.jitter(0.25)), responses).await;
        assert_eq!(outcome.waits, [Duration::from_millis(2500); 9]);
    });
}

#[test]
fn max_attempts_counts_ends_that_are_not_regular_and_those_without_a_block() {
    let cases: [fn() -> Response<Frames>; 8] = [
        || events(&[]),
        || events(&["retry: 500\n"]),
        || events(&["data: half"]),
        || broken(events(&["retry: 500\ndata: 1\n\n"]), ErrorKind::UnexpectedEof),
        || broken(events(&["retry: 500\ndata: 1\n\n"]), ErrorKind::ConnectionReset),
        // Half an event disproves a regular end, however HTTP shows that.
        || events(&["retry: 500\ndata: 1\n\ndata: half"]),
        || http2(events(&["retry: 500\ndata: 1\n\ndata: half"])),
        || close_delimited(events(&["retry: 500\ndata: 1\n\ndata: half"])),
    ];
    for case in cases {
        run(async {
            let responses = (0..9).map(|_| case()).collect();
            let policy = ReconnectPolicy::exponential().jitter(0.0).max_attempts(2);
            let outcome = lived(with(policy), responses).await;
            assert_eq!(outcome.waits, [SECOND, 2 * SECOND]);
            let error = outcome.error.unwrap();
            assert_eq!(error.outcome(), Some(SseErrorOutcome::Exhausted));
        });
    }
}

#[test]
fn dispatch_unfinished_event_makes_an_end_regular_that_is_framed() {
    type Framing = fn(Response<Frames>) -> Response<Frames>;
    let framings: [(Framing, bool); 3] = [(|it| it, true), (http2, true), (close_delimited, false)];
    for (framing, is_regular) in framings {
        run(async {
            let response = || framing(events(&["data: 1\n\ndata: 2\n"]));
            let responses = (0..5).map(|_| response()).chain([status(204)]).collect();
            let policy = ReconnectPolicy::exponential().jitter(0.0).max_attempts(1);
            let outcome = lived(with(policy).dispatch_unfinished_event(true), responses).await;
            assert_eq!(outcome.waits, vec![SECOND; if is_regular { 5 } else { 1 }]);
            assert_eq!(outcome.error.is_none(), is_regular);
        });
    }
}

#[test]
fn unknown_lines_alone_and_blank_lines_alone_do_not_make_a_connection_healthy() {
    let unhealthy: [fn() -> Response<Frames>; 6] = [
        || events(&["{\"error\":\"overloaded\"}\n\n"]),
        || close_delimited(events(&["{\"error\":\"overloaded\"}\n\n"])),
        || events(&[": hi\n\n", "Bad Gateway\r\n\r\n"]),
        || events(&["\r\n\r\n"]),
        || events(&["\n", "\n\n", "\r"]),
        || events(&["\u{feff}\n\n"]),
    ];
    for response in unhealthy {
        run(async {
            let responses = (0..9).map(|_| response()).collect();
            let policy = ReconnectPolicy::exponential().jitter(0.0).max_attempts(2);
            let outcome = lived(with(policy), responses).await;
            assert_eq!(outcome.waits, [SECOND, 2 * SECOND]);
            assert_eq!(outcome.error.unwrap().outcome(), Some(SseErrorOutcome::Exhausted));
        });
    }
    // An event proves that the server understands event streams.
    let healthy: [fn() -> Response<Frames>; 2] =
        [|| events(&["whatever\n\ndata: 1\n\n"]), || events(&["\n\n: hi\n\n"])];
    for response in healthy {
        run(async {
            let responses = (0..5).map(|_| response()).chain([status(204)]).collect();
            let policy = ReconnectPolicy::exponential().jitter(0.0).max_attempts(1);
            assert_eq!(lived(with(policy), responses).await.waits, [SECOND; 5]);
        });
    }
}

#[test]
fn acknowledge_events_makes_a_connection_healthy_that_was_cut_once_an_id_is_acknowledged() {
    for acknowledges in [false, true] {
        run(async {
            let ids = ["id: 1\ndata: 1\n\n", "id: 2\ndata: 2\n\n", "id: 3\ndata: 3\n\n"];
            let cut = |id| Reply::Response(broken(events(&[id]), ErrorKind::ConnectionReset));
            let replies = ids.map(cut).into_iter().chain([Reply::Response(status(204))]);
            let script = Script::new(replies);
            let policy = ReconnectPolicy::exponential().max_attempts(2).jitter(0.0);
            let config = with(policy).acknowledge_events(true).clock(TestClock::skipping());
            let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
            let (mut waits, mut error) = (Vec::new(), None);
            while let Some(step) = session.lifecycle().next().await {
                match step {
                    Ok(SessionEvent::Event(_)) if acknowledges => {
                        session.acknowledge(session.ack_token());
                    }
                    Ok(SessionEvent::Disconnected { delay, .. }) => waits.push(delay),
                    Ok(_) => {}
                    Err(failed) => error = Some(failed),
                }
            }
            let expected = if acknowledges { vec![SECOND; 3] } else { vec![SECOND, 2 * SECOND] };
            assert_eq!((waits, error.is_none()), (expected, acknowledges));
        });
    }
}

#[test]
fn max_server_delay_limits_retry_and_retry_after() {
    let policies = [ReconnectPolicy::fixed(SECOND), ReconnectPolicy::exponential().jitter(0.0)];
    for policy in policies {
        run(async {
            let mut busy = status(503);
            busy.headers_mut().insert("retry-after", "86400".parse().unwrap());
            let responses = vec![
                events(&["retry: 99999999999999999999\nid: 1\ndata: 1\n\n"]),
                busy,
                broken(events(&["data: 2\n\n"]), ErrorKind::UnexpectedEof),
                status(204),
            ];
            let policy = policy.max_server_delay(300 * SECOND);
            let outcome = lived(with(policy), responses).await;
            assert_eq!(outcome.waits, [300 * SECOND; 3]);
        });
    }
}

/// Returns a session's end, if the server ends its feed and responds like this from then on.
async fn end_of_feed(
    config: SseConfig,
    empty: fn() -> Response<Frames>,
) -> (Option<EndReason>, usize, Option<SseError>) {
    let mut responses = vec![events(&["id: 1\ndata: 1\n\n"]), events(&["id: 2\ndata: 2\n\n"])];
    responses.extend((0..9).map(|_| empty()));
    let outcome = lived(config, responses).await;
    (outcome.session.end_reason(), outcome.requests, outcome.error)
}

fn with_length() -> Response<Frames> {
    let mut response = close_delimited(events(&[]));
    response.headers_mut().insert("content-length", "0".parse().unwrap());
    response
}

#[test]
fn finish_on_empty_reconnection_takes_an_empty_200_for_the_end() {
    let feed = || with(ReconnectPolicy::exponential().max_attempts(3));
    let finishing = || feed().finish_on_empty_reconnection(true);
    let empty: [fn() -> Response<Frames>; 5] = [
        || events(&[]),
        with_length,
        || http2(events(&[])),
        // NestJS begins every stream so.
        || events(&["\n"]),
        || events(&["\r\n", "\r\n"]),
    ];
    for empty in empty {
        run(async {
            let (reason, requests, error) = end_of_feed(finishing(), empty).await;
            assert_eq!((reason, requests), (Some(EndReason::StreamEnded), 3));
            assert!(error.is_none(), "{error:?}");
            // By default, it is a failed attempt.
            let (reason, requests, _) = end_of_feed(feed(), empty).await;
            assert_eq!((reason, requests), (Some(EndReason::Failed), 5));
            let (_, requests, error) =
                end_of_feed(finishing().stop_before(|_| false).expect_terminal(true), empty).await;
            assert!(error.is_some_and(|error| error.is_incomplete()));
            assert_eq!(requests, 3);
        });
    }
    // These do not show that the server has no more events.
    let others: [fn() -> Response<Frames>; 3] = [
        || close_delimited(events(&[])),
        || broken(events(&[]), ErrorKind::UnexpectedEof),
        || events(&["retry: 1000\n"]),
    ];
    for other in others {
        run(async {
            let (reason, requests, _) = end_of_feed(finishing(), other).await;
            assert_eq!((reason, requests), (Some(EndReason::Failed), 5));
        });
    }
    run(async {
        // A first response that is empty is not a reconnection.
        let responses = vec![events(&[]), events(&["data: 1\n\n"]), events(&[])];
        let outcome = lived(finishing(), responses).await;
        assert_eq!((outcome.requests, outcome.error.is_none()), (3, true));
    });
}

#[test]
fn is_after_complete_stream_says_that_everything_before_was_complete() {
    type Make = fn() -> Response<Frames>;
    let cases: [(Make, bool); 5] = [
        (|| events(&["data: 1\n\n"]), true),
        (|| http2(events(&["data: 1\n\n"])), true),
        (|| close_delimited(events(&["data: 1\n\n"])), false),
        (|| events(&["data: 1\n\ndata: half"]), false),
        (|| broken(events(&["data: 1\n\n"]), ErrorKind::UnexpectedEof), false),
    ];
    for (last, expected) in cases {
        run(async {
            let responses = vec![last(), events(&[]), status(503), events(&[])];
            let policy = ReconnectPolicy::fixed(SECOND).max_attempts(2);
            let error = lived(with(policy), responses).await.error.unwrap();
            assert_eq!(error.outcome(), Some(SseErrorOutcome::Exhausted));
            assert_eq!(error.is_after_complete_stream(), expected, "{error}");
            let is_said = error.to_string().contains("stopped after a complete event stream: 2");
            assert_eq!(is_said, expected, "{error}");
            assert_ne!(error.end_evidence().unwrap().body_end(), BodyEnd::Abandoned);
        });
    }
}
