//! The first lines of code in README.md. They are compiled here, and not run: their URL is made up.

use std::time::Duration;

use sse_reqwest::{ReconnectPolicy, SseClient, SseConfig, SseError, reqwest};

#[allow(dead_code)]
async fn follow() -> Result<(), SseError> {
    let config = SseConfig::new()
        .reconnect(ReconnectPolicy::exponential())
        .head_timeout(Duration::from_secs(30));
    let client = SseClient::new(reqwest::Client::new(), config);
    let mut session = client.sse_session("https://example.org/events").await?;
    while let Some(event) = session.next().await {
        println!("{}", event?.data());
    }
    Ok(())
}
