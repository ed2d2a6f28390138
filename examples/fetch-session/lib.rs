//! Sessions in a page, in a module of WebAssembly without reqwest. Empty on other targets.
//!
//! The page calls `follow`. The transport, over the browser's `fetch`, is in `fetch.rs`.

#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]

mod fetch;

use js_sys::Function;
use sse_session::{SseClient, SseConfig};
use wasm_bindgen::{JsError, JsValue, prelude::wasm_bindgen};

pub use self::fetch::Fetch;

/// Follows an event stream to its end, and calls `on_event(type, data)` for each event.
#[wasm_bindgen]
pub async fn follow(url: String, on_event: Function) -> Result<(), JsError> {
    let client = SseClient::new(Fetch, SseConfig::new().max_reconnection_attempts(3));
    let mut session = client.sse_session(url).await?;
    while let Some(event) = session.next().await {
        let event = event?;
        // An exception of the page's function ends nothing here.
        let _ = on_event.call2(&JsValue::NULL, &event.event_type().into(), &event.data().into());
    }
    Ok(())
}
