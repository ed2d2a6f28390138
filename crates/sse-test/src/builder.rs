//! Constructors and builder of a [`ScriptedServer`].

use std::time::Instant;

#[cfg(feature = "tls")]
use crate::certificate::TestCertificate;
use crate::{
    clock::TestClock,
    connection::{Security, Transport},
    record::{Log, TimeSource},
    reply::Reply,
    script::Replies,
    seen::{HttpVersion, SeenRequest},
    server::ScriptedServer,
};

/// Options of a [`ScriptedServer`].
///
/// ```
/// use std::time::Duration;
/// use sse_test::{Reply, ScriptedServer, TestClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), reqwest::Error> {
/// // Requests are stamped with the time of the test's clock.
/// let clock = TestClock::manual();
/// let server = ScriptedServer::builder().clock(&clock).start([Reply::status(204)]).await;
/// clock.advance(Duration::from_secs(60));
/// # let client = reqwest::Client::builder().no_proxy().build()?;
/// client.get(server.url("/")).send().await?;
/// assert_eq!(server.next_request().await.time, Duration::from_secs(60));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub struct ScriptedServerBuilder {
    version: HttpVersion,
    #[cfg(feature = "tls")]
    certificate: Option<TestCertificate>,
    clock: Option<TestClock>,
}

/// Constructors.
impl ScriptedServer {
    /// Starts a server that gives these replies, over HTTP/1.1.
    ///
    /// # Panics
    ///
    /// Panics if it cannot listen on loopback.
    pub async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::builder().start(replies).await
    }

    /// Starts a server that creates its replies from the requests, over HTTP/1.1.
    ///
    /// # Panics
    ///
    /// Panics if it cannot listen on loopback.
    pub async fn answering(reply: impl FnMut(&SeenRequest) -> Reply + Send + 'static) -> Self {
        Self::builder().answering(reply).await
    }

    /// Returns a builder with the options of a server.
    pub fn builder() -> ScriptedServerBuilder {
        ScriptedServerBuilder::new()
    }
}

impl ScriptedServerBuilder {
    pub(crate) fn new() -> Self {
        Self {
            version: HttpVersion::Http1,
            #[cfg(feature = "tls")]
            certificate: None,
            clock: None,
        }
    }

    /// Makes the server speak HTTP/2 only (feature `http2`). Clients have to use it with prior
    /// knowledge, or negotiate it over TLS.
    ///
    /// Defaults to HTTP/1.1 only.
    #[cfg(feature = "http2")]
    pub fn http2(self) -> Self {
        Self { version: HttpVersion::Http2, ..self }
    }

    /// Makes the server speak TLS with this certificate (feature `tls`).
    ///
    /// Defaults to no TLS.
    #[cfg(feature = "tls")]
    pub fn tls(self, certificate: &TestCertificate) -> Self {
        Self { certificate: Some(certificate.clone()), ..self }
    }

    /// Stamps requests with the time of this clock. Defaults to real time since the server was
    /// started.
    pub fn clock(self, clock: &TestClock) -> Self {
        Self { clock: Some(clock.clone()), ..self }
    }

    /// Starts a server that gives these replies.
    ///
    /// # Panics
    ///
    /// Panics if it cannot listen on loopback.
    pub async fn start(self, replies: impl IntoIterator<Item = Reply>) -> ScriptedServer {
        let mut replies = replies.into_iter().collect::<Vec<_>>().into_iter();
        self.listen(Replies(Box::new(move |_| replies.next()))).await
    }

    /// Starts a server that creates its replies from the requests.
    ///
    /// # Panics
    ///
    /// Panics if it cannot listen on loopback.
    pub async fn answering(
        self,
        mut reply: impl FnMut(&SeenRequest) -> Reply + Send + 'static,
    ) -> ScriptedServer {
        self.listen(Replies(Box::new(move |request| Some(reply(request))))).await
    }

    async fn listen(self, replies: Replies) -> ScriptedServer {
        let transport = Transport { version: self.version, security: self.security() };
        let time = match self.clock {
            Some(clock) => TimeSource::Clock(clock),
            None => TimeSource::Since(Instant::now()),
        };
        ScriptedServer::listen(transport, replies, Log::new(time)).await
    }

    fn security(&self) -> Security {
        #[cfg(feature = "tls")]
        if let Some(certificate) = &self.certificate {
            return Security::Tls(certificate.acceptor(self.version));
        }
        Security::Plain
    }
}
