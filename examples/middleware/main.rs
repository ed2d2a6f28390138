//! Sends the requests of a session through middleware, which numbers and logs each of them.
//!
//! The middleware is that of reqwest-middleware, with a layer of this program's own. Leave retries
//! to the session, which knows the last event ID, instead of adding a layer for them.

use std::{
    error::Error,
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use axum::http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Next};
use sse_examples::demo_server;
use sse_reqwest::{BoxError, ClientBuilderExt, SseClient, SseConfig};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = format!("http://{}/events", demo_server::start().await?);
    let http = reqwest::Client::builder().for_event_streams().build()?;
    let layered = ClientBuilder::new(http.clone()).with(log).build();
    let config =
        SseConfig::new().max_reconnection_attempts(3).head_timeout(Duration::from_secs(30));
    let client = SseClient::new(http, config).send_with(move |request| {
        let layered = layered.clone();
        async move { send(&layered, request).await }
    });
    let mut session = client.sse_session(&url).await?;
    while let Some(event) = session.next().await {
        println!("{}", event?.event_type());
    }
    println!("ended: {:?}", session.end_reason());
    Ok(())
}

/// Sends a request through the middleware.
async fn send(client: &ClientWithMiddleware, request: Request) -> Result<Response, BoxError> {
    client.execute(request).await.map_err(|error| match error {
        // Unwrapped, so that the session's error knows if it was a timeout, a redirect, and so on.
        reqwest_middleware::Error::Reqwest(error) => error.into(),
        reqwest_middleware::Error::Middleware(error) => error.into(),
    })
}

/// Numbers and logs a request. Any function with this signature is a layer.
fn log<'a>(
    mut request: Request,
    extensions: &'a mut Extensions,
    next: Next<'a>,
) -> Pin<Box<dyn Future<Output = reqwest_middleware::Result<Response>> + Send + 'a>> {
    static REQUESTS: AtomicU32 = AtomicU32::new(1);
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    request.headers_mut().insert("x-request-number", number.into());
    let last_event_id = request.headers().get("last-event-id").cloned();
    Box::pin(async move {
        let response = next.run(request, extensions).await?;
        println!("request {number}, Last-Event-ID {last_event_id:?}: {}", response.status());
        Ok(response)
    })
}
