//! Self-signed certificates that clients under test can be made to trust.
//!
//! Responsible for generating them at run time; they are never written to disk.

use std::{error::Error, fmt, sync::Arc};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

use crate::seen::HttpVersion;

/// Self-signed certificate for a server of this crate (feature `tls`).
///
/// A client trusts it only if it is given the certificate as a root.
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
    /// A certificate for `127.0.0.1` and `localhost`.
    ///
    /// # Panics
    ///
    /// If the machine gives no random numbers.
    pub fn for_loopback() -> Self {
        Self::for_hosts(["127.0.0.1", "localhost"])
    }

    /// A certificate for these hosts and IP addresses. The URLs of a server name `127.0.0.1`: leave
    /// it out to have a certificate for the wrong host.
    ///
    /// # Panics
    ///
    /// If a name is not ASCII, or the machine gives no random numbers.
    pub fn for_hosts(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        Self { certified: Arc::new(works(generate_simple_self_signed(names))) }
    }

    /// The certificate, as text.
    pub fn pem(&self) -> String {
        self.certified.cert.pem()
    }

    /// The certificate, as bytes.
    pub fn der(&self) -> &[u8] {
        self.certified.cert.der()
    }

    /// What a server needs to show it. The cryptography is named, so that it does not matter which
    /// one the client under test has chosen for the process, if any.
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

/// Does not show the key.
impl fmt::Debug for TestCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestCertificate").finish_non_exhaustive()
    }
}

/// The cryptography works, or the test fails.
#[track_caller]
#[expect(clippy::panic, reason = "a test fails by panicking")]
fn works<T, E: Error>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("the test certificate does not work: {error}"),
    }
}
