//! Self-signed certificates that clients under test can be configured to trust.
//!
//! Generated at run time, and never written to disk.

use std::{error::Error, fmt, sync::Arc};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

use crate::seen::HttpVersion;

/// Self-signed certificate for a server of this crate (feature `tls`).
///
/// A client trusts it only if the certificate is added as a root.
///
/// ```
/// use sse_test::{Reply, ScriptedServer, TestCertificate};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), reqwest::Error> {
/// let certificate = TestCertificate::for_loopback();
/// let server = ScriptedServer::builder().tls(&certificate).start([Reply::status(204)]).await;
/// let root = reqwest::Certificate::from_der(certificate.der())?;
/// let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]).build()?;
/// assert_eq!(client.get(server.url("/")).send().await?.status(), 204);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TestCertificate {
    certified: Arc<CertifiedKey<KeyPair>>,
}

impl TestCertificate {
    /// Creates a certificate for `127.0.0.1` and `localhost`.
    ///
    /// # Panics
    ///
    /// Panics if the system provides no random numbers.
    pub fn for_loopback() -> Self {
        Self::for_hosts(["127.0.0.1", "localhost"])
    }

    /// Creates a certificate for these hosts and IP addresses. The URLs of a server name
    /// `127.0.0.1`: leave it out to create a certificate for the wrong host.
    ///
    /// # Panics
    ///
    /// Panics if a name is not ASCII, or if the system provides no random numbers.
    pub fn for_hosts(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        Self { certified: Arc::new(works(generate_simple_self_signed(names))) }
    }

    /// Returns the certificate in PEM format.
    pub fn pem(&self) -> String {
        self.certified.cert.pem()
    }

    /// Returns the certificate in DER format.
    pub fn der(&self) -> &[u8] {
        self.certified.cert.der()
    }

    /// Returns the TLS configuration of a server. The cryptography provider is named explicitly, so
    /// that the one that the client under test has installed for the process, if any, does not
    /// matter.
    pub(crate) fn acceptor(&self, version: HttpVersion) -> TlsAcceptor {
        let key = PrivateKeyDer::Pkcs8(self.certified.signing_key.serialize_der().into());
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = works(config.with_safe_default_protocol_versions()).with_no_client_auth();
        let mut config =
            works(config.with_single_cert(vec![self.certified.cert.der().clone()], key));
        config.alpn_protocols = vec![match version {
            HttpVersion::Http1 => b"http/1.1".to_vec(),
            HttpVersion::Http2 => b"h2".to_vec(),
        }];
        Arc::new(config).into()
    }
}

/// Omits the key.
impl fmt::Debug for TestCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestCertificate").finish_non_exhaustive()
    }
}

/// Panics if the cryptography fails: no test can run then.
#[track_caller]
#[expect(clippy::panic, reason = "a test fails by panicking")]
fn works<T, E: Error>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the test certificate does not work: {error}"),
    }
}
