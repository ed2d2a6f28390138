//! Prints the answer of a language model as it arrives, in the form of OpenAI's chat completions.

use serde_json::json;
use sse_reqwest::{AnswerPart, ClientBuilderExt, SseClient};
use sse_typed::AnswerFormat;
use std::{env, error::Error, io::Write};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let client = SseClient::from(reqwest::Client::builder().for_event_streams().build()?);
    let messages = json!([{"role": "user", "content": "What is an event stream?"}]);
    let body = json!({"model": "gpt-4o-mini", "stream": true, "messages": messages});
    let request = client.http_client().post(env::args().nth(1).ok_or("usage: answer URL")?);
    let request = request.bearer_auth(env::var("API_KEY").unwrap_or_default()).json(&body);
    let mut answer = client.request(request).answer(AnswerFormat::openai_chat().text());
    while let Some(part) = answer.next().await {
        match part.inspect_err(|e| eprintln!("{}", e.body_excerpt().unwrap_or_default()))? {
            AnswerPart::Delta(text) => print!("{text}"),
            AnswerPart::Restarted { cause, .. } => eprintln!("\n{cause}; asking again"),
            _ => {}
        }
        std::io::stdout().flush()?;
    }
    Ok(())
}
