//! Serves the demo event streams at an address, for programs of your own to follow.
//!
//! What it sends is said in the library beside it.

use std::{env, io, net::SocketAddr, process::ExitCode};

const HELP: &str = "\
Serves event streams for programs of your own to follow, until it is stopped with Ctrl-C.

usage: cargo run --bin demo-server -- [ADDRESS]

  ADDRESS  where to listen; 127.0.0.1:8080 unless said otherwise, and port 0 is any that is free

  /events  loses its first connection, goes on from Last-Event-ID, and at its end answers 204
  /steady  sends the same over one connection, with keep-alives
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
