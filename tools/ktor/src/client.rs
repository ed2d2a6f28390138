//! Client as a process: takes orders, and reports what its caller sees.

use std::{
    env,
    process::{Command as Blocking, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

use crate::{
    error::{Result, RunError},
    install::Installed,
    seen::Seen,
    wanted::Order,
};

/// One of the four clients.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) name: &'static str,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// Killed when it is dropped.
    _child: Child,
}

/// Number of clients. The first two are Ktor's.
pub(crate) const CLIENTS: usize = 4;

impl Client {
    /// Starts the clients, in the order of the table.
    pub(crate) async fn start_all(installed: &Installed) -> Result<[Self; CLIENTS]> {
        let own = env::current_exe()?;
        let ours = |transport| {
            let mut command = Blocking::new(&own);
            command.args(["client", transport]);
            command
        };
        Ok([
            Self::start("Ktor, CIO", installed.command("cio")?)?,
            Self::start("Ktor, OkHttp", installed.command("okhttp")?)?,
            Self::start("reqwest", ours("reqwest"))?,
            Self::start("direct", ours("direct"))?,
        ])
    }

    fn start(name: &'static str, command: Blocking) -> Result<Self> {
        let mut command = Command::from(command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(RunError::during(name))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(RunError::failed("no pipe"));
        };
        Ok(Self { name, input, output: BufReader::new(output).lines(), _child: child })
    }

    pub(crate) async fn order(&mut self, order: &Order) -> Result<()> {
        let line = serde_json::to_string(order)? + "\n";
        self.input.write_all(line.as_bytes()).await?;
        Ok(self.input.flush().await?)
    }

    /// Returns the next report, or `None` if there is none within this time.
    ///
    /// Canceling loses no report.
    pub(crate) async fn next(&mut self, limit: Duration) -> Result<Option<Seen>> {
        let Ok(line) = timeout(limit, self.output.next_line()).await else { return Ok(None) };
        let line = line?.ok_or_else(|| RunError::failed(format!("{} has ended", self.name)))?;
        let seen = serde_json::from_str(&line);
        Ok(Some(seen.map_err(RunError::during(format!("{}: {line}", self.name)))?))
    }

    /// Ends the session, and waits until the client is ready for another one.
    pub(crate) async fn close(&mut self) -> Result<()> {
        self.order(&Order::CLOSE).await?;
        loop {
            match self.next(CLOSE_LIMIT).await? {
                Some(Seen::Closed(_)) => return Ok(()),
                Some(_) => {}
                None => return Err(RunError::failed(format!("{} does not close", self.name))),
            }
        }
    }
}

const CLOSE_LIMIT: Duration = Duration::from_secs(30);
