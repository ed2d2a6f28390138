//! Event streams through proxies, which reqwest connects to.
//!
//! One proxy is the scripted server, which responds in the place of any host. The other one is a
//! tunnel to an address that the test sets.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use sse_reqwest::{
    SseClient, SseConfig,
    reqwest::{Certificate, Client, ClientBuilder, Proxy},
};
use sse_test::TestCertificate;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::support::{Reply, ScriptedServer, causes, data, reconnecting, rest_of_data, run};

fn through(proxy: Proxy, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
    change(Client::builder().proxy(proxy)).build().unwrap()
}

/// Forwards nothing: no test leaves loopback, and the target of a proxy is not visible.
#[test]
fn a_proxy_is_asked_for_every_connection_of_a_session() {
    run(async {
        let proxy = ScriptedServer::start([
            Reply::events("id: 1\ndata: 1\n\n").cut(),
            Reply::status(502),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ])
        .await;
        let way = Proxy::http(proxy.url("/")).unwrap().basic_auth("user", "hunter2");
        let client = SseClient::new(through(way, |client| client), reconnecting(2));
        let mut session = client.sse_session("http://host.invalid/events?q").await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        for seen in proxy.requests() {
            assert_eq!(seen.target, "http://host.invalid/events?q");
            assert_eq!(seen.value("host"), Some("host.invalid"));
            assert_eq!(seen.value("proxy-authorization"), Some("Basic dXNlcjpodW50ZXIy"));
        }
        let one = Some("1".to_owned());
        assert_eq!(proxy.last_event_ids(), [None, one.clone(), one.clone(), one]);
    });
}

#[test]
fn a_proxy_that_refuses_is_a_status_like_any_other() {
    run(async {
        let refusal = Reply::status(407).header("proxy-authenticate", "Basic").send("not you");
        let proxy = ScriptedServer::start([refusal]).await;
        let client = through(Proxy::http(proxy.url("/")).unwrap(), |client| client);
        let client = SseClient::new(client, reconnecting(9));
        let error = client.sse_session("http://host.invalid/").await.unwrap_err();
        assert_eq!(error.status().unwrap(), 407);
        assert_eq!(error.headers().unwrap()["proxy-authenticate"], "Basic");
        assert_eq!(error.body_text().unwrap(), "not you");
        assert_eq!(proxy.requests().len(), 1);
    });
}

/// Proxy that makes tunnels to loopback, whatever host is requested.
struct Tunnels {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    /// The tunnels end with the test.
    _serving: JoinSet<()>,
}

impl Tunnels {
    async fn start(to: SocketAddr, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let mut serving = JoinSet::new();
        let log = asked.clone();
        serving.spawn(async move {
            let mut tunnels = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                // The end of a tunnel is left to its two sides.
                tunnels.spawn(tunnel(client, to, answer, log.clone()));
            }
        });
        Self { address, asked, _serving: serving }
    }

    fn proxy(&self) -> Proxy {
        Proxy::https(format!("http://user:hunter2@{}", self.address)).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn tunnel(
    client: TcpStream,
    to: SocketAddr,
    answer: &'static str,
    log: Arc<Mutex<Vec<String>>>,
) -> io::Result<()> {
    let mut client = BufReader::new(client);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        client.read_line(&mut line).await?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    log.lock().unwrap().push(lines.join("\n"));
    client.write_all(answer.as_bytes()).await?;
    if answer.contains(" 200 ") {
        let mut server = TcpStream::connect(to).await?;
        copy_bidirectional(&mut client, &mut server).await?;
    }
    Ok(())
}

const TUNNEL: &str = "HTTP/1.1 200 OK\r\n\r\n";

/// Returns a client that trusts the certificate of a host, and connects to it through the proxy.
fn trusting(certificate: &TestCertificate, proxy: Proxy) -> Client {
    let root = Certificate::from_der(certificate.der()).unwrap();
    through(proxy, |client| client.tls_certs_only([root]))
}

#[test]
fn a_tunnel_is_made_for_every_connection_and_shows_the_proxy_nothing() {
    run(async {
        let certificate = TestCertificate::for_hosts(["host.invalid"]);
        let server = ScriptedServer::builder()
            .tls(&certificate)
            .start([
                Reply::events("id: 1\ndata: 1\n\n").cut(),
                Reply::events("data: 2\n\n"),
                Reply::status(204),
            ])
            .await;
        let tunnels = Tunnels::start(server.address(), TUNNEL).await;
        let client = trusting(&certificate, tunnels.proxy());
        let client = SseClient::new(client, reconnecting(1));
        let request = client.http_client().get("https://host.invalid/events").bearer_auth("token");
        let mut session = client.sse_session(request).await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        assert_eq!(server.last_event_ids()[1].as_deref(), Some("1"));
        assert_eq!(tunnels.asked().len(), 3);
        for asked in tunnels.asked() {
            assert!(asked.starts_with("CONNECT host.invalid:443 HTTP/1.1\n"), "{asked}");
            assert!(
                asked.contains("Basic dXNlcjpodW50ZXIy") && !asked.contains("token"),
                "{asked}"
            );
        }
        for seen in server.requests() {
            assert_eq!(seen.target, "/events");
            assert_eq!(seen.value("authorization"), Some("Bearer token"));
            assert_eq!(seen.value("proxy-authorization"), None);
        }
    });
}

#[test]
fn a_tunnel_that_breaks_is_a_disconnect() {
    run(async {
        let certificate = TestCertificate::for_hosts(["host.invalid"]);
        let events = Reply::events("data: 1\n\n").hang();
        let server = ScriptedServer::builder().tls(&certificate).start([events]).await;
        let tunnels = Tunnels::start(server.address(), TUNNEL).await;
        let client = trusting(&certificate, tunnels.proxy());
        let client = SseClient::new(client, SseConfig::new());
        let mut session = client.sse_session("https://host.invalid/").await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        drop(tunnels);
        let error = crate::support::failure(&mut session).await;
        assert!(error.is_transport() && error.is_retryable(), "{error:?}");
    });
}

#[test]
fn a_tunnel_that_is_refused_is_a_failure_to_connect_and_shows_no_credentials() {
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\n\r\n",
        "",
    ] {
        run(async {
            let certificate = TestCertificate::for_hosts(["host.invalid"]);
            let server = ScriptedServer::start([]).await;
            let tunnels = Tunnels::start(server.address(), answer).await;
            let client = trusting(&certificate, tunnels.proxy());
            let client = SseClient::new(client, SseConfig::new());
            let error = client.sse_session("https://host.invalid/").await.unwrap_err();
            assert!(error.is_connect() && error.is_transport(), "{error:?}");
            let shown = format!("{error} {error:?} {error:#?} {:?}", causes(&error));
            assert!(!shown.contains("hunter2") && !shown.contains("dXNlcjpodW50ZXIy"), "{shown}");
        });
    }
}
