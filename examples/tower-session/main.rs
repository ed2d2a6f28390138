//! Sessions through layers of tower-http around hyper-util's client: one adds a token, one follows
//! redirects.
//!
//! The layer with the token is above the one that follows redirects, which removes credentials
//! where it leaves their origin. No layer retries: the session reconnects, with its last event ID,
//! and sends each attempt through all layers.

use std::{error::Error, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use sse_session::{SseClient, SseConfig, TowerTransport};
use sse_test::{Reply, ScriptedServer};
use tower::ServiceBuilder;
use tower_http::{
    auth::AddAuthorizationLayer,
    follow_redirect::{FollowRedirectLayer, RequestUri},
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (front, feed) = servers().await;
    let stack = ServiceBuilder::new()
        .layer(AddAuthorizationLayer::bearer("a-token").as_sensitive(true))
        .layer(FollowRedirectLayer::new())
        .service(Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>());
    let transport = TowerTransport::new(stack)
        .with_final_uri(|extensions| extensions.get::<RequestUri>().map(|uri| uri.0.clone()));

    let config = SseConfig::new()
        .max_reconnection_attempts(3)
        .reconnection_time(Duration::from_millis(10))
        .head_timeout(Duration::from_secs(30));
    let client = SseClient::new(transport, config);
    let mut session = client.sse_session(front.url("/prices")).await?;
    println!("{} responds", session.call().response().uri());
    while let Some(event) = session.next().await {
        println!("{}", event?.data());
    }
    for (name, server) in [("front", &front), ("feed", &feed)] {
        for request in server.requests() {
            let token = request.value("authorization");
            let id = request.last_event_id();
            println!("{name} {}: token {token:?}, last event ID {id:?}", request.target);
        }
    }
    Ok(())
}

/// Starts a server that redirects to another one, whose first event stream is truncated.
async fn servers() -> (ScriptedServer, ScriptedServer) {
    let feed = [
        Reply::events("id: 1\ndata: 1.99\n\nid: 2\nda").cut(),
        Reply::events("id: 2\ndata: 2.49\n\n"),
        Reply::status(204),
    ];
    let feed = ScriptedServer::start(feed).await;
    let url = feed.url("/feed");
    let front = ScriptedServer::answering(move |_| Reply::redirect(307, &url)).await;
    (front, feed)
}
