//! Connectors other than those of this crate: proxies and Unix sockets; and the addresses that
//! connections report.

use std::net::SocketAddr;

use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use sse_direct::{DirectTransport, SseClient, SseConfig, tcp_connector};
use sse_test::{Reply, ScriptedServer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::support::{read, run};

#[test]
fn addresses_are_those_of_the_socket() {
    run(async {
        let server = ScriptedServer::start([Reply::messages(["1"])]).await;
        let client = SseClient::new(DirectTransport::tcp(), SseConfig::new());
        let session = client.sse_session(server.url("/")).await.unwrap();
        let response = session.call().response();
        let remote = response.remote_addr().unwrap();
        assert_eq!(server.url("/"), format!("http://{remote}/"));
        let local = response.local_addr().unwrap();
        assert!(local.ip().is_loopback() && local != remote, "{local}");
    });
}

#[cfg(unix)]
#[test]
fn unix_socket_connector_carries_a_session_and_has_no_addresses() {
    use hyper_util::rt::TokioIo;
    use tokio::net::{UnixListener, UnixStream};

    run(async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("feed.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let serving = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let head = read_head(&mut socket).await;
            let reply = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n";
            socket.write_all(reply.as_bytes()).await.unwrap();
            head
        });
        let connector = tower::service_fn(move |_: http::Uri| {
            let path = path.clone();
            async move { UnixStream::connect(path).await.map(TokioIo::new) }
        });
        let transport = DirectTransport::new(connector).with_connection_info();
        let client = SseClient::new(transport, SseConfig::new());
        let mut session = client.sse_session("http://feed/events").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1"]);
        assert_eq!(session.call().response().remote_addr(), None);
        let head = serving.await.unwrap();
        assert!(head.starts_with("GET /events HTTP/1.1\r\nhost: feed\r\n"), "{head}");
    });
}

#[test]
fn tunnel_connector_connects_by_a_proxy_whose_address_is_the_remote_one() {
    run(async {
        let replies = [Reply::events("id: 1\ndata: 1\n\n").cut(), Reply::messages(["2"])];
        let server = ScriptedServer::start(replies).await;
        let (address, serving) = tunnel_proxy(&server, 2).await;
        let tunnel = Tunnel::new(format!("http://{address}").parse().unwrap(), tcp_connector());
        let config = SseConfig::new().max_reconnection_attempts(1);
        let config = config.clock(sse_test::TestClock::skipping());
        let client = SseClient::new(DirectTransport::new(tunnel), config);
        let mut session = client.sse_session(server.url("/feed")).await.unwrap();
        assert_eq!(session.call().response().remote_addr(), Some(address));
        for data in ["1", "2"] {
            assert_eq!(session.next().await.unwrap().unwrap().data(), data);
        }
        drop(session);
        assert_eq!(server.requests()[0].target, "/feed");
        assert_eq!(server.last_event_ids(), [None, Some("1".to_owned())]);
        serving.await.unwrap();
    });
}

#[test]
fn tunnel_connector_that_the_proxy_rejects_is_a_connect_error() {
    run(async {
        let refusal = Reply::status(407).header("proxy-authenticate", "Basic");
        let proxy = ScriptedServer::start([refusal]).await;
        let tunnel = Tunnel::new(proxy.url("").parse().unwrap(), tcp_connector());
        let client = SseClient::new(DirectTransport::new(tunnel), SseConfig::new());
        let error = client.sse_session("http://host.invalid:80/").await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
    });
}

#[test]
fn socks_connector_connects_by_a_proxy() {
    run(async {
        let server = ScriptedServer::start([Reply::messages(["1"])]).await;
        let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = proxy.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (mut client, _) = proxy.accept().await.unwrap();
            // Version 5, and one method: without authentication.
            let mut greeting = [0; 3];
            client.read_exact(&mut greeting).await.unwrap();
            assert_eq!(greeting, [5, 1, 0]);
            client.write_all(&[5, 0]).await.unwrap();
            // Connect to an address of IP version 4.
            let mut request = [0; 10];
            client.read_exact(&mut request).await.unwrap();
            assert_eq!(request[..8], [5, 1, 0, 1, 127, 0, 0, 1]);
            client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
            let port = u16::from_be_bytes([request[8], request[9]]);
            forward(client, &format!("127.0.0.1:{port}")).await;
        });
        let socks = SocksV5::new(format!("http://{address}").parse().unwrap(), tcp_connector());
        let client = SseClient::new(DirectTransport::new(socks), SseConfig::new());
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1"]);
        drop(session);
        serving.await.unwrap();
    });
}

/// Starts a proxy that connects to this server only, `count` times. Returns its address.
pub(crate) async fn tunnel_proxy(
    server: &ScriptedServer,
    count: usize,
) -> (SocketAddr, JoinHandle<()>) {
    let target = server.url("").parse::<http::Uri>().unwrap().authority().unwrap().to_string();
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = proxy.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        for _ in 0..count {
            let (mut client, _) = proxy.accept().await.unwrap();
            let head = read_head(&mut client).await;
            assert!(head.starts_with(&format!("CONNECT {target} HTTP/1.1\r\n")), "{head}");
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            forward(client, &target).await;
        }
    });
    (address, serving)
}

/// Forwards a connection to its target until either side ends it.
async fn forward(mut client: TcpStream, target: &str) {
    let mut server = TcpStream::connect(target).await.unwrap();
    // A cut is an error here, and the end of the connection at the client.
    let _ = copy_bidirectional(&mut client, &mut server).await;
}

/// Reads the head of a request, byte by byte, so that nothing after it is lost.
async fn read_head(socket: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}
