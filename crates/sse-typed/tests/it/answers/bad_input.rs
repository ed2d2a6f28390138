//! Bad input, each with its documented outcome.

use sse_session::SseErrorKind;
use sse_typed::AnswerFormat;

use super::{
    End::Framed,
    Outcome::{Failed, Incomplete, Malformed, Whole},
    answer, check, data, read,
};

const HEL: &str = r#"{"choices": [{"delta": {"content": "Hel"}, "finish_reason": null}]}"#;
const STOP: &str = r#"{"choices": [{"delta": {}, "finish_reason": "stop"}]}"#;
const ERROR: &str = r#"{"error": {"message": "no luck"}}"#;
const DONE: &str = "[DONE]";

#[track_caller]
fn chat(events: &[&str], expected: super::Outcome) {
    check(AnswerFormat::openai_chat(), &data(events), Framed, expected);
}

#[test]
fn a_delta_that_is_not_json_is_malformed_and_names_the_reason() {
    chat(&[HEL, "{\"choices\": [", STOP, DONE], Malformed);
    chat(&[HEL, "hello", STOP, DONE], Malformed);
    let body = data(&[HEL, "hello"]);
    let error = read(answer(AnswerFormat::openai_chat().text(), &body, Framed)).unwrap_err();
    assert_eq!(error.kind(), SseErrorKind::Malformed);
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.downcast_ref::<serde_json::Error>().is_some(), "{source}");
}

#[test]
fn json_that_is_not_a_chunk_is_neither_a_delta_nor_an_error() {
    chat(&[HEL, "7", "null", "[]", "\"text\"", "{}", STOP, DONE], Whole("Hel"));
}

#[test]
fn an_error_inside_the_stream_decides_whatever_comes_after_it() {
    chat(&[HEL, ERROR], Failed("no luck", false));
    chat(&[HEL, ERROR, STOP, DONE], Failed("no luck", false));
    chat(&[HEL, STOP, ERROR, DONE], Failed("no luck", false));
    chat(&[ERROR, HEL, STOP, DONE], Failed("no luck", false));
}

#[test]
fn done_after_an_error_is_not_read() {
    chat(&[ERROR, DONE], Failed("no luck", false));
}

#[test]
fn a_terminal_event_twice_and_text_after_it_are_not_read() {
    chat(&[HEL, STOP, DONE, DONE], Whole("Hel"));
    chat(&[HEL, STOP, DONE, HEL, STOP, DONE], Whole("Hel"));
    chat(&[HEL, STOP, DONE, ERROR], Whole("Hel"));
    chat(&[HEL, STOP, DONE, "no JSON"], Whole("Hel"));
}

#[test]
fn an_unknown_finish_reason_is_a_failure() {
    let unknown = STOP.replace("stop", "eos");
    chat(&[HEL, &unknown, DONE], Failed("finish reason `eos`", false));
    let accepting = AnswerFormat::openai_chat().accept_finish_reason("eos");
    check(accepting, &data(&[HEL, &unknown, DONE]), Framed, Whole("Hel"));
}

#[test]
fn an_empty_answer_is_whole_with_a_finish_reason_and_incomplete_without() {
    chat(&[STOP, DONE], Whole(""));
    chat(&[], Incomplete);
    chat(&[""], Incomplete);
    chat(&[DONE], Incomplete);
}

#[test]
fn an_error_without_a_field_is_among_the_unknown_lines() {
    let body = data(&[HEL]) + "{\"error\": \"overloaded\"}\n\n";
    check(AnswerFormat::openai_chat(), &body, Framed, Incomplete);
    let error = read(answer(AnswerFormat::openai_chat().text(), &body, Framed)).unwrap_err();
    let evidence = error.end_evidence().unwrap();
    assert_eq!(evidence.unknown_line_excerpt(), Some("{\"error\": \"overloaded\"}"));
}
