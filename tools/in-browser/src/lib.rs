//! Functions for a page in a browser, which follow an event stream with a session of sse-reqwest,
//! or with one over the transport of the example `fetch-session`, and return its events.
//!
//! Empty on other targets. `cargo xtask browser` builds them, and compares them with the
//! `EventSource` of the same browser.

#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]

use fetch_session::Fetch;
use serde_json::json;
use sse_reqwest::{
    ClientSseSession, ReconnectUrl, SessionEvent, SseClient, SseConfig, SseError,
    reqwest::{Client, header::ACCEPT},
};
use wasm_bindgen::prelude::wasm_bindgen;

/// Follows a stream as an `EventSource` does, until it ends or fails. Returns a JSON array of its
/// events, each as type, data and last event ID.
#[wasm_bindgen]
pub async fn follow_request(url: String) -> String {
    read(client().request(url).sse_session()).await
}

/// Like [`follow_request`], but the session begins with a response to the page's own request, if
/// there is one.
#[wasm_bindgen]
pub async fn follow_response(url: String) -> String {
    let client = client();
    let get = client.http_client().get(&url).header(ACCEPT, "text/event-stream");
    let request = match get.fetch_cache_no_store().send().await {
        Ok(response) => client.response(response).resume_request(url),
        Err(_) => client.request(url),
    };
    read(request.sse_session()).await
}

/// Like [`follow_request`], but over the transport of the example `fetch-session`.
#[wasm_bindgen]
pub async fn follow_fetch(url: String) -> String {
    read(sse_session::SseClient::new(Fetch, config()).sse_session(url)).await
}

fn client() -> SseClient {
    SseClient::new(Client::new(), config())
}

fn config() -> SseConfig {
    SseConfig::strict_whatwg().reconnect_url(ReconnectUrl::Final)
}

async fn read(opening: impl Future<Output = Result<ClientSseSession, SseError>>) -> String {
    let mut events = Vec::new();
    if let Ok(mut session) = opening.await {
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
