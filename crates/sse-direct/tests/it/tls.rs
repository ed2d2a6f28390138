//! Sessions over TLS, by rustls.

use std::sync::Arc;

use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::CertificateDer};
use sse_direct::{DirectTransport, tcp_connector};
use sse_session::{BodyEnd, SseClient, SseConfig};
use sse_test::{Reply, ScriptedServer, TestCertificate};

use crate::{
    connector::tunnel_proxy,
    support::{read, run},
};

fn config(trusted: &TestCertificate) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(trusted.der().to_vec())).unwrap();
    ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn client(trusted: &TestCertificate) -> SseClient {
    SseClient::new(DirectTransport::tls_with(config(trusted)), SseConfig::new())
}

#[test]
fn a_session_over_tls_reads_events_and_knows_its_end() {
    run(async {
        let certificate = TestCertificate::for_loopback();
        let events = Reply::events("data: 1\n\n").send("data: 2\n\n");
        let server = ScriptedServer::builder().tls(&certificate).start([events]).await;
        assert!(server.url("/").starts_with("https://"));
        let mut session = client(&certificate).sse_session(server.url("/")).await.unwrap();
        let remote = session.call().response().remote_addr().unwrap();
        assert_eq!(server.url("/"), format!("https://{remote}/"));
        assert_eq!(read(&mut session).await.0, ["1", "2"]);
        assert_eq!(session.end_evidence().unwrap().body_end(), BodyEnd::LastChunk);
    });
}

#[test]
fn a_close_without_close_notify_truncates_a_body_that_ends_with_its_connection() {
    run(async {
        let certificate = TestCertificate::for_loopback();
        let cut = Reply::events("").until_close().send("data: 1\n\n").pause().cut();
        let server = ScriptedServer::builder().tls(&certificate).start([cut]).await;
        let mut session = client(&certificate).sse_session(server.url("/")).await.unwrap();
        assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
        server.go_on();
        let error = session.next().await.unwrap().unwrap_err();
        assert!(error.is_truncated() || error.is_reset(), "{error:?}");
    });
}

#[test]
fn a_close_without_close_notify_truncates_a_body_unless_its_framing_has_ended() {
    let cases = [
        ("content-length: 9", "data: 1\n\n", Some(BodyEnd::LengthReached)),
        ("transfer-encoding: chunked", "9\r\ndata: 1\n\n\r\n0\r\n\r\n", Some(BodyEnd::LastChunk)),
        ("content-length: 10", "data: 1\n\n", None),
        ("transfer-encoding: chunked", "9\r\ndata: 1\n\n\r\n", None),
        ("x: y", "data: 1\n\n", None),
    ];
    for (field, body, end) in cases {
        run(async {
            let certificate = TestCertificate::for_loopback();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";
            let cut = Reply::raw(format!("{head}{field}\r\n\r\n{body}")).pause().cut();
            let server = ScriptedServer::builder().tls(&certificate).start([cut]).await;
            let mut session = client(&certificate).sse_session(server.url("/")).await.unwrap();
            assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
            server.go_on();
            let (data, error) = read(&mut session).await;
            assert!(data.is_empty());
            match end {
                Some(end) => assert_eq!(session.end_evidence().unwrap().body_end(), end),
                None => {
                    let error = error.unwrap();
                    assert!(error.is_truncated() || error.is_reset(), "{field}: {error:?}");
                }
            }
        });
    }
}

#[test]
fn an_untrusted_certificate_is_a_connect_error() {
    run(async {
        let certificate = TestCertificate::for_loopback();
        let server = ScriptedServer::builder().tls(&certificate).start([Reply::status(204)]).await;
        let other = TestCertificate::for_loopback();
        let error = client(&other).sse_session(server.url("/")).await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
    });
}

#[test]
fn tunnel_connector_under_tls_connects_by_a_proxy() {
    run(async {
        let certificate = TestCertificate::for_loopback();
        let replies = [Reply::messages(["1"])];
        let server = ScriptedServer::builder().tls(&certificate).start(replies).await;
        let (address, serving) = tunnel_proxy(&server, 1).await;
        let tunnel = Tunnel::new(format!("http://{address}").parse().unwrap(), tcp_connector());
        let builder = HttpsConnectorBuilder::new().with_tls_config(config(&certificate));
        let connector = builder.https_only().enable_http1().wrap_connector(tunnel);
        let client = SseClient::new(DirectTransport::new(connector), SseConfig::new());
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(session.call().response().remote_addr(), Some(address));
        assert_eq!(read(&mut session).await.0, ["1"]);
        drop(session);
        serving.await.unwrap();
    });
}
