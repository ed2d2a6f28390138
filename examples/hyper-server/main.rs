//! Sends values as events from a server with hyper: each is built with `build_typed`, and
//! `encode_json` writes its JSON where the server sends it from.
//!
//! A session in the same process reads them back into values of the same type, and reconnects after
//! the server has closed the connection. The response then has the events after the last one
//! received.

use std::{convert::Infallible, error::Error, io, net::SocketAddr, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Empty, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{CACHE_CONTROL, CONTENT_TYPE},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::{Deserialize, Serialize};
use sse_core::{BuildError, EventBody, ServerSentEvent, TypedServerSentEvent};
use sse_reqwest::{ClientBuilderExt, SseClient, SseConfig};
use sse_typed::{EncodeJson, EventStreamExt};
use tokio::net::TcpListener;

/// Data of an event, on both sides.
#[derive(Debug, Serialize, Deserialize)]
struct Price {
    product: String,
    cents: u32,
}

const PRICES: [(&str, u32); 4] =
    [("Teapot", 1800), ("Kettle", 4200), ("Teapot", 1650), ("Cup", 450)];

/// Number of events of a response, so that the session has to reconnect.
const EVENTS_PER_RESPONSE: usize = 2;

/// Returns an event of the shop.
fn price(number: usize) -> Result<TypedServerSentEvent<Price>, BuildError> {
    let (product, cents) = PRICES[number - 1];
    let data = Price { product: product.to_owned(), cents };
    ServerSentEvent::builder().event("price").id(number.to_string()).build_typed(data)
}

type Body = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// Responds with the events after the last one that the client has received.
async fn respond(request: Request<Incoming>) -> Result<Response<Body>, http::Error> {
    let last = request.headers().get("last-event-id").and_then(|id| id.to_str().ok());
    let seen: usize = last.and_then(|id| id.parse().ok()).unwrap_or(0);
    let response = Response::builder();
    if seen >= PRICES.len() {
        // The client does not reconnect.
        let body = Empty::new().map_err(|never: Infallible| match never {});
        return response.status(StatusCode::NO_CONTENT).body(body.boxed_unsync());
    }
    // In your server, a stream that waits for the next value, such as a channel's receiver.
    let numbers = (seen + 1..=PRICES.len()).take(EVENTS_PER_RESPONSE);
    let events = stream::iter(numbers.map(|number| Ok(price(number)?.encode_json()?)));
    // A comment every 15 s while no event is ready.
    let ticks = stream::repeat(()).then(|()| tokio::time::sleep(Duration::from_secs(15)));
    response
        .header(CONTENT_TYPE, "text/event-stream")
        .header(CACHE_CONTROL, "no-store")
        .body(EventBody::new(events).with_keep_alive(ticks).boxed_unsync())
}

/// Starts the server on a free port of loopback.
async fn start() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut server = http1::Builder::new();
                // Small events are copied together, which takes less time than a vectored write.
                server.timer(TokioTimer::new()).writev(false);
                let serving = server.serve_connection(TokioIo::new(socket), service_fn(respond));
                if let Err(error) = serving.await {
                    eprintln!("connection failed: {error}");
                }
            });
        }
    });
    Ok(address)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = format!("http://{}/prices", start().await?);

    // The bytes of the first response.
    let http = reqwest::Client::builder().for_event_streams().no_proxy().build()?;
    print!("{}", http.get(&url).send().await?.text().await?);

    let config = SseConfig::new()
        .max_reconnection_attempts(3)
        .reconnection_time(Duration::ZERO)
        .head_timeout(Duration::from_secs(30));
    let mut prices = SseClient::new(http, config).sse_session(url).await?.json::<Price>();
    while let Some(event) = prices.next().await {
        let event = event?;
        let Price { product, cents } = event.data();
        println!("{product} for {cents}, event {}", event.id().unwrap_or_default());
    }
    println!("ended: {:?}", prices.get_ref().end_reason());
    Ok(())
}
