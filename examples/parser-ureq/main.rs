//! ureq as the client, without `async`: each event is waited for on the thread that wants it.
//!
//! Follows one response to its end and prints its messages. Only its server has a runtime. Does not
//! reconnect.

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
