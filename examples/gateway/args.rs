//! The command line in, what to do out.

use std::{ffi::OsString, net::SocketAddr};

use axum::http::HeaderValue;

use crate::{
    history::Bounds,
    web::{Origins, Settings},
};

pub(crate) const HELP: &str = "\
Follows one event stream and passes it on to any number of browsers, with a page to watch it.

Usage: cargo run --example gateway [-- OPTIONS]

Without an upstream, a demo server is started in the same process. Ctrl-C ends it.

Options:
    --upstream URL         The event stream to follow
    --listen ADDRESS       Where to serve (default: 127.0.0.1:8080); port 0 is any free one
    --keep EVENTS          How many events are kept for browsers that are late (default: 1000)
    --keep-bytes BYTES     ... and how many bytes of them (default: 16777216)
    --allow-origin ORIGIN  Whose pages may read the stream too; may be repeated, and * is all
    --check                Follow the gateway with clients of ours, compare, and end
    -h, --help             Print this help
";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Args {
    Help,
    Check,
    Serve { upstream: Option<String>, listen: SocketAddr, bounds: Bounds, settings: Settings },
}

/// Reads the command line.
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

fn with(origins: Origins, another: HeaderValue) -> Origins {
    match origins {
        Origins::These(mut origins) if another != "*" => {
            origins.push(another);
            Origins::These(origins)
        }
        _ => Origins::Any,
    }
}
