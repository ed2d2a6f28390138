//! Answers: one finite text from a server, such as that of a language model, whole or an error.
//!
//! A session does not know what an answer is: an event stream that ends regularly may be half of
//! one, and an event stream that ends with its terminal event may have reported an error before it.
//! An [`Answer`] has a closure that [judges](Judgment) each event, and repeats the request where
//! that is harmless.
//!
//! # One session per attempt
//!
//! Each attempt is a session of its own, over whatever transport the request has. The alternative,
//! one session that reconnects, would need a second kind of reconnection in the machine: an answer
//! begins again because of what its events *say*, counts attempts over its whole life instead of
//! since the last healthy connection, and does not repeat a request after a delta, while it does
//! after other events. The two notions are therefore separate. A *disconnect* is what happens to a
//! connection, and the machine decides what follows it: with a [request to resume
//! with](crate::SseRequest::resume_request), it resumes within the attempt. A failed *attempt* is a
//! session that ended without the whole answer; [`rules`] decides what follows it, by the session's
//! error and by the same [policy](ReconnectPolicy). A failure that the judgment finds is an error
//! of the session too, so all failures are handled in one place. The next session takes over what
//! must outlive the last one: the cause (after a silence, the transport wants a fresh connection),
//! the attempt's number and refreshed credentials.

mod judgment;
mod rules;
mod progress;
mod facts;
mod timings;
mod view;
mod attempts;
mod whole;

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_core::{FusedStream, Stream};
use sse_core::ServerSentEvent;

use self::{facts::Facts, judgment::Judge, progress::Progress, rules::Rules, timings::Times};
pub use self::{judgment::Judgment, timings::AnswerTimings};
use crate::{
    clock::Timekeeper,
    driver::Driver,
    error::SseError,
    failure::NotRepeatable,
    machine::CarriedOver,
    platform::NoTimer,
    policy::ReconnectPolicy,
    random::Random,
    request::SseRequest,
    threads::{BoxFuture, MaybeSend, MaybeSendSync},
};

/// Answer: a finite event stream that is read to its end, and requested again if that is
/// harmless.
///
/// It is a [`Stream`] of [parts](AnswerPart), created by [`SseRequest::answer`] with a closure that
/// [judges](Judgment) each event. `None` after the last part means that the answer is whole. An
/// `Err` item is the last one, and means that it is not. [`concat`](Self::concat) and
/// [`fold`](Self::fold) collect the whole answer. sse-typed has the closures for the wire formats
/// of OpenAI, Anthropic, Gemini and others.
///
/// ```
/// use sse_session::{AnswerPart, Judgment, SseClient, SseError};
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
/// #         let body = Full::new("data: Hel\n\ndata: lo\n\nevent: end\n\n".into());
/// #         http::Response::builder().header("content-type", "text/event-stream").body(body)
/// #     }
/// # }
///
/// async fn ask(client: &SseClient, request: http::Request<Bytes>) -> Result<(), SseError> {
///     let mut answer = client.request(request).answer(|event| match event.event_type() {
///         // Some servers begin with an ID, and no data.
///         "message" if !event.has_data() => Judgment::KeepAlive,
///         "message" => Judgment::Delta(event.data().to_owned()),
///         "end" => Judgment::Whole(None),
///         other => Judgment::failed(other, false),
///     });
///     while let Some(part) = answer.next().await {
///         match part? {
///             AnswerPart::Delta(text) => print!("{text}"),
///             AnswerPart::Restarted { cause, delay, .. } => {
///                 println!("\n{cause}; again in {delay:?}");
///             }
///             _ => {}
///         }
///     }
///     Ok(())
/// }
/// # #[cfg(not(feature = "tokio"))] fn main() {} // no default clock
/// # #[cfg(feature = "tokio")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), SseError> {
/// # let client = SseClient::new(Canned, SseConfig::new());
/// # ask(&client, http::Request::post("http://localhost/").body(Bytes::new()).unwrap()).await
/// # }
/// ```
///
/// # When it is requested again
///
/// | failure | request repeated |
/// |---|---|
/// | status 408, 409, 425, 429 or 5xx | yes, not before its `Retry-After` |
/// | status 401 | once, with [refreshed credentials](crate::SseConfig::refresh_credentials) |
/// | another status, another content type | no |
/// | no response, a reset connection, a truncated body, a [deadline](crate::Deadline) | yes |
/// | a regular end before the answer is whole, with or without an event | yes |
/// | an error within the stream | if the judgment says that it [is transient](Judgment::Failed) |
/// | an event that cannot be decoded | if [`repeat_after_malformed`](Self::repeat_after_malformed) is on |
/// | any of these after a delta, or after [another sign of work](Judgment::Working) | only if [`repeat_after_delta`](Self::repeat_after_delta) is on |
/// | a connection that [resumes nothing](crate::SseErrorKind::NotResumed) | only if [`repeat_after_delta`](Self::repeat_after_delta) is on |
///
/// [`SseConfig::retry_statuses`](crate::SseConfig::retry_statuses) and
/// [`retry_rejections`](crate::SseConfig::retry_rejections) replace the list of statuses, and
/// [`retry_rejected_reconnections`](crate::SseConfig::retry_rejected_reconnections) does not
/// replace it, because it is about URLs that are known to be right. The number of attempts and the
/// waits are those of a [policy](Self::reconnect), and no attempt begins after the
/// [budget](Self::budget).
///
/// A server that resumes by ID is asked to resume instead, over as many connections as the policy
/// allows: set [`SseRequest::resume_request`], [`SseRequest::resume_factory`] or
/// [`Resume::IfIdSeen`](crate::Resume::IfIdSeen). A connection that resumes proves less than a
/// first one: if it brings neither an event nor an ID, or resumes [from another event](crate::Gap),
/// the server may have forgotten the answer, and [the error says
/// so](crate::SseErrorKind::NotResumed).
///
/// # Options of its sessions
///
/// The options of the request apply, except for those that an answer decides itself: `reconnect`
/// and the options beside it, `stop_after`, `stop_before`, `expect_terminal`, filters,
/// acknowledgment and the buffer policy. An unfinished last event is
/// [dispatched](crate::SseConfig::dispatch_unfinished_event), as it may be the error or the end.
/// [`ExcessPolicy::Skip`](sse_core::ExcessPolicy::Skip) is replaced by `Fail`: an answer without
/// one of its events is not whole. Three deadlines have other defaults than in a session, and
/// `Duration::MAX` turns one off:
///
/// - [`head_timeout`](crate::SseConfig::head_timeout): 120 s. Gateways retry before they respond
///   (LiteLLM for 22 s), and some servers send no head before the first event.
/// - [`first_byte_timeout`](crate::SseConfig::first_byte_timeout) and
///   [`idle_timeout`](crate::SseConfig::idle_timeout): 300 s, longer than most tool calls, during
///   which most agent servers send nothing.
///
/// Each attempt is a session for [observers](crate::SessionObserver) and spans.
///
/// # Dropping
///
/// Dropping the answer closes its connection. Many servers continue to compute the answer, and bill
/// it.
#[must_use = "no request is made unless the answer is polled"]
pub struct Answer<T> {
    /// Request of the next attempt.
    request: Result<SseRequest, NotRepeatable>,
    /// The caller's closure as it was given.
    judge: Box<dyn Judge<T>>,
    position: Option<Box<dyn Position>>,
    has_idempotency_key: bool,
    rules: Rules,
    clock: Option<Arc<dyn Timekeeper>>,
    random: Random,
    stage: Stage<T>,
    facts: Facts,
    /// Number of times that a server has begun the answer again by itself.
    begun_again: u32,
    times: Times,
    /// Ends with the budget; `None` once it has.
    budget: Option<BoxFuture<Result<(), NoTimer>>>,
}

/// Item of an [`Answer`].
#[derive(Debug)]
#[non_exhaustive]
pub enum AnswerPart<T> {
    /// The next part of the answer.
    Delta(T),
    /// The text starts again: all deltas before this are void. There are two causes:
    ///
    /// - An attempt has failed, and the answer is requested again.
    /// - The server has begun the answer again by itself, in the middle of its event stream or
    ///   after a resumption, as a second event that [begins](Judgment::Begin) it shows. The kind of
    ///   the cause is [`BegunAgain`](crate::SseErrorKind::BegunAgain), no request is made, and the
    ///   text follows at once. After 16 of these the answer ends with that error, which bounds a
    ///   server that begins forever.
    #[non_exhaustive]
    Restarted {
        /// Number of the attempt that follows; the first request is not an attempt. If the server
        /// has begun again by itself, that of the current attempt.
        attempt: u32,
        /// Reason why the last attempt failed, or that the server has begun again.
        cause: SseError,
        /// Time that the answer waits before it makes the request; zero if it makes none.
        delay: Duration,
    },
}

enum Stage<T> {
    Beginning(Box<CarriedOver>),
    Running(Box<Attempt<T>>),
    Ended,
}

/// Request that was made, or is about to be.
struct Attempt<T> {
    driver: Driver,
    judge: Box<dyn Judge<T>>,
    progress: Progress,
}

pub(crate) trait Position: Fn(&ServerSentEvent) -> Option<String> + MaybeSendSync {}

impl<F: Fn(&ServerSentEvent) -> Option<String> + MaybeSendSync> Position for F {}

impl SseRequest {
    /// Starts an answer, whose options can still be changed. The closure says what each event
    /// means for it; each attempt calls a clone of the closure, so that it may keep a state.
    ///
    /// Nothing happens before the answer is polled.
    pub fn answer<T, F>(self, judge: F) -> Answer<T>
    where
        F: FnMut(&ServerSentEvent) -> Judgment<T> + Clone + MaybeSend + 'static,
    {
        let clock = self.config().clock_or_default();
        Answer::new(self, judge, clock)
    }
}

impl<T> Answer<T> {
    pub(crate) fn new(
        request: SseRequest,
        judge: impl FnMut(&ServerSentEvent) -> Judgment<T> + Clone + MaybeSend + 'static,
        clock: Option<Arc<dyn Timekeeper>>,
    ) -> Self {
        let random = request.config().random.clone();
        Self {
            request: Ok(request),
            judge: Box::new(judge),
            position: None,
            has_idempotency_key: false,
            rules: Rules::default(),
            clock,
            random,
            stage: Stage::Beginning(Box::default()),
            facts: Facts::default(),
            begun_again: 0,
            times: Times::default(),
            budget: None,
        }
    }

    /// Sets how often, and after which waits, the answer is requested again.
    ///
    /// All attempts of the answer count for [`max_attempts`](ReconnectPolicy::max_attempts),
    /// whatever they brought. The policy also applies to connections that resume, which count since
    /// the last [healthy](ReconnectPolicy#healthy-connections) one.
    ///
    /// Defaults to [`exponential`](ReconnectPolicy::exponential) with 4 attempts: together they
    /// wait for at least 15 s, which is usually enough for a busy service. More attempts would
    /// multiply with those that gateways make by themselves.
    pub fn reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.rules.policy = policy;
        self
    }

    /// Sets the longest time from the first request until an attempt brings its first delta, all
    /// attempts and waits included. It does not limit an answer that is being received. A [sign of
    /// work](Judgment::Working) is not a delta: give agents whose only delta is their result the
    /// time that they need.
    ///
    /// Defaults to 10 minutes, as in the libraries of OpenAI and Anthropic.
    pub fn budget(mut self, time: Duration) -> Self {
        self.rules.budget = time;
        self
    }

    /// Sets whether the answer is requested again if an attempt fails after a delta was yielded, or
    /// after another event has shown that the server [works](Judgment::Working), and if a
    /// connection [resumes nothing](crate::SseErrorKind::NotResumed). All deltas so far are then
    /// void, which [`AnswerPart::Restarted`] shows.
    ///
    /// Defaults to `false`: many servers compute the first answer to its end after a disconnect,
    /// run its tools, and bill it.
    pub fn repeat_after_delta(mut self, repeat: bool) -> Self {
        self.rules.repeat_after_delta = repeat;
        self
    }

    /// Sets whether the answer is requested again after an event that [cannot be
    /// decoded](Judgment::Malformed), also if a disconnect follows it.
    ///
    /// Defaults to `false`: if the closure is wrong, each repetition fails in the same way, and is
    /// billed.
    pub fn repeat_after_malformed(mut self, repeat: bool) -> Self {
        self.rules.repeat_after_malformed = repeat;
        self
    }

    /// Sets whether requests carry an `Idempotency-Key` header with a random key, the same in all
    /// attempts, by which a server recognizes the repetition of a request. A header that the
    /// request has itself is kept; requests with a safe method, such as GET, get none.
    ///
    /// Defaults to `false`, as some servers reject unknown headers and few of this kind honor it.
    pub fn idempotency_key(mut self, send: bool) -> Self {
        self.has_idempotency_key = send;
        self
    }

    /// Sets a function that returns the position from which to resume after an event, for servers
    /// that name it in the data and not by an ID. The position becomes the last event ID, which a
    /// [factory of requests](SseRequest::resume_factory) finds in its context.
    ///
    /// ```
    /// # use sse_session::{Answer, ServerSentEvent};
    /// # fn sequence_number(data: &str) -> Option<u64> { None }
    /// # fn set(answer: Answer<String>) -> Answer<String> {
    /// // OpenAI resumes a background response by `?starting_after=` this number.
    /// answer.position(|event| Some(sequence_number(event.data())?.to_string()))
    /// # }
    /// ```
    ///
    /// Defaults to none: the IDs of the events count.
    pub fn position(
        mut self,
        position: impl Fn(&ServerSentEvent) -> Option<String> + MaybeSendSync + 'static,
    ) -> Self {
        self.position = Some(Box::new(position));
        self
    }

    /// Returns the number of attempts so far: requests other than the first one.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.rules.reconnect.attempts()
    }

    /// Returns the next part, or `None` after the end of the whole answer.
    ///
    /// # Errors
    ///
    /// Fails if the answer is not whole; the error is the last item. After a delta,
    /// [`is_incomplete`](SseError::is_incomplete) is `true` unless the server
    /// [reported](crate::SseErrorKind::Reported) a failure, an event was
    /// [malformed](crate::SseErrorKind::Malformed), a connection [resumed
    /// nothing](crate::SseErrorKind::NotResumed), or a later attempt got no event stream.
    ///
    /// # Cancellation safety
    ///
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<AnswerPart<T>, SseError>> {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }
}

impl<T> Stream for Answer<T> {
    type Item = Result<AnswerPart<T>, SseError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(cx)
    }
}

impl<T> FusedStream for Answer<T> {
    fn is_terminated(&self) -> bool {
        matches!(self.stage, Stage::Ended)
    }
}

impl<T> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("request", &self.request)
            .field("attempts", &self.attempts())
            .finish_non_exhaustive()
    }
}
