//! HTTP clients and sessions of the scenarios: protocols, and the reconnection policy.

use std::time::Duration;

use reqwest::{Client, ClientBuilder};
use sse_reqwest::{ReconnectPolicy, SseClient, SseConfig};

use crate::{error::Result, nginx::Certificate};

/// Protocol between a client and a server.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Protocol {
    Http1,
    /// HTTP/2 without TLS and without negotiation.
    Http2PriorKnowledge,
    /// HTTP/2 negotiated in TLS, as in browsers.
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

    /// Returns the builder of a client for this protocol that trusts only this certificate.
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

    /// Builds a client for sessions from [`http`](Self::http).
    pub(crate) fn client(self, certificate: Option<&Certificate>) -> Result<SseClient> {
        Ok(SseClient::new(self.http(certificate)?.build()?, config()))
    }
}

/// Returns a configuration that reconnects quickly, with more attempts than a scenario needs: a
/// server for the JVM may take half a minute to start again on a busy machine.
pub(crate) fn config() -> SseConfig {
    let policy = ReconnectPolicy::exponential()
        .reconnection_time(Duration::from_millis(20))
        .max_delay(Duration::from_millis(500))
        .max_attempts(200);
    SseConfig::new().reconnect(policy)
}

/// Builds a client for requests other than those of sessions.
pub(crate) fn plain() -> Result<Client> {
    // A pooled connection may belong to a process that has been killed.
    Ok(Client::builder().no_proxy().pool_max_idle_per_host(0).build()?)
}
