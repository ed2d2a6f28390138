//! Timings of answers, from the first request over all attempts.

use sse_session::{Answer, AnswerTimings, Judgment, ServerSentEvent};

use super::{Server, secs, shown, stream};
use crate::support::run;

fn judge(event: &ServerSentEvent) -> Judgment<String> {
    let text = || event.data().to_owned();
    match event.event_type() {
        "begin" => Judgment::Begin,
        "end" => Judgment::Whole(event.has_data().then(text)),
        _ => Judgment::Delta(text()),
    }
}

/// Returns the times to the head, to the first byte, to the first event, to the first delta and to
/// the end, in seconds.
fn all(timings: AnswerTimings) -> [Option<u64>; 5] {
    let times = [
        timings.to_head(),
        timings.to_first_byte(),
        timings.to_first_event(),
        timings.to_first_delta(),
        timings.to_end(),
    ];
    times.map(|time| time.map(|time| time.as_secs()))
}

fn answer(server: &Server) -> Answer<String> {
    let request = http::Request::post("http://localhost/").body(bytes::Bytes::new()).unwrap();
    server.client(server.config()).request(request).answer(judge)
}

/// Head after 3 s, first byte after 5 s, first event after 7 s, first delta after 9 s.
const USUAL: &[super::Chunk] = &[
    (2, ": hi\n\n"),
    (2, "event: begin\ndata: {}\n\n"),
    (2, "data: a\n\n"),
    (2, "data: b\n\n"),
    (4, "event: end\ndata: c\n\n"),
];

#[test]
fn timings_of_an_answer_have_its_first_delta_and_the_intervals_between_deltas() {
    run(async {
        let server = Server::new([stream(3, USUAL)]);
        server.clock.advance(secs(100));
        let mut answer = answer(&server);
        assert_eq!(answer.timings(), AnswerTimings::default());
        server.clock.advance(secs(100));
        answer.next().await.unwrap().unwrap();
        assert_eq!(all(answer.timings()), [Some(3), Some(5), Some(7), Some(9), None]);
        assert_eq!(answer.timings().delta_intervals().count(), 0);
        answer.concat().await.unwrap();
        server.clock.advance(secs(100));
        assert_eq!(all(answer.timings()), [Some(3), Some(5), Some(7), Some(9), Some(15)]);
        let intervals = answer.timings().delta_intervals();
        assert_eq!((intervals.count(), intervals.total()), (2, secs(6)));
        assert_eq!((intervals.longest(), intervals.mean()), (secs(4), Some(secs(3))));
        // The timings of its only connection are the same.
        let call = answer.call().unwrap().timings();
        assert_eq!(shown(call), [Some(3), Some(5), Some(7), Some(15)]);
    });
}

#[test]
fn timings_of_a_blocking_answer_are_the_same() {
    let server = Server::new([stream(3, USUAL)]);
    let client = server.blocking(server.config());
    let mut answer = client.request("http://localhost/").answer(judge);
    assert_eq!(answer.concat().unwrap(), "abc");
    assert_eq!(all(answer.timings()), [Some(3), Some(5), Some(7), Some(9), Some(15)]);
    assert_eq!(answer.timings().delta_intervals().count(), 2);
}

#[test]
fn timings_of_an_answer_include_failed_attempts_and_waits() {
    run(async {
        let busy = stream(2, &[]).status(503);
        let empty = stream(2, &[(1, ": hi\n\n")]).cut();
        let server = Server::new([busy, empty, stream(3, USUAL)]);
        let mut answer = answer(&server);
        answer.next().await.unwrap().unwrap();
        // A rejection is complete with its body.
        assert_eq!(all(answer.timings()), [None; 5]);
        answer.next().await.unwrap().unwrap();
        assert_eq!(all(answer.timings()), [None; 5]);
        answer.concat().await.unwrap();
        // 2 + 1 for the first attempt, a wait of 1, 2 + 1 + 1 for the second one, a wait of 2.
        let before = 10;
        let expected = [3, 5, 7, 9, 15].map(|time| Some(before + time));
        assert_eq!(all(answer.timings()), expected);
        // Its connection's begin with its own request.
        assert_eq!(shown(answer.call().unwrap().timings())[0], Some(3));
    });
}

#[test]
fn timings_of_an_answer_that_restarts_are_of_the_text_that_counts() {
    run(async {
        let first = stream(1, &[(1, "data: void\n\n"), (1, "data: void\n\n")]).cut();
        let server = Server::new([first, stream(3, USUAL)]);
        let mut answer = answer(&server).repeat_after_delta(true);
        answer.next().await.unwrap().unwrap();
        answer.next().await.unwrap().unwrap();
        assert_eq!(all(answer.timings()), [Some(1), Some(2), Some(2), Some(2), None]);
        assert_eq!(answer.timings().delta_intervals().count(), 1);
        answer.next().await.unwrap().unwrap();
        assert_eq!(all(answer.timings()), [None; 5]);
        assert_eq!(answer.timings().delta_intervals().count(), 0);
        answer.concat().await.unwrap();
        let expected = [3, 5, 7, 9, 15].map(|time| Some(5 + time));
        assert_eq!(all(answer.timings()), expected);
        assert_eq!(answer.timings().delta_intervals().count(), 2);
    });
}

#[test]
fn timings_of_an_answer_that_a_server_begins_again_forget_the_void_deltas() {
    run(async {
        let chunks: &[super::Chunk] = &[
            (1, "event: begin\n\n"),
            (1, "data: void\n\n"),
            (1, "event: begin\n\n"),
            (1, "data: a\n\n"),
            (1, "event: end\n\n"),
        ];
        let server = Server::new([stream(1, chunks)]);
        let mut answer = answer(&server);
        assert_eq!(answer.concat().await.unwrap(), "a");
        // Events without data are not the first one.
        assert_eq!(all(answer.timings()), [Some(1), Some(2), Some(3), Some(5), Some(6)]);
        assert_eq!(answer.timings().delta_intervals().count(), 0);
    });
}

#[test]
fn timings_of_an_answer_that_resumes_keep_its_first_connection() {
    run(async {
        let first = stream(3, &[(1, "id: 1\ndata: a\n\n")]).cut();
        let last = stream(5, &[(1, "id: 2\ndata: b\n\n"), (1, "event: end\n\n")]);
        let server = Server::new([first, last]);
        let request = http::Request::post("http://localhost/").body(bytes::Bytes::new()).unwrap();
        let request = server.client(server.config()).request(request);
        let mut answer = request.resume_request("http://localhost/resume").answer(judge);
        assert_eq!(answer.concat().await.unwrap(), "ab");
        // A wait of 1, and the second connection.
        assert_eq!(all(answer.timings()), [Some(3), Some(4), Some(4), Some(4), Some(13)]);
        // Deltas of one text are one sequence, whichever connection brought them.
        let intervals = answer.timings().delta_intervals();
        assert_eq!((intervals.count(), intervals.total()), (1, secs(8)));
        assert_eq!(shown(answer.call().unwrap().timings()), [Some(5), Some(6), Some(6), Some(7)]);
    });
}

#[test]
fn timings_of_an_answer_that_resumes_have_the_first_event_of_a_later_connection() {
    run(async {
        let first = stream(3, &[(1, "id: 1\n\n")]).cut();
        let last = stream(5, &[(1, "id: 2\ndata: b\n\n"), (1, "event: end\n\n")]);
        let server = Server::new([first, last]);
        let request = http::Request::post("http://localhost/").body(bytes::Bytes::new()).unwrap();
        let request = server.client(server.config()).request(request);
        let judge = |event: &ServerSentEvent| {
            if event.has_data() || event.event_type() == "end" {
                judge(event)
            } else {
                Judgment::KeepAlive
            }
        };
        let mut answer = request.resume_request("http://localhost/resume").answer(judge);
        assert_eq!(answer.concat().await.unwrap(), "b");
        // The head and the first byte are those of the first connection.
        assert_eq!(all(answer.timings()), [Some(3), Some(4), Some(12), Some(12), Some(13)]);
    });
}

#[test]
fn timings_of_an_answer_that_fails_have_its_end() {
    run(async {
        let server = Server::new([stream(3, &[]).status(400)]);
        let mut answer = answer(&server);
        let error = answer.concat().await.unwrap_err();
        assert_eq!(all(answer.timings()), [None, None, None, None, Some(4)]);
        assert_eq!(shown(error.timings().unwrap()), [Some(3), None, None, Some(4)]);
    });
}
