//! Sessions over sse-direct instead of reqwest: the client, its TLS, and the request in its form.

use std::sync::Arc;

use bytes::Bytes;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{RequestBuilder, Url};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use sse_direct::{DirectTransport, SseClient, SseConfig, http, tcp_connector, tls_connector};
use sse_test::{Recorder, RecordingTransport};

use crate::{args::RequestArgs, failure::Failure, request::read_file};

/// Returns a client whose sessions are recorded if there is a recorder.
pub(crate) fn client(
    args: &RequestArgs,
    config: SseConfig,
    recorder: Option<&Recorder>,
) -> Result<SseClient, Failure> {
    let mut tcp = tcp_connector();
    if let Some(time) = args.connect_timeout {
        tcp.set_connect_timeout(Some(time));
    }
    let connector = tls_connector(tls(args)?, tcp);
    let transport = DirectTransport::new(connector);
    Ok(match recorder {
        None => SseClient::new(transport, config),
        Some(recorder) => {
            // The request says what is allowed.
            let recorded = RecordingTransport::new(transport, recorder).allow_compression(true);
            SseClient::new(recorded, config)
        }
    })
}

/// Converts a request from the form of reqwest.
pub(crate) fn request(builder: RequestBuilder) -> Result<http::Request<Bytes>, Failure> {
    let request = builder.build().map_err(Failure::Request)?;
    let request = http::Request::<reqwest::Body>::try_from(request).map_err(Failure::Request)?;
    Ok(request.map(|body| body.as_bytes().map_or_else(Bytes::new, Bytes::copy_from_slice)))
}

/// Returns `true` if the environment names a proxy for this URL, which is not used.
pub(crate) fn ignores_proxy(url: &Url) -> bool {
    url.as_str().parse().is_ok_and(|uri| Matcher::from_env().intercept(&uri).is_some())
}

/// Returns the configuration of TLS: that of the platform, and what the options change of it.
fn tls(args: &RequestArgs) -> Result<ClientConfig, Failure> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut trusted = Vec::new();
    if let Some(path) = &args.cacert {
        let pem = read_file(path)?;
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let invalid = |error| Failure::Tls(format!("{}: {error}", path.display()));
            trusted.push(certificate.map_err(invalid)?);
        }
    }
    let verifier: Arc<dyn ServerCertVerifier> = match args.insecure {
        true => Arc::new(AnyCertificate(provider.clone())),
        false => Arc::new(Verifier::new_with_extra_roots(trusted, provider.clone())?),
    };
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions()?.dangerous();
    Ok(builder.with_custom_certificate_verifier(verifier).with_no_client_auth())
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Tls(error.to_string())
    }
}

/// Verifier of --insecure. Signatures are checked: the server has the key of its certificate.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
