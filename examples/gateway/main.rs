//! Follows one event stream and forwards it to any number of browsers, with a page that shows it.
//!
//! A session over sse-direct, which reconnects and resumes, is the only client of the upstream. The
//! response to each browser is an `EventBody` of sse-core. Between the two is a `Broadcaster` of
//! sse-fanout, with a bounded history: a browser resumes where it was, and none waits for another.

mod args;
mod gateway;
mod upstream;
mod web;
mod write_timeout;
mod harbor;
mod check;

use std::{error::Error, io, net::SocketAddr, process::ExitCode};

use axum::serve::Listener as _;
use sse_direct::{DirectTransport, SseClient, SseError};
use sse_examples::report;

use crate::{
    args::Args,
    gateway::{Bounds, Gateway},
    harbor::Harbor,
    web::Settings,
};

// A server, so on all cores. The session, and each browser's connection, is a task of its own.
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
            let address = Harbor::default().open().await.map_err(Failure::Server)?;
            format!("http://{address}/events")
        }
    };
    let listener = write_timeout::listen(listen).map_err(Failure::Server)?;
    println!("http://{}/", listener.local_addr().map_err(Failure::Server)?);
    let gateway = Gateway::new(format!("{:08x}", fastrand::u32(..)), bounds);
    let serving = tokio::spawn(web::serve(listener, gateway.clone(), settings));

    let transport =
        DirectTransport::tls().map_err(|error| Failure::Server(io::Error::other(error)))?;
    let mut following = {
        let gateway = gateway.clone();
        let client = SseClient::new(transport, upstream::config());
        let follow = async move { upstream::follow(&upstream, client, &gateway).await };
        tokio::spawn(follow)
    };

    let followed = tokio::select! {
        followed = &mut following => match followed {
            Ok(Ok(())) => {
                // Browsers that connect later still receive the history.
                gateway.end();
                ctrl_c().await;
                Ok(())
            }
            Ok(Err(error)) => Err(Failure::Upstream(error)),
            Err(panic) => Err(Failure::Server(panic.into())),
        },
        () = ctrl_c() => Ok(()),
    };
    following.abort();
    gateway.close();
    tokio::select! {
        served = serving => served.unwrap_or_else(|panic| Err(panic.into())).map_err(Failure::Server)?,
        // A second Ctrl-C, while a browser does not read even the end.
        () = ctrl_c() => {}
    }
    followed
}

/// Waits for Ctrl-C, or forever if its handler cannot be installed.
async fn ctrl_c() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
