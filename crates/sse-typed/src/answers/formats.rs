//! Table of the wire formats: data only. The constructors of [`AnswerFormat`](super::AnswerFormat)
//! document each, with its source.

use super::format::{End, Format, NOTHING, Work};

pub(super) static OPENAI_CHAT: Format = Format {
    // Some versions of vLLM have `"object": "error"`.
    type_key: "object",
    reasons: &["choices.*.finish_reason"],
    good_reasons: &["stop", "tool_calls", "function_call"],
    end: End::Done,
    texts: &[("", "choices.0.delta.content")],
    ..NOTHING
};

pub(super) static OPENAI_CHAT_TOLERANT: Format = Format { end: End::DoneOrBody, ..OPENAI_CHAT };

pub(super) static MISTRAL: Format = Format {
    // The content of a reasoning model is an array.
    texts: &[("", "choices.0.delta.content"), ("", "choices.0.delta.content.*.text")],
    ..OPENAI_CHAT
};

pub(super) static OPENAI_RESPONSES: Format = Format {
    begins: &["response.created"],
    // Tools that the service runs; functions are run by the caller.
    work: Work::At(
        "item.type",
        &[
            "mcp_call",
            "code_interpreter_call",
            "web_search_call",
            "file_search_call",
            "image_generation_call",
        ],
    ),
    wholes: &["response.completed"],
    cuts: &["response.incomplete"],
    failures: &["error", "response.failed", "response.cancelled"],
    messages: &["response.error.message", "error.message", "message"],
    codes: &["response.error.code", "error.code", "error.type", "code"],
    reasons: &["response.incomplete_details.reason", "response.status"],
    reason_types: &["response.completed", "response.incomplete"],
    good_reasons: &["completed"],
    ongoing: &["queued", "in_progress"],
    texts: &[("response.output_text.delta", "delta")],
    ..NOTHING
};

pub(super) static ANTHROPIC: Format = Format {
    work: Work::At("content_block.type", &["server_tool_use", "mcp_tool_use"]),
    keep_alives: &["ping"],
    begins: &["message_start"],
    wholes: &["message_stop"],
    reasons: &["delta.stop_reason"],
    reason_types: &["message_delta"],
    good_reasons: &["end_turn", "stop_sequence", "tool_use", "pause_turn"],
    texts: &[("content_block_delta", "delta.text")],
    ..NOTHING
};

pub(super) static GEMINI: Format = Format {
    errors: &["error", "promptFeedback.blockReason"],
    messages: &["error.message", "promptFeedback.blockReasonMessage", "promptFeedback.blockReason"],
    codes: &["error.status", "error.code"],
    reasons: &["candidates.*.finishReason"],
    good_reasons: &["STOP"],
    end: End::Body,
    texts: &[("", "candidates.0.content.parts.*.text")],
    ..NOTHING
};

pub(super) static COHERE_V2: Format = Format {
    begins: &["message-start"],
    wholes: &["message-end"],
    errors: &["error", "delta.error"],
    messages: &["delta.error", "error.message", "message"],
    reasons: &["delta.finish_reason"],
    reason_types: &["message-end"],
    good_reasons: &["COMPLETE", "STOP_SEQUENCE", "TOOL_CALL"],
    texts: &[("content-delta", "delta.message.content.text")],
    ..NOTHING
};

pub(super) static A2A: Format = Format {
    type_key: "kind",
    work: Work::Always,
    // A message is the complete answer, without a task.
    results: &["result.message", "result.parts", "message.parts"],
    messages: &[
        "error.message",
        "result.status.message.parts.0.text",
        "result.statusUpdate.status.message.parts.0.text",
        "statusUpdate.status.message.parts.0.text",
    ],
    codes: &["error.code"],
    reasons: &[
        "result.status.state",
        "result.statusUpdate.status.state",
        "result.task.status.state",
        "statusUpdate.status.state",
        "task.status.state",
    ],
    good_reasons: &[
        "completed",
        "input-required",
        "auth-required",
        "TASK_STATE_COMPLETED",
        "TASK_STATE_INPUT_REQUIRED",
        "TASK_STATE_AUTH_REQUIRED",
    ],
    ongoing: &["submitted", "working", "TASK_STATE_SUBMITTED", "TASK_STATE_WORKING"],
    end: End::Reason,
    texts: &[
        ("", "result.artifact.parts.*.text"),
        ("", "result.artifactUpdate.artifact.parts.*.text"),
        ("", "artifactUpdate.artifact.parts.*.text"),
        ("", "result.message.parts.*.text"),
        ("", "result.parts.*.text"),
        ("", "message.parts.*.text"),
    ],
    ..NOTHING
};

pub(super) static AG_UI: Format = Format {
    work: Work::Always,
    begins: &["RUN_STARTED"],
    wholes: &["RUN_FINISHED"],
    failures: &["RUN_ERROR", "error"],
    errors: &[],
    reasons: &["outcome.type", "outcome"],
    reason_types: &["RUN_FINISHED"],
    good_reasons: &["success", "interrupt"],
    texts: &[("TEXT_MESSAGE_CONTENT", "delta"), ("TEXT_MESSAGE_CHUNK", "delta")],
    ..NOTHING
};

pub(super) static AI_SDK: Format = Format {
    work: Work::Always,
    begins: &["start"],
    finishes: &["finish"],
    failures: &["error", "abort"],
    errors: &[],
    messages: &["errorText", "reason"],
    reasons: &["finishReason"],
    reason_types: &["finish"],
    good_reasons: &["stop", "tool-calls"],
    end: End::Done,
    texts: &[("text-delta", "delta")],
    ..NOTHING
};

pub(super) static MCP: Format = Format {
    type_key: "method",
    is_rpc: true,
    work: Work::Always,
    results: &["result"],
    texts: &[("", "result.content.*.text")],
    ..NOTHING
};

pub(super) static MASTRA: Format = Format {
    work: Work::Always,
    begins: &["start"],
    failures: &["error", "abort", "tripwire"],
    errors: &[],
    messages: &["payload.error.message", "payload.error", "payload.reason"],
    reasons: &["payload.stepResult.reason"],
    reason_types: &["finish"],
    good_reasons: &["stop", "tool-calls"],
    end: End::Reason,
    texts: &[("text-delta", "payload.text")],
    ..NOTHING
};

pub(super) static AGNO: Format = Format {
    type_key: "event",
    instead: Some(("TeamRunStarted", &AGNO_TEAM)),
    run: "run_id",
    work: Work::Always,
    begins: &["RunStarted"],
    wholes: &["RunCompleted"],
    failures: &["RunError", "RunCancelled", "error"],
    errors: &[],
    messages: &["content", "reason", "message"],
    texts: &[("RunContent", "content")],
    ..NOTHING
};

/// The runs of the members are within that of the team.
pub(super) static AGNO_TEAM: Format = Format {
    instead: None,
    begins: &["TeamRunStarted"],
    wholes: &["TeamRunCompleted"],
    failures: &["TeamRunError", "TeamRunCancelled", "error"],
    texts: &[("TeamRunContent", "content")],
    ..AGNO
};

pub(super) static LLAMAINDEX: Format = Format {
    // Including the base classes: a workflow may end with a subclass of `StopEvent`.
    types_key: "types",
    work: Work::Always,
    wholes: &["StopEvent"],
    failures: &["WorkflowFailedEvent", "WorkflowCancelledEvent", "WorkflowTimedOutEvent", "error"],
    errors: &[],
    messages: &["value.exception_message", "value.message", "message"],
    texts: &[("AgentStream", "value.delta")],
    ..NOTHING
};

pub(super) static LANGSERVE: Format = Format {
    type_key: "",
    work: Work::Always,
    begins: &["metadata"],
    wholes: &["end"],
    errors: &[],
    texts: &[("data", ""), ("data", "content")],
    ..NOTHING
};

pub(super) static LANGGRAPH: Format = Format {
    type_key: "",
    work: Work::Always,
    keep_alives: &["heartbeat"],
    begins: &["metadata"],
    wholes: &["end"],
    errors: &[],
    end: End::BodyAlone,
    texts: &[("messages", "0.content"), ("messages", "0.content.*.text")],
    ..NOTHING
};

pub(super) static GRAPHQL_SSE: Format = Format {
    type_key: "",
    work: Work::Always,
    keep_alives: &["ping"],
    wholes: &["complete"],
    // Errors beside data are those of single fields.
    errors: &["errors"],
    despite: "data",
    messages: &["errors.0.message", "message", "0.message"],
    codes: &["errors.0.extensions.code"],
    ..NOTHING
};
