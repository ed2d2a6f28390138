//! Sessions against servers that nobody here wrote.
//!
//! Names of servers in, or none for all of them; a line for each server and scenario out, with what
//! came, over how many connections, and what was lost or came twice. A server that this machine
//! lacks is skipped. Exits with 0 if all went well, with 77 if something was skipped, else with 1.
//!
//! Servers listen on loopback, on ports that the system gave; all that they write lies below
//! `target/interop`.

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
mod proxy;
mod mcp;

use std::{env, process::ExitCode};

use report::Report;

/// A server, or several that belong together, and what is tried with them.
type Trial = (&'static str, fn(&mut Report) -> Boxed<'_>);
type Boxed<'a> = std::pin::Pin<Box<dyn Future<Output = trouble::Result<()>> + 'a>>;

const TRIALS: &[Trial] = &[
    ("nchan", |report| Box::pin(nchan::trials(report))),
    ("nginx-proxy", |report| Box::pin(proxy::trials(report))),
    ("sse-starlette", |report| Box::pin(starlette::trials(report))),
    ("better-sse", |report| Box::pin(better_sse::trials(report))),
    ("mcp", |report| Box::pin(mcp::trials(report))),
];

#[tokio::main]
async fn main() -> ExitCode {
    let wanted: Vec<String> = env::args().skip(1).collect();
    let names: Vec<_> = TRIALS.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = wanted.iter().find(|it| !names.contains(&it.as_str())) {
        eprintln!("error: there is no server `{unknown}` here, but {names:?}");
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
    // Servers are ended when they are dropped, so that it must not be the signal that ends us.
    let all_ran = tokio::select! {
        () = all => true,
        () = process::told_to_stop() => false,
    };
    if all_ran { report.exit_code() } else { ExitCode::FAILURE }
}
