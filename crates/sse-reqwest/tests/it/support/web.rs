//! A function from requests to responses in, a well-behaved HTTP server on loopback out.
//!
//! Keeps the requests for the test to look at. What it answers is the test's.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use tokio::net::TcpListener;

use super::{Seen, seen::Log};

/// A server that answers as the test says. It ends with the test's runtime.
#[derive(Debug)]
pub(crate) struct WebServer {
    address: SocketAddr,
    log: Log,
}

impl WebServer {
    pub(crate) async fn start<F>(answer: F) -> Self
    where
        F: Fn(&Seen) -> Response + Clone + Send + Sync + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Log::new();
        let seen_log = log.clone();
        let app = Router::new().fallback(move |request: Request| async move {
            let seen = read(request).await;
            seen_log.write(|record| record.requests.push(seen.clone()));
            answer(&seen)
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, log }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of a path, which may have a query.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.log.record().requests
    }

    /// The only request so far.
    #[track_caller]
    pub(crate) fn request(&self) -> Seen {
        let [request] = <[Seen; 1]>::try_from(self.requests()).expect("one request");
        request
    }
}

async fn read(request: Request) -> Seen {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter();
    Seen {
        method: head.method.to_string(),
        target: head.uri.to_string(),
        headers: headers.map(|(name, value)| (name.to_string(), value.as_bytes().into())).collect(),
        body: axum::body::to_bytes(body, usize::MAX).await.unwrap().into(),
    }
}

/// An event stream of these pieces, chunked.
pub(crate) fn event_stream(pieces: impl IntoIterator<Item = String>) -> Response {
    let pieces: Vec<_> = pieces.into_iter().map(Ok::<_, Infallible>).collect();
    let body = Body::from_stream(stream::iter(pieces));
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

/// A text that is no event stream.
pub(crate) fn text(status: u16, text: &'static str) -> Response {
    (StatusCode::from_u16(status).unwrap(), text).into_response()
}
