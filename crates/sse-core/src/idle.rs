//! Idle timeout of a stream of chunks, by the sleep of whatever runtime the caller has.
//!
//! Responsible for one silence at a time: it knows neither events nor a clock.

use alloc::boxed::Box;
use core::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

pin_project! {
    /// Stream of chunks that fails after a silence (feature `stream`).
    ///
    /// Created by [`EventStream::with_idle_timeout`](crate::EventStream::with_idle_timeout). Every
    /// chunk ends a silence, whatever its bytes. Only the time in which the stream waits for a chunk
    /// counts.
    #[must_use = "streams do nothing unless polled"]
    pub struct IdleTimeout<S, M, F> {
        #[pin]
        source: S,
        make_sleep: M,
        // The current silence. Boxed, as the sleeps of runtimes are not `Unpin`.
        sleep: Option<Pin<Box<F>>>,
        is_over: bool,
    }
}

impl<S, M, F> IdleTimeout<S, M, F> {
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

impl<S, M, F, B, E> Stream for IdleTimeout<S, M, F>
where
    S: Stream<Item = Result<B, E>>,
    M: FnMut() -> F,
    F: Future<Output = ()>,
{
    type Item = Result<B, IdleError<E>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if *this.is_over {
            return Poll::Ready(None);
        }
        // The source before the sleep: a consumer that was slow to poll does not make it silent.
        if let Poll::Ready(item) = this.source.poll_next(cx) {
            *this.sleep = None;
            return Poll::Ready(item.map(|item| item.map_err(IdleError::Source)));
        }
        let sleep = this.sleep.get_or_insert_with(|| Box::pin((this.make_sleep)()));
        ready!(sleep.as_mut().poll(cx));
        *this.sleep = None;
        *this.is_over = true;
        Poll::Ready(Some(Err(IdleError::Expired)))
    }
}

impl<S, M, F> FusedStream for IdleTimeout<S, M, F>
where
    Self: Stream,
    S: FusedStream,
{
    fn is_terminated(&self) -> bool {
        self.is_over || self.source.is_terminated()
    }
}

impl<S: fmt::Debug, M, F> fmt::Debug for IdleTimeout<S, M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdleTimeout")
            .field("source", &self.source)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

/// Error of a stream of chunks with an [idle timeout](IdleTimeout) (feature `stream`).
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
