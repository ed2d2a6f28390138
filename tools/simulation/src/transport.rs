//! Transport of the simulation: requests go to the model server, bodies come from it.

use std::{
    error::Error,
    fmt,
    panic::resume_unwind,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use sse_session::{SendContext, Transport, TransportErrorKind};

use crate::{exchange::Head, world::Shared};

/// Transport in memory, which follows no redirects.
pub(crate) struct ModelTransport(pub(crate) Arc<Shared>);

/// Error of the transport.
#[derive(Debug)]
pub(crate) struct Failed(TransportErrorKind);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "simulated: {:?}", self.0)
    }
}

impl Error for Failed {}

impl Transport for ModelTransport {
    type Body = ModelBody;
    type Error = Failed;

    fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> impl Future<Output = Result<Response<ModelBody>, Failed>> + Send {
        let index = self.0.lock().requested(&request, &context);
        Sending { world: self.0.clone(), index }
    }

    fn error_kind(&self, error: &(dyn Error + 'static)) -> TransportErrorKind {
        error.downcast_ref().map_or(TransportErrorKind::Other, |Failed(kind)| *kind)
    }
}

/// Request whose response has not been received.
struct Sending {
    world: Arc<Shared>,
    index: usize,
}

impl Future for Sending {
    type Output = Result<Response<ModelBody>, Failed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let index = self.index;
        let mut world = self.world.lock();
        let head = world.poll_head(index, cx.waker());
        if head.is_ready() && matches!(world.exchanges[index].head, Head::Panic) {
            drop(world);
            resume_unwind(Box::new("simulated panic of a request"));
        }
        drop(world);
        let body = || ModelBody { world: self.world.clone(), index };
        head.map(|head| head.map(|it| it.map(|()| body())).map_err(Failed))
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.world.lock().request_dropped(self.index);
    }
}

/// Body of a response.
pub(crate) struct ModelBody {
    world: Arc<Shared>,
    index: usize,
}

impl Body for ModelBody {
    type Data = Bytes;
    type Error = Failed;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failed>>> {
        self.world.stop_runaway();
        let mut world = self.world.lock();
        let Some(polled) = world.poll_body(self.index, cx.waker()) else {
            world.has_panicked = true;
            drop(world);
            resume_unwind(Box::new("simulated panic of a body"));
        };
        polled.map(|frame| frame.map(|frame| frame.map_err(Failed)))
    }
}

impl Drop for ModelBody {
    fn drop(&mut self) {
        self.world.lock().body_dropped(self.index);
    }
}
