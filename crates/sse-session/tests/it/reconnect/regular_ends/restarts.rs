//! Restarts: reconnections without a last event ID after events were received.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use sse_session::{
    EndReason, ReconnectDecision, ReconnectPolicy, SessionEvent, SessionObserver, SessionRequest,
    SseErrorKind, SseErrorOutcome,
};
use sse_test::TestClock;

use super::{SECOND, lived, with};
use crate::support::{Reply, Script, events, run, status};

#[derive(Default)]
struct Restarts(AtomicU32);

impl SessionObserver for Restarts {
    fn on_restart(&self) {
        self.0.fetch_add(1, Relaxed);
    }
}

#[test]
fn max_restarts_ends_a_session_whose_server_begins_again_each_time() {
    for restarts in [0, 1, 2, 5] {
        run(async {
            let responses = (0..9).map(|_| events(&["data: 1\n\n", "data: 2\n\n"])).collect();
            let policy = ReconnectPolicy::fixed(SECOND).max_attempts(2).max_restarts(restarts);
            let observer = Arc::new(Restarts::default());
            let outcome = lived(with(policy).observer(observer.clone()), responses).await;
            let marked = restarts as usize;
            assert_eq!((outcome.requests, outcome.restarts), (1 + marked, marked));
            assert_eq!(
                (observer.0.load(Relaxed), outcome.session.restarts()),
                (restarts, restarts)
            );
            let error = outcome.error.unwrap();
            assert_eq!(error.outcome(), Some(SseErrorOutcome::Exhausted));
            assert_eq!(error.kind(), SseErrorKind::StreamEnded);
            let text = error.to_string();
            assert!(text.contains("no last event ID to resume from"), "{text}");
            assert!(restarts < 2 || text.contains(&format!("after {restarts} restarts")), "{text}");
        });
    }
}

#[test]
fn max_restarts_has_no_limit_by_default_and_does_not_count_what_resumes() {
    run(async {
        // A live feed without IDs.
        let mut responses: Vec<_> = (0..50).map(|_| events(&["data: 1\n\n"])).collect();
        responses.push(status(204));
        let outcome = lived(with(ReconnectPolicy::exponential().max_attempts(2)), responses).await;
        // The 204 is a response to the last request, and no connection.
        assert_eq!((outcome.restarts, outcome.session.restarts()), (50, 49));
        assert_eq!(outcome.session.end_reason(), Some(EndReason::NoContent));
        // Nothing was received, an ID, a response that was rejected, an ID that no header carries,
        // and no ID again.
        let responses = vec![
            events(&[": no event\n\n"]),
            events(&["id: 1\ndata: 1\n\n"]),
            status(503),
            events(&["id: \u{7}\ndata: 2\n\n"]),
            status(503),
            events(&["id\ndata: 3\n\n"]),
            events(&["data: 4\n\n"]),
        ];
        let policy = ReconnectPolicy::fixed(SECOND).max_restarts(2);
        let outcome = lived(with(policy), responses).await;
        // The attempt that failed with 503 would have been a restart, and was none.
        assert_eq!((outcome.requests, outcome.restarts), (7, 3));
        assert_eq!(outcome.session.restarts(), 2);
        assert_eq!(outcome.error.unwrap().outcome(), Some(SseErrorOutcome::Exhausted));
    });
}

#[test]
fn max_restarts_counts_with_send_last_event_id_off_unless_a_factory_makes_the_request() {
    // The ID is sent in the header, not at all, and by the factory, which may send any.
    let cases = [
        (true, false, "id: 1\ndata: 1\n\n", false),
        (false, false, "id: 1\ndata: 1\n\n", true),
        (false, true, "id: 1\ndata: 1\n\n", false),
        (true, true, "id: \u{7}\ndata: 1\n\n", false),
        (true, false, "id: \u{7}\ndata: 1\n\n", true),
        (true, true, "data: 1\n\n", true),
    ];
    for (is_sent, has_factory, body, is_restart) in cases {
        run(async {
            let replies = [events(&[body]), events(&[body]), status(204)];
            let script = Script::new(replies.map(Reply::Response));
            let observer = Arc::new(Restarts::default());
            let config = with(ReconnectPolicy::fixed(SECOND).max_restarts(1))
                .clock(TestClock::skipping())
                .send_last_event_id(is_sent)
                .observer(observer.clone());
            let client = script.client(config);
            let request = match has_factory {
                true => client.request_factory(|_| async {
                    Ok::<_, Infallible>(SessionRequest::get("http://localhost/".parse().unwrap()))
                }),
                false => client.request("http://localhost/"),
            };
            let mut session = request.sse_session().await.unwrap();
            let (mut marked, mut error) = (Vec::new(), None);
            while let Some(step) = session.lifecycle().next().await {
                match step {
                    Ok(SessionEvent::Disconnected { is_restart, .. }) => marked.push(is_restart),
                    Ok(_) => {}
                    Err(failed) => error = Some(failed),
                }
            }
            let restarts = u32::from(is_restart);
            assert_eq!(marked, if is_restart { vec![true] } else { vec![false; 2] }, "{body}");
            assert_eq!((session.restarts(), observer.0.load(Relaxed)), (restarts, restarts));
            assert_eq!(error.is_some(), is_restart, "{error:?}");
        });
    }
}

#[test]
fn restarts_counts_requests_by_the_id_that_they_carried() {
    // The head of the second response says which ID counts from then on.
    for (first, replaced, is_restart) in
        [("id: 7\ndata: 1\n\n", "", false), ("data: 1\n\n", "9", true)]
    {
        run(async {
            let mut second = events(&["data: 2\n\n"]);
            second.headers_mut().insert("x-id", replaced.parse().unwrap());
            let policy = ReconnectPolicy::fixed(SECOND);
            let observer = Arc::new(Restarts::default());
            let config =
                with(policy).observer(observer.clone()).replace_last_event_id(|head, _| {
                    Some(head.headers().get("x-id")?.to_str().ok()?.to_owned())
                });
            let script = Script::new([events(&[first]), second, status(204)].map(Reply::Response));
            let client = script.client(config.clock(TestClock::skipping()));
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            let mut marked = Vec::new();
            while let Some(step) = session.lifecycle().next().await {
                match step.unwrap() {
                    SessionEvent::Disconnected { is_restart, .. } => marked.push(is_restart),
                    SessionEvent::Open(_) => {
                        assert_eq!(
                            (marked.as_slice(), session.restarts()),
                            (&[is_restart][..], u32::from(is_restart))
                        );
                    }
                    _ => {}
                }
            }
            assert_eq!(marked, [is_restart, !is_restart]);
            // The request that was answered with 204 made no connection.
            assert_eq!(session.restarts(), u32::from(is_restart));
            assert_eq!(observer.0.load(Relaxed), 1);
        });
    }
}

#[test]
fn is_restart_and_restarts_are_among_the_facts_of_a_custom_policy() {
    run(async {
        let policy = ReconnectPolicy::custom(|disconnect| {
            if disconnect.is_restart() && disconnect.restarts() == 3 {
                return ReconnectDecision::Stop("it begins again".into());
            }
            ReconnectDecision::After(SECOND)
        });
        let responses = (0..9).map(|_| events(&["data: 1\n\n"])).collect();
        let outcome = lived(with(policy), responses).await;
        assert_eq!(outcome.requests, 4);
        assert!(outcome.error.unwrap().to_string().contains("it begins again"));
    });
}
