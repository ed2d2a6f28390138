//! Sessions over hyper-util's client, in a program that does not depend on reqwest.
//!
//! For `https`, give the client the connector of hyper-rustls: `HttpsConnectorBuilder::new()
//! .with_native_roots()?.https_or_http().enable_http1().build()`, and `Client::builder(…)
//! .build(connector)` instead of `build_http()`.

use std::{env, error::Error, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use sse_session::{SseClient, SseConfig, TowerTransport};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("usage: hyper-session URL")?;
    let transport = TowerTransport::new(http()).with_service_factory(http);
    let config = SseConfig::new()
        .max_reconnection_attempts(3)
        .head_timeout(Duration::from_secs(30))
        .idle_timeout(Duration::from_secs(60));
    let client = SseClient::new(transport, config);
    let mut session = client.sse_session(&*url).await?;
    while let Some(event) = session.next().await {
        println!("{}", event?.data());
    }
    println!("ended: {:?}", session.end_reason());
    Ok(())
}

/// Creates a client, with a pool of its own. It is called again if an idle timeout expires.
fn http() -> Client<HttpConnector, Full<Bytes>> {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(Duration::from_secs(10)));
    Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector)
}
