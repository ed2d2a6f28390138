//! Clients that take part, ours first: each opens a URL and returns a stream.
//!
//! All have reconnection on, and all other options at their defaults.

use bytes::Bytes;
use eventsource_client::{Client as _, ClientBuilder, ReconnectOptions, SSE};
use futures_core::Stream;
use launchdarkly_sdk_transport::HyperTransport;
use sse_core::{EventStream, ServerSentEvent, StreamError};
use sse_direct::DirectTransport;
use sse_reqwest::{SseClient, SseConfig, SseError};
use sse_reqwest_client::{RequestBuilderExt as _, SseEvent};

#[cfg(feature = "tls")]
use super::identity;
use super::{
    client::{BoxError, Client, Look, Until},
    eventsrc::Connector,
};

/// A session that decodes content codings itself: the decoders of its client are off.
pub struct Ours(SseClient);

impl Client for Ours {
    type Item = Result<ServerSentEvent, SseError>;

    fn new() -> Result<Self, BoxError> {
        let config = SseConfig::new().max_reconnection_attempts(u32::MAX);
        Ok(Self(SseClient::new(newer_undecoded()?, config)))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(self.0.sse_session(url).await?)
    }

    fn look(item: &Self::Item) -> Look<'_> {
        match item {
            Ok(event) => Look::Data(event.data().as_bytes()),
            Err(error) => Look::Failure(error.to_string()),
        }
    }
}

/// A session over a client that decodes, with the feature `codings`.
pub struct OursDecodedBefore(SseClient);

impl Client for OursDecodedBefore {
    type Item = Result<ServerSentEvent, SseError>;

    fn new() -> Result<Self, BoxError> {
        let config = SseConfig::new().max_reconnection_attempts(u32::MAX);
        Ok(Self(SseClient::new(newer()?, config)))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(self.0.sse_session(url).await?)
    }

    fn look(item: &Self::Item) -> Look<'_> {
        Ours::look(item)
    }
}

/// A session that drives its connection.
pub struct OursDirect(sse_session::SseClient);

impl Client for OursDirect {
    type Item = Result<ServerSentEvent, SseError>;

    fn new() -> Result<Self, BoxError> {
        let config = SseConfig::new().max_reconnection_attempts(u32::MAX);
        #[cfg(feature = "tls")]
        if let Some(tls) = identity::client_config()? {
            return Ok(Self(sse_session::SseClient::new(DirectTransport::tls_with(tls), config)));
        }
        Ok(Self(sse_session::SseClient::new(DirectTransport::tcp(), config)))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(self.0.sse_session(url).await?)
    }

    fn look(item: &Self::Item) -> Look<'_> {
        Ours::look(item)
    }
}

/// With reqwest's own timeout left alone, which is absent here.
pub struct OursKept(SseClient);

impl Client for OursKept {
    type Item = Result<ServerSentEvent, SseError>;

    fn new() -> Result<Self, BoxError> {
        let config = SseConfig::new().max_reconnection_attempts(u32::MAX).lift_total_timeout(false);
        Ok(Self(SseClient::new(newer()?, config)))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(self.0.sse_session(url).await?)
    }

    fn look(item: &Self::Item) -> Look<'_> {
        Ours::look(item)
    }
}

/// Limit: the bytes of the response, unread.
pub struct Raw(reqwest::Client);

impl Client for Raw {
    type Item = reqwest::Result<Bytes>;

    fn new() -> Result<Self, BoxError> {
        Ok(Self(newer()?))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(self.0.get(url).send().await?.bytes_stream())
    }

    fn look(item: &Self::Item) -> Look<'_> {
        match item {
            Ok(chunk) => Look::Data(chunk),
            Err(error) => Look::Failure(error.to_string()),
        }
    }

    fn until(_: u64) -> Until {
        Until::End
    }
}

/// Limit for the clients on the previous reqwest.
pub struct RawOlder(reqwest_older::Client);

impl Client for RawOlder {
    type Item = reqwest_older::Result<Bytes>;

    fn new() -> Result<Self, BoxError> {
        Ok(Self(older()?))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(self.0.get(url).send().await?.bytes_stream())
    }

    fn look(item: &Self::Item) -> Look<'_> {
        match item {
            Ok(chunk) => Look::Data(chunk),
            Err(error) => Look::Failure(error.to_string()),
        }
    }

    fn until(_: u64) -> Until {
        Until::End
    }
}

/// No session: our parser over the bytes of the response.
pub struct Parsed(reqwest::Client);

impl Client for Parsed {
    type Item = Result<ServerSentEvent, StreamError<reqwest::Error>>;

    fn new() -> Result<Self, BoxError> {
        Ok(Self(newer()?))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(EventStream::new(self.0.get(url).send().await?.bytes_stream()))
    }

    fn look(item: &Self::Item) -> Look<'_> {
        match item {
            Ok(event) => Look::Data(event.data().as_bytes()),
            Err(error) => Look::Failure(error.to_string()),
        }
    }
}

pub struct SseReqwestClient(reqwest::Client);

impl Client for SseReqwestClient {
    type Item = Result<SseEvent, sse_reqwest_client::Error>;

    fn new() -> Result<Self, BoxError> {
        Ok(Self(newer()?))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(self.0.get(url).into_event_source())
    }

    fn look(item: &Self::Item) -> Look<'_> {
        match item {
            Ok(SseEvent::Message(message)) => Look::Data(message.data.as_bytes()),
            Ok(SseEvent::Open) => Look::News,
            Ok(other) => Look::Failure(format!("{other:?}")),
            Err(error) => Look::Failure(error.to_string()),
        }
    }
}

pub struct Sseer(reqwest::Client);

impl Client for Sseer {
    type Item = Result<sseer::reqwest::StreamEvent, sseer::reqwest::EventSourceError>;

    fn new() -> Result<Self, BoxError> {
        Ok(Self(newer()?))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(sseer::EventSource::new(self.0.get(url))?)
    }

    fn look(item: &Self::Item) -> Look<'_> {
        match item {
            Ok(sseer::reqwest::StreamEvent::Event(event)) => Look::Data(event.data.as_bytes()),
            Ok(sseer::reqwest::StreamEvent::Open) => Look::News,
            Err(error) => Look::Failure(error.to_string()),
        }
    }
}

pub struct ReqwestEventsource(reqwest_older::Client);

impl Client for ReqwestEventsource {
    type Item = Result<reqwest_eventsource::Event, reqwest_eventsource::Error>;

    fn new() -> Result<Self, BoxError> {
        Ok(Self(older()?))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        Ok(reqwest_eventsource::EventSource::new(self.0.get(url))?)
    }

    fn look(item: &Self::Item) -> Look<'_> {
        match item {
            Ok(reqwest_eventsource::Event::Message(event)) => Look::Data(event.data.as_bytes()),
            Ok(reqwest_eventsource::Event::Open) => Look::News,
            Err(error) => Look::Failure(error.to_string()),
        }
    }
}

/// It brings an HTTP client of its own, which is based on hyper, as reqwest is.
pub struct EventsourceClient(HyperTransport);

impl Client for EventsourceClient {
    type Item = Result<SSE, eventsource_client::Error>;

    fn new() -> Result<Self, BoxError> {
        Ok(Self(HyperTransport::builder().disable_proxy().build_http()?))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        let reconnect = ReconnectOptions::reconnect(true).build();
        let client =
            ClientBuilder::for_url(url)?.reconnect(reconnect).build_with_transport(self.0.clone());
        Ok(client.stream())
    }

    fn look(item: &Self::Item) -> Look<'_> {
        match item {
            Ok(SSE::Event(event)) => Look::Data(event.data.as_bytes()),
            Ok(SSE::Connected(_) | SSE::Comment(_)) => Look::News,
            Err(error) => Look::Failure(error.to_string()),
        }
    }
}

pub struct EventsrcClient(reqwest::Client);

impl Client for EventsrcClient {
    type Item = Result<eventsrc::Event, eventsrc_client::error::Error>;

    fn new() -> Result<Self, BoxError> {
        Ok(Self(newer()?))
    }

    async fn open(&self, url: &str) -> Result<impl Stream<Item = Self::Item> + Send, BoxError> {
        let connector = Connector::new(self.0.clone(), url);
        Ok(eventsrc_client::replayable::EventSource::new(connector))
    }

    fn look(item: &Self::Item) -> Look<'_> {
        match item {
            Ok(event) => Look::Data(event.data().as_bytes()),
            Err(error) => Look::Failure(error.to_string()),
        }
    }
}

fn newer() -> reqwest::Result<reqwest::Client> {
    builder().build()
}

/// The server is on this machine: proxies of the environment are ignored.
fn builder() -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder().no_proxy();
    #[cfg(feature = "tls")]
    let builder = identity::trusting(builder);
    builder
}

/// `no_gzip()` and the like change nothing without the feature `codings`.
fn newer_undecoded() -> reqwest::Result<reqwest::Client> {
    builder().no_gzip().no_brotli().no_zstd().no_deflate().build()
}

fn older() -> reqwest_older::Result<reqwest_older::Client> {
    reqwest_older::Client::builder().no_proxy().build()
}
