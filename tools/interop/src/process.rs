//! Runs a server as a process: starts it on free ports, and always stops it.
//!
//! Its log is kept, to be printed after a failure.

use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command as Blocking, Stdio},
    time::{Duration, Instant},
};

use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::{
    error::{Result, ScenarioError},
    place::TempDir,
};

#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
    // Dropped after the process: the directory is in use until then.
    pub(crate) dir: TempDir,
}

impl Process {
    /// Starts a server on free ports, and waits until it is ready.
    ///
    /// Another process may take a free port before the server does. The server is then started
    /// again on other ports.
    pub(crate) async fn start<'a, const PORTS: usize>(
        name: &str,
        ready: impl Into<Ready<'a>>,
        command: impl Fn(&TempDir, [u16; PORTS]) -> std::io::Result<Command>,
    ) -> Result<(Self, [u16; PORTS])> {
        let (ready, mut log) = (ready.into(), String::new());
        for _ in 0..ATTEMPTS {
            let dir = TempDir::new(name)?;
            let ports = free_ports()?;
            let command = command(&dir, ports).map_err(ScenarioError::during(name))?;
            let mut server = Self::spawn(command, dir).map_err(ScenarioError::during(name))?;
            if server.is_ready(ready, ports.as_slice()).await? {
                return Ok((server, ports));
            }
            log = server.log();
            if !log.to_lowercase().contains("in use") {
                break;
            }
        }
        Err(ScenarioError::failed(format!("{name} does not start\n{log}")))
    }

    fn spawn(command: Command, dir: TempDir) -> std::io::Result<Self> {
        let log = dir.path().join("log");
        Ok(Self { child: spawn(command, &log)?, log, dir })
    }

    /// Kills the server if it still runs, and starts another one in the same directory, on the same
    /// ports. Waits until it is ready.
    pub(crate) async fn restart(
        &mut self,
        ready: Ready<'_>,
        ports: &[u16],
        command: impl Fn(&TempDir) -> std::io::Result<Command>,
    ) -> Result<()> {
        self.kill().await;
        let start = Instant::now();
        // A child of the killed process may take a moment to end.
        while ports.iter().any(|&port| listens(port)) {
            if start.elapsed() > START_LIMIT {
                return Err(ScenarioError::failed(format!(
                    "listens {START_LIMIT:?} after SIGKILL"
                )));
            }
            sleep(POLL_INTERVAL).await;
        }
        self.child = spawn(command(&self.dir)?, &self.log)?;
        if self.is_ready(ready, ports).await? {
            return Ok(());
        }
        Err(ScenarioError::failed(format!("does not start again\n{}", self.log())))
    }

    /// Waits until the server is ready. Returns `false` if it has ended.
    async fn is_ready(&mut self, ready: Ready<'_>, ports: &[u16]) -> Result<bool> {
        let start = Instant::now();
        while start.elapsed() < START_LIMIT {
            let is_ready = match ready {
                Ready::Log(text) => self.log().contains(text),
                Ready::Ports => ports.iter().all(|&port| listens(port)),
            };
            if is_ready {
                return Ok(true);
            }
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            sleep(POLL_INTERVAL).await;
        }
        let log = self.log();
        Err(ScenarioError::failed(format!(
            "not ready within {START_LIMIT:?}, but still running\n{log}"
        )))
    }

    /// Returns everything that the server has written.
    pub(crate) fn log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Returns the process ID, unless the server has ended.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the server has ended. Returns its exit code, or `None` if a signal has killed
    /// it.
    pub(crate) async fn ended(&mut self) -> Result<Option<i32>> {
        let status = timeout(START_LIMIT, self.child.wait()).await;
        let status = status.map_err(|_| ScenarioError::failed("a process does not end"))??;
        Ok(status.code())
    }

    /// Kills the server and its children with SIGKILL, and waits until it is gone.
    pub(crate) async fn kill(&mut self) {
        if let Some(id) = self.child.id() {
            signal("KILL", &format!("-{id}"));
        }
        // It has ended already, or does so now.
        let _ = self.child.kill().await;
    }

    /// Asks the server to end, and waits until it has, for up to [`STOP_LIMIT`].
    pub(crate) async fn terminate(&mut self) -> Result<()> {
        let Some(id) = self.child.id() else {
            return Err(ScenarioError::failed(format!("the server has ended\n{}", self.log())));
        };
        signal("TERM", &id.to_string());
        match timeout(STOP_LIMIT, self.child.wait()).await {
            Ok(status) => {
                status?;
                Ok(())
            }
            Err(_) => Err(ScenarioError::failed(format!("runs {STOP_LIMIT:?} after SIGTERM"))),
        }
    }

    /// Asks the server to end, then kills it and its children.
    pub(crate) fn end(&mut self) {
        let Some(id) = self.child.id() else { return };
        signal("TERM", &id.to_string());
        let start = Instant::now();
        while start.elapsed() < END_LIMIT && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(POLL_INTERVAL);
        }
        signal("KILL", &format!("-{id}"));
        let _ = self.child.start_kill();
    }
}

/// Sign that a server is ready.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ready<'a> {
    /// It has written this.
    Log(&'a str),
    /// It accepts connections at its ports.
    Ports,
}

impl<'a> From<&'a str> for Ready<'a> {
    fn from(text: &'a str) -> Self {
        Self::Log(text)
    }
}

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn spawn(mut command: Command, log: &Path) -> std::io::Result<Child> {
    let out = File::create(log)?;
    command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out).kill_on_drop(true);
    // The process and its children form a group, to which signals can be sent.
    #[cfg(unix)]
    command.process_group(0);
    command.spawn()
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// Sends a signal to a process, or to a group of processes if its number is negative. Ignores a
/// process that has already ended.
pub(crate) fn signal(signal: &str, process: &str) {
    let kill = Blocking::new("kill").args([&format!("-{signal}"), "--", process]).output();
    // Without that program, only the standard library's own kill works.
    let _ = kill;
}

/// Waits for Ctrl-C or SIGTERM.
pub(crate) async fn stop_signal() {
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
        let listener =
            TcpListener::bind("127.0.0.1:0").map_err(ScenarioError::during("no free port"))?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
}

const ATTEMPTS: u32 = 5;
const START_LIMIT: Duration = Duration::from_secs(60);
const END_LIMIT: Duration = Duration::from_secs(5);
/// Longest time of a graceful shutdown.
const STOP_LIMIT: Duration = Duration::from_secs(40);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::process::Command;

    use super::Process;
    use crate::error::{Result, ScenarioError};

    /// Starts these shell commands, one for each attempt.
    async fn start(attempts: &[&str]) -> (Result<Process>, Vec<u16>) {
        let (attempts, ports) = (Cell::new(attempts), Cell::new(Vec::new()));
        let server = Process::start("shell", "listening", |_, [port]| {
            let (line, rest) = attempts.get().split_first().expect("as many commands as attempts");
            attempts.set(rest);
            ports.set([ports.take(), vec![port]].concat());
            let mut command = Command::new("sh");
            command.args(["-c", line]);
            Ok(command)
        });
        (server.await.map(|(server, _)| server), ports.into_inner())
    }

    #[tokio::test]
    async fn port_in_use_starts_the_server_again() {
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
    async fn log_explains_why_a_server_does_not_start() {
        let (server, ports) = start(&["echo no such module >&2; exit 1"]).await;
        assert_eq!(ports.len(), 1);
        let Err(ScenarioError::Failed(why)) = server else { panic!("{server:?}") };
        assert_eq!(why, "shell does not start\nno such module\n");
    }
}
