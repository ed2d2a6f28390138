//! Functions for a page in a browser, which follow an event stream with a session of sse-reqwest,
//! and return its events.
//!
//! Empty on other targets. `cargo xtask browser` builds them, and compares them with the
//! `EventSource` of the same browser.

#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]

use serde_json::json;
use sse_reqwest::{
    ReconnectUrl, SessionEvent, SseClient, SseConfig, SseRequest,
    reqwest::{Client, header::ACCEPT},
};
use wasm_bindgen::prelude::wasm_bindgen;

/// Follows a stream as an `EventSource` does, until it ends or fails. Returns a JSON array of its
/// events, each as type, data and last event ID.
#[wasm_bindgen]
pub async fn follow(url: String) -> String {
    read(client().request(url)).await
}

/// Like [`follow`], but the session begins with a response to the page's own request, if there is
/// one.
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
