//! Demo server: a small MCP server with a tool for each way to answer.
//!
//! It answers with JSON and with event streams, cuts a stream in the middle of an event, ends
//! another one before the answer, and sends a request of its own. A real server would check more
//! than the headers of a request.

use std::collections::HashMap;

use serde_json::{Value, json};
use sse_core::{BuildError, ServerSentEvent};
use sse_test::{Reply, ScriptedServer, SeenRequest};

/// Starts the server on a free port. The server runs until it is dropped.
pub(crate) async fn start() -> ScriptedServer {
    let mut server = Server::default();
    ScriptedServer::answering(move |request| {
        server.reply(request).unwrap_or_else(|_| Reply::status(500))
    })
    .await
}

#[derive(Default)]
struct Server {
    /// Calls whose streams can be resumed, by the id of their request.
    unanswered: HashMap<String, Call>,
    /// The client's answer to the server's own request.
    client_answer: Value,
}

/// Call of a tool.
#[derive(Clone)]
struct Call {
    id: String,
    tool: String,
    arguments: Value,
    progress_token: Value,
}

const SESSION: &str = "the-only-one";
const REVISION: &str = "2025-11-25";

impl Server {
    fn reply(&mut self, request: &SeenRequest) -> Result<Reply, BuildError> {
        let message: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let id = message["id"].to_string();
        let is_first = message["method"] == "initialize";
        if !is_first && !has_session_id(request) {
            return Ok(Reply::status(400).send("no such session"));
        }
        match (request.method.as_str(), message["method"].as_str()) {
            ("POST", Some("initialize")) => {
                Ok(json(&result(&id, &about())).header("mcp-session-id", SESSION))
            }
            ("POST", Some("tools/list")) => stream(&id)?.event_of(&id, 1, &result(&id, &tools())),
            ("POST", Some("tools/call")) => self.start(Call::of(id, &message["params"])),
            // An answer to the server's own request, or a notification.
            ("POST", _) => {
                self.client_answer = message["result"]["content"]["text"].clone();
                Ok(Reply::status(202))
            }
            ("GET", _) => match request.last_event_id() {
                Some(last) => self.resume(last),
                None => {
                    let changed = json!({
                        "jsonrpc": "2.0",
                        "method": "notifications/tools/list_changed",
                    });
                    Ok(Reply::events("").event_of("0", 1, &changed)?.hang())
                }
            },
            _ => Ok(Reply::status(200)),
        }
    }

    /// Returns the stream that answers a call, up to where it is cut or ends.
    fn start(&mut self, call: Call) -> Result<Reply, BuildError> {
        let id = call.id.clone();
        match call.tool.as_str() {
            "echo" => {
                let text = format!("Echo: {}", call.arguments["message"].as_str().unwrap_or(""));
                stream(&id)?.event_of(&id, 1, &result(&id, &content(&text)))
            }
            "trigger-long-running-operation" => {
                let reply = stream(&id)?.event_of(&id, 1, &call.progress(1))?;
                self.unanswered.insert(id, call);
                Ok(reply.send("event: message\nid: cut\ndata: {\"jsonr").cut())
            }
            "trigger-sampling-request" => {
                let prompt = &call.arguments["prompt"];
                let content = json!({ "type": "text", "text": prompt });
                let messages = json!([{ "role": "user", "content": content }]);
                let question = json!({
                    "jsonrpc": "2.0",
                    "id": "question",
                    "method": "sampling/createMessage",
                    "params": { "messages": messages, "maxTokens": 100 },
                });
                self.unanswered.insert(id.clone(), call);
                // The stream ends before the answer: the client has to resume it.
                stream(&id)?.event_of(&id, 1, &question)
            }
            _ => stream(&id)?.event_of(
                &id,
                1,
                &json!({
                    "jsonrpc": "2.0",
                    "id": number(&id),
                    "error": { "code": -32602, "message": "no such tool" },
                }),
            ),
        }
    }

    /// Returns the rest of a stream after this event ID.
    fn resume(&mut self, last: &str) -> Result<Reply, BuildError> {
        let (id, seen) = last.split_once('-').unwrap_or((last, ""));
        let seen: u64 = seen.parse().unwrap_or(0);
        let Some(call) = self.unanswered.remove(id) else {
            return Ok(Reply::status(400).send("no such stream"));
        };
        if call.tool == "trigger-sampling-request" {
            let text = format!("from the client: {}", self.client_answer.as_str().unwrap_or(""));
            return Reply::events("").event_of(id, 2, &result(id, &content(&text)));
        }
        let steps = call.steps();
        let mut reply = Reply::events("");
        for step in seen + 1..=steps {
            reply = reply.event_of(id, step, &call.progress(step))?;
        }
        let done = format!("Long running operation completed. Steps: {steps}.");
        reply.event_of(id, steps + 1, &result(id, &content(&done)))
    }
}

impl Call {
    fn of(id: String, params: &Value) -> Self {
        Self {
            id,
            tool: params["name"].as_str().unwrap_or_default().to_owned(),
            arguments: params["arguments"].clone(),
            progress_token: params["_meta"]["progressToken"].clone(),
        }
    }

    fn steps(&self) -> u64 {
        self.arguments["steps"].as_u64().unwrap_or(5)
    }

    fn progress(&self, step: u64) -> Value {
        let token = &self.progress_token;
        json!({
            "jsonrpc": "2.0",
            "method": "notifications/progress",
            "params": { "progress": step, "total": self.steps(), "progressToken": token },
        })
    }
}

fn has_session_id(request: &SeenRequest) -> bool {
    request.value("mcp-session-id") == Some(SESSION)
        && request.value("mcp-protocol-version") == Some(REVISION)
}

fn about() -> Value {
    let server = json!({ "name": "sse-examples/mcp", "version": env!("CARGO_PKG_VERSION") });
    json!({ "protocolVersion": REVISION, "capabilities": { "tools": {} }, "serverInfo": server })
}

fn tools() -> Value {
    let names = ["echo", "trigger-long-running-operation", "trigger-sampling-request"];
    let tool = |name: &&str| json!({ "name": name, "inputSchema": { "type": "object" } });
    json!({ "tools": names.iter().map(tool).collect::<Vec<_>>() })
}

fn content(text: &str) -> Value {
    json!({ "content": [{ "type": "text", "text": text }] })
}

fn result(id: &str, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": number(id), "result": result })
}

/// Converts an id back to the JSON value of the request.
fn number(id: &str) -> Value {
    serde_json::from_str(id).unwrap_or_default()
}

fn json(message: &Value) -> Reply {
    Reply::status(200).header("content-type", "application/json").send(message.to_string())
}

/// Begins a stream that can be resumed from its start.
fn stream(id: &str) -> Result<Reply, BuildError> {
    let first = ServerSentEvent::builder().id(format!("{id}-0")).retry(RETRY).data("").build()?;
    Ok(Reply::events("").event(&first))
}

const RETRY: std::time::Duration = std::time::Duration::from_millis(100);

trait ReplyExt: Sized {
    /// Adds a message to a stream: number `index` of the messages for this request.
    fn event_of(self, id: &str, index: u64, message: &Value) -> Result<Self, BuildError>;
}

impl ReplyExt for Reply {
    fn event_of(self, id: &str, index: u64, message: &Value) -> Result<Self, BuildError> {
        let event = ServerSentEvent::builder().event("message").id(format!("{id}-{index}"));
        Ok(self.event(&event.data(message.to_string()).build()?))
    }
}
