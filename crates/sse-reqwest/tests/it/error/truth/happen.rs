//! Everything that can happen to a connection, each as a function that makes it happen.

use std::{net::SocketAddr, pin::Pin, sync::LazyLock, time::Duration};

use bytes::Bytes;
use sse_reqwest::{
    SseClient, SseConfig, SseError,
    reqwest::{Certificate, ClientBuilder, Proxy},
};
use sse_test::{Http2Error, TestCertificate};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::Over;
use crate::support::{Reply, ScriptedServer, TestClock, builder};

/// Result of a session: its error, or that it was accepted; `None` if this cannot happen.
pub(super) type Happened = Option<Result<(), SseError>>;
pub(super) type Happens = fn(Over) -> Pin<Box<dyn Future<Output = Happened>>>;

/// Creates such a function from an asynchronous block.
macro_rules! happens {
    ($(#[$only:ident])? $name:ident($over:ident) $block:block) => {
        pub(super) fn $name($over: Over) -> Pin<Box<dyn Future<Output = Happened>>> {
            Box::pin(async move {
                $(if !$only($over) {
                    return None;
                })?
                Some($block)
            })
        }
    };
}

fn http1(over: Over) -> bool {
    over != Over::Http2
}

fn http2(over: Over) -> bool {
    over == Over::Http2
}

fn tls(over: Over) -> bool {
    over == Over::Tls
}

static CERTIFICATE: LazyLock<TestCertificate> = LazyLock::new(TestCertificate::for_loopback);

/// Returns the builder of a client that speaks this protocol, and trusts the certificate.
fn client(over: Over) -> ClientBuilder {
    match over {
        Over::Http1 => builder(),
        Over::Http2 => builder().http2_prior_knowledge(),
        Over::Tls => {
            let root = Certificate::from_der(CERTIFICATE.der()).unwrap();
            builder().tls_certs_only([root])
        }
    }
}

async fn server(over: Over, replies: impl IntoIterator<Item = Reply>) -> ScriptedServer {
    let builder = ScriptedServer::builder();
    let builder = match over {
        Over::Http1 => builder,
        Over::Http2 => builder.http2(),
        Over::Tls => builder.tls(&CERTIFICATE),
    };
    builder.start(replies).await
}

fn sse(http: ClientBuilder, config: SseConfig) -> SseClient {
    SseClient::new(http.build().unwrap(), config)
}

/// Reads a session to its end.
async fn read(client: SseClient, url: String) -> Result<(), SseError> {
    // A regular end is an error as well.
    let mut session = client.sse_session(url).await?;
    while let Some(event) = session.next().await {
        event?;
    }
    Ok(())
}

/// Returns the error of a session whose server replies like this.
async fn replied(over: Over, reply: Reply) -> Result<(), SseError> {
    let server = server(over, [reply]).await;
    read(sse(client(over), SseConfig::new()), server.url("/")).await
}

/// Like [`replied`], but the end comes after the first event was read. A regular end is an error.
async fn ended(over: Over, end: impl FnOnce(Reply) -> Reply) -> Result<(), SseError> {
    let server = server(over, [end(Reply::messages(["1"]).pause())]).await;
    let client = sse(client(over), SseConfig::new().stop_after(|_| false).expect_terminal(true));
    let mut session = client.sse_session(server.url("/")).await?;
    assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
    server.go_on();
    session.next().await.unwrap().map(|event| panic!("{event:?}"))
}

/// Accepts connections to loopback, reads only the start of each, and responds with these bytes.
async fn raw(response: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(answer(socket, response));
        }
    });
    address
}

async fn answer(mut socket: TcpStream, response: &[u8]) {
    let _ = socket.read(&mut [0; 4096]).await;
    let _ = socket.write_all(response).await;
    let _ = socket.shutdown().await;
    // Unread bytes would reset the connection when it is dropped.
    while socket.read(&mut [0; 4096]).await.is_ok_and(|len| len > 0) {}
}

fn url(over: Over, address: SocketAddr) -> String {
    format!("{}://{address}/", if tls(over) { "https" } else { "http" })
}

happens!(refused(over) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    read(sse(client(over), SseConfig::new()), url(over, socket.local_addr().unwrap())).await
});

happens!(#[tls] proxy_unauthorized(over) {
    let proxy = raw(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await;
    let http = client(over).proxy(Proxy::https(format!("http://{proxy}")).unwrap());
    read(sse(http, SseConfig::new()), "https://host.invalid/".to_owned()).await
});

happens!(#[tls] untrusted(over) {
    let server = server(over, [Reply::messages(["1"])]).await;
    let other = TestCertificate::for_loopback();
    let root = Certificate::from_der(other.der()).unwrap();
    let http = builder().tls_certs_only([root]);
    read(sse(http, SseConfig::new()), server.url("/")).await
});

happens!(#[tls] plain_port(over) {
    let address = raw(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
    read(sse(client(over), SseConfig::new()), url(over, address)).await
});

happens!(#[tls] handshake_closed(over) {
    let address = raw(b"").await;
    read(sse(client(over), SseConfig::new()), url(over, address)).await
});

/// Returns the error of a session whose request ends like this, once the server has read
/// everything. The session repeats its first request once.
async fn before_head(over: Over, end: fn(Reply) -> Reply) -> Result<(), SseError> {
    let replies = [(); 2].map(|()| end(Reply::nothing().pause()));
    let server = server(over, replies).await;
    let client = sse(client(over), SseConfig::new());
    let end = async {
        for count in 1..=2 {
            server.requested(count).await;
            // A connection that is closed before all is read is reset.
            let_others_run().await;
            server.go_on();
        }
    };
    tokio::join!(read(client, server.url("/")), end).0
}

async fn let_others_run() {
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}

happens!(closed_before_head(over) { before_head(over, |it| it.cut()).await });

happens!(reset_before_head(over) { before_head(over, |it| it.reset()).await });

happens!(#[http2] stream_reset_before_head(over) {
    before_head(over, |it| it.reset_stream(Http2Error::InternalError)).await
});

happens!(#[http2] go_away_before_head(over) {
    before_head(over, |it| it.go_away_with(Http2Error::InternalError)).await
});

const TEN: Duration = Duration::from_secs(10);

/// Returns the error of a session whose head does not come.
async fn without_head(client: SseClient, clock: TestClock, url: String) -> Result<(), SseError> {
    let advance = async {
        // The request is on its way, or waits in the HTTP client.
        let_others_run().await;
        clock.advance(TEN);
    };
    tokio::join!(read(client, url), advance).0
}

happens!(no_head(over) {
    let server = server(over, [Reply::nothing().hang()]).await;
    let clock = TestClock::manual();
    let config = SseConfig::new().head_timeout(TEN).clock(clock.clone());
    without_head(sse(client(over), config), clock, server.url("/")).await
});

happens!(#[http2] no_stream(over) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let mut server = h2::server::Builder::new();
        let server = server.max_concurrent_streams(1).handshake::<_, Bytes>(socket);
        let mut connection = server.await.unwrap();
        let mut streams = Vec::new();
        while let Some(Ok((_, mut respond))) = connection.accept().await {
            let head = http::Response::builder().header("content-type", "text/event-stream");
            streams.push(respond.send_response(head.body(()).unwrap(), false).unwrap());
        }
    });
    let clock = TestClock::manual();
    let config = SseConfig::new().head_timeout(TEN).clock(clock.clone());
    let client = sse(client(over), config);
    let _first = client.sse_session(url(over, address)).await.unwrap();
    without_head(client, clock, url(over, address)).await
});

/// Time that a ping may take on a busy machine.
const PING: Duration = Duration::from_secs(1);

/// Returns the builder of a client whose pings have to be answered.
fn pinging(over: Over) -> ClientBuilder {
    client(over)
        .http2_keep_alive_interval(PING)
        .http2_keep_alive_timeout(PING)
        .http2_keep_alive_while_idle(true)
}

/// Starts an HTTP/2 server that does nothing more, pings included, once it has responded; or before
/// it responds.
async fn dead(responds: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (socket, _) = listener.accept().await.unwrap();
        let mut connection = h2::server::handshake(socket).await.unwrap();
        let (_request, mut respond) = connection.accept().await.unwrap().unwrap();
        let mut stream = None;
        if responds {
            let head = http::Response::builder().header("content-type", "text/event-stream");
            let mut body = respond.send_response(head.body(()).unwrap(), false).unwrap();
            body.send_data(Bytes::from_static(b"data: 1\n\n"), false).unwrap();
            stream = Some(body);
            // Writes both.
            let turns = async {
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                _ = connection.accept() => {}
                () = turns => {}
            }
        }
        std::future::pending::<()>().await;
        drop((connection, respond, stream));
    });
    address
}

happens!(#[http2] ping_before_head(over) {
    let address = dead(false).await;
    read(sse(pinging(over), SseConfig::new()), url(over, address)).await
});

happens!(not_http(over) {
    match over {
        Over::Http1 | Over::Http2 => {
            let address = raw(b"220 mail.example ESMTP\r\n").await;
            read(sse(client(over), SseConfig::new()), url(over, address)).await
        }
        Over::Tls => replied(over, Reply::raw("220 mail.example ESMTP\r\n").cut()).await,
    }
});

happens!(many_headers(over) {
    let headers = |reply, number| Reply::header(reply, &format!("x-{number}"), "");
    replied(over, (0..101).fold(Reply::messages(["1"]), headers)).await
});

happens!(large_headers(over) {
    replied(over, Reply::messages(["1"]).header("x", "x".repeat(32 * 1024))).await
});

happens!(closed(over) { ended(over, |reply| reply.cut()).await });

happens!(closed_in_length(over) {
    ended(over, |reply| reply.with_length_too_long_by(9).cut()).await
});

happens!(#[http2] stream_ended_in_length(over) {
    ended(over, |reply| reply.with_length_too_long_by(9)).await
});

happens!(#[http1] closed_without_length(over) {
    ended(over, |reply| reply.until_close().cut()).await
});

happens!(reset(over) { ended(over, |reply| reply.reset()).await });

happens!(#[http2] stream_reset(over) {
    ended(over, |reply| reply.reset_stream(Http2Error::InternalError)).await
});

happens!(#[http2] stream_reset_in_length(over) {
    let reset = |reply: Reply| reply.with_length_too_long_by(9).reset_stream(Http2Error::NoError);
    ended(over, reset).await
});

happens!(#[http2] stream_reset_without_error(over) {
    ended(over, |reply| reply.reset_stream(Http2Error::NoError)).await
});

happens!(#[http2] go_away(over) {
    ended(over, |reply| reply.go_away_with(Http2Error::InternalError)).await
});

const BAD_CHUNK: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\nx\r\n";

happens!(#[http1] bad_chunk(over) { replied(over, Reply::raw(BAD_CHUNK)).await });

happens!(not_coded(over) {
    // Bytes that are not valid in the coding.
    replied(over, Reply::messages(["1"]).header("content-encoding", "gzip")).await
});

happens!(silence(over) {
    let server = server(over, [Reply::messages(["1"]).hang()]).await;
    let clock = TestClock::manual();
    let config = SseConfig::new().idle_timeout(TEN).clock(clock.clone());
    let mut session = sse(client(over), config).sse_session(server.url("/")).await.unwrap();
    assert_eq!(session.next().await.unwrap().unwrap().data(), "1");
    let advance = async { clock.advance(TEN) };
    let (next, ()) = tokio::join!(biased; session.next(), advance);
    next.unwrap().map(|event| panic!("{event:?}"))
});

happens!(#[http2] ping(over) {
    let address = dead(true).await;
    read(sse(pinging(over), SseConfig::new()), url(over, address)).await
});

happens!(#[http2] unread_frames(over) {
    let start = Reply::messages(["1"]).pause_until_requested(2);
    let flood = (0..1000).fold(start, |reply, _| reply.send("data\n"));
    let server = server(over, [flood.hang(), Reply::messages(["1"]).hang()]).await;
    let http = client(over).http2_initial_connection_window_size(65_535);
    let client = sse(http, SseConfig::new());
    let _unread = client.sse_session(server.url("/")).await.unwrap();
    read(client, server.url("/")).await
});
