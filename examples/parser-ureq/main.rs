//! Reads an event stream with sse-core and ureq, without `async`: the thread blocks until the next
//! event.
//!
//! Follows one response to its end and prints its messages. Does not reconnect. The runtime is only
//! for the demo server.

use std::error::Error;

use sse_core::{EventReader, Limits, Parser};
use sse_examples::demo_server;
use tokio::runtime::Runtime;

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let address = runtime.block_on(demo_server::start())?;

    let response = ureq::get(format!("http://{address}/steady"))
        .header("accept", "text/event-stream")
        .call()?;
    let parser = Parser::new().with_limits(Limits::default().max_event_bytes(64 * 1024));
    let mut events = EventReader::new(response.into_body().into_reader()).with_parser(parser);
    for event in &mut events {
        let event = event?;
        println!("{}: {}", event.event_type(), event.data());
    }
    println!("last event ID: {}", events.parser().last_event_id());
    Ok(())
}
