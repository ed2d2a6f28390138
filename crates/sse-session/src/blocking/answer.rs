//! Answer without `async`: an iterator of its parts.

use std::{fmt, iter::FusedIterator};

use sse_core::ServerSentEvent;

use super::{request::BlockingRequest, thread::Thread};
use crate::{
    answer::{Answer, AnswerPart, AnswerTimings, Judgment},
    body_end::EndEvidence,
    call::Call,
    error::SseError,
};

/// Answer over a [`BlockingTransport`](crate::BlockingTransport): an iterator of its
/// [parts](AnswerPart), created by [`BlockingRequest::answer`].
///
/// It behaves like an [`Answer`]: its end means that the answer is whole, and an `Err` item, which
/// is the last one, that it is not.
///
/// The [budget](Answer::budget) is checked between the steps of the answer: after each response,
/// each event and each wait. It does not interrupt a call of the transport that blocks, nor does it
/// shorten [the timeouts of the transport](crate::BlockingTransport#timeouts): an answer may exceed
/// its budget by one of these.
///
/// ```
/// use bytes::Bytes;
/// use sse_session::{BlockingClient, Judgment, SseConfig};
///
/// let send = |_: http::Request<Bytes>| {
///     let body = "data: Hel\n\ndata: lo\n\nevent: end\n\n".as_bytes();
///     http::Response::builder().header("content-type", "text/event-stream").body(body)
/// };
/// let client = BlockingClient::new(send, SseConfig::new());
/// let request = client.request("http://example.org/");
/// let mut answer = request.answer(|event| match event.event_type() {
///     "end" => Judgment::Whole(None),
///     "message" if event.has_data() => Judgment::Delta(event.data().to_owned()),
///     _ => Judgment::NotYet,
/// });
/// assert_eq!(answer.concat()?, "Hello");
/// assert!(answer.call().is_some());
/// # Ok::<(), sse_session::SseError>(())
/// ```
#[must_use = "no request is made unless the answer is read"]
pub struct BlockingAnswer<T> {
    answer: Answer<T>,
    thread: Thread,
}

impl BlockingRequest {
    /// Starts an answer, whose options can still be changed; see
    /// [`SseRequest::answer`](crate::SseRequest::answer).
    pub fn answer<T, F>(self, judge: F) -> BlockingAnswer<T>
    where
        F: FnMut(&ServerSentEvent) -> Judgment<T> + Clone + Send + 'static,
    {
        let (clock, thread) = self.clock();
        BlockingAnswer { answer: Answer::new(self.request, judge, Some(clock)), thread }
    }
}

impl<T> BlockingAnswer<T> {
    /// Changes options of the answer.
    ///
    /// ```
    /// # use sse_session::{BlockingAnswer, ReconnectPolicy};
    /// # fn set(answer: BlockingAnswer<String>) -> BlockingAnswer<String> {
    /// answer.configure(|answer| answer.reconnect(ReconnectPolicy::never()))
    /// # }
    /// ```
    pub fn configure(self, change: impl FnOnce(Answer<T>) -> Answer<T>) -> Self {
        Self { answer: change(self.answer), ..self }
    }

    /// Returns the number of attempts so far; see [`Answer::attempts`].
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.answer.attempts()
    }

    /// Returns the heads of the last connection; see [`Answer::call`].
    #[must_use]
    pub fn call(&self) -> Option<&Call> {
        self.answer.call()
    }

    /// Returns how the last connection ended; see [`Answer::end_evidence`].
    #[must_use]
    pub fn end_evidence(&self) -> Option<EndEvidence> {
        self.answer.end_evidence()
    }

    /// Returns the times of the answer so far; see [`Answer::timings`].
    #[must_use]
    pub fn timings(&self) -> AnswerTimings {
        self.answer.timings()
    }

    /// Returns the last event ID; see [`Answer::last_event_id`].
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        self.answer.last_event_id()
    }

    /// Collects the deltas of the whole answer; see [`Answer::fold`].
    ///
    /// # Errors
    ///
    /// Fails if the answer is not whole.
    pub fn fold<A: Clone>(
        &mut self,
        init: A,
        mut add: impl FnMut(&mut A, T),
    ) -> Result<A, SseError> {
        let mut whole = init.clone();
        for part in self {
            match part? {
                AnswerPart::Delta(delta) => add(&mut whole, delta),
                AnswerPart::Restarted { .. } => whole = init.clone(),
            }
        }
        Ok(whole)
    }
}

impl<T: AsRef<str>> BlockingAnswer<T> {
    /// Returns the text of the whole answer.
    ///
    /// # Errors
    ///
    /// Fails if the answer is not whole.
    pub fn concat(&mut self) -> Result<String, SseError> {
        self.fold(String::new(), |text, delta| text.push_str(delta.as_ref()))
    }
}

impl<T> Iterator for BlockingAnswer<T> {
    type Item = Result<AnswerPart<T>, SseError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Self { answer, thread } = self;
        thread.block_on(|cx| answer.poll(cx))
    }
}

impl<T> FusedIterator for BlockingAnswer<T> {}

impl<T> fmt::Debug for BlockingAnswer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingAnswer").field(&self.answer).finish()
    }
}
