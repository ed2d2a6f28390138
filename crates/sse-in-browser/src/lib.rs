//! One function for a page: follows an event stream by a session of ours, and tells what it saw.
//!
//! For browsers only; empty elsewhere. `cargo xtask browser` builds it, and compares it with the
//! `EventSource` of the same browser.

#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]

use serde_json::json;
use sse_reqwest::{ReconnectUrl, SessionEvent, SseClient, SseConfig, reqwest};
use wasm_bindgen::prelude::wasm_bindgen;

/// Follows a stream as an `EventSource` does, to the end, of whatever kind. Gives a JSON array of
/// the events, each as type, data and last event ID.
#[wasm_bindgen]
pub async fn follow(url: String) -> String {
    let mut events = Vec::new();
    let config = SseConfig::strict_whatwg().reconnect_url(ReconnectUrl::Final);
    let client = SseClient::new(reqwest::Client::new(), config);
    if let Ok(mut session) = client.sse_session(url).await {
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
