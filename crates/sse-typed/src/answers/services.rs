//! Verdicts by service: a constructor for each form, with its rule and its source.

use serde_json::Value;
#[cfg(doc)]
use sse_session::Judgment;

use super::{Verdict, forms};

/// Forms of model providers.
impl Verdict {
    /// OpenAI's Chat Completions, as OpenAI and most services with this form have them: a finish
    /// reason (`stop`, `tool_calls` or `function_call`), and `[DONE]`. An `error` is a failure,
    /// beside `choices` too.
    ///
    /// Source: OpenAI's API reference, and recordings of OpenAI, Groq, DeepSeek, Together and
    /// OpenRouter of 2025 and 2026; failures as gateways had them on 2026-11-29.
    #[must_use]
    pub fn openai_chat() -> Self {
        Self::of(&forms::OPENAI_CHAT)
    }

    /// Chat Completions of services that may omit `[DONE]`: a finish reason, and `[DONE]` or a body
    /// that [ends as HTTP shows](sse_session::BodyEnd::is_framed).
    ///
    /// Source: MLflow 3.17 and hayhooks on 2026-11-29.
    #[must_use]
    pub fn openai_chat_tolerant() -> Self {
        Self::of(&forms::OPENAI_CHAT_TOLERANT)
    }

    /// OpenAI's Responses: `response.completed`. It is found by the `type` in the data, as LiteLLM
    /// has almost no `event` lines. `response.incomplete`, and `response.completed` whose `status` is
    /// another than `completed`, are answers that are cut short, for their reason or else for
    /// `incomplete`. Tools that the service runs, such as those of MCP servers, are
    /// [work](Judgment::Working).
    ///
    /// Source: OpenAI's API reference, and recordings of OpenAI and xAI of 2025 and 2026; LiteLLM
    /// 1.108 on 2026-11-29.
    #[must_use]
    pub fn openai_responses() -> Self {
        Self::of(&forms::OPENAI_RESPONSES)
    }

    /// Anthropic's Messages: `message_stop`, after a stop reason `end_turn`, `stop_sequence`,
    /// `tool_use` or `pause_turn`, if there is one. `ping` is a keep-alive, and tools that the service
    /// runs are [work](Judgment::Working).
    ///
    /// Source: Anthropic's documentation, and recordings of 2025; failures as LiteLLM 1.108,
    /// claude-code-router 2.0 and Portkey 1.15 had them on 2026-11-29.
    #[must_use]
    pub fn anthropic() -> Self {
        Self::of(&forms::ANTHROPIC)
    }

    /// Gemini's `streamGenerateContent?alt=sse`: the finish reason `STOP` in the last part, and a
    /// body that [ends as HTTP shows](sse_session::BodyEnd::is_framed), as there is no terminal
    /// event. Thoughts are not part of the text.
    ///
    /// Source: Google's API reference, and recordings of Gemini and Vertex AI of 2024 and 2025.
    #[must_use]
    pub fn gemini() -> Self {
        Self::of(&forms::GEMINI)
    }

    /// Mistral's Chat Completions: those of OpenAI, whose content may be an array.
    ///
    /// Source: Mistral's OpenAPI description 1.0, and a recording of 2025.
    #[must_use]
    pub fn mistral() -> Self {
        Self::of(&forms::MISTRAL)
    }

    /// Cohere's Chat, version 2: `message-end` with the finish reason `COMPLETE`, `STOP_SEQUENCE`
    /// or `TOOL_CALL`.
    ///
    /// Source: Cohere's guide to streaming and its OpenAPI description, as of 2026.
    #[must_use]
    pub fn cohere_v2() -> Self {
        Self::of(&forms::COHERE_V2)
    }
}

/// Forms of agents and of their protocols.
///
/// Each event but a keep-alive shows that the agent [works](Judgment::Working), with its tools:
/// after one, [`repeat_after_delta`](sse_session::Answer::repeat_after_delta) alone allows to ask
/// again.
impl Verdict {
    /// A2A, versions 0.3 and 1.0: a task in the state completed, or one that waits for its user
    /// (input or authentication required), or a message without a task.
    ///
    /// Source: the specification; a2a's server on 2026-11-29.
    #[must_use]
    pub fn a2a() -> Self {
        Self::of(&forms::A2A)
    }

    /// AG-UI: `RUN_FINISHED`, unless its outcome is neither success nor an interrupt. A second
    /// `RUN_STARTED` begins the text again.
    ///
    /// Source: the specification 1.0; its servers on 2026-11-29.
    #[must_use]
    pub fn ag_ui() -> Self {
        Self::of(&forms::AG_UI)
    }

    /// UI message stream of the AI SDK, versions 5 to 7: `finish` with the reason `stop` or
    /// `tool-calls` (version 5 has none), and `[DONE]`. pydantic-ai and others have it too.
    ///
    /// Source: the documentation of the stream protocol; ai 6 and 7 on 2026-11-29.
    #[must_use]
    pub fn ai_sdk() -> Self {
        Self::of(&forms::AI_SDK)
    }

    /// MCP over Streamable HTTP: the JSON-RPC response to the request with this ID. Notifications of
    /// the server are neither its end nor a failure, and [`decode`](Self::decode) finds deltas in
    /// them. Requests of the server, and responses to other requests, are no part of the answer.
    /// `isError` in the result is the tool's failure, and up to the caller.
    ///
    /// Source: the specification, revision 2025-11-25; FastMCP and server-everything on 2026-11-29.
    #[must_use]
    pub fn mcp(id: impl Into<Value>) -> Self {
        Self::of(&forms::MCP).answering(id.into())
    }

    /// Mastra's agents: `finish` with the reason `stop` or `tool-calls`. It has no `[DONE]`.
    ///
    /// Source: the reference of `ChunkType`; Mastra on 2026-11-29.
    #[must_use]
    pub fn mastra() -> Self {
        Self::of(&forms::MASTRA)
    }

    /// Agno's agents and teams: `RunCompleted` or, if the answer begins with `TeamRunStarted`,
    /// `TeamRunCompleted`. The runs of a team's members, with their ends, failures and texts, are
    /// within that of the team, and so are other runs with another `run_id`.
    /// [`terminal`](Self::terminal) needs [`agno_team`](Self::agno_team) for a team, as it sees no
    /// earlier event.
    ///
    /// Source: AgentOS's API reference; Agno on 2026-11-29.
    #[must_use]
    pub fn agno() -> Self {
        Self::of(&forms::AGNO)
    }

    /// Agno's teams: `TeamRunCompleted`. [`agno`](Self::agno) reads their answers too.
    ///
    /// Source: AgentOS's API reference; Agno on 2026-11-29.
    #[must_use]
    pub fn agno_team() -> Self {
        Self::of(&forms::AGNO_TEAM)
    }

    /// LlamaIndex's workflow server: `StopEvent`, or a subclass of it by the `types` of the event. Events of failed, cancelled and timed-out
    /// workflows are failures. Its first request needs `Last-Event-ID: 0`, or the beginning is
    /// lost.
    ///
    /// Source: its server on 2026-11-29.
    #[must_use]
    pub fn llamaindex() -> Self {
        Self::of(&forms::LLAMAINDEX)
    }

    /// LangServe's `/stream`: the block `event: end`, which has no data.
    ///
    /// Source: its server on 2026-11-29.
    #[must_use]
    pub fn langserve() -> Self {
        Self::of(&forms::LANGSERVE)
    }

    /// LangGraph's runs: a body that [ends as HTTP shows](sse_session::BodyEnd::is_framed) after at
    /// least one event, as there is no terminal event. This proves little, and less if the answer was
    /// resumed, as the server then omits the error event: request the run at `Content-Location`, and
    /// read its `status`. A second `metadata` begins the text again.
    ///
    /// Source: its server on 2026-11-29.
    #[must_use]
    pub fn langgraph() -> Self {
        Self::of(&forms::LANGGRAPH)
    }

    /// GraphQL over SSE, distinct connections mode: `complete`, with data or without. A `next` with
    /// `errors` and no `data` is a failure. It has no text: use [`decode`](Self::decode).
    ///
    /// Source: graphql-sse's protocol document, as of 2026; its servers on 2026-11-29.
    #[must_use]
    pub fn graphql_sse() -> Self {
        Self::of(&forms::GRAPHQL_SSE)
    }
}
