//! Follows one event stream with any number of gateway processes, which share its history in Redis
//! Streams.
//!
//! One process at a time follows the upstream: the one with the lease in the engine. It appends
//! each event to a stream of the engine, which every process reads and sends to its browsers. A
//! browser may come back to any process, with the ID of the last event that it has received, and
//! misses nothing.

mod place;
mod engine;
mod memory;
mod link;
mod redis_engine;
mod status;
mod hub;
mod upstream;
mod leader;
mod browser;
mod web;
mod gateway;
mod args;
mod check;
#[path = "../gateway/harbor.rs"]
mod harbor;
#[cfg(test)]
mod tests;
#[path = "../gateway/write_timeout.rs"]
mod write_timeout;

use std::{
    error::Error,
    net::SocketAddr,
    process::{ExitCode, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::serve::Listener as _;
use sse_direct::{DirectTransport, SseClient};
use tokio::task::JoinSet;

use crate::{
    args::{Args, Serve},
    engine::{Engine, EngineError},
    gateway::{Gateway, Parts},
    harbor::Harbor,
    memory::MemoryEngine,
    redis_engine::{RedisEngine, RedisOptions},
    web::Settings,
};

// A server, so on all cores.
#[tokio::main]
async fn main() -> ExitCode {
    let ended = match args::parse(std::env::args_os().skip(1)) {
        Ok(Args::Help) => {
            print!("{}", args::HELP);
            Ok(())
        }
        Ok(Args::Check) => check::check().await.map_err(Failure::Other),
        Ok(Args::Serve(serve)) if serve.processes > 1 => processes(&serve).await,
        Ok(Args::Serve(serve)) => run(serve).await,
        Err(error) => {
            eprintln!("error: {error}\n\n{}", args::HELP);
            return ExitCode::from(2);
        }
    };
    let Err(failure) = ended else { return ExitCode::SUCCESS };
    match failure {
        Failure::Other(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
        Failure::Denied(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
        Failure::Evicts(policy) => {
            eprintln!(
                "error: Redis may evict the history: its maxmemory-policy is {policy}.\n\
                 Set it to noeviction, or start with --allow-eviction, which reports gaps to browsers."
            );
            ExitCode::from(4)
        }
    }
}

enum Failure {
    Denied(EngineError),
    Evicts(String),
    Other(Box<dyn Error>),
}

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

async fn run(serve: Serve) -> Result<(), Failure> {
    let engine = engine(&serve).await?;
    let upstream = match serve.upstream {
        Some(url) => url,
        None => format!("http://{}/events", Harbor::default().open().await?),
    };
    let listener = write_timeout::listen(serve.listen)?;
    println!("http://{}/events", listener.local_addr()?);
    let transport = DirectTransport::tls()?;
    let parts = Parts {
        engine,
        connect: Arc::new(move |config| SseClient::new(transport.clone(), config)),
        upstream,
        bounds: serve.bounds,
        lease: serve.lease,
        settings: Settings::default(),
    };
    let gateway = Gateway::start(&parts, listener);
    stop_signal().await;
    tokio::select! {
        closed = gateway.close() => closed?,
        // A second Ctrl-C, while a browser does not read even the end.
        () = stop_signal() => {}
    }
    Ok(())
}

/// Returns the engine of the command line. Fails if Redis refuses the credentials, or may evict the
/// history.
async fn engine(serve: &Serve) -> Result<Engine, Failure> {
    let Some(url) = &serve.redis else {
        eprintln!(
            "engine: none (no --redis): this process is alone, and its history is in its memory"
        );
        return Ok(Engine::Memory(MemoryEngine::new(serve.history, serve.lease)));
    };
    let options = RedisOptions {
        topic: serve.topic.clone(),
        history: serve.history,
        lease: serve.lease,
        timeout: serve.timeout,
    };
    let engine = RedisEngine::new(url, options)?;
    match engine.eviction().await {
        // Others evict only keys that expire: the lease, whose loss costs a change of the leader.
        Ok(Some(policy)) if policy.starts_with("allkeys") && !serve.allow_eviction => {
            return Err(Failure::Evicts(policy));
        }
        Ok(_) => {}
        Err(error @ EngineError::Denied(_)) => return Err(Failure::Denied(error)),
        Err(error) => eprintln!("engine: {error}; trying again"),
    }
    Ok(Engine::Redis(engine))
}

/// Starts this program several times, and waits until all have ended.
async fn processes(serve: &Serve) -> Result<(), Failure> {
    let mut children = Vec::new();
    for number in 0..serve.processes {
        let port = serve.listen.port().checked_add(number);
        let port = port.ok_or_else(|| Failure::Other("--processes: no more ports".into()))?;
        let address = SocketAddr::new(serve.listen.ip(), port);
        let mut command = tokio::process::Command::new(std::env::current_exe()?);
        // The last one of an option counts.
        command.args(std::env::args_os().skip(1));
        command.args(["--processes", "1", "--listen", &address.to_string()]);
        children.push(command.stdin(Stdio::null()).kill_on_drop(true).spawn()?);
    }
    let mut ended = JoinSet::new();
    for mut child in children {
        ended.spawn(async move { child.wait().await });
    }
    tokio::select! {
        Some(first) = ended.join_next() => {
            let status = first??;
            if !status.success() {
                return Err(Failure::Other(format!("a gateway has ended: {status}").into()));
            }
        }
        () = stop_signal() => {}
    }
    // The terminal signals Ctrl-C to the children too. Those that do not end are killed.
    let all = async { while ended.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(PATIENCE, all).await;
    Ok(())
}

/// Time for other gateways to end by themselves.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits for Ctrl-C or SIGTERM.
async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
