//! Formats of agents and of their protocols, with each row of their failures.

use sse_session::Judgment;
use sse_typed::AnswerFormat;

use super::{
    End::{Close, Framed},
    Outcome::{Failed, Incomplete, Whole},
    answer, check, data, read, typed,
};

#[test]
fn a2a_ends_with_a_final_state_or_a_message() {
    let task = r#"{"jsonrpc": "2.0", "id": 1, "result": {"kind": "task", "status": {"state": "submitted"}}}"#;
    let text = r#"{"jsonrpc": "2.0", "id": 1, "result": {"kind": "artifact-update", "artifact": {"parts": [{"kind": "text", "text": "Hello"}]}}}"#;
    let status = |state: &str| {
        format!(
            r#"{{"jsonrpc": "2.0", "id": 1, "result": {{"kind": "status-update", "final": true, "status": {{"state": "{state}", "message": {{"parts": [{{"text": "so it is"}}]}}}}}}}}"#
        )
    };
    let format = AnswerFormat::a2a;
    for state in ["completed", "input-required", "auth-required"] {
        check(
            format(),
            &data(&[task, &status("working"), text, &status(state)]),
            Close,
            Whole("Hello"),
        );
    }
    for state in ["failed", "canceled", "rejected"] {
        check(format(), &data(&[task, text, &status(state)]), Framed, Failed(state, false));
        check(format(), &data(&[task, text, &status(state)]), Framed, Failed("so it is", false));
    }
    check(format(), &data(&[task, text, &status("working")]), Framed, Incomplete);
    let error = data(&[task, text])
        + &typed(&[("error", r#"{"error": {"code": -32603, "message": "no luck"}}"#)]);
    check(format(), &error, Framed, Failed("no luck", false));
    let message =
        r#"{"result": {"kind": "message", "parts": [{"kind": "text", "text": "Hello"}]}}"#;
    check(format(), &data(&[message]), Close, Whole("Hello"));
    // Version 1.0.
    let text = r#"{"result": {"artifactUpdate": {"artifact": {"parts": [{"text": "Hello"}]}}}}"#;
    let status = |state: &str| {
        format!(
            r#"{{"result": {{"statusUpdate": {{"status": {{"state": "TASK_STATE_{state}"}}}}}}}}"#
        )
    };
    check(
        format(),
        &data(&[&status("WORKING"), text, &status("COMPLETED")]),
        Close,
        Whole("Hello"),
    );
    check(format(), &data(&[text, &status("FAILED")]), Close, Failed("TASK_STATE_FAILED", false));
}

#[test]
fn ag_ui_ends_with_run_finished_and_not_with_text_message_end() {
    let start = r#"{"type": "RUN_STARTED", "threadId": "1", "runId": "1"}"#;
    let text = r#"{"type": "TEXT_MESSAGE_CONTENT", "messageId": "1", "delta": "Hello"}"#;
    let text_end = r#"{"type": "TEXT_MESSAGE_END", "messageId": "1"}"#;
    let end = r#"{"type": "RUN_FINISHED", "threadId": "1", "runId": "1"}"#;
    let error = r#"{"type": "RUN_ERROR", "message": "no luck"}"#;
    let format = AnswerFormat::ag_ui;
    check(format(), &data(&[start, text, text_end, end]), Close, Whole("Hello"));
    check(format(), &data(&[start, text, text_end]), Framed, Incomplete);
    check(format(), &data(&[start, text, text_end, error]), Framed, Failed("no luck", false));
    check(format(), &data(&[start, text, error, end]), Framed, Failed("no luck", false));
    check(format(), &data(&[start, text, start, text, end]), Framed, Whole("Hello"));
    for (outcome, whole) in [("success", true), ("interrupt", true), ("cancelled", false)] {
        let end = format!(r#"{{"type": "RUN_FINISHED", "outcome": {{"type": "{outcome}"}}}}"#);
        let expected = if whole { Whole("Hello") } else { Failed("cancelled", false) };
        check(format(), &data(&[start, text, &end]), Close, expected);
    }
}

#[test]
fn ai_sdk_needs_finish_with_a_good_reason_and_done() {
    let start = r#"{"type": "start", "messageId": "1"}"#;
    let text = r#"{"type": "text-delta", "id": "1", "delta": "Hello"}"#;
    let error = r#"{"type": "error", "errorText": "no luck"}"#;
    let finish = |reason: &str| format!(r#"{{"type": "finish", "finishReason": "{reason}"}}"#);
    let format = AnswerFormat::ai_sdk;
    for reason in ["stop", "tool-calls"] {
        check(format(), &data(&[start, text, &finish(reason), "[DONE]"]), Close, Whole("Hello"));
    }
    check(
        format(),
        &data(&[start, text, r#"{"type": "finish"}"#, "[DONE]"]),
        Close,
        Whole("Hello"),
    );
    for reason in ["length", "error", "other", "content-filter"] {
        check(
            format(),
            &data(&[start, text, &finish(reason), "[DONE]"]),
            Close,
            Failed(reason, false),
        );
    }
    // pydantic-ai writes all three after an error.
    let after_error = data(&[start, text, error, &finish("stop"), "[DONE]"]);
    check(format(), &after_error, Close, Failed("no luck", false));
    check(format(), &data(&[start, text, r#"{"type": "abort"}"#]), Close, Failed("abort", false));
    // If the connection to the model is lost, it writes nothing, and ends regularly.
    check(format(), &data(&[start, text]), Framed, Incomplete);
    check(format(), &data(&[start, text, "[DONE]"]), Framed, Incomplete);
}

#[test]
fn mcp_ends_with_the_response_to_its_request() {
    let progress =
        r#"{"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progress": 1}}"#;
    let sampling =
        r#"{"jsonrpc": "2.0", "id": 7, "method": "sampling/createMessage", "params": {}}"#;
    let result = r#"{"jsonrpc": "2.0", "id": 7, "result": {"content": [{"type": "text", "text": "Hello"}]}}"#;
    let error = r#"{"jsonrpc": "2.0", "id": 7, "error": {"code": -32601, "message": "no luck"}}"#;
    let named = |events: &[&'static str]| {
        typed(&events.iter().map(|data| ("message", *data)).collect::<Vec<_>>())
    };
    check(AnswerFormat::mcp(7), &named(&[progress, sampling, result]), Close, Whole("Hello"));
    check(AnswerFormat::mcp(7), &named(&[progress, error]), Close, Failed("no luck", false));
    check(AnswerFormat::mcp(8), &named(&[progress, result]), Framed, Incomplete);
    check(AnswerFormat::mcp(8), &named(&[error]), Framed, Incomplete);
    check(AnswerFormat::mcp("a"), &named(&[progress]), Framed, Incomplete);
    // The first event of the Go SDK has empty data.
    check(
        AnswerFormat::mcp(7),
        &format!("id: 1\ndata:\n\n{}", named(&[result])),
        Close,
        Whole("Hello"),
    );
}

#[test]
fn mastra_ends_with_the_finish_of_its_run_and_not_of_a_step() {
    let start = r#"{"type": "start", "payload": {}}"#;
    let text = r#"{"type": "text-delta", "payload": {"text": "Hello"}}"#;
    let of = |name: &str, reason: &str| {
        format!(r#"{{"type": "{name}", "payload": {{"stepResult": {{"reason": "{reason}"}}}}}}"#)
    };
    let step = of("step-finish", "other");
    let format = AnswerFormat::mastra;
    for reason in ["stop", "tool-calls"] {
        check(format(), &data(&[start, text, &step, &of("finish", reason)]), Close, Whole("Hello"));
    }
    for reason in ["error", "other", "length"] {
        check(format(), &data(&[start, text, &of("finish", reason)]), Close, Failed(reason, false));
    }
    let error = r#"{"type": "error", "payload": {"error": {"message": "no luck"}}}"#;
    check(format(), &data(&[start, text, error]), Close, Failed("no luck", false));
    check(format(), &data(&[start, text, &step]), Framed, Incomplete);
    check(format(), &data(&[start, text, "[DONE]"]), Framed, Incomplete);
}

#[test]
fn agno_ends_with_run_completed() {
    let start = ("RunStarted", r#"{"event": "RunStarted"}"#);
    let text = ("RunContent", r#"{"event": "RunContent", "content": "Hello"}"#);
    let end = ("RunCompleted", r#"{"event": "RunCompleted", "content": "Hello"}"#);
    let format = AnswerFormat::agno;
    check(format(), &typed(&[start, text, end]), Close, Whole("Hello"));
    check(format(), &typed(&[start, text]), Framed, Incomplete);
    for (name, json) in [
        ("RunError", r#"{"event": "RunError", "content": "no luck"}"#),
        ("RunCancelled", r#"{"event": "RunCancelled", "reason": "no luck"}"#),
    ] {
        check(format(), &typed(&[start, text, (name, json)]), Close, Failed("no luck", false));
    }
}

#[test]
fn agno_ends_a_team_with_its_own_completion_and_not_with_that_of_a_member() {
    let event = |name: &str, run: &str, content: &str| {
        format!(
            "event: {name}\n\
             data: {{\"event\": \"{name}\", \"run_id\": \"{run}\", \"content\": \"{content}\"}}\n\n"
        )
    };
    let member = |end: &str| {
        let [start, text] = [event("RunStarted", "m", ""), event("RunContent", "m", "aside")];
        start + &text + &event(end, "m", "aside")
    };
    let begin = event("TeamRunStarted", "t", "") + &event("TeamRunContent", "t", "Hel");
    let end = event("TeamRunContent", "t", "lo") + &event("TeamRunCompleted", "t", "Hello");
    for format in [AnswerFormat::agno, AnswerFormat::agno_team] {
        for member_end in ["RunCompleted", "RunError"] {
            let (first, second) = (member("RunCompleted"), member(member_end));
            let body = format!("{begin}{first}{second}{end}");
            check(format(), &body, Close, Whole("Hello"));
            check(format(), &format!("{begin}{first}{second}"), Framed, Incomplete);
        }
        let error = event("TeamRunError", "t", "no luck");
        check(
            format(),
            &format!("{begin}{}{error}", member("RunCompleted")),
            Close,
            Failed("no luck", false),
        );
        // A team within the team, and a run that begins again.
        let inner = ["TeamRunStarted", "TeamRunContent", "TeamRunCompleted"];
        let inner = inner.map(|name| event(name, "inner", "aside")).concat();
        check(format(), &format!("{begin}{inner}{end}"), Close, Whole("Hello"));
        check(format(), &format!("{begin}{begin}{end}"), Close, Whole("Hello"));
    }
    // A run within that of an agent.
    let begin = event("RunStarted", "a", "") + &event("RunContent", "a", "Hel");
    let end = event("RunContent", "a", "lo") + &event("RunCompleted", "a", "Hello");
    for inner in [member("RunCompleted"), event("TeamRunStarted", "t", "") + &member("RunError")] {
        check(AnswerFormat::agno(), &format!("{begin}{inner}{end}"), Close, Whole("Hello"));
    }
}

#[test]
fn llamaindex_ends_with_a_subclass_of_the_stop_event_unless_it_reports_a_failure() {
    let text = r#"{"type": "AgentStream", "value": {"delta": "Hello"}}"#;
    let event = |name: &str| {
        format!(
            r#"{{"type": "{name}", "types": ["{name}", "StopEvent", "Event"], "value": {{"exception_message": "no luck"}}}}"#
        )
    };
    check(AnswerFormat::llamaindex(), &data(&[text, &event("MyResult")]), Close, Whole("Hello"));
    for name in ["WorkflowFailedEvent", "WorkflowCancelledEvent", "WorkflowTimedOutEvent"] {
        check(
            AnswerFormat::llamaindex(),
            &data(&[text, &event(name)]),
            Close,
            Failed("no luck", false),
        );
    }
}

#[test]
fn types_in_the_data_of_named_events_are_the_applications_own() {
    let begin = typed(&[("metadata", r#"{"run_id": "1"}"#)]);
    for own in ["end", "error", "metadata", "complete", "ping", "heartbeat"] {
        let object = format!(r#"{{"content": "lo", "type": "{own}"}}"#);
        let langserve = typed(&[("data", r#""Hel""#), ("data", &object)]);
        let body = format!("{begin}{langserve}event: end\n\n");
        check(AnswerFormat::langserve(), &body, Close, Whole("Hello"));
        let langgraph =
            typed(&[("messages", r#"[{"content": "Hello"}, {}]"#), ("custom", &object)]);
        check(AnswerFormat::langgraph(), &format!("{begin}{langgraph}"), Framed, Whole("Hello"));
        let judge =
            AnswerFormat::graphql_sse().decode(|json| Some(json["content"].as_str()?.to_owned()));
        let body = typed(&[("next", &object), ("next", &object)]) + "event: complete\n\n";
        assert_eq!(read(answer(judge, &body, Close)).unwrap(), "lolo", "{own}");
    }
}

#[test]
fn mcp_decodes_the_response_to_its_request_and_notifications_and_nothing_else() {
    let events = [
        r#"{"method": "notifications/message", "params": {"data": "n"}}"#,
        r#"{"id": 8, "result": {"data": "other"}}"#,
        r#"{"id": 8, "error": {"message": "other"}}"#,
        r#"{"id": 7, "method": "sampling/createMessage", "params": {"data": "request"}}"#,
        r#"{"id": null, "error": {"message": "whose"}}"#,
        r#"{"id": 7, "result": {"data": "r"}}"#,
    ];
    let judge = AnswerFormat::mcp(7).decode(|json| {
        let inner = json.get("params").or(json.get("result")).unwrap_or(json);
        Some(inner.get("data").unwrap_or(inner).to_string())
    });
    assert_eq!(read(answer(judge, &data(&events), Close)).unwrap(), r#""n""r""#);
}

#[test]
fn agents_work_from_their_first_event_and_models_from_that_of_a_tool_of_the_service() {
    let work = |format: AnswerFormat, body: &str| {
        let mut judge = format.text();
        let mut parser = sse_core::Parser::new().with_dataless_blocks(true);
        let mut input = bytes::Bytes::copy_from_slice(body.as_bytes());
        let event = parser.next(&mut input).unwrap().unwrap();
        matches!(judge(&event), Judgment::Working | Judgment::BeginWorking)
    };
    let named = |name: &str, json: &str| typed(&[(name, json)]);
    let of = |json: &str| data(&[json]);
    let cases = [
        (AnswerFormat::a2a(), of(r#"{"result": {"status": {"state": "submitted"}}}"#)),
        (AnswerFormat::ag_ui(), of(r#"{"type": "RUN_STARTED"}"#)),
        (AnswerFormat::ai_sdk(), of(r#"{"type": "start"}"#)),
        (AnswerFormat::ai_sdk(), of(r#"{"type": "tool-input-start"}"#)),
        (AnswerFormat::mcp(7), of(r#"{"method": "notifications/progress"}"#)),
        (AnswerFormat::mcp(7), of(r#"{"id": 9, "method": "sampling/createMessage"}"#)),
        (AnswerFormat::mcp(7), "id: 1\ndata:\n\n".to_owned()),
        (AnswerFormat::mastra(), of(r#"{"type": "tool-call"}"#)),
        (AnswerFormat::agno(), named("ToolCallStarted", r#"{"event": "ToolCallStarted"}"#)),
        (AnswerFormat::agno(), named("TeamRunStarted", r#"{"event": "TeamRunStarted"}"#)),
        (AnswerFormat::llamaindex(), of(r#"{"type": "ToolCall", "value": {}}"#)),
        (AnswerFormat::langserve(), named("metadata", "{}")),
        (AnswerFormat::langgraph(), named("metadata", "{}")),
        (AnswerFormat::graphql_sse(), named("next", r#"{"data": {}}"#)),
        (AnswerFormat::openai_responses(), of(r#"{"item": {"type": "mcp_call"}}"#)),
        (AnswerFormat::anthropic(), of(r#"{"content_block": {"type": "mcp_tool_use"}}"#)),
    ];
    for (format, body) in cases {
        assert!(work(format, &body), "{body}");
    }
    let others = [
        (AnswerFormat::langgraph(), "event: heartbeat\n\n".to_owned()),
        (AnswerFormat::graphql_sse(), named("ping", "{}")),
        (AnswerFormat::openai_responses(), of(r#"{"type": "response.created"}"#)),
        (AnswerFormat::openai_responses(), of(r#"{"item": {"type": "function_call"}}"#)),
        (AnswerFormat::anthropic(), of(r#"{"type": "message_start"}"#)),
        (AnswerFormat::anthropic(), of(r#"{"content_block": {"type": "tool_use"}}"#)),
        (AnswerFormat::openai_chat(), of(r#"{"choices": [{"delta": {"role": "assistant"}}]}"#)),
    ];
    for (format, body) in others {
        assert!(!work(format, &body), "{body}");
    }
}

#[test]
fn llamaindex_ends_with_a_stop_event_that_reports_no_failure() {
    let text = r#"{"type": "AgentStream", "value": {"delta": "Hello"}}"#;
    let stop = r#"{"type": "StopEvent", "value": {"result": "Hello"}}"#;
    check(AnswerFormat::llamaindex(), &data(&[text, stop]), Close, Whole("Hello"));
    check(AnswerFormat::llamaindex(), &data(&[text]), Framed, Incomplete);
    for name in ["WorkflowFailedEvent", "WorkflowCancelledEvent", "WorkflowTimedOutEvent"] {
        let event = format!(r#"{{"type": "{name}", "value": {{"exception_message": "no luck"}}}}"#);
        check(AnswerFormat::llamaindex(), &data(&[text, &event]), Close, Failed("no luck", false));
    }
}

#[test]
fn langserve_ends_with_a_block_without_data() {
    let meta = typed(&[("metadata", r#"{"run_id": "1"}"#)]);
    let text =
        typed(&[("data", r#""Hel""#), ("data", r#"{"content": "lo", "type": "AIMessageChunk"}"#)]);
    let end = "event: end\n\n";
    let format = AnswerFormat::langserve;
    check(format(), &format!("{meta}{text}{end}"), Close, Whole("Hello"));
    check(format(), &format!("{meta}{text}"), Framed, Incomplete);
    let error = typed(&[("error", r#"{"status_code": 500, "message": "no luck"}"#)]);
    check(format(), &format!("{meta}{text}{error}"), Close, Failed("no luck", false));
    check(format(), &format!("{meta}{text}{meta}{text}{end}"), Close, Whole("Hello"));
}

#[test]
fn langgraph_ends_with_its_body_which_is_little_proof() {
    let meta = ("metadata", r#"{"run_id": "1"}"#);
    let text = ("messages", r#"[{"content": "Hello", "type": "AIMessageChunk"}, {}]"#);
    let error = ("error", r#"{"error": "ValueError", "message": "no luck"}"#);
    let format = AnswerFormat::langgraph;
    check(format(), &typed(&[meta, text]), Framed, Whole("Hello"));
    check(format(), &typed(&[meta, text]), Close, Incomplete);
    check(format(), &typed(&[meta]), Framed, Incomplete);
    check(format(), "", Framed, Incomplete);
    check(format(), &typed(&[meta, text, error]), Framed, Failed("no luck", false));
    // A server that was restarted sends the whole run again.
    check(format(), &typed(&[meta, text, meta, text]), Framed, Whole("Hello"));
}

#[test]
fn graphql_sse_ends_with_complete_with_data_or_without() {
    let next = typed(&[("next", r#"{"data": {"a": 1}}"#)]);
    let partial =
        typed(&[("next", r#"{"data": {"a": null}, "errors": [{"message": "one field"}]}"#)]);
    let format = AnswerFormat::graphql_sse;
    for end in
        ["event: complete\n\n", "event: complete\ndata:\n\n", "event: complete\ndata: {}\n\n"]
    {
        check(format(), &format!("{next}{partial}{end}"), Close, Whole(""));
    }
    check(format(), &next, Framed, Incomplete);
    for error in [
        r#"{"errors": [{"message": "no luck"}]}"#,
        r#"{"data": null, "errors": [{"message": "no luck"}]}"#,
    ] {
        check(format(), &typed(&[("next", error)]), Close, Failed("no luck", false));
    }
}
