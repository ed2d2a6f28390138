//! Several gateways on this machine, each as a process of this program (`--processes`).
//!
//! Responsible for starting them, for starting those again that a signal has killed, and for ending
//! them together with this process: each has a pipe from it, whose end is a request to stop. One that
//! ends with an exit code is not started again, and does not end the others.

use std::{
    io::{self, Read as _},
    net::SocketAddr,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    process::Command,
    sync::{oneshot, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// Option of the processes that are started here: end when standard input does.
pub(crate) const UNTIL_STDIN_ENDS: &str = "until-stdin-ends";

/// Runs a gateway at each address, until all have ended, or `stop` is ready and then all have ended.
/// Returns the worst exit code.
pub(crate) async fn run(addresses: Vec<SocketAddr>, stop: impl Future<Output = ()>) -> u8 {
    let (stopping, _) = watch::channel(false);
    let mut running = JoinSet::new();
    for address in addresses {
        running.spawn(supervise(address, stopping.subscribe()));
    }
    let mut all = std::pin::pin!(async {
        let mut worst = 0;
        while let Some(ended) = running.join_next().await {
            let code = ended.unwrap_or_else(|panic| Err(panic.into()));
            worst = worst.max(code.unwrap_or_else(|error| {
                eprintln!("error: cannot run a gateway: {error}");
                1
            }));
        }
        worst
    });
    tokio::select! {
        worst = &mut all => worst,
        () = stop => {
            stopping.send_replace(true);
            all.await
        }
    }
}

/// Runs a gateway, again if a signal has killed it. Returns its exit code.
async fn supervise(address: SocketAddr, mut stopping: watch::Receiver<bool>) -> io::Result<u8> {
    loop {
        let mut command = Command::new(std::env::current_exe()?);
        // The last one of an option counts.
        command.args(std::env::args_os().skip(1));
        command.args(["--processes", "1", "--listen", &address.to_string()]);
        command.arg(format!("--{UNTIL_STDIN_ENDS}"));
        let mut child = command.stdin(Stdio::piped()).kill_on_drop(true).spawn()?;
        let pipe = child.stdin.take();
        let ended = tokio::select! {
            ended = child.wait() => Some(ended?),
            _ = stopping.wait_for(|&stopping| stopping) => None,
        };
        drop(pipe);
        let Some(status) = ended else {
            return Ok(match timeout(PATIENCE, child.wait()).await {
                Ok(status) => code(status?),
                Err(_) => {
                    child.kill().await?;
                    1
                }
            });
        };
        if status.code().is_some() {
            // Its own decision, which it would make again.
            if !status.success() {
                eprintln!("gateway at {address}: {status}; not starting it again");
            }
            return Ok(code(status));
        }
        eprintln!("gateway at {address}: {status}; starting it again");
        tokio::select! {
            () = sleep(RESTART_PAUSE) => {}
            _ = stopping.wait_for(|&stopping| stopping) => return Ok(0),
        }
    }
}

fn code(status: ExitStatus) -> u8 {
    status.code().map_or(1, |code| u8::try_from(code).unwrap_or(1))
}

/// Waits until standard input ends. A thread reads it, which does not delay the end of the process.
pub(crate) async fn stdin_end() {
    let (ended, end) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut stdin = io::stdin();
        let mut bytes = [0; 64];
        while stdin.read(&mut bytes).is_ok_and(|count| count > 0) {}
        drop(ended);
    });
    // An error, as nothing is sent.
    let _ = end.await;
}

/// Time for a gateway to end by itself.
const PATIENCE: Duration = Duration::from_secs(10);
const RESTART_PAUSE: Duration = Duration::from_secs(1);
