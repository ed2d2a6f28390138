//! Failures as gateways wrote them on 2026-11-29, and the result of a format for each. Some cannot
//! be detected by any client.

use sse_typed::AnswerFormat;

use super::{
    End::{Close, Framed},
    Outcome::{Failed, Incomplete, Malformed, Whole},
    check, data, typed,
};

const HEL: &str = r#"{"choices": [{"delta": {"content": "Hel"}, "finish_reason": null}]}"#;
const STOP: &str = r#"{"choices": [{"delta": {}, "finish_reason": "stop"}]}"#;
const DONE: &str = "[DONE]";

const MESSAGE: [(&str, &str); 2] = [
    ("message_start", r#"{"type": "message_start"}"#),
    ("content_block_delta", r#"{"type": "content_block_delta", "delta": {"text": "Hel"}}"#),
];

fn finish(reason: &str) -> String {
    format!(r#"{{"choices": [{{"delta": {{}}, "finish_reason": "{reason}"}}]}}"#)
}

#[test]
fn openai_chat_cannot_notice_a_finish_that_a_gateway_has_invented() {
    // LiteLLM and lm-proxy, after a provider that ended early.
    check(AnswerFormat::openai_chat(), &data(&[HEL, STOP, DONE]), Framed, Whole("Hel"));
    // claude-code-router.
    let end = [
        ("message_delta", r#"{"type": "message_delta", "delta": {"stop_reason": "end_turn"}}"#),
        ("message_stop", r#"{"type": "message_stop"}"#),
    ];
    check(AnswerFormat::anthropic(), &(typed(&MESSAGE) + &typed(&end)), Framed, Whole("Hel"));
}

#[test]
fn anthropic_notices_the_error_before_the_end_of_claude_code_router() {
    let rest = typed(&[
        ("error", r#"{"type": "error", "message": {"type": "api_error", "message": "no luck"}}"#),
        ("message_stop", r#"{"type": "message_stop"}"#),
    ]);
    let body = typed(&MESSAGE) + &rest;
    check(AnswerFormat::anthropic(), &body, Framed, Failed("no luck", false));
}

#[test]
fn openai_responses_notices_response_failed_of_litellm_before_done() {
    let body = data(&[
        r#"{"type": "response.created"}"#,
        r#"{"type": "response.output_text.delta", "delta": "Hel"}"#,
        r#"{"type": "response.failed", "response": {"error": {"message": "no luck"}}}"#,
        DONE,
    ]);
    check(AnswerFormat::openai_responses(), &body, Framed, Failed("no luck", false));
}

#[test]
fn anthropic_notices_text_that_a_ping_of_litellm_has_destroyed() {
    let whole = "event: message_stop\ndata: {\"type\": \"message_stop\"}\n\n";
    let ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";
    let broken = [
        // Within a line, and between the lines of an event.
        format!(
            "event: content_block_delta\ndata: {{\"type\": \"content_b{ping}lock_delta\"}}\n\n"
        ),
        format!("event: content_block_delta\ndata: {{\"type\": \"content_block_delta\"}}\n{ping}"),
    ];
    for event in broken {
        check(AnswerFormat::anthropic(), &(typed(&MESSAGE) + &event + whole), Framed, Malformed);
    }
    // Before the data: the ping is one, and the type is in the data.
    let event = format!(
        "event: content_block_delta\n{ping}data: {{\"type\": \"content_block_delta\", \"delta\": {{\"text\": \"lo\"}}}}\n\n"
    );
    check(AnswerFormat::anthropic(), &(typed(&MESSAGE) + &event + whole), Framed, Whole("Hello"));
}

#[test]
fn openai_chat_reports_the_error_of_smg_and_not_the_half_event_before_it() {
    let half = r#"{"choices": [{"delta": {"cont"#;
    let error = r#"{"error": {"message": "no luck", "type": "server_error"}}"#;
    check(
        AnswerFormat::openai_chat(),
        &data(&[HEL, half, error, DONE]),
        Framed,
        Failed("no luck", true),
    );
    check(AnswerFormat::openai_chat(), &data(&[HEL, half, DONE]), Framed, Malformed);
}

#[test]
fn openai_chat_notices_finish_reasons_that_are_failures() {
    // lm-proxy, and Portkey.
    for (reason, is_transient) in [("error", false), ("overloaded_error", true)] {
        let body = data(&[HEL, &finish(reason), DONE]);
        check(AnswerFormat::openai_chat(), &body, Framed, Failed(reason, is_transient));
    }
}

#[test]
fn openai_chat_notices_the_done_that_portkey_leaves_out() {
    check(AnswerFormat::openai_chat(), &data(&[HEL]), Framed, Incomplete);
    check(AnswerFormat::openai_chat(), &(data(&[HEL]) + "data: {\"choi"), Framed, Malformed);
}

#[test]
fn openai_chat_tolerant_accepts_whole_answers_of_mlflow_and_hayhooks() {
    check(AnswerFormat::openai_chat_tolerant(), &data(&[HEL, STOP]), Framed, Whole("Hel"));
    check(AnswerFormat::openai_chat(), &data(&[HEL, STOP]), Framed, Incomplete);
    // hayhooks, truncated.
    check(AnswerFormat::openai_chat_tolerant(), &data(&[HEL]), Close, Incomplete);
}

#[test]
fn openai_chat_notices_the_error_in_the_unfinished_rest_of_litserve() {
    let rest = "data: {\"error\": {\"message\": \"no luck\"}}";
    check(AnswerFormat::openai_chat(), &(data(&[HEL]) + rest), Framed, Failed("no luck", false));
    check(AnswerFormat::openai_chat(), &data(&[HEL]), Framed, Incomplete);
}
