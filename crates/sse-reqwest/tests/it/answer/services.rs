//! Services: streams in the format that each provider documents, with content of our own.

use sse_test::Reply;
use sse_typed::AnswerFormat;

/// Service, and the events of its answer.
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) format: fn() -> AnswerFormat,
    pub(super) begin: &'static str,
    pub(super) hel: &'static str,
    pub(super) lo: &'static str,
    pub(super) end: &'static str,
    /// Transient error within the stream, and what follows it.
    pub(super) busy: &'static str,
}

impl Service {
    pub(super) fn whole(&self) -> Reply {
        let Self { begin, hel, lo, end, .. } = self;
        Reply::events(format!("{begin}{hel}")).send(format!("{lo}{end}"))
    }
}

pub(super) const SERVICES: &[Service] = &[
    Service {
        name: "OpenAI Chat Completions",
        format: AnswerFormat::openai_chat,
        begin: "data: {\"choices\": [{\"delta\": {\"role\": \"assistant\"}, \"finish_reason\": null}]}\n\n",
        hel: "data: {\"choices\": [{\"delta\": {\"content\": \"Hel\"}, \"finish_reason\": null}]}\n\n",
        lo: "data: {\"choices\": [{\"delta\": {\"content\": \"lo\"}, \"finish_reason\": null}]}\n\n",
        end: "data: {\"choices\": [{\"delta\": {}, \"finish_reason\": \"stop\"}]}\n\ndata: [DONE]\n\n",
        busy: "data: {\"error\": {\"type\": \"server_error\", \"message\": \"busy\"}}\n\ndata: [DONE]\n\n",
    },
    Service {
        name: "OpenAI Responses",
        format: AnswerFormat::openai_responses,
        begin: "event: response.created\ndata: {\"type\": \"response.created\"}\n\n",
        hel: "event: response.output_text.delta\n\
              data: {\"type\": \"response.output_text.delta\", \"delta\": \"Hel\"}\n\n",
        lo: "event: response.output_text.delta\n\
             data: {\"type\": \"response.output_text.delta\", \"delta\": \"lo\"}\n\n",
        end: "event: response.completed\ndata: {\"type\": \"response.completed\"}\n\n",
        busy: "event: error\n\
               data: {\"type\": \"error\", \"code\": \"server_error\", \"message\": \"busy\"}\n\n\
               data: [DONE]\n\n",
    },
    Service {
        name: "Anthropic Messages",
        format: AnswerFormat::anthropic,
        begin: "event: message_start\ndata: {\"type\": \"message_start\"}\n\n\
                event: ping\ndata: {\"type\": \"ping\"}\n\n",
        hel: "event: content_block_delta\n\
              data: {\"type\": \"content_block_delta\", \"delta\": {\"text\": \"Hel\"}}\n\n",
        lo: "event: content_block_delta\n\
             data: {\"type\": \"content_block_delta\", \"delta\": {\"text\": \"lo\"}}\n\n",
        end: "event: message_delta\n\
              data: {\"type\": \"message_delta\", \"delta\": {\"stop_reason\": \"end_turn\"}}\n\n\
              event: message_stop\ndata: {\"type\": \"message_stop\"}\n\n",
        busy: "event: error\n\
               data: {\"type\": \"error\", \"error\": {\"type\": \"overloaded_error\"}}\n\n\
               event: message_stop\ndata: {\"type\": \"message_stop\"}\n\n",
    },
    Service {
        name: "Gemini",
        format: AnswerFormat::gemini,
        begin: "data: {\"candidates\": [{\"content\": {\"parts\": []}}]}\n\n",
        hel: "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"Hel\"}]}}]}\n\n",
        lo: "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"lo\"}]}}]}\n\n",
        end: "data: {\"candidates\": [{\"content\": {\"parts\": []}, \"finishReason\": \"STOP\"}]}\n\n",
        busy: "data: {\"error\": {\"code\": 503, \"status\": \"UNAVAILABLE\"}}\n\n\
               data: {\"candidates\": [{\"finishReason\": \"STOP\"}]}\n\n",
    },
];
