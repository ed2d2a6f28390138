//! Makes a session reconnect over a fresh HTTP/2 connection after a failure.
//!
//! Over HTTP/2, a `reqwest::Client` sends all requests to a server over one connection. It keeps
//! using that connection after a stream was reset, or after it fell silent, and its pool cannot be
//! told otherwise. This program replaces the client instead: an observer creates a new one after
//! each disconnect, and the function that sends the session's requests uses the newest.

use std::{
    error::Error,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use reqwest::Client;
use sse_reqwest::{SessionObserver, SseClient, SseConfig, SseError};
use sse_test::{Http2Error, Reply, ScriptedServer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = resetting_server().await;
    let http = Arc::new(FreshClient::new()?);
    let config = SseConfig::new()
        .max_reconnection_attempts(5)
        .reconnection_time(Duration::from_millis(100))
        .observer(http.clone());
    let client = SseClient::new(http.client(), config)
        .send_with(move |request| http.client().execute(request));
    let mut session = client.sse_session(server.url("/events")).await?;
    while let Some(event) = session.next().await {
        println!("event: {}", event?.data());
        server.go_on();
    }
    for (number, request) in (1..).zip(server.requests()) {
        println!("request {number}: connection {}", request.connection);
    }
    Ok(())
}

/// Client that is replaced after each disconnect that its connection may be the cause of.
///
/// Responses that are still being received over the old connection are not affected, and keep it
/// open until they end. Sessions that are to share a connection share one of these.
#[derive(Debug)]
struct FreshClient {
    current: RwLock<Client>,
}

impl FreshClient {
    fn new() -> reqwest::Result<Self> {
        Ok(Self { current: RwLock::new(Self::build()?) })
    }

    /// Builds a client, with all of its options. The pings detect a dead connection for all of its
    /// sessions at once, before the idle timeout of each expires.
    fn build() -> reqwest::Result<Client> {
        Client::builder()
            .no_proxy()
            .http2_prior_knowledge()
            .http2_keep_alive_interval(Duration::from_secs(20))
            .http2_keep_alive_timeout(Duration::from_secs(10))
            .build()
    }

    /// Returns the newest client.
    fn client(&self) -> Client {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl SessionObserver for FreshClient {
    fn on_disconnect(&self, cause: &SseError, _delay: Duration) {
        if !(cause.is_transport() || cause.is_timeout()) {
            return;
        }
        println!("new client: {cause}");
        // If no client can be built, the old one may still work.
        if let Ok(client) = Self::build() {
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = client;
        }
    }
}

/// Starts a server that resets its first stream in the middle.
async fn resetting_server() -> ScriptedServer {
    let reset = Reply::messages(["one"]).pause().reset_stream(Http2Error::InternalError);
    let replies = [reset, Reply::messages(["two"]), Reply::status(204)];
    ScriptedServer::builder().http2().start(replies).await
}
