//! Options and closures of `AnswerFormat`.

use serde::Deserialize;
use sse_core::ServerSentEvent;
use sse_typed::AnswerFormat;

use super::{
    End::{Close, Framed},
    answer, data, read,
};

const HEL: &str = r#"{"choices": [{"delta": {"content": "Hel"}, "finish_reason": null}]}"#;
const STOP: &str = r#"{"choices": [{"delta": {}, "finish_reason": "stop"}]}"#;

#[test]
fn transient_replaces_the_rule_of_the_format() {
    let busy = r#"{"error": {"message": "no luck", "code": 503}}"#;
    let quota = r#"{"error": {"message": "no luck", "code": "insufficient_quota"}}"#;
    for (error, default) in [(busy, true), (quota, false)] {
        let is_retryable = |format: AnswerFormat| {
            let error = read(answer(format.text(), &data(&[error]), Framed)).unwrap_err();
            error.is_retryable()
        };
        assert_eq!(is_retryable(AnswerFormat::openai_chat()), default);
        let own = |json: &serde_json::Value| json["error"]["code"] == "insufficient_quota";
        assert_eq!(is_retryable(AnswerFormat::openai_chat().transient(own)), !default);
    }
}

#[test]
fn transient_gets_json_and_bare_text_as_a_string_and_null_without_data() {
    use serde_json::Value;
    for (body, expected) in [
        ("event: error\ndata: no luck\n\n", Value::from("no luck")),
        ("event: error\n\n", Value::Null),
        ("event: error\ndata: {\"a\": 1}\n\n", serde_json::json!({"a": 1})),
    ] {
        let format = AnswerFormat::openai_chat().transient(move |value| *value == expected);
        assert!(read(answer(format.text(), body, Framed)).unwrap_err().is_retryable(), "{body}");
    }
}

#[test]
fn text_leaves_refusals_out() {
    let refusal = r#"{"choices": [{"delta": {"refusal": "no"}, "finish_reason": null}]}"#;
    let body = data(&[refusal, STOP, "[DONE]"]);
    assert_eq!(read(answer(AnswerFormat::openai_chat().text(), &body, Close)).unwrap(), "");
}

#[test]
fn decode_yields_what_the_closure_finds_in_every_event_of_the_answer() {
    let usage = r#"{"choices": [], "usage": {"total_tokens": 9}}"#;
    let body = data(&[HEL, STOP, usage, "[DONE]"]);
    let format = AnswerFormat::openai_chat();
    let judge = format.decode(|json| Some(format!("{};", json["usage"]["total_tokens"].as_u64()?)));
    assert_eq!(read(answer(judge, &body, Close)).unwrap(), "9;");
    // The last event may be a part.
    let result = r#"{"id": 1, "result": {"tools": []}}"#;
    let judge = AnswerFormat::mcp(1).decode(|json| Some(json.get("result")?.to_string()));
    assert_eq!(read(answer(judge, &data(&[result]), Close)).unwrap(), r#"{"tools":[]}"#);
}

#[test]
fn json_decodes_every_event_as_a_value_and_others_are_malformed() {
    #[derive(Deserialize)]
    struct Delta {
        #[serde(default)]
        delta: String,
    }
    impl AsRef<str> for Delta {
        fn as_ref(&self) -> &str {
            &self.delta
        }
    }
    let events = [
        r#"{"type": "response.created"}"#,
        r#"{"type": "response.output_text.delta", "delta": "Hello"}"#,
        r#"{"type": "response.completed"}"#,
    ];
    let format = AnswerFormat::openai_responses;
    let whole = answer(format().json::<Delta>(), &data(&events), Close);
    assert_eq!(read(whole).unwrap(), "Hello");
    let body = data(&[events[0], r#"{"delta": 7}"#, events[2]]);
    let error = read(answer(format().json::<Delta>(), &body, Close)).unwrap_err();
    assert_eq!(error.kind(), sse_session::SseErrorKind::Malformed);
}

#[test]
fn terminal_is_the_predicate_of_events_that_end_an_answer() {
    let event =
        |name: &str, data: &str| ServerSentEvent::builder().event(name).data(data).build().unwrap();
    let chat = AnswerFormat::openai_chat().terminal();
    assert!(chat(&event("message", "[DONE]")));
    assert!(chat(&event("message", r#"{"error": {"message": "no luck"}}"#)));
    assert!(!chat(&event("message", HEL)) && !chat(&event("message", STOP)));
    assert!(!chat(&event("message", "no JSON")));
    let anthropic = AnswerFormat::anthropic().terminal();
    assert!(anthropic(&event("message_stop", r#"{"type": "message_stop"}"#)));
    assert!(anthropic(&event("error", "{}")));
    assert!(!anthropic(&event("ping", "{}")));
    let langserve = AnswerFormat::langserve().terminal();
    assert!(langserve(&ServerSentEvent::builder().event("end").build().unwrap()));
}

#[test]
fn terminal_is_accepted_by_stop_after_and_stop_before() {
    let config = sse_session::SseConfig::new();
    let config = config.stop_after(AnswerFormat::anthropic().terminal()).expect_terminal(true);
    drop(config.stop_before(AnswerFormat::openai_chat().terminal()));
}

#[test]
fn each_attempt_of_an_answer_has_a_finish_reason_of_its_own() {
    let judge = AnswerFormat::openai_chat().text();
    let mut first = judge.clone();
    let event = |data: &str| ServerSentEvent::builder().data(data).build().unwrap();
    first(&event(STOP));
    assert!(matches!(first(&event("[DONE]")), sse_session::Judgment::Whole(None)));
    let mut second = judge;
    assert!(matches!(second(&event("[DONE]")), sse_session::Judgment::Incomplete));
}
