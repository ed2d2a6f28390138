//! Certificates: which clients trust them.

use std::error::Error;

use reqwest::{Certificate, Client, ClientBuilder};
use sse_test::{Reply, ScriptedServer, TestCertificate};

use crate::support::run;

fn trusting(certificate: Certificate) -> ClientBuilder {
    Client::builder().no_proxy().tls_certs_only([certificate])
}

async fn text(client: ClientBuilder, server: &ScriptedServer) -> reqwest::Result<String> {
    client.build()?.get(server.url("/")).send().await?.text().await
}

/// Returns the texts of an error and its sources.
fn whole(error: &dyn Error) -> String {
    format!("{error} {}", error.source().map_or_else(String::new, whole))
}

#[test]
fn a_client_with_the_certificate_trusts_it() {
    run(async {
        let certificate = TestCertificate::for_loopback();
        let replies = vec![Reply::messages(["1"]); 2];
        let server = ScriptedServer::builder().tls(&certificate).start(replies).await;
        assert!(server.url("/").starts_with("https://127.0.0.1:"));
        let roots = [
            Certificate::from_der(certificate.der()).unwrap(),
            Certificate::from_pem(certificate.pem().as_bytes()).unwrap(),
        ];
        for root in roots {
            assert_eq!(text(trusting(root), &server).await.unwrap(), "data: 1\n\n");
        }
    });
}

#[test]
fn a_client_without_the_certificate_rejects_it_and_sends_no_request() {
    run(async {
        let certificate = TestCertificate::for_loopback();
        let server = ScriptedServer::builder().tls(&certificate).start([]).await;
        let other = TestCertificate::for_loopback();
        let other = Certificate::from_der(other.der()).unwrap();
        let error = text(trusting(other), &server).await.unwrap_err();
        assert!(whole(&error).contains("certificate"), "{}", whole(&error));
        server.closed_by_client(1).await;
        assert!(server.requests().is_empty());
    });
}

#[test]
fn a_certificate_may_be_for_another_host() {
    run(async {
        let certificate = TestCertificate::for_hosts(["elsewhere.invalid"]);
        let server = ScriptedServer::builder().tls(&certificate).start([]).await;
        let root = Certificate::from_der(certificate.der()).unwrap();
        let error = text(trusting(root), &server).await.unwrap_err();
        assert!(whole(&error).contains("not valid for name"), "{}", whole(&error));
    });
}

#[test]
fn a_cut_connection_has_no_close_notify() {
    run(async {
        let certificate = TestCertificate::for_loopback();
        let replies = [Reply::events("1").until_close(), Reply::events("1").until_close().cut()];
        let server = ScriptedServer::builder().tls(&certificate).start(replies).await;
        let root = Certificate::from_der(certificate.der()).unwrap();
        assert_eq!(text(trusting(root.clone()), &server).await.unwrap(), "1");
        assert!(text(trusting(root), &server).await.is_err());
    });
}

#[cfg(feature = "http2")]
#[test]
fn http_2_is_agreed_upon_in_the_handshake() {
    run(async {
        let certificate = TestCertificate::for_loopback();
        let reply = Reply::messages(["1"]);
        let server = ScriptedServer::builder().http2().tls(&certificate).start([reply]).await;
        let root = Certificate::from_der(certificate.der()).unwrap();
        assert_eq!(text(trusting(root), &server).await.unwrap(), "data: 1\n\n");
        assert_eq!(server.requests()[0].version, sse_test::HttpVersion::Http2);
    });
}
