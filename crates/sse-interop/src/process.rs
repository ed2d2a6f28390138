//! A server that runs in a process of its own: started on ports that are free, and ended in any case.
//!
//! What it writes is kept, to be shown if something fails. Knows nothing of what it serves.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::PathBuf,
    process::{Command as Blocking, Stdio},
    time::{Duration, Instant},
};

use tokio::{
    process::{Child, Command},
    time::sleep,
};

use crate::{
    place::TempDir,
    trouble::{Result, Trouble},
};

#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
    // Fields are dropped in this order: the directory goes when the server is gone.
    pub(crate) dir: TempDir,
}

impl Process {
    /// Starts a server on so many free ports, and waits until it has written `ready`.
    ///
    /// Nothing keeps a free port free until the server has it: one that finds it taken is started
    /// again on others.
    pub(crate) async fn start<const PORTS: usize>(
        name: &str,
        ready: &str,
        command: impl Fn(&TempDir, [u16; PORTS]) -> std::io::Result<Command>,
    ) -> Result<(Self, [u16; PORTS])> {
        let mut log = String::new();
        for _ in 0..ATTEMPTS {
            let dir = TempDir::new(name)?;
            let ports = free_ports()?;
            let command = command(&dir, ports).map_err(Trouble::during(name))?;
            let mut server = Self::spawn(command, dir).map_err(Trouble::during(name))?;
            if server.is_ready(ready).await? {
                return Ok((server, ports));
            }
            log = server.log();
            if !log.to_lowercase().contains("in use") {
                break;
            }
        }
        Err(Trouble::failed(format!("{name} does not start\n{log}")))
    }

    fn spawn(mut command: Command, dir: TempDir) -> std::io::Result<Self> {
        let log = dir.path().join("log");
        let out = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).kill_on_drop(true);
        // With the children that it starts it is a group, which can be ended as one.
        #[cfg(unix)]
        command.process_group(0);
        Ok(Self { child: command.spawn()?, log, dir })
    }

    /// Waits until the server has written that it is ready; false, if it has ended.
    async fn is_ready(&mut self, ready: &str) -> Result<bool> {
        let start = Instant::now();
        while start.elapsed() < START_LIMIT {
            if self.log().contains(ready) {
                return Ok(true);
            }
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            sleep(LOOK_AGAIN).await;
        }
        let log = self.log();
        Err(Trouble::failed(format!("not ready within {START_LIMIT:?}, but still running\n{log}")))
    }

    /// All that the server has written.
    pub(crate) fn log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Asks the server to end, and sees to it that it does, and its children too.
    pub(crate) fn end(&mut self) {
        let Some(id) = self.child.id() else { return };
        signal("TERM", &id.to_string());
        let start = Instant::now();
        while start.elapsed() < END_LIMIT && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(LOOK_AGAIN);
        }
        signal("KILL", &format!("-{id}"));
        let _ = self.child.start_kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Sends a signal to a process, or with a minus before its number to the group that it leads. One
/// that is not there any more is no failure.
pub(crate) fn signal(signal: &str, process: &str) {
    let kill = Blocking::new("kill").args([&format!("-{signal}"), "--", process]).output();
    // Where there is no such program, the child is killed by the standard library alone.
    let _ = kill;
}

/// Waits until somebody asks this program to stop.
pub(crate) async fn told_to_stop() {
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
    let _ = tokio::signal::ctrl_c().await;
}

fn free_ports<const PORTS: usize>() -> Result<[u16; PORTS]> {
    let mut ports = [0; PORTS];
    let mut held = Vec::new();
    for port in &mut ports {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(Trouble::during("no free port"))?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}

const ATTEMPTS: u32 = 5;
const START_LIMIT: Duration = Duration::from_secs(60);
const END_LIMIT: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::process::Command;

    use super::Process;
    use crate::trouble::{Result, Trouble};

    /// Starts what these lines of a shell say, one for each attempt.
    async fn start(attempts: &[&str]) -> (Result<Process>, Vec<u16>) {
        let (attempts, ports) = (Cell::new(attempts), Cell::new(Vec::new()));
        let server = Process::start("shell", "listening", |_, [port]| {
            let (line, rest) = attempts.get().split_first().expect("as many as were foreseen");
            attempts.set(rest);
            ports.set([ports.take(), vec![port]].concat());
            let mut command = Command::new("sh");
            command.args(["-c", line]);
            Ok(command)
        });
        (server.await.map(|(server, _)| server), ports.into_inner())
    }

    #[tokio::test]
    async fn a_server_whose_port_is_taken_is_started_again() {
        let taken = "echo bind: Address already in use; exit 1";
        let (server, ports) = start(&[taken, "echo listening; exec tail -f /dev/null"]).await;
        let mut server = server.unwrap();
        assert_eq!(ports.len(), 2);
        assert_eq!(server.log(), "listening\n");
        let dir = server.dir.path().to_owned();
        server.end();
        assert!(server.child.wait().await.unwrap().code().is_none(), "ended by a signal");
        drop(server);
        assert!(!dir.exists());
    }

    #[tokio::test]
    async fn a_server_that_does_not_start_says_why() {
        let (server, ports) = start(&["echo no such module >&2; exit 1"]).await;
        assert_eq!(ports.len(), 1);
        let Err(Trouble::Failed(why)) = server else { panic!("{server:?}") };
        assert_eq!(why, "shell does not start\nno such module\n");
    }
}
