//! Runs sessions against third-party servers.
//!
//! The arguments are names of servers or groups; without arguments, all are run. `--short` leaves
//! out those that take long to install. Prints a line for each server and scenario: the number of
//! events and connections, the number of events that were lost or received twice, and how a stream
//! ended. Servers that are not installed are skipped. Exits with 0 if everything passed, with 77 if
//! something was skipped, otherwise with 1.
//!
//! With `cluster` as the first argument, it runs the example `gateway-cluster` over Redis instead.
//!
//! Servers listen on loopback, on ports assigned by the system, and write below `target/interop`.

mod error;
mod place;
mod command;
mod packages;
mod process;

mod payload;
mod progress;
mod form;
mod follow;
mod client;
mod report;

mod cursor;
mod servers;
mod server;
mod scenarios;
mod ended;
mod proxies;

mod nginx;
mod channel;
mod nchan;
mod starlette;
mod nginx_proxy;
mod centrifugo;
mod mcp;
mod cluster;

use std::{env, process::ExitCode};

use report::{Boxed, Report};

/// Name of a group of servers, and the function that runs their scenarios.
type Trial = (&'static str, fn(&mut Report) -> Boxed<'_>);

const TRIALS: &[Trial] = &[
    ("nchan", |report| Box::pin(nchan::trials(report))),
    ("nginx-proxy", |report| Box::pin(nginx_proxy::trials(report))),
    ("sse-starlette", |report| Box::pin(starlette::trials(report))),
    ("frameworks", |report| Box::pin(servers::trials(report, servers::PYTHON_AND_NODE))),
    ("go", |report| Box::pin(servers::trials(report, servers::GO))),
    ("centrifugo", |report| Box::pin(centrifugo::trials(report))),
    ("jvm", |report| Box::pin(servers::trials(report, servers::JVM))),
    ("proxies", |report| Box::pin(proxies::trials(report))),
    ("mcp", |report| Box::pin(mcp::trials(report))),
];

#[tokio::main]
async fn main() -> ExitCode {
    let mut wanted: Vec<String> = env::args().skip(1).collect();
    if let Some(("cluster", words)) = wanted.split_first().map(|(name, rest)| (name.as_str(), rest))
    {
        return cluster::run(words).await;
    }
    let count = wanted.len();
    wanted.retain(|word| word != "--short");
    let mut report = Report::new(wanted.len() < count);
    let names: Vec<_> = TRIALS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = wanted.iter().find(|it| !names.contains(&it.as_str())) {
        eprintln!("error: unknown server `{unknown}`: expected `--short`, or one of {names:?}");
        return ExitCode::from(2);
    }
    let all = async {
        for (name, trials) in TRIALS {
            if wanted.is_empty() || wanted.iter().any(|it| it == name) {
                let outcome = trials(&mut report).await;
                report.ended(name, outcome);
            }
        }
    };
    // Catches the signal, so that servers are dropped, and thereby stopped.
    let all_ran = tokio::select! {
        () = all => true,
        () = process::stop_signal() => false,
    };
    if all_ran { report.exit_code() } else { ExitCode::FAILURE }
}
