//! Judgments: what an event means for an answer.

use sse_core::ServerSentEvent;

use crate::threads::{BoxError, MaybeSend};

/// Meaning of an event for an [`Answer`](crate::Answer): what the caller's closure says of it.
///
/// The closure sees every event with data, and blocks with an event type or an ID and no data. The
/// first failure decides, whatever comes after it: no event is read after [`Failed`](Self::Failed)
/// or [`Whole`](Self::Whole). After [`Malformed`](Self::Malformed), one more event is read, besides
/// keep-alives, because some gateways truncate an event and report the reason in the next one: if
/// that is `Failed`, it decides.
///
/// A closure for a format of your own:
///
/// ```
/// use sse_session::{Judgment, ServerSentEvent};
///
/// fn judge(event: &ServerSentEvent) -> Judgment<String> {
///     match event.event_type() {
///         "ping" => Judgment::KeepAlive,
///         "begin" => Judgment::Begin,
///         "text" => Judgment::Delta(event.data().to_owned()),
///         "tool" => Judgment::Working,
///         "end" => Judgment::Whole(None),
///         "overloaded" => Judgment::failed(event.data(), true),
///         "error" => Judgment::failed(event.data(), false),
///         _ => Judgment::NotYet,
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Judgment<T> {
    /// The event only shows that the server is alive. It is not the answer's first event.
    KeepAlive,
    /// The event is neither a part of the answer nor its end.
    NotYet,
    /// The event is neither a part of the answer nor its end, and shows that the server works on
    /// the answer, such as a tool call of an agent. Repeating the request would do that work twice,
    /// so it needs the [same option](crate::Answer::repeat_after_delta) as after a delta.
    Working,
    /// The event begins the answer. If it is not the first one of its attempt, all deltas before it
    /// are void.
    Begin,
    /// The event is [`Begin`](Self::Begin) and [`Working`](Self::Working): it begins the run of an
    /// agent.
    BeginWorking,
    /// The event is a part of the answer.
    Delta(T),
    /// The event gives the reason for which the answer is finished, and may be a part of it too.
    /// The answer is whole if no [`Delta`](Self::Delta) follows, and if HTTP [shows that the same
    /// body is whole](crate::BodyEnd::is_framed). For formats without a terminal event.
    Finished(Option<T>),
    /// The event ends the answer, and may be a part of it too.
    Whole(Option<T>),
    /// The event ends the stream, although the answer is not whole: for example `[DONE]` without a
    /// finish reason. The answer is [incomplete](crate::SseError::is_incomplete), as after an end
    /// of its body.
    Incomplete,
    /// The event says that the answer failed. Created by [`failed`](Self::failed).
    #[non_exhaustive]
    Failed {
        /// The server's message, for [`SseError::reported`](crate::SseError::reported).
        message: String,
        /// `true` if the same request may succeed another time.
        is_transient: bool,
    },
    /// The event cannot be decoded.
    Malformed(BoxError),
}

impl<T> Judgment<T> {
    /// Creates the judgment that the answer failed.
    #[must_use]
    pub fn failed(message: impl Into<String>, is_transient: bool) -> Self {
        Self::Failed { message: message.into(), is_transient }
    }

    /// Creates the judgment that the event cannot be decoded.
    #[must_use]
    pub fn malformed(error: impl Into<BoxError>) -> Self {
        Self::Malformed(error.into())
    }
}

/// Closure of the caller. Each attempt has a copy of its own, as it may keep a state.
pub(super) trait Judge<T>: MaybeSend {
    fn judge(&mut self, event: &ServerSentEvent) -> Judgment<T>;

    fn copy(&self) -> Box<dyn Judge<T>>;
}

impl<T, F> Judge<T> for F
where
    F: FnMut(&ServerSentEvent) -> Judgment<T> + Clone + MaybeSend + 'static,
{
    fn judge(&mut self, event: &ServerSentEvent) -> Judgment<T> {
        self(event)
    }

    fn copy(&self) -> Box<dyn Judge<T>> {
        Box::new(self.clone())
    }
}
