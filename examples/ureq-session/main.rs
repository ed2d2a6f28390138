//! Follows an event stream without `async`: a session over ureq, in the thread that reads it.
//!
//! Reconnects and resumes. Without a URL, it follows a demo server in this process, which cuts its
//! first connection; the runtime is only for that server. ureq is built without TLS here, so a URL
//! begins with `http`.

use std::{env, error::Error, process::ExitCode, time::Duration};

use sse_examples::demo_server;
use sse_session::{
    BlockingClient, IdleTimeout, ReconnectPolicy, SessionEvent, SseConfig, UreqTransport,
};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    match follow() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  caused by: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn follow() -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let url = match env::args().nth(1) {
        Some(url) => url,
        None => format!("http://{}/events", runtime.block_on(demo_server::start())?),
    };
    let config = SseConfig::new()
        .reconnect(ReconnectPolicy::exponential())
        .head_timeout(Duration::from_secs(30)) // ureq's timeouts, and its timeout per read
        .idle_timeout(IdleTimeout::auto());
    let client = BlockingClient::new(UreqTransport::new(ureq::agent()), config);
    let mut session = client.sse_session(url)?;
    // An iterator of events alone is `for event in session`.
    for step in session.lifecycle() {
        match step? {
            SessionEvent::Event(event) => println!("{}: {}", event.event_type(), event.data()),
            SessionEvent::Disconnected { cause, .. } => println!("({cause})"),
            SessionEvent::Open(call) => {
                let id = call.request().and_then(|it| it.headers().get("last-event-id"));
                println!("(resumed after {id:?})");
            }
            _ => {}
        }
    }
    println!("ended: {:?}", session.end_reason());
    Ok(())
}
