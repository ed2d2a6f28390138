//! Reads an event stream with sse-core alone: hyper is the client, axum the server, and sse-core is
//! used on both sides.
//!
//! Follows one response to its end and prints its blocks, keep-alives included. Does not reconnect.

use std::error::Error;

use hyper::{Request, StatusCode, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use sse_core::{EventStream, Parser};
use sse_examples::demo_server;
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = demo_server::start().await?;
    let socket = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    tokio::spawn(connection);

    let request = Request::get("/steady")
        .header(header::HOST, address.to_string())
        .header(header::ACCEPT, "text/event-stream")
        .body(String::new())?;
    let response = sender.send_request(request).await?;
    if response.status() != StatusCode::OK {
        return Err(format!("unexpected status {}", response.status()).into());
    }

    let parser = Parser::new().with_comments(true).with_dataless_blocks(true);
    let mut events = EventStream::from_body(response.into_body()).with_parser(parser);
    while let Some(event) = events.next().await {
        let event = event?;
        match event.comments() {
            Some("") => println!("keep-alive"),
            Some(comments) => println!("comment: {comments}"),
            None => println!("{}: {}", event.event_type(), event.data()),
        }
    }
    println!("last event ID: {}", events.parser().last_event_id());
    println!("reconnection time: {:?}", events.parser().reconnection_time());
    Ok(())
}
