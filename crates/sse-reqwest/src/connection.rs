//! One request in, or the response to one, and one event stream out.
//!
//! Sends a request, judges the head of the response, and takes events out of its body, each within
//! its time. Does not know that there may be another connection after this one.

use std::{
    fmt,
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use reqwest::{Response, Url};
use sse_core::{EventRef, LimitExceeded, Parser, ServerSentEvent, Taken};

use crate::{
    acceptance::{Answer, RetryAdvice},
    call::{Call, RequestHead, ResponseHead},
    clock::Clock,
    config::SseConfig,
    deadlines::{Deadline, Received, Rhythm},
    failure::{Failure, Refusal},
    platform::{Chunks, without_total_timeout},
    retry_after::retry_after,
    template::Outgoing,
    threads::{BoxError, BoxFuture},
};

/// What the server made of a request.
#[derive(Debug)]
pub(crate) enum Handshake {
    /// It sends events.
    Open(Box<Connection>, Call),
    /// It has none, and wants no further request: status 204.
    NoContent(Call),
}

/// A response whose body is an event stream.
#[derive(Debug)]
pub(crate) struct Connection {
    body: Chunks,
    /// What has come and is not parsed yet.
    chunk: Bytes,
    /// How many chunks were there without a wait.
    chunks_in_a_row: u32,
    watch: Watch,
    /// When the body was first looked at: a consumer that takes its time does not make a
    /// connection live longer.
    first_polled: Option<Duration>,
    /// How many events with data have come.
    pub(crate) messages: u64,
}

/// Sends a request and judges the head of the response.
pub(crate) async fn connect(
    outgoing: Box<Outgoing>,
    config: Arc<SseConfig>,
) -> Result<Handshake, Failure> {
    let Outgoing { sender, client, mut request, head } = *outgoing;
    if !config.deadlines.keep_total {
        without_total_timeout(&mut request);
    }
    let sending = sender.send(&client, request);
    let response = match within(config.deadlines.head, &*config.clock, sending).await {
        Some(answer) => answer.map_err(|error| failed(error, head.url()))?,
        None => return Err(Failure::Silence(Deadline::Head)),
    };
    judge(Some(head), response, config).await
}

/// Judges the head of a response, be it to a request that is not known.
pub(crate) async fn judge(
    request_head: Option<RequestHead>,
    mut response: Response,
    config: Arc<SseConfig>,
) -> Result<Handshake, Failure> {
    let head = ResponseHead::take_from(&mut response, request_head.as_ref());
    let answer = config.acceptance.judge(head.status(), head.headers());
    let (advice, failure): (_, fn(Box<Refusal>) -> Failure) = match answer {
        Answer::EventStream => {
            let connection = Connection::new(response, config);
            return Ok(Handshake::Open(Box::new(connection), Call::new(request_head, head)));
        }
        Answer::NoContent => return Ok(Handshake::NoContent(Call::new(request_head, head))),
        Answer::OtherContent => (RetryAdvice::WillNotHelp, Failure::ContentType),
        Answer::Compressed => (RetryAdvice::WillNotHelp, Failure::Compressed),
        Answer::Refused(advice) => (advice, Failure::Status),
    };
    // In a box, so that only who is refused has room for it.
    Err(failure(Box::pin(refusal(head, advice, response, &*config.clock)).await))
}

/// What the future is ready with, if it is within the limit.
async fn within<T>(
    limit: Option<Duration>,
    clock: &dyn Clock,
    future: impl Future<Output = T>,
) -> Option<T> {
    let Some(limit) = limit else {
        return Some(future.await);
    };
    let mut future = pin!(future);
    let mut timer = clock.deadline(limit);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => timer.as_mut().poll(cx).map(|()| None),
    })
    .await
}

/// What it means that a request to `url` has failed.
fn failed(error: BoxError, url: &Url) -> Failure {
    match error.downcast::<reqwest::Error>() {
        Ok(error) => {
            let is_ours = error.url().is_none_or(|failed| failed == url);
            let was_never_sent = error.is_builder() && is_ours;
            let error = error.without_url();
            if was_never_sent {
                Failure::InvalidRequest(error)
            } else {
                Failure::NoAnswer(error.into())
            }
        }
        Err(error) => Failure::NoAnswer(error),
    }
}

impl Connection {
    fn new(response: Response, config: Arc<SseConfig>) -> Self {
        Self {
            body: Chunks::of(response),
            chunk: Bytes::new(),
            chunks_in_a_row: 0,
            watch: Watch::new(config),
            first_polled: None,
            messages: 0,
        }
    }

    /// How long the body has been read.
    pub(crate) fn lived(&self) -> Duration {
        let now = self.watch.now();
        self.first_polled.map_or(Duration::ZERO, |then| now.saturating_sub(then))
    }

    /// How long ago a byte last came; `None` if none has.
    pub(crate) fn last_activity(&self) -> Option<Duration> {
        self.watch.last_byte.map(|then| self.watch.now().saturating_sub(then))
    }

    /// What has come and is not read yet.
    #[inline(always)]
    pub(crate) fn unread(&self) -> &Bytes {
        &self.chunk
    }

    /// Takes the next event out of what has come, for a parser that gives out messages alone;
    /// `None` if there is no whole one.
    #[inline(always)] // where events pass: see `Driver::poll_step`
    pub(crate) fn next_message(
        &mut self,
        parser: &mut Parser,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let found = parser.next(&mut self.chunk);
        self.drop_what_is_read(found.is_err());
        if let Ok(Some(_)) = found {
            self.messages += 1;
        }
        found
    }

    /// Takes the next block out of what has come, and makes an event of it only if it is to be
    /// kept.
    pub(crate) fn next_if(
        &mut self,
        parser: &mut Parser,
        keep: impl FnOnce(&EventRef<'_>) -> bool,
    ) -> Result<Option<Taken>, LimitExceeded> {
        let (messages, watch) = (&mut self.messages, &mut self.watch);
        let taken = parser.next_if(&mut self.chunk, |event| {
            *messages += u64::from(event.has_data());
            watch.saw(event);
            keep(event)
        });
        self.drop_what_is_read(taken.is_err());
        taken
    }

    /// Lets go of the chunk when nothing of it is left: an empty rest would still keep hyper from
    /// using its buffer again. Of what a limit has refused, nothing is of use; it counts as read,
    /// as it is what will be looked for in the history.
    #[inline(always)]
    fn drop_what_is_read(&mut self, is_refused: bool) {
        if is_refused || self.chunk.is_empty() {
            self.chunk = Bytes::new();
        }
    }

    /// Waits for a chunk, once all before it is read. Says how long it is.
    #[inline(always)] // where events pass: see `Driver::poll_step`
    pub(crate) fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Result<usize, Failure>> {
        if self.first_polled.is_none() {
            self.first_polled = Some(self.watch.now());
        }
        if self.chunks_in_a_row == MAX_CHUNKS_IN_A_ROW {
            self.chunks_in_a_row = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.chunks_in_a_row += 1;
        // The body before the timer: a consumer that was slow is no idle server.
        match self.body.poll_chunk(cx) {
            Poll::Ready(Some(Ok(chunk))) => {
                if !chunk.is_empty() {
                    self.watch.heard();
                }
                let length = chunk.len();
                self.chunk = chunk;
                Poll::Ready(Ok(length))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Err(Failure::Broken(error.without_url()))),
            Poll::Ready(None) => Poll::Ready(Err(Failure::Ended)),
            Poll::Pending => {
                self.chunks_in_a_row = 0;
                self.watch.poll_silence(cx).map(|over| Err(Failure::Silence(over)))
            }
        }
    }
}

/// After so many chunks others get to run, be it to close the session: a server that is faster than
/// its client would keep the client's thread for itself.
const MAX_CHUNKS_IN_A_ROW: u32 = 64;

/// Watches over the silences of a connection.
struct Watch {
    config: Arc<SseConfig>,
    rhythm: Rhythm,
    last_byte: Option<Duration>,
    /// Since when the session has waited for a byte. The time that its consumer takes is not in
    /// it.
    waiting_since: Option<Duration>,
    /// Ends with the silence, or before it: it is not set anew with every byte.
    timer: Option<BoxFuture<()>>,
    verdict: Verdict,
}

/// What is to be made of a silence that was too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Wait for what else is ready to run. What reads the socket is one of the runtime's tasks: if
    /// all of them were held up, by a machine that slept or a task that blocked its thread, then
    /// bytes may have come and not be here yet.
    Adjourned,
    /// It stands.
    Final,
}

impl Watch {
    fn new(config: Arc<SseConfig>) -> Self {
        Self {
            config,
            rhythm: Rhythm::default(),
            last_byte: None,
            waiting_since: None,
            timer: None,
            verdict: Verdict::Adjourned,
        }
    }

    fn now(&self) -> Duration {
        self.config.clock.now()
    }

    /// Takes note that bytes have come.
    #[inline(always)]
    fn heard(&mut self) {
        let is_first = self.last_byte.replace(self.now()).is_none();
        if is_first && self.config.deadlines.first_byte.is_some() {
            // Another limit holds from here on.
            self.timer = None;
        }
        self.waiting_since = None;
        self.verdict = Verdict::Adjourned;
    }

    fn saw(&mut self, event: &EventRef<'_>) {
        if self.config.deadlines.idle.counts_comments() && event.comments().is_some() {
            self.rhythm.comment(self.last_byte.unwrap_or_default());
        }
    }

    /// Is ready once the connection has been silent for too long.
    #[inline(always)]
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<Deadline> {
        let received =
            if self.last_byte.is_some() { Received::Something } else { Received::Nothing };
        match self.config.deadlines.silence(received, &self.rhythm) {
            Some((limit, deadline)) => self.poll_limit(limit, cx).map(|()| deadline),
            None => Poll::Pending,
        }
    }

    #[inline(never)]
    fn poll_limit(&mut self, limit: Duration, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let now = self.now();
            let since = *self.waiting_since.get_or_insert(now);
            let left = limit.saturating_sub(now.saturating_sub(since));
            if left.is_zero() {
                if self.verdict == Verdict::Final {
                    return Poll::Ready(());
                }
                self.verdict = Verdict::Final;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let timer = self.timer.get_or_insert_with(|| self.config.clock.deadline(left));
            ready!(timer.as_mut().poll(cx));
            self.timer = None;
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("deadlines", &self.config.deadlines)
            .field("last_byte", &self.last_byte)
            .field("waiting_since", &self.waiting_since)
            .finish_non_exhaustive()
    }
}

/// Keeps the start of a body that is no event stream: whoever has to act on it will want to know
/// what the server said. It is not waited for for long, nor read to an end that may never come.
async fn refusal(
    head: ResponseHead,
    advice: RetryAdvice,
    response: Response,
    clock: &dyn Clock,
) -> Box<Refusal> {
    let retry_after = retry_after(head.headers(), clock.wall_time());
    let mut chunks = Chunks::of(response);
    let mut body = Vec::new();
    let reading = poll_fn(|cx| {
        while body.len() < REFUSAL_MAX_BYTES {
            let Some(Ok(chunk)) = ready!(chunks.poll_chunk(cx)) else {
                // The end, or as good as one.
                break;
            };
            let room = REFUSAL_MAX_BYTES - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        Poll::Ready(())
    });
    within(Some(REFUSAL_DEADLINE), clock, reading).await;
    Box::new(Refusal { head, body, advice, retry_after })
}

const REFUSAL_MAX_BYTES: usize = 64 * 1024;
const REFUSAL_DEADLINE: Duration = Duration::from_secs(5);
