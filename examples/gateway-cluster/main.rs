//! Follows one event stream with any number of gateway processes, which share its history in Redis
//! Streams.
//!
//! One process at a time follows the upstream: the one with the lease in the engine. It appends
//! each event to a stream of the engine, which every process reads and sends to its browsers. A
//! browser may come back to any process, with the ID of the last event that it has received, and
//! misses nothing.

mod place;
mod engine;
mod page;
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
mod processes;
mod args;
mod check;
#[path = "../gateway/harbor.rs"]
mod harbor;
#[cfg(test)]
mod tests;
#[path = "../gateway/write_timeout.rs"]
mod write_timeout;

use std::{
    error::Error, future::pending, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration,
};

use axum::serve::Listener as _;
use sse_direct::{DirectTransport, SseClient};

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
    // The client of Redis asks for that of the process. It is set already if this fails.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ended = match args::parse(std::env::args_os().skip(1), std::env::var("REDIS_URL").ok()) {
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
        // They have said why.
        Failure::Gateways(code) => ExitCode::from(code),
        Failure::Other(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
        Failure::Invalid(why) => {
            eprintln!("error: {why}");
            ExitCode::from(2)
        }
        Failure::Denied(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
        Failure::Evicts(policy) => {
            eprintln!(
                "error: Redis may evict the history: its maxmemory-policy is {policy}.\n\
                 Set it to noeviction, or start with --allow-eviction, which reports gaps to \
                 browsers."
            );
            ExitCode::from(4)
        }
    }
}

enum Failure {
    /// An option has an invalid value.
    Invalid(String),
    /// Redis refuses the credentials or a command, or its certificate is not trusted.
    Denied(EngineError),
    Evicts(String),
    /// The worst exit code of several gateways.
    Gateways(u8),
    Other(Box<dyn Error>),
}

impl<E: Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

async fn run(serve: Serve) -> Result<(), Failure> {
    let (engine, unchecked) = engine(&serve).await?;
    let upstream = match serve.upstream {
        Some(url) => url,
        None => format!("http://{}/events", Harbor::default().open().await?),
    };
    let listen = serve.listen;
    let listener = write_timeout::listen(listen)
        .map_err(|error| Failure::Other(format!("cannot listen at {listen}: {error}").into()))?;
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
    let stdin_end = async {
        if serve.until_stdin_ends { processes::stdin_end().await } else { pending().await }
    };
    let ended = tokio::select! {
        () = stop_signal() => Ok(()),
        () = stdin_end => Ok(()),
        failure = unusable(unchecked, serve.allow_eviction) => Err(failure),
    };
    tokio::select! {
        closed = gateway.close() => closed?,
        // A second Ctrl-C.
        () = stop_signal() => {}
    }
    ended
}

/// Returns the engine of the command line. Also returns a clone of it if it did not respond, to be
/// checked later. Fails if a gateway cannot use the engine.
async fn engine(serve: &Serve) -> Result<(Engine, Option<RedisEngine>), Failure> {
    let Some(url) = &serve.redis else {
        eprintln!(
            "engine: none (no --redis): this process is alone, and its history is in its memory"
        );
        return Ok((Engine::Memory(MemoryEngine::new(serve.history, serve.lease)), None));
    };
    let roots = serve.redis_ca.as_ref().map(std::fs::read).transpose();
    let options = RedisOptions {
        roots: roots.map_err(|error| Failure::Invalid(format!("--redis-ca: {error}")))?,
        topic: serve.topic.clone(),
        history: serve.history,
        lease: serve.lease,
        timeout: serve.timeout,
    };
    let engine = RedisEngine::new(url, options).map_err(|why| Failure::Invalid(why.to_string()))?;
    match check_redis(&engine, serve.allow_eviction).await {
        Ok(None) => Ok((Engine::Redis(engine), None)),
        Ok(Some(failure)) => Err(failure),
        Err(error) => {
            eprintln!("engine: {error}; trying again");
            Ok((Engine::Redis(engine.clone()), Some(engine)))
        }
    }
}

/// Checks an engine until it responds. Returns why a gateway cannot use it; otherwise never.
async fn unusable(unchecked: Option<RedisEngine>, allow_eviction: bool) -> Failure {
    if let Some(engine) = unchecked {
        loop {
            match check_redis(&engine, allow_eviction).await {
                Ok(Some(failure)) => return failure,
                Ok(None) => break,
                Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }
    pending().await
}

/// Returns the reason why a gateway cannot use an engine until its operator changes something, or
/// `None` if it can. Fails if the engine does not respond.
async fn check_redis(
    engine: &RedisEngine,
    allow_eviction: bool,
) -> Result<Option<Failure>, EngineError> {
    let checked = async {
        let policy = engine.eviction().await?;
        engine.check_rights().await?;
        Ok(policy)
    };
    match checked.await {
        Ok(Some(policy)) if may_evict(&policy) && !allow_eviction => {
            Ok(Some(Failure::Evicts(policy)))
        }
        Ok(_) => Ok(None),
        Err(
            error
            @ (EngineError::Denied(_) | EngineError::Forbidden(_) | EngineError::Untrusted(_)),
        ) => Ok(Some(Failure::Denied(error))),
        Err(error) => Err(error),
    }
}

/// Other policies evict only keys that expire: the lease, whose loss costs a change of the leader.
fn may_evict(policy: &str) -> bool {
    policy.starts_with("allkeys")
}

/// Starts this program several times, and waits until all have ended.
async fn processes(serve: &Serve) -> Result<(), Failure> {
    let address = |number| {
        let port = serve.listen.port().checked_add(number)?;
        Some(SocketAddr::new(serve.listen.ip(), port))
    };
    let addresses = (0..serve.processes).map(address).collect::<Option<_>>();
    let addresses = addresses.ok_or_else(|| Failure::Other("--processes: no more ports".into()))?;
    // Once: after an update of the file, its path would be another one.
    let program = std::env::current_exe()?;
    match processes::run(program, addresses, stop_signal()).await {
        0 => Ok(()),
        code => Err(Failure::Gateways(code)),
    }
}

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
        pending::<()>().await;
    }
}
