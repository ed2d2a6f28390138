//! The clients under trial: how they speak with a server, and how they reconnect.

use std::time::Duration;

use reqwest::{Client, ClientBuilder};
use sse_reqwest::{ReconnectPolicy, SseClient, SseConfig};

use crate::{nginx::Certificate, trouble::Result};

/// How a client speaks with a server.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Protocol {
    Http1,
    /// HTTP/2 without TLS, and without asking first.
    Http2PriorKnowledge,
    /// HTTP/2 as browsers have it.
    Http2Tls,
}

impl Protocol {
    pub(crate) const ALL: [Self; 3] = [Self::Http1, Self::Http2PriorKnowledge, Self::Http2Tls];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2PriorKnowledge => "h2c",
            Self::Http2Tls => "HTTP/2 in TLS",
        }
    }

    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Http1 | Self::Http2PriorKnowledge => "http",
            Self::Http2Tls => "https",
        }
    }

    /// The makings of a client that speaks so, and trusts this certificate and no other.
    pub(crate) fn http(self, certificate: Option<&Certificate>) -> Result<ClientBuilder> {
        let builder = Client::builder().no_proxy();
        let builder = match self {
            Self::Http1 => builder.http1_only(),
            Self::Http2PriorKnowledge => builder.http2_prior_knowledge(),
            Self::Http2Tls => builder,
        };
        Ok(match certificate {
            Some(certificate) => {
                builder.tls_certs_only([reqwest::Certificate::from_der(certificate.der())?])
            }
            None => builder,
        })
    }

    /// A client for sessions, made of [`http`](Self::http).
    pub(crate) fn client(self, certificate: Option<&Certificate>) -> Result<SseClient> {
        Ok(SseClient::new(self.http(certificate)?.build()?, config()))
    }
}

/// Reconnects soon, and does not give up in the time that a scenario may take.
pub(crate) fn config() -> SseConfig {
    let policy = ReconnectPolicy::exponential()
        .reconnection_time(Duration::from_millis(20))
        .max_delay(Duration::from_millis(500))
        .max_attempts(50);
    SseConfig::new().reconnect(policy)
}

/// A client to tell servers things with.
pub(crate) fn plain() -> Result<Client> {
    // A connection that is kept may lead to a server that was killed since.
    Ok(Client::builder().no_proxy().pool_max_idle_per_host(0).build()?)
}
