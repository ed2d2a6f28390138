//! Services of tower as transports, in memory.

// The error kinds of these tests are those of all features.
#[cfg(all(feature = "hyper", feature = "h2"))]
mod hyper; // hyper-util's client as the transport, over sockets
#[cfg(all(feature = "hyper", feature = "h2"))]
mod tls; // hyper-util's client with the connector of hyper-rustls

use std::{
    cell::Cell,
    future::{Ready, ready},
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use sse_session::{SseClient, SseConfig, TowerTransport, TransportErrorKind};
use tower::{Service, service_fn};

use crate::support::{read, run};

const URL: &str = "http://localhost/";

fn events() -> Response<Full<Bytes>> {
    let response = Response::builder().header("content-type", "text/event-stream");
    response.body(Full::from("data: 1\n\n")).unwrap()
}

/// Service that is not `Sync`, and panics if it is called before it is ready.
#[derive(Default)]
struct Strict {
    is_ready: Cell<bool>,
    readied: Arc<AtomicUsize>,
}

impl Clone for Strict {
    /// A clone has to be readied itself.
    fn clone(&self) -> Self {
        Self { is_ready: Cell::new(false), readied: self.readied.clone() }
    }
}

impl Service<Request<Full<Bytes>>> for Strict {
    type Response = Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.readied.fetch_add(1, Ordering::Relaxed) {
            0 => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            1 => {
                self.is_ready.set(true);
                Poll::Ready(Ok(()))
            }
            _ => Poll::Ready(Err(io::ErrorKind::ConnectionRefused.into())),
        }
    }

    fn call(&mut self, _: Request<Full<Bytes>>) -> Self::Future {
        assert!(self.is_ready.take());
        ready(Ok(events()))
    }
}

#[test]
fn tower_services_are_called_on_the_clone_that_is_ready() {
    run(async {
        let client = SseClient::new(TowerTransport::new(Strict::default()), SseConfig::new());
        let mut session = client.sse_session(URL).await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1"]);
        let error = client.sse_session(URL).await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
    });
}

#[test]
fn tower_error_kind_of_a_layer_can_be_set() {
    #[derive(Debug)]
    struct Elapsed;
    impl std::fmt::Display for Elapsed {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("elapsed")
        }
    }
    impl std::error::Error for Elapsed {}

    run(async {
        let service = service_fn(async |request: Request<Full<Bytes>>| {
            if request.uri().path() == "/slow" {
                return Err(sse_session::BoxError::from(Elapsed));
            }
            Err::<Response<Full<Bytes>>, _>(io::Error::from(io::ErrorKind::ConnectionReset).into())
        });
        let transport = TowerTransport::new(service)
            .with_error_kind(|it| it.is::<Elapsed>().then_some(TransportErrorKind::Timeout));
        let client = SseClient::new(transport, SseConfig::new());
        assert!(client.sse_session("http://localhost/slow").await.unwrap_err().is_timeout());
        assert!(client.sse_session(URL).await.unwrap_err().is_reset());
    });
}

#[test]
fn tower_final_uri_declares_that_redirects_are_followed() {
    #[derive(Clone)]
    struct RequestUri(Uri);

    run(async {
        let service = service_fn(async |request: Request<Full<Bytes>>| {
            let mut response = events();
            if request.uri().path() == "/stuck" {
                *response.status_mut() = http::StatusCode::FOUND;
                response.headers_mut().insert("location", "/".parse().unwrap());
            }
            let uri = Uri::from_static("http://elsewhere/");
            response.extensions_mut().insert(RequestUri(uri));
            Ok::<_, io::Error>(response)
        });
        let transport = TowerTransport::new(service)
            .with_final_uri(|it| it.get::<RequestUri>().map(|uri| uri.0.clone()));
        let client = SseClient::new(transport, SseConfig::new());
        let session = client.sse_session(URL).await.unwrap();
        assert_eq!(session.call().response().uri(), "http://elsewhere/");
        assert!(client.sse_session("http://localhost/stuck").await.unwrap_err().is_status());
    });
}
