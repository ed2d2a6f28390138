//! Adapter of `eventsrc-client` to reqwest: sends a request and returns a stream of chunks.
//!
//! Does what the crate's own feature for reqwest does, which is not available without TLS.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use eventsrc_client::{
    error::{Error, ErrorKind},
    replayable::{BoxBodyStream, ConnectFuture},
};
use futures_core::Stream;
use reqwest::{Client, StatusCode, header};

#[derive(Debug)]
pub struct Connector {
    client: Client,
    url: String,
}

impl Connector {
    pub fn new(client: Client, url: &str) -> Self {
        Self { client, url: url.to_owned() }
    }
}

impl eventsrc_client::replayable::Connector for Connector {
    fn connect(&self, last_event_id: Option<&str>) -> Result<ConnectFuture, Error> {
        let mut request = self.client.get(&self.url).header(header::ACCEPT, "text/event-stream");
        if let Some(id) = last_event_id.filter(|id| !id.is_empty()) {
            request = request.header("last-event-id", id);
        }
        Ok(Box::pin(async move {
            let response = request.send().await.map_err(|error| {
                Error::new(ErrorKind::Transport, "no response").set_source(error)
            })?;
            if response.status() != StatusCode::OK {
                return Err(Error::new(ErrorKind::InvalidResponse, "no success"));
            }
            Ok(Box::pin(Chunks { inner: Box::pin(response.bytes_stream()) }) as BoxBodyStream)
        }))
    }
}

struct Chunks {
    inner: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>,
}

impl Stream for Chunks {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let failed = |error| Error::new(ErrorKind::InvalidResponse, "broken").set_source(error);
        self.inner.as_mut().poll_next(cx).map(|item| item.map(|chunk| chunk.map_err(failed)))
    }
}
