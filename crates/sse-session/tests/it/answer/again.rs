//! Answers that are requested again: after which failures, with which requests, and what their
//! reader sees.

use std::{
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use bytes::Bytes;
use http::{HeaderMap, Request, header::AUTHORIZATION};
use sse_session::{
    AnswerPart, BlockingClient, ReconnectPolicy, SessionRequest, SseConfig, SseErrorKind,
    SseErrorOutcome,
};

use super::{SECOND, answer, config, cut, judge, post, read, whole};
use crate::support::{Reply, Script, broken, events, run, status};

const HELLO: &str = "data: Hel\n\ndata: lo\n\nevent: end\n\n";

#[test]
fn answer_is_requested_again_after_statuses_that_may_be_transient_and_no_others() {
    for (code, again) in [
        (408, true),
        (409, true),
        (425, true),
        (429, true),
        (500, true),
        (503, true),
        (400, false),
        (401, false),
        (403, false),
        (404, false),
        (422, false),
    ] {
        run(async {
            let script = Script::new([Reply::Response(status(code)), whole(HELLO)]);
            let (text, error) = read(&mut answer(&script)).await;
            assert_eq!(
                (text.as_str(), error.is_none()),
                (if again { "|Hello" } else { "" }, again)
            );
            assert_eq!(script.requests().len(), 1 + usize::from(again), "{code}");
        });
    }
}

#[test]
fn retry_statuses_of_the_config_replace_those_of_an_answer() {
    run(async {
        let script = Script::new([Reply::Response(status(404)), whole(HELLO)]);
        let config = config().0.retry_statuses(|status| status == 404);
        assert_eq!(post(&script, config).answer(judge).concat().await.unwrap(), "Hello");
    });
}

#[test]
fn answer_is_requested_again_after_failures_before_the_first_delta() {
    let refused = || Reply::Error(ErrorKind::ConnectionRefused.into());
    let failures: [fn() -> Reply; 5] = [
        || whole(""),
        || whole("event: ping\n\n"),
        || cut(""),
        || cut("event: begin\n\nevent: info\ndata: 1\n\n"),
        || whole("event: busy\ndata: x\n\n"),
    ];
    for failure in failures {
        run(async {
            let script = Script::new([failure(), refused(), whole(HELLO)]);
            let mut answer = answer(&script);
            let (text, error) = read(&mut answer).await;
            assert!(error.is_none(), "{error:?}");
            assert_eq!((text.as_str(), answer.attempts()), ("||Hello", 2));
            // The body is sent each time.
            assert!(script.requests().iter().all(|request| request.body() == "question"));
        });
    }
}

#[test]
fn repeat_after_delta_shows_a_restart_and_discards_what_is_void() {
    let replies = || [cut("data: Hal\n\n"), whole(HELLO)];
    run(async {
        let script = Script::new(replies());
        let (text, error) = read(&mut answer(&script)).await;
        assert_eq!((text.as_str(), script.requests().len()), ("Hal", 1));
        assert!(error.unwrap().is_incomplete());
    });
    run(async {
        let script = Script::new(replies());
        let mut answer = answer(&script).repeat_after_delta(true);
        assert_eq!(read(&mut answer).await.0, "Hal|Hello");
        let mut whole = super::answer(&Script::new(replies())).repeat_after_delta(true);
        assert_eq!(whole.concat().await.unwrap(), "Hello");
        let mut deltas = super::answer(&Script::new(replies())).repeat_after_delta(true);
        assert_eq!(deltas.fold(0, |count, _| *count += 1).await.unwrap(), 2);
    });
}

#[test]
fn working_and_begin_working_need_repeat_after_delta_as_a_delta_does() {
    let work = ["event: tool\ndata: 1\n\n", "event: run\n\n", "event: stop\n\n"];
    let failures: [fn(&str) -> Reply; 3] = [
        |work| cut(work.to_owned().leak()),
        |work| Reply::Response(events(&[work.to_owned().leak()])),
        |work| whole(format!("{work}event: busy\ndata: x\n\n").leak()),
    ];
    for (work, failure) in work.into_iter().flat_map(|it| failures.map(|failure| (it, failure))) {
        let work = format!("{work}event: info\ndata: 1\n\nevent: half\n\n");
        for (repeat, expected) in [(false, ("", 1)), (true, ("|Hello", 2))] {
            run(async {
                let script = Script::new([failure(&work), whole(HELLO)]);
                let (text, error) = read(&mut answer(&script).repeat_after_delta(repeat)).await;
                assert_eq!((text.as_str(), script.requests().len()), expected, "{error:?}");
                assert_eq!(error.is_none(), repeat);
            });
        }
    }
}

#[test]
fn begin_working_restarts_the_text_like_begin() {
    run(async {
        let body = "event: run\n\ndata: Hal\n\nevent: run\n\ndata: Hello\n\nevent: end\n\n";
        assert_eq!(read(&mut answer(&Script::new([whole(body)]))).await.0, "Hal|Hello");
    });
}

#[test]
fn begun_again_is_the_error_of_a_server_that_begins_forever() {
    run(async {
        let begins = |times| format!("{}event: end\n\n", "event: begin\n\n".repeat(times)).leak();
        let (text, error) = read(&mut answer(&Script::new([whole(begins(17))]))).await;
        assert_eq!((text, error.is_none()), ("|".repeat(16), true));
        let (text, error) = read(&mut answer(&Script::new([whole(begins(18))]))).await;
        let error = error.unwrap();
        assert_eq!((text, error.kind()), ("|".repeat(16), SseErrorKind::BegunAgain));
        assert!(error.is_incomplete());
    });
}

#[test]
fn retry_of_the_server_is_a_floor_under_the_waits_of_all_later_attempts() {
    run(async {
        let first = cut("retry: 5000\nevent: info\ndata: 1\n\n");
        let script = Script::new([first, cut(""), cut(""), whole(HELLO)]);
        let mut answer = answer(&script);
        let mut delays = Vec::new();
        while let Some(part) = answer.next().await {
            if let AnswerPart::Restarted { delay, .. } = part.unwrap() {
                delays.push(delay);
            }
        }
        assert_eq!(delays, [5 * SECOND; 3]);
    });
}

#[test]
fn retry_rejected_reconnections_does_not_apply_to_an_answer() {
    run(async {
        let config = || config().0.retry_rejected_reconnections(|status, _| status == 404);
        let script = Script::new([Reply::Response(status(409)), whole(HELLO)]);
        assert_eq!(post(&script, config()).answer(judge).concat().await.unwrap(), "Hello");
        let script = Script::new([cut(""), Reply::Response(status(404)), whole(HELLO)]);
        let error = post(&script, config()).answer(judge).concat().await.unwrap_err();
        assert_eq!((error.kind(), script.requests().len()), (SseErrorKind::Status, 2));
    });
}

#[test]
fn a_request_that_cannot_be_repeated_counts_no_attempt_and_the_answer_is_incomplete() {
    run(async {
        let client = Script::new([]).client(config().0);
        let lost = broken(events(&["data: Hel\n\n"]), ErrorKind::ConnectionReset);
        let mut answer = client.response(lost).answer(judge).repeat_after_delta(true);
        let (text, error) = read(&mut answer).await;
        let error = error.unwrap();
        assert_eq!((text.as_str(), answer.attempts()), ("Hel", 0));
        assert!(error.is_incomplete());
        assert_eq!(error.outcome(), Some(SseErrorOutcome::RequestMissing));
    });
}

#[test]
fn call_end_evidence_and_last_event_id_are_those_of_the_last_connection() {
    run(async {
        let mut last = events(&["id: 2\ndata: Hello\n\nevent: end\n\n"]);
        last.headers_mut().insert("x-request-id", "b".parse().unwrap());
        let script = Script::new([cut("id: 1\nevent: info\ndata: 1\n\n"), Reply::Response(last)]);
        let mut answer = answer(&script);
        assert!(answer.call().is_none() && answer.end_evidence().is_none());
        assert!(matches!(answer.next().await, Some(Ok(AnswerPart::Restarted { .. }))));
        assert_eq!(answer.last_event_id(), "1");
        assert!(!answer.end_evidence().unwrap().body_end().is_framed());
        assert!(!answer.call().unwrap().response().headers().contains_key("x-request-id"));
        assert_eq!(answer.concat().await.unwrap(), "Hello");
        assert_eq!(answer.last_event_id(), "2");
        assert_eq!(answer.call().unwrap().response().headers()["x-request-id"], "b");
        assert_eq!(answer.end_evidence().unwrap().messages(), 1);
    });
}

#[test]
fn repeat_after_malformed_is_needed_if_the_connection_is_lost_after_a_malformed_event() {
    for (repeat, expected) in [(false, ("", 1)), (true, ("|Hello", 2))] {
        run(async {
            let script = Script::new([cut("event: broken\ndata: x\n\n"), whole(HELLO)]);
            let (text, _) = read(&mut answer(&script).repeat_after_malformed(repeat)).await;
            assert_eq!((text.as_str(), script.requests().len()), expected);
        });
    }
}

#[test]
fn repeat_after_malformed_asks_again() {
    let replies = || [whole("event: broken\ndata: x\n\n"), whole(HELLO)];
    run(async {
        let error = answer(&Script::new(replies())).concat().await.unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::Malformed);
        let mut answer = answer(&Script::new(replies())).repeat_after_malformed(true);
        assert_eq!(answer.concat().await.unwrap(), "Hello");
    });
}

#[test]
fn restarted_says_which_attempt_follows_why_and_when() {
    run(async {
        let mut busy = status(429);
        busy.headers_mut().insert("retry-after", 7.into());
        let script = Script::new([Reply::Response(busy), cut(""), whole(HELLO)]);
        let (config, clock) = config();
        let mut answer = post(&script, config).answer(judge);
        let mut restarts = Vec::new();
        while let Some(part) = answer.next().await {
            if let AnswerPart::Restarted { attempt, cause, delay, .. } = part.unwrap() {
                restarts.push((attempt, cause.status().map(|it| it.as_u16()), delay));
            }
        }
        assert_eq!(restarts, [(1, Some(429), 7 * SECOND), (2, None, 2 * SECOND)]);
        assert!(clock.now() >= 9 * SECOND);
        assert_eq!(script.contexts(), [(0, false), (1, false), (2, false)]);
    });
}

#[test]
fn begin_that_is_not_the_first_one_restarts_the_text() {
    run(async {
        let body = "event: begin\n\ndata: Hal\n\nevent: begin\n\ndata: Hello\n\nevent: end\n\n";
        let script = Script::new([whole(body)]);
        let mut answer = answer(&script);
        let mut causes = Vec::new();
        while let Some(part) = answer.next().await {
            if let AnswerPart::Restarted { attempt, cause, .. } = part.unwrap() {
                causes.push((attempt, cause.kind()));
            }
        }
        assert_eq!(causes, [(0, SseErrorKind::BegunAgain)]);
        let text = super::answer(&Script::new([whole(body)])).concat().await.unwrap();
        assert_eq!(text, "Hello");
    });
}

#[test]
fn reconnect_limits_the_attempts_of_an_answer() {
    run(async {
        let script = Script::new((0..3).map(|_| whole("event: busy\ndata: full\n\n")));
        let policy = ReconnectPolicy::fixed(SECOND).max_attempts(2);
        let error = answer(&script).reconnect(policy).concat().await.unwrap_err();
        assert_eq!(error.outcome(), Some(SseErrorOutcome::Exhausted));
        assert_eq!((error.kind(), error.reported()), (SseErrorKind::Reported, Some("full")));
        assert_eq!(script.requests().len(), 3);
    });
    run(async {
        // The session's own policy is that of other sessions.
        let script = Script::new([whole("")]);
        let config = config().0.max_reconnection_attempts(9);
        let mut answer = post(&script, config).answer(judge).reconnect(ReconnectPolicy::never());
        let error = answer.concat().await.unwrap_err();
        assert!(error.is_incomplete());
        assert_eq!(error.outcome(), Some(SseErrorOutcome::Incomplete));
    });
}

#[test]
fn refreshed_credentials_are_used_in_later_attempts() {
    run(async {
        let script = Script::new([Reply::Response(status(401)), cut(""), whole(HELLO)]);
        let calls = Arc::new(AtomicU32::new(0));
        let counter = calls.clone();
        let config = config().0.refresh_credentials(move |_| {
            counter.fetch_add(1, Relaxed);
            let headers = HeaderMap::from_iter([(AUTHORIZATION, "new".parse().unwrap())]);
            async { Ok::<_, std::io::Error>(headers) }
        });
        let text = post(&script, config).answer(judge).concat().await.unwrap();
        assert_eq!((text.as_str(), calls.load(Relaxed)), ("Hello", 1));
        let tokens: Vec<_> =
            script.requests().iter().map(|it| it.headers().get("authorization").cloned()).collect();
        assert_eq!(tokens, [None, Some("new".parse().unwrap()), Some("new".parse().unwrap())]);
    });
}

#[test]
fn request_factory_makes_the_request_of_each_attempt() {
    run(async {
        let script = Script::new([whole(""), whole(HELLO)]);
        let request = script.client(config().0).request_factory(|context| async move {
            let request = Request::post("http://localhost/").header("x-attempt", context.attempt());
            request.body(Bytes::new()).map(SessionRequest::new)
        });
        assert_eq!(request.answer(judge).concat().await.unwrap(), "Hello");
        let attempts: Vec<_> =
            script.requests().iter().map(|it| it.headers()["x-attempt"].clone()).collect();
        assert_eq!(attempts, ["0", "1"]);
    });
}

#[test]
fn idempotency_key_is_the_same_in_all_attempts() {
    let keys = |config: SseConfig, request: Request<Bytes>, send| {
        run(async {
            let script = Script::new([whole(""), whole(HELLO)]);
            let request = script.client(config).request(request);
            let mut answer = request.answer(judge).idempotency_key(send);
            assert_eq!(answer.concat().await.unwrap(), "Hello");
            let requests = script.requests();
            let keys = requests.iter().map(|it| it.headers().get("idempotency-key").cloned());
            keys.collect::<Vec<_>>()
        })
    };
    let post = || Request::post("http://localhost/").body(Bytes::new()).unwrap();
    let random = || config().0.randomness(|| 0.75);
    let expected = "c00000000000c00000000000c00000000000".parse().ok();
    assert_eq!(keys(random(), post(), true), [expected.clone(), expected]);
    assert_eq!(keys(random(), post(), false), [None, None]);
    let get = Request::get("http://localhost/").body(Bytes::new()).unwrap();
    assert_eq!(keys(random(), get, true), [None, None]);
    let mut own = post();
    own.headers_mut().insert("idempotency-key", "mine".parse().unwrap());
    assert_eq!(
        keys(random(), own, true),
        [Some("mine".parse().unwrap()), Some("mine".parse().unwrap())]
    );
}

#[test]
fn blocking_answer_asks_again_like_an_async_one() {
    let replies = std::sync::Mutex::new(vec![HELLO, "event: busy\ndata: full\n\n"]);
    let send = move |_: Request<Bytes>| {
        let body = replies.lock().unwrap().pop().unwrap().as_bytes();
        http::Response::builder().header("content-type", "text/event-stream").body(body)
    };
    let client = BlockingClient::new(send, config().0);
    let answer = client.request("http://localhost/").answer(judge);
    let parts: Vec<_> = answer.map(Result::unwrap).collect();
    assert!(matches!(parts[0], AnswerPart::Restarted { attempt: 1, .. }));
    assert_eq!(parts.len(), 3);
}

#[test]
fn blocking_answer_is_configured_like_an_async_one() {
    let send = |_: Request<Bytes>| -> Result<http::Response<&[u8]>, std::io::Error> {
        Err(ErrorKind::ConnectionRefused.into())
    };
    let client = BlockingClient::new(send, config().0);
    let answer = client.request("http://localhost/").answer(judge);
    let mut answer = answer.configure(|answer| answer.reconnect(ReconnectPolicy::never()));
    assert!(answer.concat().unwrap_err().is_transport());
}
