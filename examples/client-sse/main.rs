//! Follows an event stream and prints the whole life of its session: requests, responses, events,
//! disconnects, and the end.
//!
//! Without a URL, it follows a demo server in the same process, which cuts its first connection in
//! the middle of an event. Start reading at [`run`]: sse-reqwest keeps the session, and sse-typed
//! decodes its events.

use std::{io, process::ExitCode, time::Duration};

use sse_examples::{demo_server, report};
use sse_reqwest::{ClientBuilderExt, SessionEvent, SseClient, SseConfig, SseError};

use crate::args::{Args, Options};

mod args;
mod show;

/// Opens a session and prints each step of its life.
async fn run(options: Options) -> Result<(), Error> {
    let Options { url, attempts, last_event_id } = options;
    let url = match url {
        Some(url) => url,
        None => {
            show::introduction()?;
            format!("http://{}/events", demo_server::start().await?)
        }
    };
    show::request(&url, &last_event_id)?;

    let config = SseConfig::new()
        .max_reconnection_attempts(attempts)
        .head_timeout(Duration::from_secs(30))
        .last_event_id(last_event_id)
        .show_comment_events(true)
        .show_retry_events(true);
    let http = reqwest::Client::builder().for_event_streams().build()?;
    let client = SseClient::new(http, config);
    let mut session = client.sse_session(&url).await?;
    show::response(session.call())?;

    let mut events = 0;
    while let Some(step) = session.lifecycle().next().await {
        match step? {
            SessionEvent::Event(event) => {
                show::event(&event)?;
                events += u64::from(event.has_data());
            }
            SessionEvent::Disconnected { cause, delay, .. } => show::disconnect(&cause, delay)?,
            SessionEvent::Connecting => show::request(&url, session.last_event_id())?,
            SessionEvent::Open(call) => show::response(&call)?,
            SessionEvent::Closed(reason) => show::end(reason, events, session.connections())?,
            _ => {}
        }
    }
    Ok(())
}

// A session that does nothing but read needs one thread: with more, each chunk would wake another.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = match args::parse(std::env::args_os().skip(1)) {
        Ok(Args::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Args::Follow(options)) => options,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    // Ctrl-C drops the session, which closes its connection.
    let result = tokio::select! {
        result = run(options) => result,
        _ = tokio::signal::ctrl_c() => show::interrupted().map_err(Error::Io),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of a pipe, such as `head`, has read enough.
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Error::Io(error)) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
        Err(Error::Http(error)) => {
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
    Http(reqwest::Error),
    Io(io::Error),
    Session(SseError),
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        Self::Http(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<SseError> for Error {
    fn from(error: SseError) -> Self {
        Self::Session(error)
    }
}
