//! Counts the events of a server, and goes on where it stopped however it was stopped: no event is
//! lost, none is counted twice.
//!
//! The counts and the last event ID are one file, which is replaced as a whole: whatever is in it
//! was counted, and whatever is not comes again. Without `--url`, a demonstration follows a demo
//! server in processes of its own, which crash and are killed.

use std::process::ExitCode;

use crate::args::Args;

mod args;
mod ledger;
mod follow;
mod demonstration;

#[tokio::main]
async fn main() -> ExitCode {
    let result = match args::parse(std::env::args_os().skip(1)) {
        Ok(Args::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Args::Demonstrate) => demonstration::run().await,
        Ok(Args::Follow { url, ledger, mishap }) => follow::run(&url, &ledger, mishap).await,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
