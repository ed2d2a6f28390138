//! Prints the answer of a language model as it arrives, in the form of OpenAI's chat completions.

use serde_json::{Value, json};
use sse_reqwest::{ClientBuilderExt, ReconnectPolicy, RequestBuilderExt, Resume, SseConfig};
use std::{env, error::Error, io::Write, time::Duration};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let minute = Duration::from_secs(60);
    let config = SseConfig::new().head_timeout(minute).idle_timeout(minute);
    let config = config.stop_before(|event| event.data() == "[DONE]").expect_terminal(true);
    let config = config.resume(Resume::IfNothingDelivered).retry_first_connection(true);
    let config = config.reconnect(ReconnectPolicy::exponential().max_outage(minute));
    let messages = json!([{"role": "user", "content": "What is an event stream?"}]);
    let body = json!({"model": "gpt-4o-mini", "stream": true, "messages": messages});
    let http = reqwest::Client::builder().for_event_streams().build()?;
    let request = http.post(env::args().nth(1).ok_or("usage: answer URL")?);
    let request = request.bearer_auth(env::var("API_KEY").unwrap_or_default()).json(&body);
    let open = request.with_sse_config(config).sse_session().await;
    let mut events = open.inspect_err(|e| eprintln!("{}", e.body_excerpt().unwrap_or_default()))?;
    while let Some(event) = events.next().await {
        let chunk: Value = serde_json::from_str(event?.data())?;
        chunk.get("error").map_or(Ok(()), |error| Err(error.to_string()))?;
        print!("{}", chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default());
        std::io::stdout().flush()?;
    }
    Ok(())
}
