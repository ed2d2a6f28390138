//! Wire formats: `AnswerFormat`, by short streams in the format that each service documents.

mod agents; // formats of agents and of their protocols
mod bad_input; // each with its documented outcome
mod gateways; // failures as gateways wrote them
mod options; // options and closures of `AnswerFormat`
mod providers; // formats of model providers
mod recordings; // recorded streams, which are not part of the repository
mod repetition; // answers of agents over several connections

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::Full;
use sse_session::{
    Answer, Judgment, ReconnectPolicy, ServerSentEvent, SseClient, SseConfig, SseError,
    SseErrorKind,
};

/// Body whose end HTTP shows, or one that ends with its connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Framed,
    Close,
}

/// Requests an answer whose response has this body, once.
pub(crate) fn answer<T>(
    judge: impl FnMut(&ServerSentEvent) -> Judgment<T> + Clone + Send + 'static,
    body: &str,
    end: End,
) -> Answer<T> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let send = move |_: Request<Bytes>| {
        let version = if end == End::Framed { Version::HTTP_2 } else { Version::HTTP_11 };
        let response = Response::builder().version(version);
        let response = response.header("content-type", "text/event-stream");
        let response = response.body(Full::new(body.clone()));
        async move { response }
    };
    let request = Request::post("http://localhost/").body(Bytes::new()).unwrap();
    let client = SseClient::new(send, SseConfig::new());
    client.request(request).answer(judge).reconnect(ReconnectPolicy::never())
}

pub(crate) fn read<T: AsRef<str>>(mut answer: Answer<T>) -> Result<String, SseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(answer.concat())
}

/// Returns events with these data, without a type.
pub(crate) fn data(events: &[&str]) -> String {
    events.iter().map(|data| format!("data: {data}\n\n")).collect()
}

/// Returns events of these types, with these data.
pub(crate) fn typed(events: &[(&str, &str)]) -> String {
    let event = |(name, data): &(&str, &str)| format!("event: {name}\ndata: {data}\n\n");
    events.iter().map(event).collect()
}

/// Expected outcome of an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome {
    Whole(&'static str),
    /// Reported, with this in the message; `true` if it is transient.
    Failed(&'static str, bool),
    Incomplete,
    Malformed,
}

#[track_caller]
pub(crate) fn check(format: sse_typed::AnswerFormat, body: &str, end: End, expected: Outcome) {
    let result = read(answer(format.text(), body, end));
    let is_met = match (&result, expected) {
        (Ok(text), Outcome::Whole(expected)) => text == expected,
        (Err(error), Outcome::Failed(message, is_transient)) => {
            error.reported().is_some_and(|it| it.contains(message))
                && error.is_retryable() == is_transient
        }
        (Err(error), Outcome::Incomplete) => error.is_incomplete(),
        (Err(error), Outcome::Malformed) => error.kind() == SseErrorKind::Malformed,
        _ => false,
    };
    let reported = result.as_ref().err().and_then(SseError::reported);
    assert!(is_met, "expected {expected:?}, found {result:?} {reported:?} of:\n{body}");
}
