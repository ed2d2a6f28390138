//! Follows a server's events, from a demo server of its own or from a URL, and prints them.
//!
//! All three crates at work: sse-reqwest keeps the session, sse-core is what its events are made
//! of, and sse-typed makes values of them.

use std::{io, process::ExitCode};

use sse_examples::{demo_server, report};
use sse_reqwest::{ClientSseSession, EndReason, SessionEvent, SseClient, SseConfig, SseError};

use crate::args::Args;

mod args;
mod show;

#[tokio::main]
async fn main() -> ExitCode {
    let (url, config) = match args::parse(std::env::args_os().skip(1)) {
        Ok(Args::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Args::Follow { url, attempts, last_event_id }) => {
            let config = SseConfig::new()
                .max_reconnection_attempts(attempts)
                .last_event_id(last_event_id.unwrap_or_default())
                .show_comment_events(true)
                .show_retry_events(true);
            (url, config)
        }
        Err(error) => {
            eprintln!("error: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    let followed = tokio::select! {
        followed = run(url, config) => followed,
        _ = tokio::signal::ctrl_c() => show::line("stopped", "by Ctrl-C").map_err(Error::Io),
    };
    match followed {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough.
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Error::Io(error)) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
        Err(Error::Session(error)) => {
            eprintln!("{}", report(&error));
            ExitCode::FAILURE
        }
    }
}

enum Error {
    Io(io::Error),
    Session(SseError),
}

async fn run(url: Option<String>, config: SseConfig) -> Result<(), Error> {
    let url = match url {
        Some(url) => url,
        None => format!("http://{}/events", demo_server::start().await.map_err(Error::Io)?),
    };
    let client = SseClient::new(reqwest::Client::new(), config);
    show::line("GET", &url).map_err(Error::Io)?;
    client.sse(&url, follow).await.map_err(Error::Session)?
}

/// Prints all that happens to a session.
async fn follow(session: &mut ClientSseSession) -> Result<(), Error> {
    show::opened(session.call()).map_err(Error::Io)?;
    while let Some(step) = session.lifecycle().next().await {
        let shown = match step.map_err(Error::Session)? {
            SessionEvent::Event(event) => show::event(&event),
            SessionEvent::Disconnected { cause, delay, .. } => show::lost(&cause, delay),
            SessionEvent::Open(call) => show::opened(&call),
            SessionEvent::Closed(reason) => show::line("the end", end(reason)),
            _ => Ok(()),
        };
        shown.map_err(Error::Io)?;
    }
    Ok(())
}

fn end(reason: EndReason) -> &'static str {
    match reason {
        EndReason::NoContent => "the server has nothing more to send (204 No Content)",
        EndReason::StreamEnded => "the server ended the event stream",
        _ => "the session is closed",
    }
}
