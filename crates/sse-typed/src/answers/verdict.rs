//! Verdict: a wire form as its user holds it.

use alloc::{string::String, sync::Arc, vec::Vec};
use core::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;
use sse_core::ServerSentEvent;
use sse_session::{Judgment, MaybeSendSync};

use super::{
    codes::is_transient,
    form::Form,
    judge::{Meaning, Seen},
};

/// Wire form of a service: which events are parts of an answer, its end, and failures (feature
/// `answers`).
///
/// [`text`](Self::text), [`decode`](Self::decode) and [`json`](Self::json) make the closure that an
/// [`Answer`](sse_session::Answer) takes; [`terminal`](Self::terminal) is for the terminal event of
/// a session. An event that reports a failure decides, whatever comes after it, and so does a
/// finish reason that is not among those of a whole answer. Keep-alives are dropped by their names,
/// before anything is decoded, and an event that is not JSON is malformed.
///
/// ```
/// use sse_session::{SseClient, SseError};
/// use sse_typed::Verdict;
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
/// #         let chunk = r#"{"choices": [{"delta": {"content": "Hello"}, "finish_reason": "stop"}]}"#;
/// #         let body = Full::new(format!("data: {chunk}\n\ndata: [DONE]\n\n").into());
/// #         http::Response::builder().header("content-type", "text/event-stream").body(body)
/// #     }
/// # }
///
/// async fn ask(client: &SseClient, request: http::Request<Bytes>) -> Result<String, SseError> {
///     client.request(request).answer(Verdict::openai_chat().text()).concat().await
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
/// A service with a form of its own needs no `Verdict`, but a closure of ten lines, as
/// [`Judgment`] shows.
///
/// # Answers that are cut short
///
/// A finish reason such as `length` or `max_tokens` says that the text is not whole, so it is a
/// failure, which [is not transient](sse_session::Judgment::Failed).
/// [`accept_finish_reason`](Self::accept_finish_reason) accepts it.
#[derive(Clone)]
pub struct Verdict {
    form: &'static Form,
    accepted: Arc<Vec<String>>,
    is_transient: Option<Arc<dyn Transient>>,
    /// ID of the JSON-RPC request that is answered.
    id: Option<Value>,
}

pub(super) trait Transient: Fn(&Value) -> bool + MaybeSendSync {}

impl<F: Fn(&Value) -> bool + MaybeSendSync> Transient for F {}

/// Options and closures.
impl Verdict {
    pub(super) fn of(form: &'static Form) -> Self {
        Self { form, accepted: Arc::default(), is_transient: None, id: None }
    }

    /// Sets the ID of the JSON-RPC request that is answered.
    pub(super) fn answering(self, id: Value) -> Self {
        Self { id: Some(id), ..self }
    }

    /// Adds a finish reason of a whole answer, such as `length` for a text that may be cut short,
    /// or one of a service's own.
    ///
    /// Defaults to those of the form.
    #[must_use]
    pub fn accept_finish_reason(mut self, reason: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.accepted).push(reason.into());
        self
    }

    /// Sets which failures are transient, by the data of their event: its JSON, a string if the data
    /// are bare text, and null if there are none. An answer that failed so may be asked for again.
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
        let form = self.form;
        self.judge(move |event, value, seen| Ok(form.text(event.event_type(), value, seen)))
    }

    /// Returns the closure whose deltas are what `decode` finds in the data of an event.
    ///
    /// ```
    /// use sse_typed::Verdict;
    ///
    /// // The names of the tools that the model calls.
    /// let tools = Verdict::anthropic().decode(|json| {
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
    /// [`stop_before`](sse_session::SseConfig::stop_before). Forms without a terminal event have
    /// only those that report a failure.
    ///
    /// ```
    /// use sse_session::SseConfig;
    /// use sse_typed::Verdict;
    ///
    /// let config =
    ///     SseConfig::new().stop_after(Verdict::anthropic().terminal()).expect_terminal(true);
    /// ```
    pub fn terminal(self) -> impl Fn(&ServerSentEvent) -> bool + MaybeSendSync + Clone + use<> {
        move |event| {
            matches!(
                self.meaning(event, &mut Seen::finished()),
                Meaning::Whole(_) | Meaning::Failed { .. }
            )
        }
    }

    fn judge<T, D>(
        self,
        mut decode: D,
    ) -> impl FnMut(&ServerSentEvent) -> Judgment<T> + Clone + use<T, D>
    where
        D: FnMut(&ServerSentEvent, &Value, &Seen) -> Result<Option<T>, serde_json::Error> + Clone,
    {
        let mut seen = Seen::default();
        move |event| {
            let meaning = self.meaning(event, &mut seen);
            let mut decoded = |value: &Value, judgment: fn(Option<T>) -> Judgment<T>| {
                decode(event, value, &seen).map_or_else(Judgment::malformed, judgment)
            };
            match meaning {
                Meaning::KeepAlive => Judgment::KeepAlive,
                Meaning::Begin if self.form.always_works() => Judgment::BeginWorking,
                Meaning::Begin => Judgment::Begin,
                Meaning::Other if self.form.always_works() => Judgment::Working,
                Meaning::Other => Judgment::NotYet,
                Meaning::Part(value) if self.form.works(&value) => {
                    decoded(&value, |it| it.map_or(Judgment::Working, Judgment::Delta))
                }
                Meaning::Part(value) => {
                    decoded(&value, |it| it.map_or(Judgment::NotYet, Judgment::Delta))
                }
                Meaning::Finished(value) => decoded(&value, Judgment::Finished),
                Meaning::Whole(None) => Judgment::Whole(None),
                Meaning::Whole(Some(value)) => decoded(&value, Judgment::Whole),
                Meaning::Incomplete => Judgment::Incomplete,
                Meaning::Failed { message, value, code } => {
                    let is_transient = match &self.is_transient {
                        Some(own) => own(&value),
                        None => code.as_deref().is_some_and(is_transient),
                    };
                    Judgment::failed(message, is_transient)
                }
                Meaning::Malformed(error) => Judgment::malformed(error),
            }
        }
    }

    fn meaning(&self, event: &ServerSentEvent, seen: &mut Seen) -> Meaning {
        let is_good = |reason: &str| self.accepted.iter().any(|it| it == reason);
        self.form.judge(event, seen, &is_good, self.id.as_ref())
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verdict")
            .field("form", &self.form)
            .field("accepted", &self.accepted)
            .finish_non_exhaustive()
    }
}
