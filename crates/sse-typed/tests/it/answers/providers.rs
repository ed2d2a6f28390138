//! Formats of model providers: complete answers, finish reasons, errors, and missing ends.

use sse_typed::AnswerFormat;

use super::{
    End::{Close, Framed},
    Outcome::{Failed, Incomplete, Whole},
    check, data, typed,
};

const HEL: &str = r#"{"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hel"}, "finish_reason": null}]}"#;
const LO: &str =
    r#"{"choices": [{"index": 0, "delta": {"content": "lo"}, "finish_reason": null}]}"#;
const STOP: &str = r#"{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}"#;
const USAGE: &str = r#"{"choices": [], "usage": {"total_tokens": 9}}"#;
const DONE: &str = "[DONE]";

fn finish(reason: &str) -> String {
    format!(
        r#"{{"choices": [{{"index": 0, "delta": {{"content": ""}}, "finish_reason": "{reason}"}}]}}"#
    )
}

#[test]
fn openai_chat_needs_a_finish_reason_and_done() {
    let format = AnswerFormat::openai_chat;
    for end in [Framed, Close] {
        check(format(), &data(&[HEL, LO, STOP, USAGE, DONE]), end, Whole("Hello"));
        check(format(), &data(&[HEL, LO, STOP, USAGE]), end, Incomplete);
        check(format(), &data(&[HEL, LO]), end, Incomplete);
        check(format(), &data(&[HEL, LO, DONE]), end, Incomplete);
    }
    for reason in ["tool_calls", "function_call"] {
        check(format(), &data(&[HEL, &finish(reason), DONE]), Close, Whole("Hel"));
    }
    for (reason, is_transient) in [
        ("length", false),
        ("content_filter", false),
        ("error", false),
        ("overloaded_error", true),
        ("insufficient_system_resource", true),
    ] {
        check(format(), &data(&[HEL, &finish(reason), DONE]), Close, Failed(reason, is_transient));
    }
}

#[test]
fn openai_chat_knows_errors_in_every_place() {
    let errors = [
        (r#"{"error": {"message": "no luck", "type": "server_error"}}"#, true),
        (r#"{"error": {"message": "no luck", "code": 503}}"#, true),
        (r#"{"error": {"message": "no luck", "type": "invalid_request_error"}}"#, false),
        (r#"{"error": "no luck"}"#, false),
        (r#"{"choices": [{"delta": {"content": "x"}}], "error": {"message": "no luck"}}"#, false),
        (r#"{"object": "error", "message": "no luck", "code": 400}"#, false),
    ];
    for (error, is_transient) in errors {
        let body = data(&[HEL, error, DONE]);
        check(AnswerFormat::openai_chat(), &body, Close, Failed("no luck", is_transient));
    }
    let named = data(&[HEL]) + &typed(&[("error", r#"{"message": "no luck"}"#)]);
    check(AnswerFormat::openai_chat(), &named, Close, Failed("no luck", false));
    let bare = data(&[HEL]) + &typed(&[("error", "no luck")]);
    check(AnswerFormat::openai_chat(), &bare, Close, Failed("no luck", false));
    // Keys that stand for no error.
    for none in ["null", "false", "\"\"", "{}"] {
        let chunk =
            format!(r#"{{"choices": [{{"delta": {{"content": "lo"}}}}], "error": {none}}}"#);
        check(
            AnswerFormat::openai_chat(),
            &data(&[HEL, &chunk, STOP, DONE]),
            Close,
            Whole("Hello"),
        );
    }
}

#[test]
fn openai_chat_tolerant_needs_a_finish_reason_and_a_framed_end_or_done() {
    let format = AnswerFormat::openai_chat_tolerant;
    check(format(), &data(&[HEL, LO, STOP]), Framed, Whole("Hello"));
    check(format(), &data(&[HEL, LO, STOP, USAGE]), Framed, Whole("Hello"));
    check(format(), &data(&[HEL, LO, STOP]), Close, Incomplete);
    check(format(), &data(&[HEL, LO, STOP, DONE]), Close, Whole("Hello"));
    check(format(), &data(&[HEL, LO]), Framed, Incomplete);
    check(format(), &data(&[HEL, LO, DONE]), Framed, Incomplete);
    check(format(), &data(&[HEL, STOP, LO]), Framed, Incomplete);
}

#[test]
fn openai_responses_is_cut_short_unless_completed_says_no_other_status() {
    let hello = r#"{"type": "response.output_text.delta", "delta": "Hello"}"#;
    let ending = |name: &str, response: &str| {
        let end = format!(r#"{{"type": "response.{name}"{response}}}"#);
        data(&[hello, &end])
    };
    let cases = [
        ("completed", "", None),
        ("completed", r#", "response": {}"#, None),
        ("completed", r#", "response": {"status": "completed"}"#, None),
        ("completed", r#", "response": {"status": "in_progress"}"#, None),
        ("completed", r#", "response": {"status": "incomplete"}"#, Some("incomplete")),
        (
            "completed",
            r#", "response": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}"#,
            Some("max_output_tokens"),
        ),
        ("incomplete", "", Some("incomplete")),
        ("incomplete", r#", "response": {"incomplete_details": null}"#, Some("incomplete")),
        ("incomplete", r#", "response": {"status": "completed"}"#, Some("incomplete")),
        (
            "incomplete",
            r#", "response": {"incomplete_details": {"reason": "content_filter"}}"#,
            Some("content_filter"),
        ),
    ];
    for (name, response, reason) in cases {
        let body = ending(name, response);
        let expected = reason.map_or(Whole("Hello"), |reason| Failed(reason, false));
        check(AnswerFormat::openai_responses(), &body, Close, expected);
        let accepting =
            AnswerFormat::openai_responses().accept_finish_reason(reason.unwrap_or("x"));
        check(accepting, &body, Close, Whole("Hello"));
    }
}

#[test]
fn openai_responses_ends_with_completed_with_event_lines_or_without() {
    let created =
        ("response.created", r#"{"type": "response.created", "response": {"error": null}}"#);
    let hello = (
        "response.output_text.delta",
        r#"{"type": "response.output_text.delta", "delta": "Hello"}"#,
    );
    let completed = (
        "response.completed",
        r#"{"type": "response.completed", "response": {"incomplete_details": null}}"#,
    );
    let failed = (
        "response.failed",
        r#"{"type": "response.failed", "response": {"error": {"code": "server_error", "message": "no luck"}}}"#,
    );
    let incomplete = (
        "response.incomplete",
        r#"{"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}}"#,
    );
    let error =
        ("error", r#"{"type": "error", "code": "rate_limit_exceeded", "message": "no luck"}"#);
    for with_types in [true, false] {
        let stream = |events: &[(&str, &str)]| match with_types {
            true => typed(events),
            false => data(&events.iter().map(|(_, data)| *data).collect::<Vec<_>>()),
        };
        let format = AnswerFormat::openai_responses;
        check(format(), &stream(&[created, hello, completed]), Close, Whole("Hello"));
        check(format(), &stream(&[created, hello]), Framed, Incomplete);
        check(
            format(),
            &stream(&[created, hello, failed, ("", DONE)]),
            Close,
            Failed("no luck", true),
        );
        check(format(), &stream(&[created, hello, error]), Close, Failed("no luck", true));
        let body = stream(&[created, hello, incomplete]);
        check(format(), &body, Close, Failed("max_output_tokens", false));
        check(format().accept_finish_reason("max_output_tokens"), &body, Close, Whole("Hello"));
        check(
            format(),
            &stream(&[created, hello, created, hello, completed]),
            Close,
            Whole("Hello"),
        );
    }
}

#[test]
fn anthropic_ends_with_message_stop_and_pings_are_keep_alives() {
    let start = ("message_start", r#"{"type": "message_start", "message": {}}"#);
    let ping = ("ping", r#"{"type": "ping"}"#);
    let text = (
        "content_block_delta",
        r#"{"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Hello"}}"#,
    );
    let thought = (
        "content_block_delta",
        r#"{"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "hm"}}"#,
    );
    let stop = ("message_stop", r#"{"type": "message_stop"}"#);
    let end_turn =
        ("message_delta", r#"{"type": "message_delta", "delta": {"stop_reason": "end_turn"}}"#);
    let limit =
        ("message_delta", r#"{"type": "message_delta", "delta": {"stop_reason": "max_tokens"}}"#);
    let busy = (
        "error",
        r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#,
    );
    let format = AnswerFormat::anthropic;
    check(format(), &typed(&[start, ping, thought, text, end_turn, stop]), Close, Whole("Hello"));
    check(format(), &typed(&[start, ping, text, end_turn]), Framed, Incomplete);
    check(format(), &typed(&[start, text, busy, stop]), Framed, Failed("Overloaded", true));
    check(format(), &typed(&[start, text, limit, stop]), Framed, Failed("max_tokens", false));
    let accepting = format().accept_finish_reason("max_tokens");
    check(accepting, &typed(&[start, text, limit, stop]), Framed, Whole("Hello"));
    check(format(), &typed(&[start, text, start, ping, text, stop]), Framed, Whole("Hello"));
}

#[test]
fn gemini_ends_with_its_body_after_a_finish_reason() {
    let hel = r#"{"candidates": [{"content": {"parts": [{"text": "why", "thought": true}, {"text": "Hel"}]}}]}"#;
    let lo = r#"{"candidates": [{"content": {"parts": [{"text": "l"}, {"text": "o"}]}, "finishReason": "STOP"}]}"#;
    let early =
        r#"{"candidates": [{"content": {"parts": [{"text": "Hel"}]}, "finishReason": "STOP"}]}"#;
    let format = AnswerFormat::gemini;
    check(format(), &data(&[hel, lo]), Framed, Whole("Hello"));
    check(format(), &data(&[early, lo]), Framed, Whole("Hello"));
    check(format(), &data(&[hel, lo]), Close, Incomplete);
    check(format(), &data(&[hel]), Framed, Incomplete);
    check(format(), &data(&[early, hel]), Framed, Incomplete);
    let limit = lo.replace("STOP", "MAX_TOKENS");
    check(format(), &data(&[hel, &limit]), Framed, Failed("MAX_TOKENS", false));
    let error = r#"{"error": {"code": 503, "message": "no luck", "status": "UNAVAILABLE"}}"#;
    check(format(), &data(&[hel, error]), Framed, Failed("no luck", true));
    let blocked = r#"{"promptFeedback": {"blockReason": "SAFETY"}}"#;
    check(format(), &data(&[blocked]), Framed, Failed("SAFETY", false));
}

#[test]
fn mistral_reads_text_from_strings_and_arrays() {
    let array = r#"{"choices": [{"delta": {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "Hel"}]}}]}"#;
    check(AnswerFormat::mistral(), &data(&[array, LO, STOP, DONE]), Close, Whole("Hello"));
    for reason in ["error", "length", "model_length"] {
        check(
            AnswerFormat::mistral(),
            &data(&[HEL, &finish(reason), DONE]),
            Close,
            Failed(reason, false),
        );
    }
}

#[test]
fn cohere_v2_ends_with_message_end_and_its_reason() {
    let start = ("message-start", r#"{"type": "message-start", "id": "1"}"#);
    let text = (
        "content-delta",
        r#"{"type": "content-delta", "delta": {"message": {"content": {"text": "Hello"}}}}"#,
    );
    let end = |reason: &str| {
        format!(r#"{{"type": "message-end", "delta": {{"finish_reason": "{reason}"}}}}"#)
    };
    let format = AnswerFormat::cohere_v2;
    for reason in ["COMPLETE", "STOP_SEQUENCE", "TOOL_CALL"] {
        let body = typed(&[start, text, ("message-end", &end(reason))]);
        check(format(), &body, Close, Whole("Hello"));
    }
    for (reason, is_transient) in [("MAX_TOKENS", false), ("ERROR", false), ("TIMEOUT", true)] {
        let body = typed(&[start, text, ("message-end", &end(reason))]);
        check(format(), &body, Close, Failed(reason, is_transient));
    }
    let error =
        r#"{"type": "message-end", "delta": {"error": "no luck", "finish_reason": "ERROR"}}"#;
    check(
        format(),
        &typed(&[start, text, ("message-end", error)]),
        Close,
        Failed("no luck", false),
    );
    check(format(), &typed(&[start, text]), Framed, Incomplete);
}
