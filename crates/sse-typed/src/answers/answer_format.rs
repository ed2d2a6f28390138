//! Wire format of a service's answers: the public type.

use alloc::{string::String, sync::Arc, vec::Vec};
use core::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sse_core::ServerSentEvent;
use sse_session::{Judgment, MaybeSendSync};

use super::{
    format::Format,
    formats,
    judge::{Meaning, Seen},
};

/// Wire format of a service: which events are parts of an answer, which are its end, and which are
/// failures (feature `answers`).
///
/// [`text`](Self::text), [`decode`](Self::decode) and [`json`](Self::json) make the closure that an
/// [`Answer`](sse_session::Answer) takes; [`terminal`](Self::terminal) is for the terminal event of
/// a session. An event that reports a failure makes the whole answer a failure, whatever comes
/// after it. So does a finish reason that is not one of a whole answer. Keep-alives are dropped by
/// their names, before anything is decoded, and an event that is not JSON is malformed.
///
/// ```
/// use sse_session::{SseClient, SseError};
/// use sse_typed::AnswerFormat;
/// # use bytes::Bytes;
/// # use http_body_util::Full;
/// # use sse_session::{SendContext, SseConfig, Transport};
/// # struct Canned;
/// # impl Transport for Canned {
/// #     type Body = Full<Bytes>;
/// #     type Error = http::Error;
/// #     async fn send(
/// #         &self,
/// #         _: http::Request<Bytes>,
/// #         _: SendContext,
/// #     ) -> Result<http::Response<Full<Bytes>>, http::Error> {
/// #         let chunk =
/// #             r#"{"choices": [{"delta": {"content": "Hello"}, "finish_reason": "stop"}]}"#;
/// #         let body = Full::new(format!("data: {chunk}\n\ndata: [DONE]\n\n").into());
/// #         http::Response::builder().header("content-type", "text/event-stream").body(body)
/// #     }
/// # }
///
/// async fn ask(client: &SseClient, request: http::Request<Bytes>) -> Result<String, SseError> {
///     client.request(request).answer(AnswerFormat::openai_chat().text()).concat().await
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), SseError> {
/// # let client = SseClient::new(Canned, SseConfig::new());
/// # let request = http::Request::post("http://localhost/").body(Bytes::new()).unwrap();
/// # assert_eq!(ask(&client, request).await?, "Hello");
/// # Ok(())
/// # }
/// ```
///
/// A service with a format of its own needs no `AnswerFormat`, but a closure of ten lines, as
/// [`Judgment`] shows.
///
/// # Answers that are cut short
///
/// A finish reason such as `length` or `max_tokens` says that the text is not whole, so it is a
/// failure, which [is not transient](sse_session::Judgment::Failed).
/// [`accept_finish_reason`](Self::accept_finish_reason) accepts it.
#[derive(Clone)]
pub struct AnswerFormat {
    pub(super) format: &'static Format,
    pub(super) accepted: Arc<Vec<String>>,
    pub(super) is_transient: Option<Arc<dyn Transient>>,
    /// ID of the JSON-RPC request that is answered.
    pub(super) id: Option<Value>,
}

pub(super) trait Transient: Fn(&Value) -> bool + MaybeSendSync {}

impl<F: Fn(&Value) -> bool + MaybeSendSync> Transient for F {}

/// Formats of model providers.
impl AnswerFormat {
    /// Returns the format of OpenAI's Chat Completions, as OpenAI and most similar services send
    /// them: a finish reason (`stop`, `tool_calls` or `function_call`), and `[DONE]`. An `error` is
    /// a failure, beside `choices` too.
    ///
    /// Source: OpenAI's API reference, and recordings of OpenAI, Groq, DeepSeek, Together and
    /// OpenRouter of 2025 and 2026; failures as gateways had them on 2026-11-29.
    #[must_use]
    pub fn openai_chat() -> Self {
        Self::of(&formats::OPENAI_CHAT)
    }

    /// Returns the format of Chat Completions of services that may omit `[DONE]`: a finish reason,
    /// and `[DONE]` or a body that [HTTP shows to be whole](sse_session::BodyEnd::is_framed).
    ///
    /// Source: MLflow 3.17 and hayhooks on 2026-11-29.
    #[must_use]
    pub fn openai_chat_tolerant() -> Self {
        Self::of(&formats::OPENAI_CHAT_TOLERANT)
    }

    /// Returns the format of OpenAI's Responses: `response.completed`. It is found by the `type` in
    /// the data, as LiteLLM has almost no `event` lines. `response.incomplete`, and
    /// `response.completed` whose `status` is another than `completed`, are truncated answers, with
    /// the reason that they name or else `incomplete`. Tools that the service runs, such as those
    /// of MCP servers, are [work](Judgment::Working).
    ///
    /// Source: OpenAI's API reference, and recordings of OpenAI and xAI of 2025 and 2026; LiteLLM
    /// 1.108 on 2026-11-29.
    #[must_use]
    pub fn openai_responses() -> Self {
        Self::of(&formats::OPENAI_RESPONSES)
    }

    /// Returns the format of Anthropic's Messages: `message_stop`, after a stop reason `end_turn`,
    /// `stop_sequence`, `tool_use` or `pause_turn`, if there is one. `ping` is a keep-alive, and
    /// tools that the service runs are [work](Judgment::Working).
    ///
    /// Source: Anthropic's documentation, and recordings of 2025; failures as LiteLLM 1.108,
    /// claude-code-router 2.0 and Portkey 1.15 had them on 2026-11-29.
    #[must_use]
    pub fn anthropic() -> Self {
        Self::of(&formats::ANTHROPIC)
    }

    /// Returns the format of Gemini's `streamGenerateContent?alt=sse`: the finish reason `STOP` in
    /// the last part, and a body that [HTTP shows to be whole](sse_session::BodyEnd::is_framed),
    /// because the format has no terminal event. Thoughts are not part of the text.
    ///
    /// Source: Google's API reference, and recordings of Gemini and Vertex AI of 2024 and 2025.
    #[must_use]
    pub fn gemini() -> Self {
        Self::of(&formats::GEMINI)
    }

    /// Returns the format of Mistral's Chat Completions: that of OpenAI, with content that may be
    /// an array.
    ///
    /// Source: Mistral's OpenAPI description 1.0, and a recording of 2025.
    #[must_use]
    pub fn mistral() -> Self {
        Self::of(&formats::MISTRAL)
    }

    /// Returns the format of Cohere's Chat, version 2: `message-end` with the finish reason
    /// `COMPLETE`, `STOP_SEQUENCE` or `TOOL_CALL`.
    ///
    /// Source: Cohere's guide to streaming and its OpenAPI description, as of 2026.
    #[must_use]
    pub fn cohere_v2() -> Self {
        Self::of(&formats::COHERE_V2)
    }
}

/// Formats of agents and of their protocols.
///
/// Each event except a keep-alive shows that the agent [works](Judgment::Working), perhaps with its
/// tools. After such an event, the answer is requested again only if
/// [`repeat_after_delta`](sse_session::Answer::repeat_after_delta) is set.
impl AnswerFormat {
    /// Returns the format of A2A, versions 0.3 and 1.0: a task in the state completed, or one that
    /// waits for its user (input or authentication required), or a message without a task.
    ///
    /// Source: the specification; a2a's server on 2026-11-29.
    #[must_use]
    pub fn a2a() -> Self {
        Self::of(&formats::A2A)
    }

    /// Returns the format of AG-UI: `RUN_FINISHED`, unless its outcome is neither success nor an
    /// interrupt. A second `RUN_STARTED` begins the text again.
    ///
    /// Source: the specification 1.0; its servers on 2026-11-29.
    #[must_use]
    pub fn ag_ui() -> Self {
        Self::of(&formats::AG_UI)
    }

    /// Returns the format of the UI message stream of the AI SDK, versions 5 to 7: `finish` with
    /// the reason `stop` or `tool-calls` (version 5 has none), and `[DONE]`. pydantic-ai and others
    /// have it too.
    ///
    /// Source: the documentation of the stream protocol; ai 6 and 7 on 2026-11-29.
    #[must_use]
    pub fn ai_sdk() -> Self {
        Self::of(&formats::AI_SDK)
    }

    /// Returns the format of MCP over Streamable HTTP: the JSON-RPC response to the request with
    /// this ID. Notifications of the server are neither its end nor a failure, and
    /// [`decode`](Self::decode) finds deltas in them. Requests of the server, and responses to
    /// other requests, are not part of the answer. `isError` in the result is the tool's failure,
    /// and up to the caller.
    ///
    /// Source: the specification, revision 2025-11-25; FastMCP and server-everything on 2026-11-29.
    #[must_use]
    pub fn mcp(id: impl Into<Value>) -> Self {
        Self { id: Some(id.into()), ..Self::of(&formats::MCP) }
    }

    /// Returns the format of Mastra's agents: `finish` with the reason `stop` or `tool-calls`. It
    /// has no `[DONE]`.
    ///
    /// Source: the reference of `ChunkType`; Mastra on 2026-11-29.
    #[must_use]
    pub fn mastra() -> Self {
        Self::of(&formats::MASTRA)
    }

    /// Returns the format of Agno's agents and teams: `RunCompleted` or, if the answer begins with
    /// `TeamRunStarted`, `TeamRunCompleted`. The runs of a team's members, with their ends,
    /// failures and texts, are within that of the team, and so are other runs with another
    /// `run_id`. [`terminal`](Self::terminal) needs [`agno_team`](Self::agno_team) for a team, as
    /// it sees no earlier event.
    ///
    /// Source: AgentOS's API reference; Agno on 2026-11-29.
    #[must_use]
    pub fn agno() -> Self {
        Self::of(&formats::AGNO)
    }

    /// Returns the format of Agno's teams: `TeamRunCompleted`. [`agno`](Self::agno) reads their
    /// answers too.
    ///
    /// Source: AgentOS's API reference; Agno on 2026-11-29.
    #[must_use]
    pub fn agno_team() -> Self {
        Self::of(&formats::AGNO_TEAM)
    }

    /// Returns the format of LlamaIndex's workflow server: `StopEvent`, or a subclass of it by the
    /// `types` of the event. Events of failed, canceled and timed-out workflows are failures. Its
    /// first request needs `Last-Event-ID: 0`, or the beginning is lost.
    ///
    /// Source: its server on 2026-11-29.
    #[must_use]
    pub fn llamaindex() -> Self {
        Self::of(&formats::LLAMAINDEX)
    }

    /// Returns the format of LangServe's `/stream`: the block `event: end`, which has no data.
    ///
    /// Source: its server on 2026-11-29.
    #[must_use]
    pub fn langserve() -> Self {
        Self::of(&formats::LANGSERVE)
    }

    /// Returns the format of LangGraph's runs: a body that [HTTP shows to be
    /// whole](sse_session::BodyEnd::is_framed), after at least one event, because the format has no
    /// terminal event. This proves little, and less if the answer was resumed, as the server then
    /// omits the error event: request the run at `Content-Location`, and read its `status`. A
    /// second `metadata` begins the text again.
    ///
    /// Source: its server on 2026-11-29.
    #[must_use]
    pub fn langgraph() -> Self {
        Self::of(&formats::LANGGRAPH)
    }

    /// Returns the format of GraphQL over SSE, distinct connections mode: `complete`, with data or
    /// without. A `next` with `errors` and no `data` is a failure. It has no text: use
    /// [`decode`](Self::decode).
    ///
    /// Source: graphql-sse's protocol document, as of 2026; its servers on 2026-11-29.
    #[must_use]
    pub fn graphql_sse() -> Self {
        Self::of(&formats::GRAPHQL_SSE)
    }
}

/// Options and closures.
impl AnswerFormat {
    fn of(format: &'static Format) -> Self {
        Self { format, accepted: Arc::default(), is_transient: None, id: None }
    }

    /// Adds a finish reason of a whole answer, such as `length` for a text that may be cut short,
    /// or one of a service's own.
    ///
    /// Defaults to those of the format.
    #[must_use]
    pub fn accept_finish_reason(mut self, reason: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.accepted).push(reason.into());
        self
    }

    /// Sets which failures are transient, so that the answer may be requested again. The closure is
    /// called with the data of the event that reports the failure: as JSON, as a string if the data
    /// are plain text, or as null without data.
    ///
    /// Defaults to failures whose code, type or status says so, such as `overloaded_error`,
    /// `rate_limit_exceeded`, `UNAVAILABLE` or a 5xx.
    #[must_use]
    pub fn transient(
        mut self,
        is_transient: impl Fn(&Value) -> bool + MaybeSendSync + 'static,
    ) -> Self {
        self.is_transient = Some(Arc::new(is_transient));
        self
    }

    /// Returns the closure whose deltas are the text of the answer. Thoughts, tool calls, refusals
    /// (`delta.refusal` of OpenAI, and `response.refusal.delta`) and empty texts are left out: an
    /// answer that is a refusal is whole, and its text is empty.
    pub fn text(self) -> impl FnMut(&ServerSentEvent) -> Judgment<String> + Clone + use<> {
        let format = self.format;
        self.judge(move |event, value, seen| Ok(format.text(event.event_type(), value, seen)))
    }

    /// Returns the closure whose deltas are what `decode` finds in the data of an event.
    ///
    /// ```
    /// use sse_typed::AnswerFormat;
    ///
    /// // The names of the tools that the model calls.
    /// let tools = AnswerFormat::anthropic().decode(|json| {
    ///     json["content_block"]["name"].as_str().map(str::to_owned)
    /// });
    /// ```
    pub fn decode<T, F>(
        self,
        mut decode: F,
    ) -> impl FnMut(&ServerSentEvent) -> Judgment<T> + Clone + use<T, F>
    where
        F: FnMut(&Value) -> Option<T> + Clone,
    {
        self.judge(move |_, value, _| Ok(decode(value)))
    }

    /// Returns the closure whose deltas are the data of the events as values of `T`, except for
    /// those that begin the answer or report a failure. Data that are not a `T` are malformed.
    pub fn json<T: DeserializeOwned>(
        self,
    ) -> impl FnMut(&ServerSentEvent) -> Judgment<T> + Clone + use<T> {
        self.judge(|_, value, _| T::deserialize(value).map(Some))
    }

    /// Returns the predicate of the events that end an answer, whole or failed, for
    /// [`SseConfig::stop_after`](sse_session::SseConfig::stop_after) and
    /// [`stop_before`](sse_session::SseConfig::stop_before). Formats without a terminal event have
    /// only those that report a failure.
    ///
    /// ```
    /// use sse_session::SseConfig;
    /// use sse_typed::AnswerFormat;
    ///
    /// let config =
    ///     SseConfig::new().stop_after(AnswerFormat::anthropic().terminal()).expect_terminal(true);
    /// ```
    pub fn terminal(self) -> impl Fn(&ServerSentEvent) -> bool + MaybeSendSync + Clone + use<> {
        move |event| {
            matches!(
                self.meaning(event, &mut Seen::finished()),
                Meaning::Whole(_) | Meaning::Failed { .. }
            )
        }
    }
}

impl fmt::Debug for AnswerFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerFormat")
            .field("format", &self.format)
            .field("accepted", &self.accepted)
            .finish_non_exhaustive()
    }
}
