//! Sessions of ours over further transports: hyper-util's client, and ureq.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;
use http_body_util::Full;
use hyper_util::{client::legacy, rt::TokioExecutor};
use sse_core::ServerSentEvent;
use sse_session::{
    BlockingClient, BlockingSession, SseClient, SseConfig, SseError, TowerTransport, UreqTransport,
};

use super::{
    client::{BoxError, Client, Look},
    clients::Ours,
};

/// Session over hyper-util's client.
pub struct OursHyper(SseClient);

impl Client for OursHyper {
    type Item = Result<ServerSentEvent, SseError>;

    fn new() -> Result<Self, BoxError> {
        let config = SseConfig::new().max_reconnection_attempts(u32::MAX);
        let http = legacy::Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        Ok(Self(SseClient::new(TowerTransport::new(http), config)))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(self.0.sse_session(url).await?)
    }

    fn look(item: &Self::Item) -> Look<'_> {
        Ours::look(item)
    }
}

/// Session over ureq, which blocks the thread of the runtime: the process has no other work.
pub struct OursUreq(BlockingClient);

impl Client for OursUreq {
    type Item = Result<ServerSentEvent, SseError>;

    fn new() -> Result<Self, BoxError> {
        let config = SseConfig::new().max_reconnection_attempts(u32::MAX);
        // The server is on this machine: proxies of the environment are ignored.
        let agent = ureq::Agent::config_builder().proxy(None).build().new_agent();
        Ok(Self(BlockingClient::new(UreqTransport::new(agent), config)))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(Blocking(self.0.sse_session(url)?))
    }

    fn look(item: &Self::Item) -> Look<'_> {
        Ours::look(item)
    }
}

/// Blocking session as a stream that is never pending.
struct Blocking(BlockingSession);

impl Stream for Blocking {
    type Item = Result<ServerSentEvent, SseError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next())
    }
}
