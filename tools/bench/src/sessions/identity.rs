//! TLS of the server, and what makes a client trust it.
//!
//! The certificate is made when the server is started, and reaches the other processes through
//! their environment.

use std::process::Command;

#[cfg(feature = "tls")]
pub use self::tls::{acceptor, client_config, generate, trusting};

/// Certificate of a server, with its key.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Both in hexadecimal digits, with a colon between them.
    text: String,
}

impl Identity {
    /// Passes the identity on to a process.
    pub fn give(&self, command: &mut Command) {
        command.env(VARIABLE, &self.text);
    }
}

const VARIABLE: &str = "SSE_BENCH_IDENTITY";

#[cfg(feature = "tls")]
mod tls {
    use std::{env, sync::Arc};

    use rcgen::generate_simple_self_signed;
    use rustls::{
        ClientConfig, RootCertStore, ServerConfig,
        crypto::aws_lc_rs::default_provider,
        pki_types::{CertificateDer, PrivateKeyDer},
    };
    use tokio_rustls::TlsAcceptor;

    use super::{Identity, VARIABLE};
    use crate::sessions::client::BoxError;

    /// Makes the identity of a server on this machine.
    pub fn generate() -> Result<Identity, BoxError> {
        let made = generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let (certificate, key) = (hex(made.cert.der()), hex(&made.signing_key.serialize_der()));
        Ok(Identity { text: format!("{certificate}:{key}") })
    }

    /// Returns the server's side of TLS; `None` if this process has no identity.
    pub fn acceptor() -> Result<Option<TlsAcceptor>, BoxError> {
        let Some((certificate, key)) = own() else { return Ok(None) };
        let key = PrivateKeyDer::Pkcs8(key.into());
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)?;
        Ok(Some(Arc::new(config).into()))
    }

    /// Returns the client's side of TLS; `None` if its server has none.
    pub fn client_config() -> Result<Option<ClientConfig>, BoxError> {
        let Some((certificate, _)) = own() else { return Ok(None) };
        let mut roots = RootCertStore::empty();
        roots.add(certificate)?;
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Some(config))
    }

    /// Returns the builder of a client that trusts the server.
    pub fn trusting(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
        let certificate = own().and_then(|(it, _)| reqwest::Certificate::from_der(&it).ok());
        match certificate {
            Some(certificate) => builder.tls_certs_only([certificate]),
            None => builder,
        }
    }

    /// Returns the certificate and the key that this process was given.
    fn own() -> Option<(CertificateDer<'static>, Vec<u8>)> {
        let text = env::var(VARIABLE).ok()?;
        let (certificate, key) = text.split_once(':')?;
        Some((bytes(certificate)?.into(), bytes(key)?))
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn bytes(hex: &str) -> Option<Vec<u8>> {
        let starts = (0..hex.len()).step_by(2);
        starts.map(|start| u8::from_str_radix(hex.get(start..start + 2)?, 16).ok()).collect()
    }
}
