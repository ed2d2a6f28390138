//! Answers: `SseRequest::answer`, its options and its errors.

mod again; // answers that are requested again
mod ends; // what is whole, and which error everything else is
mod limits; // deadlines, the budget, and connections that all end at the same age
mod resumption; // answers that are resumed by ID

use std::{io::ErrorKind, time::Duration};

use bytes::Bytes;
use http::Request;
use sse_session::{Answer, AnswerPart, Judgment, ServerSentEvent, SseConfig, SseError, SseRequest};
use sse_test::TestClock;

use crate::support::{Reply, Script, broken, events};

const SECOND: Duration = Duration::from_secs(1);

/// Judges a form in which data are text, and event types say everything else.
fn judge(event: &ServerSentEvent) -> Judgment<String> {
    let text = || event.data().to_owned();
    match event.event_type() {
        "ping" => Judgment::KeepAlive,
        "begin" => Judgment::Begin,
        "run" => Judgment::BeginWorking,
        "tool" => Judgment::Working,
        "stop" => Judgment::Finished(event.has_data().then(text)),
        "end" => Judgment::Whole(event.has_data().then(text)),
        "busy" => Judgment::failed(event.data(), true),
        "error" => Judgment::failed(event.data(), false),
        "broken" => Judgment::malformed("no text"),
        "half" => Judgment::Incomplete,
        "info" => Judgment::NotYet,
        _ => Judgment::Delta(text()),
    }
}

/// Options whose waits take no time, and have no jitter.
fn config() -> (SseConfig, TestClock) {
    let clock = TestClock::skipping();
    (SseConfig::new().clock(clock.clone()).randomness(|| 0.0), clock)
}

fn post(script: &Script, config: SseConfig) -> SseRequest {
    let request = Request::post("http://localhost/").body(Bytes::from("question"));
    script.client(config).request(request.unwrap())
}

fn answer(script: &Script) -> Answer<String> {
    post(script, config().0).answer(judge)
}

/// Response whose body is complete as far as HTTP shows it.
fn whole(body: &'static str) -> Reply {
    Reply::Response(events(&[body]))
}

/// Response whose connection is reset after this.
fn cut(body: &'static str) -> Reply {
    Reply::Response(broken(events(&[body]), ErrorKind::ConnectionReset))
}

/// Reads all parts, with restarts as `|`, and the error, if there is one.
async fn read(answer: &mut Answer<String>) -> (String, Option<SseError>) {
    let mut text = String::new();
    while let Some(part) = answer.next().await {
        match part {
            Ok(AnswerPart::Delta(delta)) => text += &delta,
            Ok(AnswerPart::Restarted { .. }) => text.push('|'),
            Ok(_) => panic!("a part that the test does not know"),
            Err(error) => {
                assert!(answer.next().await.is_none());
                return (text, Some(error));
            }
        }
    }
    (text, None)
}
