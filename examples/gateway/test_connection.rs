//! Connections for the tests of the gateway, without sockets.

use std::io;

use axum::{
    body::{Body, Bytes},
    http::{Response, StatusCode},
    serve::Listener,
};
use http_body_util::BodyExt as _;
use sse_core::Parser;
use tokio::{io::DuplexStream, sync::mpsc};

use crate::gateway::TYPES;

/// Response to a browser, which reads only when a test reads.
pub(crate) struct Connection {
    body: Body,
    parser: Parser,
    unread: Bytes,
}

impl Connection {
    pub(crate) fn new(response: Response<Body>) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body(), parser: Parser::new(), unread: Bytes::new() }
    }

    pub(crate) async fn frame(&mut self) -> Option<Bytes> {
        Some(self.body.frame().await?.unwrap().into_data().unwrap())
    }

    /// Reads up to the failure that the response ends with.
    pub(crate) async fn failure(&mut self) -> String {
        loop {
            if let Err(error) = self.body.frame().await.unwrap() {
                return error.to_string();
            }
        }
    }

    /// Returns the next event: its ID, or its type if it has none, and its data.
    pub(crate) async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(event) = self.parser.next(&mut self.unread).unwrap() {
                let name = event.id().unwrap_or(event.event_type());
                return Some(format!("{name} {}", event.data()));
            }
            self.unread = self.frame().await?;
        }
    }

    /// Returns the next `count` events, except those that announce types.
    pub(crate) async fn events(&mut self, count: usize) -> Vec<String> {
        let mut events = Vec::new();
        while events.len() < count {
            let event = self.next().await.unwrap();
            if !event.starts_with(TYPES) {
                events.push(event);
            }
        }
        events
    }
}

/// Creates a listener without sockets. A test connects by sending one end of a connection.
pub(crate) fn in_memory() -> (mpsc::UnboundedSender<DuplexStream>, InMemory) {
    let (connect, connections) = mpsc::unbounded_channel();
    (connect, InMemory(connections))
}

/// Listener of connections that a test sends.
pub(crate) struct InMemory(mpsc::UnboundedReceiver<DuplexStream>);

impl Listener for InMemory {
    type Io = DuplexStream;
    type Addr = ();

    async fn accept(&mut self) -> (DuplexStream, ()) {
        match self.0.recv().await {
            Some(connection) => (connection, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}
