//! curl for event streams: prints the events of a stream as they are received.
//!
//! ```text
//! args ─▶ request, config ─▶ session ─▶ follow ─▶ output
//! ```
//!
//! The session itself is that of sse-reqwest, or of sse-direct with --direct. This program maps
//! options to its configuration, and prints what happens.

use std::{future, path::Path, process::ExitCode, sync::Arc};

use clap::Parser;
use futures_util::FutureExt;
use sse_reqwest::{BoxError, OpenSession, SseClient, reqwest};

use crate::{
    args::Args,
    failure::{Ending, Failure},
    follow::Origin,
    output::Output,
    replay::Replay,
    steps::{Steps, TimeSource},
    terminal::Terminal,
};

mod args;
mod request;
mod direct;
mod terminal;
mod config;
mod recording;
mod replay;
mod steps;
mod follow;
mod output;
mod failure;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = Args::parse();
    let mut output = Output::new(&args.output);
    let ended = run(&args, &mut output).await;
    ExitCode::from(output.end(ended))
}

async fn run(args: &Args, output: &mut Output) -> Result<Ending, Failure> {
    let terminal = Terminal::new(&args.end);
    let (origin, opening, steps) = match &args.recording.replay {
        Some(path) => replay(args, &terminal, path, output)?,
        None => live(args, &terminal, output)?,
    };
    follow::follow(opening, &origin, &args.end, &terminal, steps, output).await
}

type Opened = (Origin, OpenSession, Steps);

/// Opens a session with a server, which is recorded if the options say so.
fn live(args: &Args, terminal: &Terminal, output: &mut Output) -> Result<Opened, Failure> {
    let (watcher, steps) = steps::watch(TimeSource::System);
    let config = config::live(args, terminal, Arc::new(watcher));
    let url = request::parse_url(args.url.as_deref().unwrap_or_default())?;
    let http = request::client(&args.request)?;
    let path = args.recording.record.as_deref();
    let request = request::request(&http, url.clone(), &args.request, path.is_some())?;
    let recorder = match path {
        None => None,
        Some(path) => {
            // Invalid arguments neither create a file nor replace one.
            check(args, terminal, &http, &request)?;
            Some(recording::recorder(path, &args.recording)?)
        }
    };
    let opening = if args.request.direct {
        if direct::ignores_proxy(&url) {
            output.note("proxy of the environment is not used, because of --direct");
        }
        let request = direct::request(request)?;
        direct::client(&args.request, config, recorder.as_ref())?.sse_session(request)
    } else {
        let client = SseClient::new(http.clone(), config);
        let client = match &recorder {
            None => client,
            Some(recorder) => client.send_with(recorder.sender(http)),
        };
        client.sse_session(request)
    };
    Ok((recorder.map_or(Origin::Server, Origin::RecordedServer), opening, steps))
}

/// Fails if a session with these options and this request would fail before it sends anything.
fn check(
    args: &Args,
    terminal: &Terminal,
    http: &reqwest::Client,
    request: &reqwest::RequestBuilder,
) -> Result<(), Failure> {
    let (watcher, _) = steps::watch(TimeSource::System);
    let config = config::live(args, terminal, Arc::new(watcher));
    let client = SseClient::new(http.clone(), config)
        .send_with(|_| future::pending::<Result<reqwest::Response, BoxError>>());
    let opening = request.try_clone().map(|request| client.sse_session(request));
    match opening.and_then(FutureExt::now_or_never) {
        Some(Err(error)) => Err(Failure::Session(error)),
        Some(Ok(_)) | None => Ok(()),
    }
}

/// Opens a session with a recording.
fn replay(
    args: &Args,
    terminal: &Terminal,
    path: &Path,
    output: &mut Output,
) -> Result<Opened, Failure> {
    let replay = Replay::open(path, args.recording.speed)?;
    let time = TimeSource::Recording(replay.clone());
    output.take_time_from(time.clone());
    let (watcher, steps) = steps::watch(time);
    let tape = replay.clone();
    let config = config::replayed(args, terminal, replay.connections(), Arc::new(watcher));
    let client =
        SseClient::new(reqwest::Client::new(), config).send_with(move |_| tape.clone().response());
    let opening = client.sse_session(replay.url().as_str());
    Ok((Origin::Recording(replay), opening, steps))
}
