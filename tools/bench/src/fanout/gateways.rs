//! Gateways in Rust: each reads one event stream and serves any number of them.

use std::{
    convert::Infallible,
    io::{self, Read, Write},
    net::{TcpListener as StdListener, TcpStream as StdStream},
    process,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use axum::{
    Router,
    response::sse::{Event, Sse},
    routing::get,
    serve::ListenerExt as _,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hyper::{Response, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use reqwest_eventsource::{Event as Received, EventSource};
use sse_core::EventBody;
use sse_direct::{DirectTransport, SseClient, SseConfig};
use sse_fanout::Broadcaster;
use tokio::{net::TcpListener, sync::broadcast};

use crate::sessions::{BoxError, Runtime};

/// Follows the upstream and serves, until standard input ends.
pub fn run(name: &str, upstream: &str) -> Result<(), BoxError> {
    thread::spawn(|| {
        // Nothing is ever sent there: this waits for the end.
        let _ = io::stdin().read(&mut [0]);
        process::exit(0);
    });
    rlimit::increase_nofile_limit(u64::MAX)?;
    let upstream = upstream.to_owned();
    match name {
        "ours-current" => Runtime::CurrentSpawn.run(ours(upstream))?,
        "ours-multi" => Runtime::Spawn.run(ours(upstream))?,
        "axum-current" => Runtime::CurrentSpawn.run(axum(upstream))?,
        "axum-multi" => Runtime::Spawn.run(axum(upstream))?,
        "limit" => limit(&upstream),
        _ => Err("no such gateway".into()),
    }
}

async fn ours(upstream: String) -> Result<(), BoxError> {
    let broadcaster = Broadcaster::new();
    let listener = listen().await?;
    let subscriptions = broadcaster.clone();
    tokio::spawn(async move {
        let client = SseClient::new(DirectTransport::tcp(), SseConfig::new());
        let mut bursts = client.sse_session(upstream).await?.ready_chunks(1024);
        while let Some(burst) = bursts.next().await {
            broadcaster.send_all(burst.into_iter().collect::<Result<Vec<_>, _>>()?);
        }
        Ok::<(), BoxError>(())
    });
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        let subscriptions = subscriptions.clone();
        let service = service_fn(move |_| {
            let body = EventBody::new(subscriptions.subscribe());
            let response = Response::builder()
                .header("content-type", "text/event-stream")
                .header("cache-control", "no-store")
                .body(body);
            std::future::ready(response)
        });
        // Copying an event costs less than passing its parts to the system one by one.
        tokio::spawn(
            http1::Builder::new().writev(false).serve_connection(TokioIo::new(socket), service),
        );
    }
}

async fn axum(upstream: String) -> Result<(), BoxError> {
    let (sender, _) = broadcast::channel::<Event>(1024);
    let listener = listen().await?;
    let events = sender.clone();
    tokio::spawn(async move {
        let client = reqwest_older::Client::builder().no_proxy().build()?;
        let mut source = EventSource::new(client.get(upstream))?;
        while let Some(received) = source.try_next().await? {
            if let Received::Message(message) = received {
                // Encoded once: a clone is a copy of its bytes.
                let _ = events.send(Event::default().id(message.id).data(message.data));
            }
        }
        Ok::<(), BoxError>(())
    });
    let router = Router::new().route(
        "/",
        get(move || {
            let receiver = sender.subscribe();
            std::future::ready(Sse::new(stream::unfold(receiver, async |mut receiver| {
                let event = receiver.recv().await.ok()?;
                Some((Ok::<_, Infallible>(event), receiver))
            })))
        }),
    );
    let listener = listener.tap_io(|socket| {
        let _ = socket.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

async fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    say(&format!("http://{}", listener.local_addr()?))?;
    Ok(listener)
}

fn say(origin: &str) -> io::Result<()> {
    println!("{origin}");
    io::stdout().flush()
}

/// Limit: the bytes that were read are written to one blocking socket after the other,
/// unchanged. The upstream's chunked coding is that of the responses.
fn limit(upstream: &str) -> Result<(), BoxError> {
    let listener = StdListener::bind(("127.0.0.1", 0))?;
    say(&format!("http://{}", listener.local_addr()?))?;
    let sockets = Arc::new(Mutex::new(Vec::new()));
    let accepted = sockets.clone();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket?;
            socket.set_nodelay(true)?;
            let _ = socket.read(&mut [0; 1024])?;
            socket.write_all(HEAD)?;
            accepted.lock().unwrap_or_else(PoisonError::into_inner).push(socket);
        }
        Ok::<(), io::Error>(())
    });
    let address = upstream.trim_start_matches("http://").trim_end_matches('/');
    let mut source = StdStream::connect(address)?;
    source.write_all(b"GET / HTTP/1.1\r\nhost: upstream\r\n\r\n")?;
    let mut buffer = vec![0; 64 * 1024];
    // The head, which is sent separately.
    let _ = source.read(&mut buffer)?;
    loop {
        let len = source.read(&mut buffer)?;
        if len == 0 {
            return Ok(());
        }
        for socket in sockets.lock().unwrap_or_else(PoisonError::into_inner).iter_mut() {
            socket.write_all(&buffer[..len])?;
        }
    }
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
    cache-control: no-store\r\ntransfer-encoding: chunked\r\n\r\n";
