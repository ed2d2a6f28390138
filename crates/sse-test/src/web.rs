//! A well-behaved HTTP server on loopback, for comparison with scripted ones.
//!
//! Responsible for serving a function from requests to responses with hyper, and for recording the
//! requests. It cannot be made to fail.

use std::{error::Error, future::poll_fn, net::SocketAddr, pin::pin, sync::Arc, time::Instant};

use http_body::Body;
use hyper::{Request, Response, Version, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

use crate::{
    loopback::listen,
    record::{Log, TimeSource},
    seen::{HttpVersion, SeenRequest},
};

/// Well-behaved HTTP server on loopback (feature `hyper`).
///
/// Speaks HTTP/1.1 or HTTP/2, whichever the client starts with. A function makes the response to
/// each request, once the whole request has arrived: any `http::Response` with any body, such as
/// axum's, or an `EventBody` of sse-core. The server records the requests. Dropping it closes the
/// port and all connections.
///
/// ```
/// use hyper::Response;
/// use sse_test::WebServer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), reqwest::Error> {
/// let server = WebServer::start(|seen| Response::new(format!("data: {}\n\n", seen.target))).await;
/// # let client = reqwest::Client::builder().no_proxy().build()?;
/// let answer = client.get(server.url("/prices")).send().await?.text().await?;
/// assert_eq!(answer, "data: /prices\n\n");
/// assert_eq!(server.request().method, "GET");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct WebServer {
    address: SocketAddr,
    log: Arc<Log>,
    accepting: AbortHandle,
}

impl WebServer {
    /// Starts a server with this function.
    ///
    /// # Panics
    ///
    /// Panics if it cannot listen on loopback.
    pub async fn start<F, B>(answer: F) -> Self
    where
        F: Fn(&SeenRequest) -> Response<B> + Send + Sync + 'static,
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let (listener, address) = listen();
        let log = Arc::new(Log::new(TimeSource::Since(Instant::now())));
        let accepting = tokio::spawn(accept(listener, log.clone(), Arc::new(answer)));
        Self { address, log, accepting: accepting.abort_handle() }
    }

    /// Returns the address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the URL of a path, which starts with a slash and may have a query.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns all requests so far.
    pub fn requests(&self) -> Vec<SeenRequest> {
        self.log.read(|record| record.requests.clone())
    }

    /// Returns the only request so far.
    ///
    /// # Panics
    ///
    /// Panics unless there is exactly one.
    #[track_caller]
    pub fn request(&self) -> SeenRequest {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "one request");
        requests.remove(0)
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept<F, B>(listener: TcpListener, log: Arc<Log>, answer: Arc<F>)
where
    F: Fn(&SeenRequest) -> Response<B> + Send + Sync + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    // The connections end with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((tcp, _)) = accepted {
                connections.spawn(serve(tcp, log.clone(), answer.clone()));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve<F, B>(tcp: TcpStream, log: Arc<Log>, answer: Arc<F>)
where
    F: Fn(&SeenRequest) -> Response<B> + Send + Sync + 'static,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let connection = log.connected();
    let service = service_fn(|request| {
        let (log, answer) = (log.clone(), answer.clone());
        async move {
            let seen = read(request, connection, &log).await?;
            let response = answer(&seen);
            log.requested(seen);
            Ok::<_, hyper::Error>(response)
        }
    });
    // The end of a connection is left to the client.
    let _ =
        auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(tcp), service).await;
}

async fn read(
    request: Request<Incoming>,
    connection: usize,
    log: &Log,
) -> Result<SeenRequest, hyper::Error> {
    let (head, body) = request.into_parts();
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        bytes.extend(frame?.into_data().unwrap_or_default());
    }
    let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
        (name.to_string(), value.as_bytes().to_vec())
    };
    Ok(SeenRequest {
        time: log.now(),
        connection,
        version: match head.version {
            Version::HTTP_2 => HttpVersion::Http2,
            _ => HttpVersion::Http1,
        },
        method: head.method.to_string(),
        target: head.uri.path_and_query().map_or("*", |target| target.as_str()).to_owned(),
        headers: head.headers.iter().map(header).collect(),
        body: bytes,
    })
}
