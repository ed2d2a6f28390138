//! Follows a feed for as long as it has events, and resumes where it stopped when started again.

use sse_reqwest::{ClientBuilderExt, SseClient, SseConfig, reqwest};
use std::{env, error::Error, fs};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).ok_or("usage: feed FILE URL")?;
    let url = env::args().nth(2).ok_or("usage: feed FILE URL")?;
    let id = fs::read_to_string(&file).unwrap_or_default();
    let config = SseConfig::for_feeds().last_event_id(id);
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
