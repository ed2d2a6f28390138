//! Ends of answers: what is whole, and which error everything else is.

use std::{error::Error as _, io::ErrorKind};

use sse_session::{Judgment, SseErrorKind};

use super::{answer, config, cut, judge, post, read, whole};
use crate::support::{Reply, Script, broken, events, run, status};

/// Reads an answer of one response. Returns its text, and the error as text if there was one.
#[track_caller]
fn check(reply: Reply, text: &str, kind: Option<SseErrorKind>, is_incomplete: bool) {
    run(async {
        let script = Script::new([reply]);
        let mut answer = answer(&script).reconnect(sse_session::ReconnectPolicy::never());
        let (read, error) = read(&mut answer).await;
        let found = error.as_ref().map(|error| (error.kind(), error.is_incomplete()));
        assert_eq!((read.as_str(), found), (text, kind.map(|kind| (kind, is_incomplete))));
        assert_eq!(script.requests().len(), 1);
    });
}

#[test]
fn whole_ends_an_answer_and_nothing_after_it_is_read() {
    let ends = ["event: end\n\n", "event: end\ndata: !\n\n"];
    for (end, text) in ends.into_iter().zip(["Hello", "Hello!"]) {
        for rest in ["", "data: more\n\n", "event: error\ndata: late\n\n", "event: end\n\n"] {
            let body = format!("data: Hel\n\nevent: ping\n\ndata: lo\n\n{end}{rest}").leak();
            check(whole(body), text, None, false);
            check(cut(body), text, None, false);
        }
    }
}

#[test]
fn failed_decides_whatever_comes_after_it() {
    for kind in ["error", "busy"] {
        let body = format!("data: Hel\n\nevent: {kind}\ndata: why\n\nevent: end\n\n").leak();
        check(whole(body), "Hel", Some(SseErrorKind::Reported), false);
    }
    let body = "data: Hel\n\nevent: broken\ndata: x\n\nevent: end\n\n";
    check(whole(body), "Hel", Some(SseErrorKind::Malformed), false);
}

#[test]
fn failed_right_after_malformed_is_the_reason() {
    let cases = [
        ("event: error\ndata: why\n\n", SseErrorKind::Reported),
        // A keep-alive is nothing.
        ("event: ping\n\nevent: error\ndata: why\n\n", SseErrorKind::Reported),
        ("data: lo\n\nevent: error\ndata: why\n\n", SseErrorKind::Malformed),
        ("event: end\n\n", SseErrorKind::Malformed),
        ("", SseErrorKind::Malformed),
    ];
    for (rest, kind) in cases {
        let body = format!("data: Hel\n\nevent: broken\ndata: x\n\n{rest}").leak();
        check(whole(body), "Hel", Some(kind), false);
    }
    // The connection is the reason.
    let body = "event: broken\ndata: x\n\n";
    check(cut(body), "", Some(SseErrorKind::Disconnected), true);
}

#[test]
fn reported_is_the_message_and_body_excerpt_shows_it_escaped() {
    run(async {
        let script = Script::new([whole("event: error\ndata: over\x1bloaded\n\n")]);
        let error = answer(&script).concat().await.unwrap_err();
        assert_eq!(error.reported(), Some("over\x1bloaded"));
        assert_eq!(error.body_excerpt().as_deref(), Some("over\\u{1b}loaded"));
        // Its text may repeat secrets.
        let message = "answer failed, as its event stream reports (http://localhost/)";
        assert_eq!(error.to_string(), message);
    });
}

#[test]
fn malformed_has_the_error_of_the_decoder_as_its_source() {
    run(async {
        let script = Script::new([whole("event: broken\ndata: x\n\n")]);
        let error = answer(&script).concat().await.unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), "no text");
    });
}

#[test]
fn an_answer_without_its_end_is_incomplete_however_its_connection_ended() {
    let body = "data: Hel\n\n";
    check(whole(body), "Hel", Some(SseErrorKind::StreamEnded), true);
    check(cut(body), "Hel", Some(SseErrorKind::Disconnected), true);
    check(
        whole("data: Hel\n\nevent: half\n\nevent: end\n\n"),
        "Hel",
        Some(SseErrorKind::StreamEnded),
        true,
    );
    check(whole(""), "", Some(SseErrorKind::StreamEnded), true);
    check(whole("event: ping\n\n: hi\n\n"), "", Some(SseErrorKind::StreamEnded), true);
    check(Reply::Response(status(204)), "", Some(SseErrorKind::NoContent), false);
    check(Reply::Response(status(404)), "", Some(SseErrorKind::Status), false);
    check(
        Reply::Error(ErrorKind::ConnectionRefused.into()),
        "",
        Some(SseErrorKind::NoResponse),
        false,
    );
}

#[test]
fn finished_is_whole_only_if_http_shows_the_end_and_nothing_follows() {
    let ended = Some(SseErrorKind::StreamEnded);
    check(whole("data: Hel\n\nevent: stop\ndata: lo\n\n"), "Hello", None, false);
    check(whole("data: Hello\n\nevent: stop\n\nevent: info\ndata: 9\n\n"), "Hello", None, false);
    check(whole("event: stop\n\ndata: Hel\n\n"), "Hel", ended, true);
    check(cut("data: Hel\n\nevent: stop\n\n"), "Hel", Some(SseErrorKind::Disconnected), true);
    let mut until_close = events(&["data: Hel\n\nevent: stop\n\n"]);
    until_close.headers_mut().remove("transfer-encoding");
    check(Reply::Response(until_close), "Hel", ended, true);
    let failed = "data: Hel\n\nevent: stop\n\nevent: error\ndata: why\n\n";
    check(whole(failed), "Hel", Some(SseErrorKind::Reported), false);
}

#[test]
fn an_unfinished_last_event_is_judged() {
    // LitServe writes its error without a blank line.
    check(
        whole("data: Hel\n\nevent: error\ndata: why"),
        "Hel",
        Some(SseErrorKind::Reported),
        false,
    );
    check(whole("data: Hello\n\nevent: end\ndata:"), "Hello", None, false);
    // It may be a part of an event.
    check(cut("data: Hel\n\nevent: end\ndata:"), "Hel", Some(SseErrorKind::Disconnected), true);
}

#[test]
fn incomplete_answers_show_a_bare_error_among_their_unknown_lines() {
    run(async {
        let script = Script::new([whole("data: Hel\n\n{\"error\": \"overloaded\"}\n")]);
        let error = answer(&script).concat().await.unwrap_err();
        let evidence = error.end_evidence().unwrap();
        assert_eq!(evidence.unknown_line_excerpt(), Some("{\"error\": \"overloaded\"}"));
        assert!(error.to_string().contains("1 unknown lines"), "{error}");
    });
}

#[test]
fn events_that_are_hidden_in_other_sessions_are_judged() {
    run(async {
        let script = Script::new([whole("event: x\ndata: Hello\n\nevent: end\n\n")]);
        let config = config().0.filter_event_types(|_| false).stop_after(|_| true);
        let text = post(&script, config).answer(judge).concat().await.unwrap();
        assert_eq!(text, "Hello");
    });
}

#[test]
fn each_attempt_judges_with_a_clone_of_the_closure() {
    run(async {
        let replies = [whole("data: 1\n\n"), whole("data: 1\n\ndata: 2\n\n")];
        let mut count = 0;
        let mut answer = post(&Script::new(replies), config().0).answer(move |event| {
            count += 1;
            match count {
                2 => Judgment::Whole(Some(event.data().to_owned())),
                _ => Judgment::NotYet,
            }
        });
        assert_eq!(answer.concat().await.unwrap(), "2");
    });
}

#[test]
fn an_answer_may_begin_with_a_response() {
    run(async {
        let script = Script::new([]);
        let client = script.client(config().0);
        let whole = client.response(events(&["data: Hello\n\nevent: end\n\n"]));
        assert_eq!(whole.answer(judge).concat().await.unwrap(), "Hello");
        // No request can be repeated.
        let lost = broken(events(&[": hi\n\n"]), ErrorKind::ConnectionReset);
        let error = client.response(lost).answer(judge).concat().await.unwrap_err();
        assert!(!error.is_retryable(), "{error}");
        assert_eq!(script.requests().len(), 0);
    });
}
