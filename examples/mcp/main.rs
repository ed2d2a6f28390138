//! Speaks with a server of the Model Context Protocol by its "streamable HTTP": JSON-RPC in POSTs,
//! answered by JSON or by event streams that can be resumed.
//!
//! Without a URL, a server in the same process answers; see [`server`].

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

#[tokio::main]
async fn main() -> ExitCode {
    let conversation = match args::parse(std::env::args_os().skip(1)) {
        Ok(Args::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Args::Speak(conversation)) => conversation,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    match speak(conversation).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", printable(&error.to_string()));
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {}", printable(&error.to_string()));
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn speak(Conversation { url, call, habits }: Conversation) -> Result<(), Error> {
    // Is here until the end, and so answers until then.
    let own = if url.is_none() { Some(server::start().await) } else { None };
    let url = url.or(own.as_ref().map(|server| server.url("/mcp"))).unwrap_or_default();
    let (client, server) = Client::connect(url, habits).await?;
    let client::Implementation { name, version } = &server.server_info;
    println!("server: {} {}", printable(name), printable(version));
    println!("revision: {}", printable(&server.protocol_version));
    println!("session: {}", if client.has_session_id() { "by ID" } else { "none" });

    let by_itself = client.listen().await?;
    println!("listening: {}", if by_itself.is_some() { "yes" } else { "the server has no stream" });
    tokio::select! {
        said = use_tools(&client, call) => said?,
        never = listen(&client, by_itself) => match never {},
    }
    println!("end: {}", client.end().await?);
    Ok(())
}

/// Deals with what the server has to say by itself, for as long as there is something else to do. It
/// comes at any time, and so is not printed among what comes in order.
async fn listen(client: &Client, session: Option<ClientSseSession>) -> Infallible {
    if let Some(mut session) = session {
        while let Some(event) = session.next().await {
            let dealt_with = match event.map(|event| deserialize(&event)) {
                Ok(Ok(Message::Notification(Notification { method, .. }))) => {
                    eprintln!("told: {}", printable(&method));
                    Ok(())
                }
                Ok(Ok(Message::Request(request))) => client.answer_back(&request).await,
                Ok(_) => Ok(()),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = dealt_with {
                eprintln!("in what the server says by itself: {error}");
            }
        }
    }
    pending().await
}

/// Lists the tools, and calls one, or those that are known.
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
    /// Where the rest of the list begins.
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

/// Those of the protocol's reference server, and of ours, that show something.
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
    let heading = if is_error { "it failed" } else { "answer" };
    for part in content {
        let text = part["text"].as_str().map_or_else(|| part["type"].to_string(), str::to_owned);
        println!("  {heading}: {}", printable(&text.replace('\n', " ")));
    }
    Ok(())
}
