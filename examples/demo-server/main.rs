//! Serves the demo event streams at an address, for clients of your own.
//!
//! The library next to this file describes the streams.

use std::{env, io, net::SocketAddr, process::ExitCode};

const HELP: &str = "\
Serves demo event streams for clients of your own, until Ctrl-C.

Usage: cargo run --bin demo-server [-- ADDRESS]

Arguments:
    ADDRESS    Address to listen at; port 0 selects a free port (default: 127.0.0.1:8080)

Streams:
    /events    Cuts connections without Last-Event-ID, resumes after it, and finally responds 204
    /steady    Sends the same events over one connection, with keep-alives
";

const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";

#[tokio::main]
async fn main() -> ExitCode {
    let argument = env::args().nth(1).unwrap_or_else(|| DEFAULT_ADDRESS.to_owned());
    if matches!(argument.as_str(), "-h" | "--help") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let Ok(address) = argument.parse() else {
        eprintln!("error: not an address and a port: {argument}\n\n{HELP}");
        return ExitCode::from(2);
    };
    match serve(address).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot serve at {address}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(address: SocketAddr) -> io::Result<()> {
    let address = sse_demo_server::start_at(address).await?;
    println!("http://{address}/events");
    println!("http://{address}/steady");
    tokio::signal::ctrl_c().await
}
