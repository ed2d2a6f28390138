//! Compares how Chromium and sse-reqwest read event streams, and the page of the example `gateway`
//! with what the gateway sends.
//!
//! `cargo xtask browser` runs it. It is a program of its own because xtask has no dependencies, and
//! because tests must not need a browser.

mod chromium;
mod devtools;
mod page;
mod seen;
mod both;
mod facts;
mod hostile;
mod streams;
mod immediate;
mod gateway;
mod args;

use std::{error::Error, fs, io, path::Path, process::ExitCode, time::Duration};

use sse_reqwest::reqwest;
use sse_test::{Reply, ScriptedServer};

use crate::{
    args::Args,
    both::{Follower, SessionKind},
    chromium::Chromium,
    devtools::DevTools,
    page::Page,
};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let args = match args::parse(std::env::args_os().skip(1)) {
        Ok(args) => args,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    let compared = tokio::select! {
        compared = compare(&args) => compared,
        // Drops the browser, which stops it.
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
    };
    match compared {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn compare(args: &Args) -> Outcome<()> {
    let (chromium, mut devtools) = Chromium::start(&args.chromium).await?;
    compare_in(&mut devtools, args).await?;
    chromium.close(devtools).await
}

async fn compare_in(devtools: &mut DevTools, args: &Args) -> Outcome<()> {
    let session = args.session.as_deref().map(session_files).transpose()?;
    let server = plain_page(session.unwrap_or_default()).await;
    let mut page = Page::open(devtools, &server.url("/")).await?;
    let mut followers = vec![Follower::EventSource];
    if args.session.is_some() {
        followers.extend([SessionKind::Request, SessionKind::Fetch].map(Follower::Session));
    }
    for follower in followers {
        facts::compare(&mut page, follower).await?;
        streams::compare(&mut page, follower, args.seed, args.streams).await?;
    }
    if args.session.is_some() {
        // After its first response, such a session is like any other.
        facts::compare(&mut page, Follower::Session(SessionKind::Response)).await?;
    }
    immediate::compare(&mut page).await?;
    gateway::compare(devtools, &args.gateway).await?;
    gateway::buttons(devtools, &args.gateway).await?;
    gateway::restart(devtools, &args.gateway).await
}

/// Starts a server of an empty page, and of the files of the session that the page may load. Pages
/// at `about:blank` have no origin.
async fn plain_page(session: Vec<(String, Reply)>) -> ScriptedServer {
    let page = Reply::status(200).header("content-type", "text/html").send("<!doctype html>");
    ScriptedServer::answering(move |request| {
        let file = session.iter().find(|(target, _)| *target == request.target);
        file.map_or(&page, |(_, reply)| reply).clone()
    })
    .await
}

/// Returns the files that wasm-bindgen generated, as replies.
fn session_files(dir: &Path) -> io::Result<Vec<(String, Reply)>> {
    let answer = |(name, content_type): (&str, &str)| {
        let reply = Reply::status(200).header("content-type", content_type);
        Ok((format!("/{name}"), reply.send(fs::read(dir.join(name))?)))
    };
    SESSION_FILES.into_iter().map(answer).collect()
}

const SESSION_FILES: [(&str, &str); 2] =
    [("session.js", "text/javascript"), ("session_bg.wasm", "application/wasm")];

/// Builds a client for servers on this machine.
fn http_client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().build();
    // Fails only without TLS, which is not needed.
    client.unwrap_or_default()
}

/// Longest time of any step. Functions in the page have shorter limits, and better error messages.
const LIMIT: Duration = Duration::from_secs(60);

/// Fails if the work takes longer than the limit.
async fn in_time<T>(what: &str, limit: Duration, work: impl Future<Output = T>) -> Outcome<T> {
    tokio::time::timeout(limit, work)
        .await
        .map_err(|_| format!("{what} took over {limit:?}").into())
}
