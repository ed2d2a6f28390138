//! One stream of HTTP/2: sends the reply to its request.
//!
//! Effects on the whole connection are orders to the connection.

use std::{
    future::poll_fn,
    io,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use h2::{RecvStream, SendStream, server::SendResponse};
use http::{Request, Response, header::CONTENT_LENGTH, request::Parts};
use tokio::sync::mpsc::UnboundedSender;

use crate::{
    body::{self, Body},
    parts::{End, Framing, Head, Http2Error, Step, Wait},
    reply::Reply,
    script::Script,
    seen::{HttpVersion, SeenRequest},
};

/// Order of a stream to its connection.
#[derive(Debug)]
pub(super) enum Order {
    /// Ask the client to make no further request.
    GoAway,
    /// Report an error to the client, and close.
    Fail(Http2Error),
    Cut,
    Reset,
}

/// Server's end of one stream.
pub(super) struct Stream {
    script: Arc<Script>,
    connection: usize,
    orders: UnboundedSender<Order>,
    sending: Sending,
    /// When the request came.
    requested: Duration,
}

enum Sending {
    Head(SendResponse<Bytes>),
    Body(SendStream<Bytes>),
}

/// Reason why a reply was not completed.
enum Stopped {
    /// The client has reset the stream, or closed the connection.
    Abandoned,
    /// The reply cannot be expressed in HTTP/2.
    Impossible,
}

impl Stream {
    pub(super) fn new(
        script: Arc<Script>,
        connection: usize,
        orders: UnboundedSender<Order>,
        respond: SendResponse<Bytes>,
    ) -> Self {
        let sending = Sending::Head(respond);
        Self { script, connection, orders, sending, requested: Duration::ZERO }
    }

    pub(super) async fn serve(mut self, request: Request<RecvStream>) {
        let (head, body) = request.into_parts();
        let Ok(body) = read(body).await else {
            return;
        };
        let seen = self.seen(&head, body);
        self.requested = seen.time;
        let (reply, number) = self.script.take(seen);
        match self.play(&reply, head.method.as_str()).await {
            Ok(()) => {}
            // A connection that takes no more orders was ended by this side.
            Err(Stopped::Abandoned) if self.orders.is_closed() => {}
            Err(Stopped::Abandoned) => self.script.log.abandoned(number),
            Err(Stopped::Impossible) => self.reset(Http2Error::InternalError),
        }
    }

    fn seen(&self, head: &Parts, body: Vec<u8>) -> SeenRequest {
        let headers = head.headers.iter();
        let target = head.uri.path_and_query();
        SeenRequest {
            time: self.script.log.now(),
            connection: self.connection,
            version: HttpVersion::Http2,
            method: head.method.to_string(),
            target: target.map_or("*", |target| target.as_str()).to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.as_bytes().into()))
                .collect(),
            body,
        }
    }

    async fn play(&mut self, reply: &Reply, method: &str) -> Result<(), Stopped> {
        let mut body = Body::new(reply, method)?;
        self.head(reply).await?;
        for step in &reply.steps {
            match step {
                Step::Send(piece) => self.send(&mut body, piece).await?,
                Step::Wait(wait) => self.wait(wait).await?,
                Step::GoAway => self.order(Order::GoAway),
            }
        }
        match &reply.end {
            End::Complete => {
                for part in body.finish()? {
                    self.send_part(part.into()).await?;
                }
                self.complete()?;
            }
            End::Cut | End::HalfClose => self.end_connection(Order::Cut).await?,
            End::Reset => self.end_connection(Order::Reset).await?,
            End::ResetStream(error) => self.reset(*error),
            End::GoAway(error) => self.end_connection(Order::Fail(*error)).await?,
            End::Hang => self.hang().await?,
            End::Repeat(piece) => loop {
                self.send(&mut body, piece).await?;
                // As long as there is capacity, nothing above yields to other tasks.
                tokio::task::yield_now().await;
            },
        }
        Ok(())
    }

    async fn head(&mut self, reply: &Reply) -> Result<(), Stopped> {
        let Some(head) = &reply.head else {
            return Ok(());
        };
        if let Some(wait) = head.pause.wait() {
            self.wait(&wait).await?;
        }
        let response = response(head, reply)?;
        let Sending::Head(respond) = &mut self.sending else {
            return Ok(());
        };
        match respond.send_response(response, false) {
            Ok(stream) => {
                self.sending = Sending::Body(stream);
                Ok(())
            }
            // Either the connection has failed, or HTTP/2 forbids the header.
            Err(_) if self.is_abandoned().await => Err(Stopped::Abandoned),
            Err(_) => Err(Stopped::Impossible),
        }
    }

    async fn wait(&mut self, wait: &Wait) -> Result<(), Stopped> {
        tokio::select! {
            () = self.script.wait(wait, self.requested) => Ok(()),
            () = poll_fn(|cx| self.sending.poll_abandoned(cx)) => Err(Stopped::Abandoned),
        }
    }

    async fn is_abandoned(&mut self) -> bool {
        poll_fn(|cx| Poll::Ready(self.sending.poll_abandoned(cx).is_ready())).await
    }

    async fn send(&mut self, body: &mut Body, piece: &[u8]) -> Result<(), Stopped> {
        for part in body.parts(piece)? {
            self.send_part(part.into()).await?;
        }
        Ok(())
    }

    /// Sends no more than the client's window allows.
    async fn send_part(&mut self, mut part: Bytes) -> Result<(), Stopped> {
        let Sending::Body(stream) = &mut self.sending else {
            return Err(Stopped::Impossible);
        };
        while !part.is_empty() {
            stream.reserve_capacity(part.len());
            match poll_fn(|cx| stream.poll_capacity(cx)).await {
                Some(Ok(capacity)) => {
                    stream.send_data(part.split_to(capacity.min(part.len())), false)?;
                }
                Some(Err(_)) | None => return Err(Stopped::Abandoned),
            }
        }
        Ok(())
    }

    fn complete(&mut self) -> Result<(), Stopped> {
        match &mut self.sending {
            Sending::Head(_) => Err(Stopped::Impossible),
            Sending::Body(stream) => Ok(stream.send_data(Bytes::new(), true)?),
        }
    }

    fn reset(&mut self, error: Http2Error) {
        match &mut self.sending {
            Sending::Head(respond) => respond.send_reset(reason(error)),
            Sending::Body(stream) => stream.send_reset(reason(error)),
        }
    }

    async fn hang(&mut self) -> Result<(), Stopped> {
        poll_fn(|cx| self.sending.poll_abandoned(cx)).await;
        Err(Stopped::Abandoned)
    }

    /// Waits until the connection has ended: returning earlier would reset the stream.
    async fn end_connection(&mut self, order: Order) -> Result<(), Stopped> {
        self.order(order);
        self.hang().await
    }

    fn order(&self, order: Order) {
        // A connection that takes no orders has ended.
        let _ = self.orders.send(order);
    }
}

impl Sending {
    /// Completes when the client has reset the stream or closed the connection.
    fn poll_abandoned(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let reset = match self {
            Self::Head(respond) => respond.poll_reset(cx),
            Self::Body(stream) => stream.poll_reset(cx),
        };
        reset.map(|_| ())
    }
}

async fn read(mut body: RecvStream) -> Result<Vec<u8>, h2::Error> {
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

fn response(head: &Head, reply: &Reply) -> Result<Response<()>, Stopped> {
    let mut response = Response::builder().status(head.status);
    for (name, value) in &head.headers {
        response = response.header(name.as_bytes(), value.as_slice());
    }
    if let Framing::Length { missing } = reply.framing {
        response = response.header(CONTENT_LENGTH, body::len(reply)? + missing);
    }
    // An invalid status or header.
    response.body(()).map_err(|_| Stopped::Impossible)
}

/// Error of sending to a stream that is closed.
impl From<h2::Error> for Stopped {
    fn from(_: h2::Error) -> Self {
        Self::Abandoned
    }
}

/// Error of a body that cannot be encoded.
impl From<io::Error> for Stopped {
    fn from(_: io::Error) -> Self {
        Self::Impossible
    }
}

pub(super) fn reason(error: Http2Error) -> h2::Reason {
    match error {
        Http2Error::NoError => h2::Reason::NO_ERROR,
        Http2Error::ProtocolError => h2::Reason::PROTOCOL_ERROR,
        Http2Error::InternalError => h2::Reason::INTERNAL_ERROR,
        Http2Error::RefusedStream => h2::Reason::REFUSED_STREAM,
        Http2Error::Cancel => h2::Reason::CANCEL,
        Http2Error::EnhanceYourCalm => h2::Reason::ENHANCE_YOUR_CALM,
        Http2Error::Other(code) => code.into(),
    }
}
