//! Follows one event stream and passes it on to any number of browsers, with a page to watch it.
//!
//! Both directions at work: a session of sse-reqwest, which reconnects and resumes, is the one
//! client of the upstream; sse-core's `EventBody` is the response to each browser. Between them is
//! a bounded history, so that a browser resumes where it was, and no browser waits for another.

mod args;
mod history;
mod gateway;
mod upstream;
mod browser;
mod web;
mod patience;
mod harbour;
mod check;

use std::{error::Error, io, net::SocketAddr, process::ExitCode};

use axum::serve::Listener as _;
use sse_examples::report;
use sse_reqwest::SseError;

use crate::{args::Args, gateway::Gateway, harbour::Harbour, history::Bounds, web::Settings};

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match args::parse(std::env::args_os().skip(1)) {
        Ok(Args::Help) => {
            print!("{}", args::HELP);
            Ok(())
        }
        Ok(Args::Check) => check::check().await.map_err(Failure::Check),
        Ok(Args::Serve { upstream, listen, bounds, settings }) => {
            run(upstream, listen, bounds, settings).await
        }
        Err(error) => {
            eprintln!("error: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    match ended {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Upstream(error)) => eprintln!("{}", report(&error)),
        Err(Failure::Server(error)) => eprintln!("error: {error}"),
        Err(Failure::Check(error)) => eprintln!("error: {error}"),
    }
    ExitCode::FAILURE
}

enum Failure {
    Upstream(SseError),
    Server(io::Error),
    Check(Box<dyn Error>),
}

async fn run(
    upstream: Option<String>,
    listen: SocketAddr,
    bounds: Bounds,
    settings: Settings,
) -> Result<(), Failure> {
    let upstream = match upstream {
        Some(url) => url,
        None => {
            let address = Harbour::default().open().await.map_err(Failure::Server)?;
            format!("http://{address}/events")
        }
    };
    let listener = patience::listen(listen).map_err(Failure::Server)?;
    println!("http://{}/", listener.local_addr().map_err(Failure::Server)?);
    let gateway = Gateway::new(format!("{:08x}", fastrand::u32(..)), bounds);
    let serving = tokio::spawn(web::serve(listener, gateway.clone(), settings));

    let followed = tokio::select! {
        followed = upstream::follow(&upstream, upstream::config(), &gateway) => match followed {
            Ok(()) => {
                // What is kept stays there for those who come late.
                gateway.end();
                ctrl_c().await;
                Ok(())
            }
            Err(error) => Err(Failure::Upstream(error)),
        },
        () = ctrl_c() => Ok(()),
    };
    gateway.close();
    tokio::select! {
        served = serving => served.unwrap_or_else(|task| Err(task.into())).map_err(Failure::Server)?,
        // Some browser does not take even the end, and somebody is in a hurry.
        () = ctrl_c() => {}
    }
    followed
}

/// Waits for Ctrl-C, for ever where there is no such thing.
async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
