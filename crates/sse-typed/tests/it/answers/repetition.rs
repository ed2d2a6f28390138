//! Answers of agents over several connections: nothing runs twice unless allowed, and a resumption
//! proves its own end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::Full;
use sse_session::{Answer, ReconnectPolicy, SseClient, SseConfig, SseErrorKind};
use sse_typed::AnswerFormat;

use super::{data, read, typed};

/// Answer whose first response ends with its connection, and whose later ones end as HTTP shows.
/// Returns it with the number of its requests.
fn answer(
    format: AnswerFormat,
    bodies: [String; 2],
    resumes: bool,
) -> (Answer<String>, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    let send = move |_: Request<Bytes>| {
        let index = count.fetch_add(1, Relaxed);
        let version = if index == 0 { Version::HTTP_11 } else { Version::HTTP_2 };
        let body = Full::new(Bytes::from(bodies[index.min(1)].clone()));
        let response = Response::builder().version(version);
        let response = response.header("content-type", "text/event-stream").body(body);
        async move { response }
    };
    let request = Request::post("http://localhost/").body(Bytes::new()).unwrap();
    let request = SseClient::new(send, SseConfig::new()).request(request);
    let request = if resumes { request.resume_request("http://localhost/run") } else { request };
    let at_once = ReconnectPolicy::fixed(Duration::ZERO).max_attempts(1);
    (request.answer(format.text()).reconnect(at_once), requests)
}

#[test]
fn langgraph_is_not_whole_after_a_resumption_that_brings_nothing() {
    let text = r#"[{"content": "Hel"}, {}]"#;
    let first = typed(&[("metadata", "{}")]) + "id: 1\n" + &typed(&[("messages", text)]);
    let (answer, requests) =
        answer(AnswerFormat::langgraph(), [first.clone(), String::new()], true);
    assert_eq!(read(answer).unwrap_err().kind(), SseErrorKind::NotResumed);
    assert_eq!(requests.load(Relaxed), 2);
    let rest = "id: 2\n".to_owned() + &typed(&[("messages", r#"[{"content": "lo"}, {}]"#)]);
    let (answer, _) = self::answer(AnswerFormat::langgraph(), [first, rest], true);
    assert_eq!(read(answer).unwrap(), "Hello");
}

#[test]
fn repeat_after_delta_is_needed_to_call_a_tool_of_mcp_again() {
    let progress = r#"{"method": "notifications/progress", "params": {"progress": 1}}"#;
    let whole = r#"{"id": 7, "result": {"content": [{"type": "text", "text": "Hello"}]}}"#;
    for first in [data(&[progress]), "id: 1\ndata:\n\n".to_owned()] {
        for repeat in [false, true] {
            let (answer, requests) =
                answer(AnswerFormat::mcp(7), [first.clone(), data(&[whole])], false);
            let text = read(answer.repeat_after_delta(repeat));
            assert_eq!((text.is_ok(), requests.load(Relaxed)), (repeat, 1 + usize::from(repeat)));
        }
    }
}
