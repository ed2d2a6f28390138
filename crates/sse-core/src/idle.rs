//! Idle timeout of a stream of chunks, measured by the sleep of any runtime.
//!
//! Responsible for one silence at a time. Knows neither events nor a clock.

use alloc::boxed::Box;
use core::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

pin_project! {
    /// Stream of chunks that fails after a silence (feature `stream`).
    ///
    /// Created by [`EventStream::with_idle_timeout`](crate::EventStream::with_idle_timeout). Every
    /// byte ends a silence; an empty chunk, which is skipped, does not. Only the time in which the
    /// stream waits for a chunk counts.
    #[must_use = "streams do nothing unless polled"]
    pub struct IdleLimited<S, M, F> {
        #[pin]
        source: S,
        make_sleep: M,
        // The current silence. Boxed, as the sleeps of runtimes are not `Unpin`.
        sleep: Option<Pin<Box<F>>>,
        is_over: bool,
    }
}

impl<S, M, F> IdleLimited<S, M, F> {
    pub(crate) fn new(source: S, make_sleep: M) -> Self {
        Self { source, make_sleep, sleep: None, is_over: false }
    }

    /// Returns the stream of chunks.
    #[must_use]
    pub fn get_ref(&self) -> &S {
        &self.source
    }

    /// Returns the stream of chunks.
    #[must_use]
    pub fn into_inner(self) -> S {
        self.source
    }
}

impl<S, M, F, B, E> Stream for IdleLimited<S, M, F>
where
    S: Stream<Item = Result<B, E>>,
    B: Into<Bytes>,
    M: FnMut() -> F,
    F: Future<Output = ()>,
{
    type Item = Result<Bytes, IdleError<E>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if *this.is_over {
            return Poll::Ready(None);
        }
        // Polls the source before the sleep: a consumer that polls slowly does not make the source
        // silent.
        let mut is_waiting = false;
        for _ in 0..MAX_EMPTY_CHUNKS {
            let Poll::Ready(item) = this.source.as_mut().poll_next(cx) else {
                is_waiting = true;
                break;
            };
            let item = item.map(|item| item.map(Into::into).map_err(IdleError::Source));
            if !matches!(&item, Some(Ok(chunk)) if chunk.is_empty()) {
                *this.sleep = None;
                return Poll::Ready(item);
            }
        }
        let sleep = this.sleep.get_or_insert_with(|| Box::pin((this.make_sleep)()));
        if sleep.as_mut().poll(cx).is_pending() {
            if !is_waiting {
                // The source will not wake the task, as it is still ready.
                cx.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
        *this.sleep = None;
        *this.is_over = true;
        Poll::Ready(Some(Err(IdleError::Expired)))
    }
}

impl<S, M, F> FusedStream for IdleLimited<S, M, F>
where
    Self: Stream,
    S: FusedStream,
{
    fn is_terminated(&self) -> bool {
        self.is_over || self.source.is_terminated()
    }
}

impl<S: fmt::Debug, M, F> fmt::Debug for IdleLimited<S, M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdleLimited")
            .field("source", &self.source)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

/// Empty chunks that are skipped in a row before a source that is always ready lets others run.
const MAX_EMPTY_CHUNKS: usize = 32;

/// Error of a stream of chunks with an [idle timeout](IdleLimited) (feature `stream`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdleError<E> {
    /// No byte was received in time.
    Expired,
    /// The stream of chunks failed, with this error.
    Source(E),
}

impl<E> fmt::Display for IdleError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "idle timeout expired",
            Self::Source(_) => "failed to read a chunk",
        })
    }
}

impl<E: Error + 'static> Error for IdleError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Expired => None,
            Self::Source(error) => Some(error),
        }
    }
}
