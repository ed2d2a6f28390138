//! Only the parser, fed with the chunks of a response. Any other source of bytes works as well.

use sse_core::Parser;
use std::{env, error::Error};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("usage: parser-reqwest URL")?;
    let mut response = reqwest::get(url).await?.error_for_status()?;
    let mut parser = Parser::new();
    while let Some(mut chunk) = response.chunk().await? {
        while let Some(event) = parser.next(&mut chunk)? {
            println!("{}: {}", event.event_type(), event.data());
        }
    }
    eprintln!("last event ID: {:?}", parser.last_event_id());
    eprintln!("bytes of an incomplete event: {}", parser.pending_bytes());
    Ok(())
}
