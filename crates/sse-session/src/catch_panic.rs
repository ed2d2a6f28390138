//! Panics of a transport, made errors: a fault of one request does not end the task of its caller.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use crate::transport_error::{TransportError, TransportErrorKind};

pin_project_lite::pin_project! {
    /// Future of a transport. If it panics, it is ready with an error.
    pub(crate) struct CatchPanic<F> {
        #[pin]
        pub(crate) future: F,
    }
}

impl<T, F: Future<Output = Result<T, TransportError>>> Future for CatchPanic<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.project().future;
        // A future that has panicked is not polled again: it is ready, and its driver drops it.
        catch_unwind(AssertUnwindSafe(|| future.poll(cx)))
            .unwrap_or_else(|panic| Poll::Ready(Err(panicked(&*panic))))
    }
}

fn panicked(panic: &(dyn Any + Send)) -> TransportError {
    let message = panic.downcast_ref::<&str>().copied();
    let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    // tokio's. Another attempt in the same place would fail in the same way.
    let is_outside = message.is_some_and(|it| it.contains("from the context of a Tokio"));
    let kind =
        if is_outside { TransportErrorKind::InvalidRequest } else { TransportErrorKind::Other };
    let source = match message {
        Some(message) => format!("the transport panicked: {message}"),
        None => "the transport panicked".to_owned(),
    };
    TransportError::new(kind, source)
}
