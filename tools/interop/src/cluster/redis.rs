//! Redis as a process, without persistence, and a minimal client for its administration.

use std::{fs, net::SocketAddr};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::Command,
};

use crate::{
    command,
    error::{Result, ScenarioError},
    nginx::Certificate,
    process::Process,
};

#[derive(Debug)]
pub(super) struct Redis {
    pub(super) process: Process,
    /// Address without TLS.
    pub(super) address: SocketAddr,
}

/// Returns the version of the installed Redis, or [`ScenarioError::Missing`].
pub(super) async fn version() -> Result<String> {
    let Ok(text) = command::run("redis-server", &["--version"]).await else {
        let text = "`redis-server` is not installed (Debian: apt-get install redis-server)";
        return Err(ScenarioError::Missing(text.to_owned()));
    };
    let version = text.split("v=").nth(1).and_then(|rest| rest.split(' ').next());
    Ok(version.unwrap_or("unknown").to_owned())
}

impl Redis {
    pub(super) async fn start() -> Result<Self> {
        let (process, [port]) =
            Process::start("redis", READY, |dir, [port]| Ok(server(dir.path(), port))).await?;
        Ok(Self { process, address: ([127, 0, 0, 1], port).into() })
    }

    /// Starts a Redis that also has a port with TLS. Returns the address of that port.
    pub(super) async fn start_with_tls(certificate: &Certificate) -> Result<(Self, SocketAddr)> {
        let (process, [port, tls]) = Process::start("redis", READY, |dir, [port, tls]| {
            let mut command = server(dir.path(), port);
            command.args(["--tls-port", &tls.to_string(), "--tls-auth-clients", "no"]);
            command.arg("--tls-cert-file").arg(dir.write("cert.pem", &certificate.pem())?);
            command.arg("--tls-key-file").arg(dir.write("key.pem", &certificate.key_pem())?);
            // Not used, as it asks its clients for no certificate; it does not start without.
            command.arg("--tls-ca-cert-file").arg(dir.path().join("cert.pem"));
            Ok(command)
        })
        .await?;
        Ok((Self { process, address: ([127, 0, 0, 1], port).into() }, ([127, 0, 0, 1], tls).into()))
    }

    /// Kills Redis and starts it again, empty, at the same port.
    pub(super) async fn restart_empty(&mut self) -> Result<()> {
        self.process.kill().await;
        let port = self.address.port();
        let (process, [_]) =
            Process::start("redis", READY, |dir, [_]| Ok(server(dir.path(), port))).await?;
        self.process = process;
        Ok(())
    }

    /// Writes a snapshot, and returns it.
    pub(super) async fn snapshot(&self) -> Result<Vec<u8>> {
        self.run("SAVE").await?;
        Ok(fs::read(self.process.dir.path().join(SNAPSHOT))?)
    }

    /// Kills Redis and starts it again with a snapshot, at the same port.
    pub(super) async fn restart_with(&mut self, snapshot: &[u8]) -> Result<()> {
        self.process.kill().await;
        let port = self.address.port();
        let (process, [_]) = Process::start("redis", READY, |dir, [_]| {
            fs::write(dir.path().join(SNAPSHOT), snapshot)?;
            Ok(server(dir.path(), port))
        })
        .await?;
        self.process = process;
        Ok(())
    }

    /// Runs a command whose arguments have no spaces. Returns its reply: a status, a number or a
    /// string.
    pub(super) async fn run(&self, command: &str) -> Result<String> {
        let mut stream = BufReader::new(TcpStream::connect(self.address).await?);
        stream.write_all(format!("{command}\r\n").as_bytes()).await?;
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let line = line.trim_end();
        match line.split_at_checked(1) {
            Some(("+" | ":", reply)) => Ok(reply.to_owned()),
            Some(("$", length)) => {
                let mut text = vec![0; length.parse().unwrap_or(0)];
                stream.read_exact(&mut text).await?;
                Ok(String::from_utf8_lossy(&text).into_owned())
            }
            _ => Err(ScenarioError::failed(format!("redis: {command}: {line}"))),
        }
    }

    /// Returns a counter in the state of the cluster: `count` of the events in this generation,
    /// `refused` batches of old leaders, `repeated` batches whose first reply was lost.
    pub(super) async fn state(&self, counter: &str) -> Result<u64> {
        let count = self.run(&format!("HGET sse:{{events}}:state {counter}")).await?;
        Ok(count.parse().unwrap_or(0))
    }

    /// Returns the bytes that Redis uses, by its own account.
    pub(super) async fn used_memory(&self) -> Result<u64> {
        let info = self.run("INFO memory").await?;
        let used = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
        used.and_then(|used| used.trim().parse().ok())
            .ok_or_else(|| ScenarioError::failed("redis: no used_memory"))
    }
}

fn server(dir: &std::path::Path, port: u16) -> Command {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
    command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(dir);
    command
}

const READY: &str = "Ready to accept connections";
const SNAPSHOT: &str = "dump.rdb";
