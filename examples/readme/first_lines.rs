//! The first lines of code in README.md. They are compiled here, and not run: their URL is made up.

use std::time::Duration;

use sse_reqwest::{ClientBuilderExt, ReconnectPolicy, SseClient, SseConfig, reqwest};

#[allow(dead_code)]
async fn follow() -> Result<(), Box<dyn std::error::Error>> {
    let http = reqwest::Client::builder().for_event_streams().build()?;
    let config = SseConfig::new()
        .reconnect(ReconnectPolicy::exponential())
        .head_timeout(Duration::from_secs(30));
    let client = SseClient::new(http, config);
    let mut session = client.sse_session("https://example.org/events").await?;
    while let Some(event) = session.next().await {
        println!("{}", event?.data());
    }
    Ok(())
}
