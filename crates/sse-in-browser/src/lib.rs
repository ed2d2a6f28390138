//! Two functions for a page: they follow an event stream by a session of ours, and tell what it saw.
//!
//! For browsers only; empty elsewhere. `cargo xtask browser` builds them, and compares them with the
//! `EventSource` of the same browser.

#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]

use serde_json::json;
use sse_reqwest::{
    ReconnectUrl, SessionEvent, SseClient, SseConfig, SseRequest,
    reqwest::{Client, header::ACCEPT},
};
use wasm_bindgen::prelude::wasm_bindgen;

/// Follows a stream as an `EventSource` does, to the end, of whatever kind. Gives a JSON array of
/// the events, each as type, data and last event ID.
#[wasm_bindgen]
pub async fn follow(url: String) -> String {
    read(client().request(url)).await
}

/// The same, by a session that begins with a response which the page has asked for. Where there is
/// none, it is as above.
#[wasm_bindgen]
pub async fn follow_response(url: String) -> String {
    let client = client();
    let get = client.http_client().get(&url).header(ACCEPT, "text/event-stream");
    let request = match get.fetch_cache_no_store().send().await {
        Ok(response) => client.response(response).resume_request(url),
        Err(_) => client.request(url),
    };
    read(request).await
}

fn client() -> SseClient {
    let config = SseConfig::strict_whatwg().reconnect_url(ReconnectUrl::Final);
    SseClient::new(Client::new(), config)
}

async fn read(request: SseRequest) -> String {
    let mut events = Vec::new();
    if let Ok(mut session) = request.sse_session().await {
        let mut lifecycle = session.lifecycle();
        while let Some(Ok(step)) = lifecycle.next().await {
            if let SessionEvent::Event(event) = step {
                let id = lifecycle.session().last_event_id();
                events.push(json!([event.event_type(), event.data(), id]));
            }
        }
    }
    json!(events).to_string()
}
