//! Adapters for HTTP clients: functions, streams as bodies, and transports without a type
//! parameter.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Full};
use sse_session::{
    BodyEnd, BoxError, BoxTransport, Capabilities, SendContext, SseClient, SseConfig, SseErrorKind,
    StreamBody, Transport, TransportError, TransportErrorKind,
};

use crate::support::{Frames, Reply, Script, broken, events, read, redirect, run};

const URL: &str = "http://localhost/";

async fn send(request: Request<Bytes>) -> http::Result<Response<Full<Bytes>>> {
    assert_eq!(request.headers()["accept"], "text/event-stream");
    let response = Response::builder().header("content-type", "text/event-stream");
    response.body(Full::from("data: 1\n\n"))
}

async fn data(client: &SseClient) -> Vec<String> {
    read(&mut client.sse_session(URL).await.unwrap()).await.0
}

#[test]
fn closures_and_functions_are_transports() {
    run(async {
        let config = SseConfig::new;
        assert_eq!(data(&SseClient::new(send, config())).await, ["1"]);
        assert_eq!(
            data(&SseClient::new(async |it: Request<Bytes>| send(it).await, config())).await,
            ["1"]
        );
        assert_eq!(data(&SseClient::new(async move |it| send(it).await, config())).await, ["1"]);
        // With state of its own, and with an error of any type.
        let count = Arc::new(AtomicUsize::new(0));
        let counted = count.clone();
        let counting = move |request| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move { send(request).await.map_err(BoxError::from) }
        };
        let client = SseClient::new(counting, config());
        assert_eq!((data(&client).await, count.load(Ordering::Relaxed)), (vec!["1".to_owned()], 1));
    });
}

#[test]
fn closure_errors_keep_their_transport_error_kind() {
    run(async {
        let refuse = async |_: Request<Bytes>| -> Result<Response<Full<Bytes>>, TransportError> {
            Err(TransportError::new(TransportErrorKind::InvalidRequest, "no"))
        };
        let error = SseClient::new(refuse, SseConfig::new()).sse_session(URL).await.unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::InvalidRequest);
        let refuse = async |_: Request<Bytes>| -> io::Result<Response<Full<Bytes>>> {
            Err(io::ErrorKind::ConnectionRefused.into())
        };
        let error = SseClient::new(refuse, SseConfig::new()).sse_session(URL).await.unwrap_err();
        assert!(error.is_connect());
    });
}

#[test]
fn stream_body_yields_the_chunks_of_a_stream_and_its_error() {
    run(async {
        let send = async |_: Request<Bytes>| {
            let chunks = [Ok("data: 1\n\nda"), Ok("ta: 2\n\nda")].map(|it| it.map(Vec::from));
            let end = Err(io::Error::from(io::ErrorKind::UnexpectedEof));
            let chunks = stream::iter(chunks.into_iter().chain([end]));
            let response = Response::builder().header("content-type", "text/event-stream");
            response.body(StreamBody::new(chunks.boxed()))
        };
        let client = SseClient::new(send, SseConfig::new());
        let (data, error) = read(&mut client.sse_session(URL).await.unwrap()).await;
        assert_eq!(data, ["1", "2"]);
        assert!(error.unwrap().is_truncated());
    });
}

/// Transport whose answers are all unlike the defaults.
struct Opinionated(Script);

impl Transport for Opinionated {
    type Body = Frames;
    type Error = io::Error;

    async fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> io::Result<Response<Frames>> {
        self.0.send(request, context).await
    }

    fn error_kind(&self, _: &(dyn std::error::Error + 'static)) -> TransportErrorKind {
        TransportErrorKind::Reset
    }

    fn regular_end(&self, _: Version, _: &http::HeaderMap) -> BodyEnd {
        BodyEnd::Unknown
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new().follows_redirects(true)
    }
}

/// Transport around another one, generic over it.
struct Around<T>(T);

impl<T: Transport> Transport for Around<T> {
    type Body = T::Body;
    type Error = T::Error;

    async fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> Result<Response<T::Body>, T::Error> {
        self.0.send(request, context).await
    }

    fn error_kind(&self, error: &(dyn std::error::Error + 'static)) -> TransportErrorKind {
        self.0.error_kind(error)
    }

    fn regular_end(&self, version: Version, headers: &http::HeaderMap) -> BodyEnd {
        self.0.regular_end(version, headers)
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }
}

#[test]
fn box_transport_answers_like_the_transport_in_it() {
    fn check(client: impl Fn(BoxTransport) -> SseClient) {
        run(async {
            let script = || {
                Script::new([
                    Reply::Response(broken(events(&["data: 1\n\n"]), io::ErrorKind::Other)),
                    Reply::Response(events(&["data: 2\n\n"])),
                    redirect(307, "/elsewhere"),
                ])
            };
            let client = client(BoxTransport::new(Opinionated(script())));
            let (data, error) = read(&mut client.sse_session(URL).await.unwrap()).await;
            assert_eq!(data, ["1"]);
            assert!(error.unwrap().is_reset());
            let mut session = client.sse_session(URL).await.unwrap();
            assert_eq!(read(&mut session).await.0, ["2"]);
            assert_eq!(session.end_evidence().unwrap().body_end(), BodyEnd::Unknown);
            assert!(client.sse_session(URL).await.unwrap_err().is_status());
        });
    }
    check(|boxed| SseClient::new(boxed, SseConfig::new()));
    check(|boxed| SseClient::new(BoxTransport::new(boxed), SseConfig::new()));
    check(|boxed| SseClient::new(BoxTransport::shared(Arc::new(boxed)), SseConfig::new()));
    check(|boxed| SseClient::shared(Arc::new(boxed), Arc::default()));
    check(|boxed| SseClient::new(Around(boxed), SseConfig::new()));
}

#[test]
fn box_transport_body_ends_once() {
    run(async {
        let boxed = BoxTransport::new(Script::new([Reply::Response(events(&["a", "b"]))]));
        let response =
            boxed.send(Request::new(Bytes::new()), SendContext::default()).await.unwrap();
        let mut body = response.into_body();
        let mut chunks = Vec::new();
        while let Some(frame) = body.frame().await {
            chunks.push(frame.unwrap().into_data().unwrap());
        }
        assert_eq!(chunks, ["a", "b"]);
        assert!(body.frame().await.is_none());
    });
}

#[test]
fn transport_of_a_request_can_be_a_box_transport() {
    run(async {
        let client = SseClient::new(Script::new([]), SseConfig::new());
        let request = client.request(URL).transport(Arc::new(BoxTransport::new(send)));
        assert_eq!(read(&mut request.sse_session().await.unwrap()).await.0, ["1"]);
    });
}
