//! Runs sessions against third-party servers.
//!
//! The arguments are names of servers; without arguments, all are run. Prints a line for each
//! server and scenario: the number of events and connections, and the number of events that were
//! lost or received twice. Servers that are not installed are skipped. Exits with 0 if everything
//! passed, with 77 if something was skipped, otherwise with 1.
//!
//! Servers listen on loopback, on ports assigned by the system, and write below `target/interop`.

mod trouble;
mod place;
mod command;
mod packages;
mod process;

mod payload;
mod progress;
mod follow;
mod client;
mod report;

mod nginx;
mod channel;
mod nchan;
mod better_sse;
mod starlette;
mod frameworks;
mod proxy;
mod mcp;

use std::{env, process::ExitCode};

use report::Report;

/// Name of a server, or of several that belong together, and the function that runs their
/// scenarios.
type Trial = (&'static str, fn(&mut Report) -> Boxed<'_>);
type Boxed<'a> = std::pin::Pin<Box<dyn Future<Output = trouble::Result<()>> + 'a>>;

const TRIALS: &[Trial] = &[
    ("nchan", |report| Box::pin(nchan::trials(report))),
    ("nginx-proxy", |report| Box::pin(proxy::trials(report))),
    ("sse-starlette", |report| Box::pin(starlette::trials(report))),
    ("frameworks", |report| Box::pin(frameworks::trials(report))),
    ("better-sse", |report| Box::pin(better_sse::trials(report))),
    ("mcp", |report| Box::pin(mcp::trials(report))),
];

#[tokio::main]
async fn main() -> ExitCode {
    let wanted: Vec<String> = env::args().skip(1).collect();
    let names: Vec<_> = TRIALS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = wanted.iter().find(|it| !names.contains(&it.as_str())) {
        eprintln!("error: unknown server `{unknown}`: expected one of {names:?}");
        return ExitCode::from(2);
    }
    let mut report = Report::default();
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
