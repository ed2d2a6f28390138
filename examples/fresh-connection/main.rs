//! A session whose next request goes over a fresh connection after the last one got into trouble.
//!
//! Over HTTP/2 a `reqwest::Client` has one connection to a server, for all requests, and keeps it until
//! it ends or is said to. One whose streams are reset, or on which nothing comes any more, is used
//! again; and there is no way to tell the client's pool otherwise. So the client is replaced: by an
//! observer, which is told of each disconnect, in the place where a sender takes it from.

use std::{
    error::Error,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use reqwest::Client;
use sse_reqwest::{SessionObserver, SseClient, SseConfig, SseError};
use sse_test::{Http2Error, Reply, ScriptedServer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = troubled_server().await;
    let http = Arc::new(FreshClient::new()?);
    let config = SseConfig::new()
        .max_reconnection_attempts(5)
        .reconnection_time(Duration::from_millis(100))
        .observer(http.clone());
    let config = {
        let http = http.clone();
        config.send_with(move |request| http.client().execute(request))
    };
    let mut session =
        SseClient::new(http.client(), config).sse_session(server.url("/events")).await?;
    while let Some(event) = session.next().await {
        println!("{}", event?.data());
        server.go_on();
    }
    for request in server.requests() {
        println!("asked over connection {}", request.connection);
    }
    Ok(())
}

/// The client to send with: another one after each disconnect that its connection may be to blame for.
///
/// What still runs over the old connection goes on, and takes it along when it ends. Sessions that
/// are to share a connection share one of these.
#[derive(Debug)]
struct FreshClient {
    current: RwLock<Client>,
}

impl FreshClient {
    fn new() -> reqwest::Result<Self> {
        Ok(Self { current: RwLock::new(Self::make()?) })
    }

    /// All options of the client stand here. Pings end a connection on which nobody answers: then
    /// all of its sessions know, and need not wait for an idle timeout each.
    fn make() -> reqwest::Result<Client> {
        Client::builder()
            .no_proxy()
            .http2_prior_knowledge()
            .http2_keep_alive_interval(Duration::from_secs(20))
            .http2_keep_alive_timeout(Duration::from_secs(10))
            .build()
    }

    fn client(&self) -> Client {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl SessionObserver for FreshClient {
    fn on_disconnect(&self, cause: &SseError, _delay: Duration) {
        if !(cause.is_transport() || cause.is_timeout()) {
            return;
        }
        println!("trouble: {cause}");
        // If none can be made, the old one may still do.
        if let Ok(client) = Self::make() {
            *self.current.write().unwrap_or_else(PoisonError::into_inner) = client;
        }
    }
}

/// A server that resets its first stream, and answers as it should when it is asked again.
async fn troubled_server() -> ScriptedServer {
    let troubled = Reply::messages(["one"]).pause().reset_stream(Http2Error::InternalError);
    let replies = [troubled, Reply::messages(["two"]), Reply::status(204)];
    ScriptedServer::builder().http2().start(replies).await
}
