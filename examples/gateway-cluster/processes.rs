//! Several gateways on this machine, each as a process of this program (`--processes`).
//!
//! Responsible for starting them, for starting those again that have died, and for ending them
//! together with this process: each has a pipe from it, whose end is a request to stop. One that
//! ends by its own decision is not started again, and does not end the others.

use std::{
    io::{self, Read as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    sync::{oneshot, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// Option of the processes that are started here: end when standard input does.
pub(crate) const UNTIL_STDIN_ENDS: &str = "until-stdin-ends";

/// Runs a gateway at each address, until all have ended. Asks them to end when `stop` is ready.
/// Returns the worst exit code.
pub(crate) async fn run(
    program: PathBuf,
    addresses: Vec<SocketAddr>,
    stop: impl Future<Output = ()>,
) -> u8 {
    let (stopping, _) = watch::channel(false);
    let mut running = JoinSet::new();
    for address in addresses {
        running.spawn(supervise(program.clone(), address, stopping.subscribe()));
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

/// Runs a gateway, again if it has died. Returns its exit code. Fails if it cannot be started at
/// first.
async fn supervise(
    program: PathBuf,
    address: SocketAddr,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<u8> {
    let mut child = Some(start(&program, address)?);
    loop {
        let why = match child.take() {
            Some(mut child) => {
                let pipe = child.stdin.take();
                let ended = tokio::select! {
                    ended = child.wait() => Some(ended?),
                    _ = stopping.wait_for(|&stopping| stopping) => None,
                };
                drop(pipe);
                let Some(status) = ended else { return end(child).await };
                if status.code().is_some_and(is_decision) {
                    if !status.success() {
                        eprintln!("gateway at {address}: {status}; not starting it again");
                    }
                    return Ok(code(status));
                }
                status.to_string()
            }
            None => match start(&program, address) {
                Ok(started) => {
                    child = Some(started);
                    continue;
                }
                // Such as too many processes at the moment.
                Err(error) => format!("cannot start: {error}"),
            },
        };
        eprintln!("gateway at {address}: {why}; starting it again");
        tokio::select! {
            () = sleep(RESTART_PAUSE) => {}
            _ = stopping.wait_for(|&stopping| stopping) => return Ok(0),
        }
    }
}

fn start(program: &Path, address: SocketAddr) -> io::Result<Child> {
    let mut command = Command::new(program);
    // The last one of an option counts.
    command.args(std::env::args_os().skip(1));
    command.args(["--processes", "1", "--listen", &address.to_string()]);
    command.arg(format!("--{UNTIL_STDIN_ENDS}"));
    command.stdin(Stdio::piped()).kill_on_drop(true).spawn()
}

/// Waits until a gateway that was asked to end has done so, and otherwise kills it.
async fn end(mut child: Child) -> io::Result<u8> {
    match timeout(PATIENCE, child.wait()).await {
        Ok(status) => Ok(code(status?)),
        Err(_) => {
            child.kill().await?;
            Ok(1)
        }
    }
}

/// Returns `true` for the exit codes of a gateway that would decide the same again. Others are
/// those of a panic, or of a failure that may pass, such as a port in use.
fn is_decision(code: i32) -> bool {
    matches!(code, 0 | 2..=4)
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

#[cfg(test)]
mod tests {
    use super::is_decision;

    #[test]
    fn exit_code_of_a_failure_that_may_pass_is_not_a_decision() {
        let decisions: Vec<_> = (0..256).filter(|&code| is_decision(code)).collect();
        assert_eq!(decisions, [0, 2, 3, 4]);
    }
}
