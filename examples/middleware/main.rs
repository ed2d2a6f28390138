//! A session whose requests go through middleware: each is numbered on its way out, and logged.
//!
//! What sends the requests of a session can be replaced. Here it is a client of reqwest-middleware
//! with a layer of our own; retries are left to the session, which knows where it stands.

use std::{
    error::Error,
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering},
};

use axum::http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Next};
use sse_examples::demo_server;
use sse_reqwest::{BoxError, SseClient, SseConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = format!("http://{}/events", demo_server::start().await?);
    let http = reqwest::Client::new();
    let layered = ClientBuilder::new(http.clone()).with(log).build();
    let config = SseConfig::new().max_reconnection_attempts(3).send_with(move |request| {
        let layered = layered.clone();
        async move { send(&layered, request).await }
    });
    let mut session = SseClient::new(http, config).sse_session(&url).await?;
    while let Some(event) = session.next().await {
        println!("{}", event?.event_type());
    }
    println!("the end: {:?}", session.end_reason());
    Ok(())
}

/// Sends a request through the middleware.
async fn send(client: &ClientWithMiddleware, request: Request) -> Result<Response, BoxError> {
    client.execute(request).await.map_err(|error| match error {
        // As it is, so that the session's error can say whether it was a timeout, a redirect, …
        reqwest_middleware::Error::Reqwest(error) => error.into(),
        reqwest_middleware::Error::Middleware(error) => error.into(),
    })
}

/// The layer: any function of this form is one.
fn log<'a>(
    mut request: Request,
    extensions: &'a mut Extensions,
    next: Next<'a>,
) -> Pin<Box<dyn Future<Output = reqwest_middleware::Result<Response>> + Send + 'a>> {
    static REQUESTS: AtomicU32 = AtomicU32::new(1);
    let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
    request.headers_mut().insert("x-request-number", number.into());
    let from = request.headers().get("last-event-id").cloned();
    Box::pin(async move {
        let response = next.run(request, extensions).await?;
        println!("request {number} from {from:?}: {}", response.status());
        Ok(response)
    })
}
