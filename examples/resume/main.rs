//! Counts the events of a stream, and resumes where it stopped, whatever stopped it: no event is
//! lost, and none is counted twice.
//!
//! The counts and the last event ID are in one file, which is replaced atomically. Events that are
//! not in the file are received again. Without `--url`, processes that crash and are killed follow
//! a demo server.

use std::process::ExitCode;

use crate::args::Args;

mod args;
mod state;
mod follow;
mod demonstration;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match args::parse(std::env::args_os().skip(1)) {
        Ok(Args::Help) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Ok(Args::Demonstrate) => demonstration::run().await,
        Ok(Args::Follow { url, file, fault }) => follow::run(&url, &file, fault).await,
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
