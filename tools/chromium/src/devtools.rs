//! Client of Chromium's DevTools protocol, over a WebSocket.
//!
//! Sends one command at a time. Of the notifications in between, it keeps errors of the page, and
//! those that can be waited for.

use std::collections::VecDeque;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

use crate::{LIMIT, Outcome, in_time};

/// Connection to a browser.
#[derive(Debug)]
pub(crate) struct DevTools {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    calls: u64,
    events: VecDeque<Value>,
    problems: Vec<String>,
}

impl DevTools {
    pub(crate) async fn connect(address: &str) -> Outcome<Self> {
        let (socket, _) = tokio_tungstenite::connect_async(address).await?;
        Ok(Self { socket, calls: 0, events: VecDeque::new(), problems: Vec::new() })
    }

    /// Sends a command to the browser, or to the page of a session, and returns its result.
    pub(crate) async fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        parameters: Value,
    ) -> Outcome<Value> {
        self.calls += 1;
        let mut command = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        self.socket.send(Message::text(command.to_string())).await?;
        in_time(method, LIMIT, async {
            loop {
                let mut message = self.receive().await?;
                if message["id"] == self.calls {
                    return match message.get("error") {
                        None => Ok(message["result"].take()),
                        Some(error) => Err(format!("{method}: {error}").into()),
                    };
                }
                self.note(message);
            }
        })
        .await?
    }

    /// Waits for a notification, which may have been received already.
    pub(crate) async fn wait_for(&mut self, method: &str) -> Outcome<()> {
        in_time(method, LIMIT, async {
            loop {
                if let Some(index) = self.events.iter().position(|it| it["method"] == method) {
                    self.events.remove(index);
                    return Ok(());
                }
                let message = self.receive().await?;
                self.note(message);
            }
        })
        .await?
    }

    /// Discards all notifications received so far.
    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.problems.clear();
    }

    /// Takes the exceptions and console errors of the page.
    pub(crate) fn take_problems(&mut self) -> Vec<String> {
        std::mem::take(&mut self.problems)
    }

    async fn receive(&mut self) -> Outcome<Value> {
        loop {
            match self.socket.next().await.ok_or("Chromium closed the connection")?? {
                Message::Text(text) => return Ok(serde_json::from_str(&text)?),
                Message::Close(_) => return Err("Chromium closed the connection".into()),
                _ => {}
            }
        }
    }

    fn note(&mut self, event: Value) {
        let parameters = &event["params"];
        match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => {
                self.problems.push(parameters["exceptionDetails"].to_string());
            }
            // Failed requests are intended.
            Some("Log.entryAdded")
                if parameters["entry"]["level"] == "error"
                    && parameters["entry"]["source"] != "network" =>
            {
                self.problems.push(parameters["entry"].to_string());
            }
            Some("Page.loadEventFired") => self.events.push_back(event),
            _ => {}
        }
    }
}
