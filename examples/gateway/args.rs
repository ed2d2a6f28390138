//! Reads the command line.

use std::{ffi::OsString, net::SocketAddr};

use axum::http::HeaderValue;

use crate::{
    gateway::Bounds,
    web::{Origins, Settings},
};

pub(crate) const HELP: &str = "\
Follows one event stream and forwards it to any number of browsers, with a page that shows it.

Usage: cargo run --example gateway [-- OPTIONS]

Without an upstream, a demo server in the same process is followed. Ctrl-C ends the gateway.

Options:
    --upstream URL         Event stream to follow
    --listen ADDRESS       Address to serve at; port 0 selects a free port (default: 127.0.0.1:8080)
    --keep EVENTS          Number of events kept for browsers that reconnect (default: 1000)
    --keep-bytes BYTES     Size of the events kept (default: 16777216)
    --allow-origin ORIGIN  Origin whose pages may read the stream too; repeatable, * allows all
    --check                Follows the gateway with several clients, compares their events, and ends
    -h, --help             Prints this help
";

/// Command line of the program.
#[derive(Debug)]
pub(crate) enum Args {
    Help,
    Check,
    Serve { upstream: Option<String>, listen: SocketAddr, bounds: Bounds, settings: Settings },
}

/// Parses the command line.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let mut upstream = None;
    let mut listen = SocketAddr::from(([127, 0, 0, 1], 8080));
    let mut bounds = Bounds::default();
    let mut origins = Origins::These(Vec::new());
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args::Help),
            Long("check") => return Ok(Args::Check),
            Long("upstream") => upstream = Some(parser.value()?.string()?),
            Long("listen") => listen = parser.value()?.parse()?,
            Long("keep") => bounds.events = parser.value()?.parse()?,
            Long("keep-bytes") => bounds.bytes = parser.value()?.parse()?,
            Long("allow-origin") => {
                let origin = parser.value()?.parse_with(HeaderValue::from_str)?;
                origins = with(origins, origin);
            }
            other => return Err(other.unexpected()),
        }
    }
    let settings = Settings { origins, ..Settings::default() };
    Ok(Args::Serve { upstream, listen, bounds, settings })
}

/// Adds an origin.
fn with(origins: Origins, another: HeaderValue) -> Origins {
    match origins {
        Origins::These(mut origins) if another != "*" => {
            origins.push(another);
            Origins::These(origins)
        }
        _ => Origins::Any,
    }
}
