//! curl for event streams: asks for one, and shows its events as they come.
//!
//! ```text
//! args ─▶ request, config ─▶ session ─▶ follow ─▶ output
//! ```
//!
//! What a session is, and all that can happen to it, is sse-reqwest's; here are the options, and
//! what is seen.

use std::{path::Path, process::ExitCode, sync::Arc};

use clap::Parser;
use sse_reqwest::{OpenSession, SseClient, reqwest};

use crate::{
    args::Args,
    failure::{Ending, Failure},
    follow::Origin,
    output::Output,
    recording::{Recorder, Replay},
    steps::{Steps, TimeSource},
};

mod args;
mod request;
mod config;
mod recording;
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
    let (origin, opening, steps) = match &args.recording.replay {
        Some(path) => replay(args, path, output)?,
        None => ask(args)?,
    };
    follow::follow(opening, &origin, &args.end, steps, output).await
}

type Opened = (Origin, OpenSession, Steps);

/// A session with a server, recorded or not.
fn ask(args: &Args) -> Result<Opened, Failure> {
    let (watcher, steps) = steps::watch(TimeSource::System);
    let config = config::live(args, Arc::new(watcher));
    let client = request::client(&args.request)?;
    let url = request::parse_url(args.url.as_deref().unwrap_or_default())?;
    let (origin, config) = match &args.recording.record {
        None => (Origin::Server, config),
        Some(path) => {
            let recorder = Arc::new(Recorder::create(path, &url)?);
            let (client, tape) = (client.clone(), recorder.clone());
            let config =
                config.send_with(move |request| tape.clone().send(client.clone(), request));
            (Origin::RecordedServer(recorder), config)
        }
    };
    let request = request::request(&client, url, &args.request)?;
    Ok((origin, SseClient::new(client, config).sse_session(request), steps))
}

/// A session with a recording.
fn replay(args: &Args, path: &Path, output: &mut Output) -> Result<Opened, Failure> {
    let replay = Replay::open(path, args.recording.speed)?;
    let time = TimeSource::Recording(replay.clone());
    output.take_time_from(time.clone());
    let (watcher, steps) = steps::watch(time);
    let tape = replay.clone();
    let config = config::replayed(args, replay.connections(), Arc::new(watcher))
        .send_with(move |_| tape.clone().answer());
    let client = SseClient::new(reqwest::Client::new(), config);
    let opening = client.sse_session(replay.url().as_str());
    Ok((Origin::Recording(replay), opening, steps))
}
