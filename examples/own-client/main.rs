//! Sessions in a library whose HTTP client is a trait object, such as the SDK of a service.
//!
//! The library has its own trait for HTTP clients, and the program chooses the client. A closure
//! around the trait object is the transport; the client here is reqwest's, without sse-reqwest.

use std::{error::Error, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{
    FutureExt, Stream, StreamExt, TryStreamExt, future::BoxFuture, stream::BoxStream,
};
use http::{Request, Response};
use http_body_util::BodyDataStream;
use sse_examples::demo_server;
use sse_session::{BoxError, ServerSentEvent, SseClient, SseConfig, SseError, StreamBody};

/// HTTP client of the library. Other methods of it are omitted.
trait HttpClient: Send + Sync {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, Answer>;
}

type Answer = Result<Response<BoxStream<'static, Result<Bytes, BoxError>>>, BoxError>;

/// Client of the service: the library's only public type.
struct Shop {
    url: String,
    events: SseClient,
}

impl Shop {
    fn new(url: String, http: Arc<dyn HttpClient>) -> Self {
        let send = move |request| {
            let response = http.send(request);
            async move { response.await.map(|it| it.map(StreamBody::new)) }
        };
        let config = SseConfig::new()
            .max_reconnection_attempts(3)
            .head_timeout(Duration::from_secs(30))
            .idle_timeout(Duration::from_secs(60));
        Self { url, events: SseClient::new(send, config) }
    }

    /// Returns all events of the shop, over as many connections as they need.
    fn events(&self) -> impl Stream<Item = Result<ServerSentEvent, SseError>> + use<> {
        self.events.sse_session(&*self.url).into_stream()
    }
}

/// HTTP client that the program has chosen.
struct Reqwest(reqwest::Client);

impl HttpClient for Reqwest {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'static, Answer> {
        let http = self.0.clone();
        let send = async move {
            let response = Response::from(http.execute(request.try_into()?).await?);
            Ok(response.map(|body| BodyDataStream::new(body).map_err(Into::into).boxed()))
        };
        send.boxed()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = format!("http://{}/events", demo_server::start().await?);
    // The options of `for_event_streams()` of sse-reqwest: with the defaults, h2 ends all streams
    // of a connection if too many small events of one wait to be read.
    let http = reqwest::Client::builder()
        .http2_initial_stream_window_size(64 * 1024)
        .http2_initial_connection_window_size(1024 * 1024 * 1024)
        .build()?;
    let shop = Shop::new(url, Arc::new(Reqwest(http)));
    let mut events = shop.events();
    while let Some(event) = events.next().await {
        let event = event?;
        println!("{}: {}", event.event_type(), event.data());
    }
    Ok(())
}
