//! hyper-util's client with the connector of hyper-rustls: TLS is a matter of the service.

use std::sync::Arc;

use bytes::Bytes;
use http::Version;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use sse_session::{SseClient, SseConfig, TowerTransport};
use sse_test::{Reply, ScriptedServer, TestCertificate};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::CertificateDer,
};

use crate::support::{read, run};

/// Returns a client that trusts this certificate only.
fn http(trusted: &TestCertificate) -> Client<HttpsConnector<HttpConnector>, Full<Bytes>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(trusted.der().to_vec())).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector =
        HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_all_versions();
    Client::builder(TokioExecutor::new()).build(connector.build())
}

#[test]
fn tower_hyper_rustls_negotiates_the_version_of_http() {
    let certificate = TestCertificate::for_loopback();
    for version in [Version::HTTP_11, Version::HTTP_2] {
        run(async {
            let server = ScriptedServer::builder().tls(&certificate);
            let server = if version == Version::HTTP_2 { server.http2() } else { server };
            let server = server.start([Reply::messages(["1"])]).await;
            let client = SseClient::new(TowerTransport::new(http(&certificate)), SseConfig::new());
            let mut session = client.sse_session(server.url("/")).await.unwrap();
            assert_eq!(session.call().response().version(), version);
            assert_eq!(read(&mut session).await.0, ["1"]);
        });
    }
}

#[test]
fn tower_hyper_rustls_error_of_a_certificate_that_is_not_trusted_is_tls() {
    run(async {
        let server = ScriptedServer::builder().tls(&TestCertificate::for_loopback());
        let server = server.start([Reply::messages(["1"])]).await;
        let other = TestCertificate::for_loopback();
        let client = SseClient::new(TowerTransport::new(http(&other)), SseConfig::new());
        let error = client.sse_session(server.url("/")).await.unwrap_err();
        assert!(error.is_connect() && error.is_tls() && !error.is_retryable(), "{error:?}");
        assert!(!error.is_reset() && !error.is_truncated(), "{error:?}");
    });
}

#[test]
fn tower_hyper_rustls_error_of_a_server_without_tls_is_tls() {
    run(async {
        let server = ScriptedServer::start([]).await;
        let certificate = TestCertificate::for_loopback();
        let client = SseClient::new(TowerTransport::new(http(&certificate)), SseConfig::new());
        let url = server.url("/").replace("http:", "https:");
        let error = client.sse_session(url).await.unwrap_err();
        assert!(error.is_connect() && error.is_tls() && !error.is_retryable(), "{error:?}");
    });
}
