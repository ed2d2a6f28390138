//! Answer without `async`: an iterator of its parts.

use std::{fmt, iter::FusedIterator};

use sse_core::ServerSentEvent;

use super::{request::BlockingRequest, thread::Thread};
use crate::{
    answer::{Answer, AnswerPart, Judgment},
    error::SseError,
};

/// Answer over a [`BlockingTransport`](crate::BlockingTransport): an iterator of its
/// [parts](AnswerPart), created by [`BlockingRequest::answer`].
///
/// It behaves like an [`Answer`]: its end means that the answer is whole, and an `Err` item, which
/// is the last one, that it is not.
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
/// let answer = client.request("http://example.org/").answer(|event| match event.event_type() {
///     "end" => Judgment::Whole(None),
///     _ => Judgment::Delta(event.data().to_owned()),
/// });
/// assert_eq!(answer.concat()?, "Hello");
/// # Ok::<(), sse_session::SseError>(())
/// ```
#[must_use = "no request is made unless the answer is read"]
pub struct BlockingAnswer<T> {
    answer: Answer<T>,
    thread: Thread,
}

impl BlockingRequest {
    /// Starts an answer, of which options can still be changed; see
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

    /// Collects the deltas of the whole answer; see [`Answer::fold`].
    ///
    /// # Errors
    ///
    /// Fails if the answer is not whole.
    pub fn fold<A: Clone>(self, init: A, mut add: impl FnMut(&mut A, T)) -> Result<A, SseError> {
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
    pub fn concat(self) -> Result<String, SseError> {
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
