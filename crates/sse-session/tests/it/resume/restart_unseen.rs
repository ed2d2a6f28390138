//! Answers that a reconnection starts again from the beginning: `SseErrorOutcome::RestartUnseen`,
//! `Resume::FromBeginning` and `Resume::Feed`.

use std::{error::Error as _, io::ErrorKind, pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::Request;
use sse_session::{
    CleanEnd, EndReason, Resume, ServerSentEvent, SessionEvent, SseConfig, SseError,
    SseErrorOutcome, SseRequest,
};

use crate::support::{Reply, Script, broken, events, run};

fn config(resume: Resume) -> SseConfig {
    SseConfig::new().max_reconnection_attempts(3).reconnection_time(Duration::ZERO).resume(resume)
}

fn cut(body: &'static str) -> Reply {
    Reply::Response(broken(events(&[body]), ErrorKind::ConnectionReset))
}

fn whole(body: &'static str) -> Reply {
    Reply::Response(events(&[body]))
}

fn request(script: &Script, config: SseConfig, method: &str) -> SseRequest {
    let request = Request::builder().method(method).uri("http://localhost/");
    script.client(config).request(request.body(Bytes::new()).unwrap())
}

/// Reads all items of a stream.
async fn items(
    mut stream: Pin<Box<dyn Stream<Item = Result<ServerSentEvent, SseError>>>>,
) -> (String, Option<SseError>) {
    let mut text = String::new();
    while let Some(item) = stream.next().await {
        match item {
            Ok(event) => text += event.data(),
            Err(error) => return (text, Some(error)),
        }
    }
    (text, None)
}

/// Reads a POST whose connections are these, as items. Returns the text, the error and the number
/// of requests.
fn read_items(config: SseConfig, replies: Vec<Reply>) -> (String, Option<SseError>, usize) {
    run(async {
        let script = Script::new(replies);
        let session = request(&script, config, "POST").sse_session().await.unwrap();
        let (text, error) = items(Box::pin(session)).await;
        (text, error, script.requests().len())
    })
}

fn assert_unseen(error: &SseError) {
    assert_eq!(error.outcome(), Some(SseErrorOutcome::RestartUnseen));
    assert!(error.is_reset() && error.is_retryable());
    let message = "answer would start again from the beginning: only the lifecycle shows that \
                   (http://localhost/)";
    assert_eq!(error.to_string(), message);
    let cause = error.source().unwrap().downcast_ref::<SseError>().unwrap();
    assert_eq!((cause.outcome(), cause.is_reset()), (None, true));
}

#[test]
fn restart_unseen_ends_a_session_that_is_read_as_items_before_the_request_is_repeated() {
    let replies = || vec![cut("data: Hel\n\ndata: lo\n\n"), whole("data: Hello\n\n")];
    let (text, error, requests) = read_items(config(Resume::FromBeginning), replies());
    assert_eq!((text.as_str(), requests), ("Hello", 1));
    assert_unseen(&error.unwrap());
    run(async {
        let script = Script::new(replies());
        let opening = request(&script, config(Resume::FromBeginning), "POST").sse_session();
        let (text, error) = items(Box::pin(opening.into_stream())).await;
        assert_eq!((text.as_str(), script.requests().len()), ("Hello", 1));
        assert_unseen(&error.unwrap());
    });
}

#[test]
fn restart_unseen_counts_only_events_that_were_yielded() {
    let replies = vec![cut(": hi\n\n"), cut("event: ping\ndata: x\n\n"), whole("data: Hello\n\n")];
    let config = config(Resume::FromBeginning)
        .max_reconnection_attempts(9)
        .filter_event_types(|name| name != "ping");
    let (text, error, requests) = read_items(config, replies);
    assert_eq!((text.as_str(), requests), ("Hello", 3));
    assert!(error.is_none());
}

#[test]
fn restart_unseen_is_an_error_of_incomplete_answers_too() {
    let config = config(Resume::FromBeginning)
        .stop_before(|event| event.data() == "[DONE]")
        .expect_terminal(true);
    let (text, error, _) = read_items(config, vec![cut("data: Hel\n\n")]);
    let error = error.unwrap();
    assert_eq!(text, "Hel");
    assert!(error.is_incomplete());
    assert_eq!(error.outcome(), Some(SseErrorOutcome::RestartUnseen));
}

#[test]
fn restart_unseen_does_not_occur_if_the_server_receives_the_position_to_resume_at() {
    let replies = vec![cut("id: 1\ndata: Hel\n\n"), whole("data: lo\n\n")];
    let (text, error, requests) = read_items(config(Resume::FromBeginning), replies);
    assert_eq!((text.as_str(), error.is_none(), requests), ("Hello", true, 2));
    let replies = vec![cut("id: 1\ndata: Hel\n\n")];
    let unsent = config(Resume::FromBeginning).send_last_event_id(false);
    assert_unseen(&read_items(unsent, replies).1.unwrap());
}

#[test]
fn restart_unseen_does_not_concern_a_feed() {
    let replies = || vec![cut("data: 1\n\n"), cut("data: 2\n\n"), whole("data: 3\n\n")];
    let (text, error, requests) =
        read_items(config(Resume::Feed).clean_end(CleanEnd::Finish), replies());
    assert_eq!((text.as_str(), error.is_none(), requests), ("123", true, 3));
    // A GET is a feed whatever `resume` says.
    run(async {
        let script = Script::new(replies());
        let config = config(Resume::FromBeginning).clean_end(CleanEnd::Finish);
        let session = request(&script, config, "GET").sse_session().await.unwrap();
        let (text, error) = items(Box::pin(session)).await;
        assert_eq!((text.as_str(), error.is_none()), ("123", true));
    });
}

#[test]
fn resume_from_beginning_restarts_an_answer_for_a_reader_of_the_lifecycle() {
    let replies = [cut("data: Hel\n\n"), whole("data: Hello\n\n")];
    read_lifecycle(config(Resume::FromBeginning), replies);
}

#[test]
fn is_restart_is_true_with_send_last_event_id_off_for_a_reader_of_the_lifecycle() {
    let replies = [cut("id: 1\ndata: Hel\n\n"), whole("id: 1\ndata: Hello\n\n")];
    read_lifecycle(config(Resume::FromBeginning).send_last_event_id(false), replies);
}

/// Reads a POST whose answer is "Hello", and clears what a restart repeats.
fn read_lifecycle(config: SseConfig, replies: [Reply; 2]) {
    run(async {
        let script = Script::new(replies);
        let request = request(&script, config, "POST");
        let mut session = request.sse_session().await.unwrap();
        let mut text = String::new();
        let mut life = session.lifecycle();
        while let Some(step) = life.next().await {
            match step.unwrap() {
                SessionEvent::Event(event) => text += event.data(),
                SessionEvent::Disconnected { is_restart: true, .. } => text.clear(),
                _ => {}
            }
        }
        assert_eq!(text, "Hello");
        assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
    });
}

#[test]
fn resume_if_nothing_delivered_never_restarts_an_answer() {
    let replies = vec![cut(": hi\n\n"), cut("data: Hel\n\n")];
    let (text, error, requests) = read_items(config(Resume::IfNothingDelivered), replies);
    let error = error.unwrap();
    assert_eq!((text.as_str(), requests), ("Hel", 2));
    assert_eq!((error.outcome(), error.is_reset()), (None, true));
}

#[test]
fn restart_unseen_answers_reconnect_now_too() {
    for (resume, is_refused) in [(Resume::ByMethod, true), (Resume::Feed, false)] {
        run(async {
            let first = crate::support::hanging(events(&["data: Hel\n\n"]));
            let script = Script::new([Reply::Response(first), whole("data: Hello\n\n")]);
            let request = request(&script, config(resume), "POST");
            let mut session = request.sse_session().await.unwrap();
            assert_eq!(session.next().await.unwrap().unwrap().data(), "Hel");
            session.handle().reconnect_now();
            let next = session.next().await.unwrap();
            let outcome = next.as_ref().err().and_then(SseError::outcome);
            assert_eq!(outcome, is_refused.then_some(SseErrorOutcome::RestartUnseen));
            assert_eq!(script.requests().len(), if is_refused { 1 } else { 2 });
        });
    }
}

#[test]
fn restart_unseen_ends_a_blocking_session() {
    use std::io::{self, Read};
    struct Cut(&'static [u8]);
    impl Read for Cut {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(ErrorKind::ConnectionReset.into()),
                read => Ok(read),
            }
        }
    }
    let send = |_: Request<Bytes>| {
        let response = http::Response::builder().header("content-type", "text/event-stream");
        response.body(Cut(b"data: Hel\n\n"))
    };
    let client = sse_session::BlockingClient::new(send, config(Resume::FromBeginning));
    let request = Request::post("http://localhost/").body(Bytes::new()).unwrap();
    let mut session = client.sse_session(request).unwrap();
    assert_eq!(session.next().unwrap().unwrap().data(), "Hel");
    assert_unseen(&session.next().unwrap().unwrap_err());
    assert!(session.next().is_none());
}
