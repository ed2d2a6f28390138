//! Checks that an event is dispatched at the first byte of its blank line, without waiting for what
//! may follow a CR.

use sse_reqwest::{SseClient, SseConfig, SseError};
use sse_test::{Reply, ScriptedServer};

use crate::{Outcome, http_client, in_time, page::Page};

/// Sends only the first byte of the blank line until the event is dispatched.
pub(crate) async fn compare(page: &mut Page<'_>) -> Outcome<()> {
    for end in ENDS {
        let reply = || {
            let reply = Reply::events(format!("data: 1{end}{end}")).pause().send("\ndata: 2\n\n");
            reply.header("access-control-allow-origin", "*").hang()
        };
        let server = ScriptedServer::start([reply()]).await;
        let first: Vec<String> = page.call_function(OPEN, &server.url("/")).await?;
        server.go_on();
        let both: Vec<String> = page.call_function(SECOND, &()).await?;
        if first != ["1"] || both != ["1", "2"] {
            return Err(format!("Chromium received {first:?}, then {both:?} with {end:?}").into());
        }

        let server = ScriptedServer::start([reply()]).await;
        let events = in_time("sse-reqwest", crate::LIMIT, ours(&server)).await??;
        if events != ["1", "2"] {
            return Err(format!("sse-reqwest received {events:?} with {end:?}").into());
        }
    }
    println!(
        "immediate: events are dispatched at the first byte of {} kinds of blank lines",
        ENDS.len()
    );
    Ok(())
}

async fn ours(server: &ScriptedServer) -> Result<Vec<String>, SseError> {
    let client = SseClient::new(http_client(), SseConfig::new());
    let mut session = client.sse_session(server.url("/")).await?;
    let mut events = Vec::new();
    for _ in 0..2 {
        events.extend(session.next().await.transpose()?.map(|event| event.data().to_owned()));
        server.go_on();
    }
    Ok(events)
}

const ENDS: [&str; 3] = ["\n", "\r", "\r\n"];

/// Opens an `EventSource`, and waits for its first message.
const OPEN: &str = r#"(url) => new Promise((resolve) => {
  const source = new EventSource(url);
  const messages = [];
  source.onmessage = (event) => {
    messages.push(event.data);
    window.hasCome();
  };
  window.source = source;
  window.messages = messages;
  window.hasCome = () => resolve(messages.slice());
  setTimeout(window.hasCome, 20_000);
})"#;

/// Waits for the second message, which may have been received already.
const SECOND: &str = r#"() => new Promise((resolve) => {
  const { source, messages } = window;
  const end = () => {
    source.close();
    resolve(messages);
  };
  window.hasCome = end;
  setTimeout(end, 20_000);
  if (messages.length === 2) end();
})"#;
