//! Answers that are resumed by ID, which proves less than a first connection.

use std::io::ErrorKind;

use bytes::Bytes;
use http::Request;
use sse_session::{ReconnectPolicy, Resume, SessionRequest, SseErrorKind};

use super::{SECOND, config, cut, judge, post, read, whole};
use crate::support::{Reply, Script, broken, events, run, status};

const FIRST: &str = "id: 1\ndata: Hel\n\n";

#[test]
fn resume_request_continues_an_answer_without_a_restart() {
    for first in [cut(FIRST), whole(FIRST)] {
        run(async {
            let last = whole("id: 2\ndata: lo\n\nevent: end\n\n");
            let script = Script::new([first, Reply::Response(status(503)), last]);
            let request = post(&script, config().0).resume_request("http://localhost/resume");
            let (text, error) = read(&mut request.answer(judge)).await;
            assert_eq!((text.as_str(), error.is_none()), ("Hello", true));
            let requests = script.requests();
            assert_eq!(requests[2].headers()["last-event-id"], "1");
            assert_eq!(
                (requests[2].method().as_str(), requests[2].uri().path()),
                ("GET", "/resume")
            );
        });
    }
}

#[test]
fn resume_if_id_seen_continues_an_answer_by_its_own_request() {
    run(async {
        let script = Script::new([cut(FIRST), whole("id: 2\ndata: lo\n\nevent: end\n\n")]);
        let request = post(&script, config().0.resume(Resume::IfIdSeen));
        assert_eq!(read(&mut request.answer(judge)).await.0, "Hello");
        assert_eq!(script.requests()[1].headers()["last-event-id"], "1");
    });
}

#[test]
fn an_answer_without_an_id_is_not_resumed() {
    run(async {
        let script = Script::new([cut("data: Hel\n\n")]);
        let request = post(&script, config().0).resume_request("http://localhost/resume");
        let (text, error) = read(&mut request.answer(judge)).await;
        assert_eq!((text.as_str(), script.requests().len()), ("Hel", 1));
        assert!(error.unwrap().is_incomplete());
    });
}

#[test]
fn not_resumed_is_an_error_of_its_own() {
    for empty in ["", "event: ping\n\n", ": hi\n\n"] {
        run(async {
            let script = Script::new([cut(FIRST), whole(empty)]);
            let request = post(&script, config().0).resume_request("http://localhost/resume");
            let (text, error) = read(&mut request.answer(judge)).await;
            let error = error.unwrap();
            assert_eq!((text.as_str(), error.kind()), ("Hel", SseErrorKind::NotResumed));
            assert!(!error.is_incomplete());
        });
    }
    run(async {
        // The server has another ID, but no event yet.
        let last = whole("id: 3\ndata: lo\n\nevent: end\n\n");
        let script = Script::new([cut(FIRST), whole("id: 2\n\n"), last]);
        let request = post(&script, config().0).resume_request("http://localhost/resume");
        assert_eq!(read(&mut request.answer(judge)).await.0, "Hello");
    });
}

#[test]
fn not_resumed_is_followed_by_an_attempt_only_with_repeat_after_delta() {
    // Nothing shows that the server works, but it has had all the time to do so.
    let replies = || {
        let first = cut("id: 1\nevent: info\ndata: 1\n\n");
        [first, whole(""), whole("data: Hello\n\nevent: end\n\n")]
    };
    for (repeat, expected) in [(false, ("", 2)), (true, ("|Hello", 3))] {
        run(async {
            let script = Script::new(replies());
            let request = post(&script, config().0).resume_request("http://localhost/resume");
            let (text, error) = read(&mut request.answer(judge).repeat_after_delta(repeat)).await;
            assert_eq!((text.as_str(), script.requests().len()), expected);
            let kind = (!repeat).then_some(SseErrorKind::NotResumed);
            assert_eq!(error.map(|error| error.kind()), kind);
        });
    }
}

#[test]
fn finished_on_an_earlier_connection_makes_no_resumption_whole() {
    let first = || cut("event: begin\n\nid: 1\nevent: stop\ndata: Hel\n\n");
    run(async {
        let script = Script::new([first(), whole("")]);
        let request = post(&script, config().0).resume_request("http://localhost/resume");
        let error = request.answer(judge).concat().await.unwrap_err();
        assert_eq!((error.kind(), script.requests().len()), (SseErrorKind::NotResumed, 2));
    });
    run(async {
        // It brings something, but not its own end.
        let script = Script::new([first(), whole("id: 2\nevent: info\ndata: 1\n\n")]);
        let policy = ReconnectPolicy::fixed(SECOND).max_attempts(1);
        let request = post(&script, config().0).resume_request("http://localhost/resume");
        let (text, error) = read(&mut request.answer(judge).reconnect(policy)).await;
        assert_eq!(text, "Hel");
        assert!(error.is_some());
    });
    run(async {
        let script = Script::new([first(), whole("id: 2\nevent: stop\ndata: lo\n\n")]);
        let request = post(&script, config().0).resume_request("http://localhost/resume");
        assert_eq!(request.answer(judge).concat().await.unwrap(), "Hello");
    });
}

#[test]
fn finished_on_the_last_connection_that_reconnect_allows_is_whole() {
    for (policy, first) in [
        (ReconnectPolicy::never(), None),
        (ReconnectPolicy::fixed(SECOND).max_attempts(1), Some(cut(FIRST))),
    ] {
        run(async {
            let last = whole("id: 2\nevent: stop\ndata: lo\n\n");
            let script = Script::new(first.into_iter().chain([last]));
            let request = post(&script, config().0).resume_request("http://localhost/resume");
            let (text, error) = read(&mut request.answer(judge).reconnect(policy)).await;
            assert!(error.is_none() && text.ends_with("lo"), "{text} {error:?}");
        });
    }
}

#[test]
fn not_resumed_is_the_error_of_a_server_that_resumes_from_another_event() {
    run(async {
        let mut other = events(&["id: 8\ndata: o\n\nevent: end\n\n"]);
        other.headers_mut().insert("last-event-id", "7".parse().unwrap());
        let script = Script::new([cut(FIRST), Reply::Response(other)]);
        let request = post(&script, config().0).resume_request("http://localhost/resume");
        let (text, error) = read(&mut request.answer(judge)).await;
        assert_eq!((text.as_str(), error.unwrap().kind()), ("Hel", SseErrorKind::NotResumed));
    });
}

#[test]
fn response_of_the_context_names_where_to_resume() {
    run(async {
        let mut first = events(&["id: 1\ndata: Hel\n\n"]);
        first.headers_mut().insert("location", "/runs/7".parse().unwrap());
        let script = Script::new([
            Reply::Response(broken(first, ErrorKind::ConnectionReset)),
            whole("data: lo\n\nevent: end\n\n"),
        ]);
        let request = post(&script, config().0).resume_factory(|context| {
            let path = context.response().unwrap().headers()["location"].to_str().unwrap();
            let uri = format!("http://localhost{path}");
            async move { Request::get(uri).body(Bytes::new()).map(SessionRequest::new) }
        });
        assert_eq!(read(&mut request.answer(judge)).await.0, "Hello");
        assert_eq!(script.requests()[1].uri().path(), "/runs/7");
    });
}

#[test]
fn begin_on_a_connection_that_resumes_restarts_the_text() {
    run(async {
        let again = whole("event: begin\n\ndata: Hello\n\nevent: end\n\n");
        let script = Script::new([cut("event: begin\n\nid: 1\ndata: Hal\n\n"), again]);
        let request = post(&script, config().0).resume_request("http://localhost/resume");
        assert_eq!(read(&mut request.answer(judge)).await.0, "Hal|Hello");
    });
}

#[test]
fn an_answer_that_cannot_be_resumed_is_requested_again_only_with_repeat_after_delta() {
    let failures: [(fn() -> Reply, SseErrorKind); 2] = [
        (|| whole(""), SseErrorKind::NotResumed),
        // No attempt to resume is left.
        (|| Reply::Response(status(503)), SseErrorKind::Status),
    ];
    for (failure, kind) in failures {
        let replies = || [cut(FIRST), failure(), whole("data: Hello\n\nevent: end\n\n")];
        for repeat in [false, true] {
            run(async {
                let script = Script::new(replies());
                let policy = ReconnectPolicy::fixed(SECOND).max_attempts(1);
                let request = post(&script, config().0).resume_request("http://localhost/resume");
                let answer = request.answer(judge).reconnect(policy);
                let (text, error) = read(&mut answer.repeat_after_delta(repeat)).await;
                let is_repeated = repeat && kind == SseErrorKind::NotResumed;
                let expected = if is_repeated { ("Hel|Hello", 3) } else { ("Hel", 2) };
                assert_eq!((text.as_str(), script.requests().len()), expected);
                assert_eq!(error.map(|it| it.kind()), (!is_repeated).then_some(kind));
                assert!(!is_repeated || script.requests()[2].method() == "POST");
            });
        }
    }
}

#[test]
fn position_is_where_a_factory_resumes() {
    run(async {
        let first = cut("event: info\ndata: 6\n\nevent: info\ndata: 7\n\n");
        let script = Script::new([first, whole("data: Hello\n\nevent: end\n\n")]);
        let request = post(&script, config().0).resume_factory(|context| {
            let uri = format!("http://localhost/?starting_after={}", context.last_event_id());
            async move { Request::get(uri).body(Bytes::new()).map(SessionRequest::new) }
        });
        let policy = ReconnectPolicy::fixed(SECOND).max_attempts(1);
        let answer = request.answer(judge).reconnect(policy);
        let mut answer = answer
            .position(|event| (event.event_type() == "info").then(|| event.data().to_owned()));
        assert_eq!(answer.concat().await.unwrap(), "Hello");
        assert_eq!(script.requests()[1].uri().query(), Some("starting_after=7"));
    });
}
