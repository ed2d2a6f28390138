//! Follows a feed for as long as it has events, and resumes where it stopped when started again.

use sse_reqwest::{ClientBuilderExt, IdleTimeout, ReconnectPolicy, SseClient, SseConfig, reqwest};
use std::{env, error::Error, fs, time::Duration};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).ok_or("usage: feed FILE URL")?;
    let url = env::args().nth(2).ok_or("usage: feed FILE URL")?;
    let config = SseConfig::new()
        .reconnect(ReconnectPolicy::exponential()) // 1 s, 2 s, 4 s, … up to 60 s, with jitter
        .retry_first_connection(true) // the server may be down when this starts
        .head_timeout(Duration::from_secs(30))
        .idle_timeout(IdleTimeout::auto()) // a silence that is unusual for this server
        .last_event_id(fs::read_to_string(&file).unwrap_or_default());
    let http = reqwest::Client::builder().for_event_streams().build()?;
    let client = SseClient::new(http, config);
    let open = client.sse_session(url).await;
    let mut session =
        open.inspect_err(|e| eprintln!("{}", e.body_excerpt().unwrap_or_default()))?;
    while let Some(event) = session.next().await {
        println!("{}", event?.data()); // your work
        fs::write(&file, session.last_event_id())?;
    }
    println!("ended: {:?}", session.end_reason());
    Ok(())
}
