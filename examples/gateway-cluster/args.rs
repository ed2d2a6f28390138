//! Reads the command line.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};

use crate::{hub::Bounds, processes::UNTIL_STDIN_ENDS};

pub(crate) const HELP: &str = "\
Follows one event stream with any number of gateway processes, which share its history in Redis.

Usage: cargo run --bin gateway-cluster [-- OPTIONS]

Each process serves any browser at /events, and its state at /status. One of them follows the
upstream; another takes over when it dies. Without Redis, this process is a gateway of its own,
with its history in memory. Without --upstream, a demo server in the process is followed. Ctrl-C
ends the gateway.

Options:
    --redis URL         Redis or Valkey: redis://[USER:PASSWORD@]HOST[:PORT], rediss://... over TLS,
                        redis+unix:///SOCKET (default: the environment variable REDIS_URL, which
                        other users cannot see)
    --redis-ca FILE     Certificates (PEM) of the authorities to trust for Redis, instead of those
                        of the platform
    --upstream URL      Event stream to follow; the same one for all processes
    --listen ADDRESS    Address to serve at; port 0 selects a free port (default: 127.0.0.1:8080)
    --processes COUNT   Starts this many gateways, at this port and the next ones (default: 1)
    --topic NAME        Name of the stream, shared by the gateways of a cluster (default: events)
    --history EVENTS    Number of events that the engine keeps at least (default: 10000)
    --keep EVENTS       Number of events that each process keeps in memory (default: 2000)
    --keep-bytes BYTES  Size of those events (default: 16777216)
    --lease MS          Time until a dead leader is replaced (default: 3000)
    --timeout MS        Longest time that Redis may take to reply (default: 2000)
    --allow-eviction    Starts even if Redis may evict the history when it is full
    --check             Runs three gateways in this process, stops two, compares their events
    -h, --help          Prints this help

Exit codes:
    1 failure, 2 invalid command line,
    3 Redis refuses the credentials or a command that is needed, or its certificate is not trusted,
    4 Redis may evict the history
";

/// Command line of the program.
#[derive(Debug)]
pub(crate) enum Args {
    Help,
    Check,
    Serve(Serve),
}

#[derive(Debug, Clone)]
pub(crate) struct Serve {
    pub(crate) redis: Option<String>,
    pub(crate) redis_ca: Option<PathBuf>,
    pub(crate) upstream: Option<String>,
    pub(crate) listen: SocketAddr,
    pub(crate) processes: u16,
    pub(crate) topic: String,
    pub(crate) history: usize,
    pub(crate) bounds: Bounds,
    pub(crate) lease: Duration,
    pub(crate) timeout: Duration,
    pub(crate) allow_eviction: bool,
    /// Set for the processes of `--processes`.
    pub(crate) until_stdin_ends: bool,
}

impl Default for Serve {
    fn default() -> Self {
        Self {
            redis: None,
            redis_ca: None,
            upstream: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            processes: 1,
            topic: "events".to_owned(),
            history: 10_000,
            bounds: Bounds::default(),
            lease: Duration::from_secs(3),
            timeout: Duration::from_secs(2),
            allow_eviction: false,
            until_stdin_ends: false,
        }
    }
}

/// Parses the command line. `redis` is the URL of Redis unless an option names another.
pub(crate) fn parse(
    args: impl IntoIterator<Item = OsString>,
    redis: Option<String>,
) -> Result<Args, lexopt::Error> {
    use lexopt::prelude::{Long, Short, ValueExt};

    let mut parser = lexopt::Parser::from_args(args);
    let redis = redis.filter(|url| !url.is_empty());
    let mut serve = Serve { redis, ..Serve::default() };
    while let Some(arg) = parser.next()? {
        match arg {
            Short('h') | Long("help") => return Ok(Args::Help),
            Long("check") => return Ok(Args::Check),
            Long("redis") => serve.redis = Some(parser.value()?.string()?),
            Long("redis-ca") => serve.redis_ca = Some(parser.value()?.into()),
            Long("upstream") => serve.upstream = Some(parser.value()?.string()?),
            Long("listen") => serve.listen = parser.value()?.parse()?,
            Long("processes") => serve.processes = parser.value()?.parse()?,
            Long("topic") => serve.topic = parser.value()?.string()?,
            Long("history") => serve.history = parser.value()?.parse_with(positive)?,
            Long("keep") => serve.bounds.events = parser.value()?.parse()?,
            Long("keep-bytes") => serve.bounds.bytes = parser.value()?.parse()?,
            Long("lease") => serve.lease = millis(parser.value()?.parse_with(positive)?),
            Long("timeout") => serve.timeout = millis(parser.value()?.parse_with(positive)?),
            Long("allow-eviction") => serve.allow_eviction = true,
            Long(UNTIL_STDIN_ENDS) => serve.until_stdin_ends = true,
            other => return Err(other.unexpected()),
        }
    }
    if serve.processes > 1 && serve.redis.is_none() {
        return Err("--processes needs --redis, which the processes share".into());
    }
    if serve.processes > 1 && serve.listen.port() == 0 {
        return Err("--processes needs --listen with a port".into());
    }
    Ok(Args::Serve(serve))
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must not be 0".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

fn millis(millis: usize) -> Duration {
    Duration::from_millis(millis as u64)
}

#[cfg(test)]
mod tests {
    use super::{Args, parse};

    #[test]
    fn redis_url_is_used_unless_an_option_names_another() {
        let redis = |args: &[&str], url: &str| {
            let args = args.iter().map(Into::into);
            match parse(args, Some(url.to_owned())) {
                Ok(Args::Serve(serve)) => serve.redis,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(redis(&[], "redis://a/").as_deref(), Some("redis://a/"));
        assert_eq!(redis(&["--redis", "redis://b/"], "redis://a/").as_deref(), Some("redis://b/"));
        assert_eq!(redis(&[], ""), None);
    }
}
