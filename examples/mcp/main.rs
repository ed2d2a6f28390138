//! Talks to a server of the Model Context Protocol over its "streamable HTTP": JSON-RPC messages in
//! POST requests, answered with JSON or with event streams that can be resumed.
//!
//! Without a URL, a demo server in the same process answers; see [`server`].

use std::{convert::Infallible, error::Error as _, future::pending, process::ExitCode};

use serde::Deserialize;
use serde_json::{Value, json};
use sse_examples::printable;
use sse_reqwest::ClientSseSession;
use sse_typed::deserialize;

use crate::{
    args::{Args, Conversation},
    client::Client,
    error::Error,
    message::{Message, Notification},
};

mod args;
mod message;
mod error;
mod host;
mod client;
mod answer;
mod server;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let conversation = match args::parse(std::env::args_os().skip(1)) {
        Ok(Args::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Args::Talk(conversation)) => conversation,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    match talk(conversation).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", printable(&error.to_string()));
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  caused by: {}", printable(&error.to_string()));
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn talk(Conversation { url, call, options }: Conversation) -> Result<(), Error> {
    // The demo server answers until it is dropped.
    let own = if url.is_none() { Some(server::start().await) } else { None };
    let url = url.or(own.as_ref().map(|server| server.url("/mcp"))).unwrap_or_default();
    let (client, server) = Client::connect(url, options).await?;
    let client::Implementation { name, version } = &server.server_info;
    println!("server: {} {}", printable(name), printable(version));
    println!("revision: {}", printable(&server.protocol_version));
    println!("session: {}", if client.has_session_id() { "by ID" } else { "none" });

    let unsolicited = client.listen().await?;
    println!("listening: {}", if unsolicited.is_some() { "yes" } else { "no stream" });
    tokio::select! {
        result = use_tools(&client, call) => result?,
        never = listen(&client, unsolicited) => match never {},
    }
    println!("end: {}", client.end().await?);
    Ok(())
}

/// Handles messages that the server sends on its own initiative, until the future is dropped. They
/// may arrive at any time, and so are printed to standard error.
async fn listen(client: &Client, session: Option<ClientSseSession>) -> Infallible {
    if let Some(mut session) = session {
        while let Some(event) = session.next().await {
            let handled = match event.map(|event| deserialize(&event)) {
                Ok(Ok(Message::Notification(Notification { method, .. }))) => {
                    eprintln!("notification: {}", printable(&method));
                    Ok(())
                }
                Ok(Ok(Message::Request(request))) => client.answer_back(&request).await,
                Ok(_) => Ok(()),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = handled {
                eprintln!("unsolicited messages: {error}");
            }
        }
    }
    pending().await
}

/// Lists the tools, and calls the given one, or those that this program knows.
async fn use_tools(client: &Client, call: Option<(String, Value)>) -> Result<(), Error> {
    let tools = list_tools(client).await?;
    println!("tools: {}", printable(&tools.join(", ")));
    let calls = match call {
        Some(call) => vec![call],
        None => known_tools().into_iter().filter(|(tool, _)| tools.contains(tool)).collect(),
    };
    for (tool, arguments) in calls {
        println!("call: {}", printable(&tool));
        call_tool(client, &tool, &arguments).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tools {
    tools: Vec<Tool>,
    /// Cursor of the rest of the list.
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Tool {
    name: String,
}

async fn list_tools(client: &Client) -> Result<Vec<String>, Error> {
    let (mut names, mut params) = (Vec::new(), json!({}));
    loop {
        let Tools { tools, next_cursor } = client.ask("tools/list", params).await?;
        names.extend(tools.into_iter().map(|tool| tool.name));
        match next_cursor {
            Some(cursor) => params = json!({ "cursor": cursor }),
            None => return Ok(names),
        }
    }
}

/// Tools that both the protocol's reference server and the demo server have, with arguments.
fn known_tools() -> [(String, Value); 3] {
    [
        ("echo".to_owned(), json!({ "message": "hello" })),
        ("trigger-long-running-operation".to_owned(), json!({ "duration": 2, "steps": 5 })),
        ("trigger-sampling-request".to_owned(), json!({ "prompt": "hello", "maxTokens": 100 })),
    ]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToolResult {
    #[serde(default)]
    content: Vec<Value>,
    #[serde(default)]
    is_error: bool,
}

async fn call_tool(client: &Client, tool: &str, arguments: &Value) -> Result<(), Error> {
    let params = json!({
        "name": tool,
        "arguments": arguments,
        "_meta": { "progressToken": tool },
    });
    let ToolResult { content, is_error } = client.ask("tools/call", params).await?;
    let heading = if is_error { "error" } else { "answer" };
    for part in content {
        let text = part["text"].as_str().map_or_else(|| part["type"].to_string(), str::to_owned);
        println!("  {heading}: {}", printable(&text.replace('\n', " ")));
    }
    Ok(())
}
