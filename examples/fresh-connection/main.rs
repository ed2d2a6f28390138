//! A session whose next request is sent over a fresh connection after a silence.
//!
//! Over HTTP/2 a `reqwest::Client` has one connection to a server for all requests, and keeps it
//! until the connection ends. A connection that is dead without any sign, or stalled, is used
//! again, and the client's pool has no option to change that. `client_factory` replaces the client
//! instead.

use std::{error::Error, time::Duration};

use reqwest::Client;
use sse_reqwest::{ClientBuilderExt, SseClient, SseConfig};
use sse_test::{Reply, ScriptedServer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = silent_server().await;
    let config = SseConfig::new()
        .max_reconnection_attempts(5)
        .reconnection_time(Duration::from_millis(100))
        .head_timeout(Duration::from_secs(30))
        .idle_timeout(Duration::from_millis(300)); // minutes, in a program of yours
    let client = SseClient::new(http_client()?, config).client_factory(http_client);
    let mut session = client.sse_session(server.url("/events")).await?;
    while let Some(event) = session.next().await {
        println!("{}", event?.data());
    }
    for request in server.requests() {
        println!("requested over connection {}", request.connection);
    }
    Ok(())
}

/// Creates a client; all of its options are here. Pings end a connection on which nobody answers:
/// then all of its sessions notice, without an idle timeout each.
fn http_client() -> reqwest::Result<Client> {
    Client::builder()
        .for_event_streams()
        .no_proxy()
        .http2_prior_knowledge()
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_timeout(Duration::from_secs(10))
        .build()
}

/// Starts a server whose first event stream falls silent.
async fn silent_server() -> ScriptedServer {
    let silent = Reply::messages(["one"]).hang();
    let replies = [silent, Reply::messages(["two"]), Reply::status(204)];
    ScriptedServer::builder().http2().start(replies).await
}
