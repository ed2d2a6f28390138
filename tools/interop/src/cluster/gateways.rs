//! Gateways of the cluster, as processes of the example `gateway-cluster`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{process::Command, time::sleep};

use crate::{
    client,
    error::{Result, ScenarioError},
    place,
    process::{Process, signal},
};

/// Gateways at ports that they keep when they are started again.
#[derive(Debug)]
pub(super) struct Gateways {
    program: PathBuf,
    args: Vec<String>,
    running: Vec<Gateway>,
}

#[derive(Debug)]
pub(super) struct Gateway {
    process: Process,
    pub(super) address: SocketAddr,
}

impl Gateways {
    /// Starts gateways with the same arguments.
    pub(super) async fn start(count: usize, args: &[&str]) -> Result<Self> {
        let args = args.iter().map(|&arg| arg.to_owned()).collect();
        let mut gateways = Self { program: program()?, args, running: Vec::new() };
        for _ in 0..count {
            let (process, [port]) = Process::start("gateway", "http://", |_, [port]| {
                Ok(command(&gateways.program, &gateways.args, port))
            })
            .await?;
            gateways.running.push(Gateway { process, address: ([127, 0, 0, 1], port).into() });
        }
        Ok(gateways)
    }

    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        self.running.iter().map(|gateway| gateway.address).collect()
    }

    /// Waits until one of them is the leader. Returns which.
    pub(super) async fn leader(&self) -> Result<usize> {
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            for index in 0..self.running.len() {
                if leads(self.running[index].address).await {
                    return Ok(index);
                }
            }
            sleep(Duration::from_millis(20)).await;
        }
        Err(ScenarioError::failed("no leader"))
    }

    /// Returns how many of them take themselves for the leader.
    pub(super) async fn leaders(&self) -> usize {
        let mut leaders = 0;
        for index in 0..self.running.len() {
            leaders += usize::from(leads(self.running[index].address).await);
        }
        leaders
    }

    /// Returns the sum of a counter in the state of all.
    pub(super) async fn sum(&self, counter: &str) -> u64 {
        let mut sum = 0;
        for index in 0..self.running.len() {
            sum += self.status(index).await.map_or(0, |it| it[counter].as_u64().unwrap_or(0));
        }
        sum
    }

    /// Returns `true` if the state of each is 200.
    pub(super) async fn are_well(&self) -> bool {
        for index in 0..self.running.len() {
            if !self.is_well(index).await {
                return false;
            }
        }
        true
    }

    /// Returns `true` if the state of a gateway is 200.
    pub(super) async fn is_well(&self, index: usize) -> bool {
        ask(self.running[index].address).await.is_ok_and(|it| it.status().is_success())
    }

    /// Returns the log of a gateway.
    pub(super) fn log(&self, index: usize) -> String {
        self.running[index].process.log()
    }

    pub(super) async fn status(&self, index: usize) -> Result<Value> {
        status(self.running[index].address).await
    }

    /// Kills a gateway with SIGKILL. Returns when that was.
    pub(super) async fn kill(&mut self, index: usize) -> Instant {
        let began = Instant::now();
        self.running[index].process.kill().await;
        began
    }

    /// Starts a gateway that was killed, at its port.
    pub(super) async fn restart(&mut self, index: usize) -> Result<()> {
        let port = self.running[index].address.port();
        let (process, [_]) = Process::start("gateway", "http://", |_, [_]| {
            Ok(command(&self.program, &self.args, port))
        })
        .await?;
        self.running[index].process = process;
        Ok(())
    }

    /// Stops a gateway without ending it, or lets it go on.
    pub(super) fn pause(&self, index: usize, is_paused: bool) {
        if let Some(id) = self.running[index].process.id() {
            signal(if is_paused { "STOP" } else { "CONT" }, &id.to_string());
        }
    }

    /// Sends SIGINT, as Ctrl-C does, to a gateway. Returns its exit code when it has ended.
    pub(super) async fn interrupt(&mut self, index: usize) -> Result<Option<i32>> {
        let process = &mut self.running[index].process;
        if let Some(id) = process.id() {
            signal("INT", &id.to_string());
        }
        process.ended().await
    }

    /// Returns the process IDs.
    pub(super) fn ids(&self) -> Vec<u32> {
        self.running.iter().filter_map(|gateway| gateway.process.id()).collect()
    }

    /// Prints the ends of the logs.
    pub(super) fn print_logs(&self) {
        for (index, gateway) in self.running.iter().enumerate() {
            println!("--- the end of the log of gateway {index}");
            let log = gateway.process.log();
            let lines: Vec<_> = log.lines().collect();
            println!("{}", lines[lines.len().saturating_sub(30)..].join("\n"));
        }
        println!("---");
    }
}

/// Returns `true` if the gateway at an address takes itself for the leader.
pub(super) async fn leads(address: SocketAddr) -> bool {
    status(address).await.is_ok_and(|it| it["is_leader"] == true)
}

/// Returns the state of the gateway at an address.
pub(super) async fn status(address: SocketAddr) -> Result<Value> {
    let text = ask(address).await?.text().await?;
    serde_json::from_str(&text).map_err(ScenarioError::during("state of a gateway"))
}

async fn ask(address: SocketAddr) -> Result<reqwest::Response> {
    let url = format!("http://{address}/status");
    let request = client::plain()?.get(url).timeout(Duration::from_secs(1));
    Ok(request.send().await?)
}

/// Runs a gateway that is expected to end by itself. Returns its exit code and what it has written.
pub(super) async fn run_to_end(args: &[&str]) -> Result<(Option<i32>, String)> {
    let args: Vec<_> = args.iter().map(|&arg| arg.to_owned()).collect();
    let output = command(&program()?, &args, 0).kill_on_drop(true).output();
    let output =
        tokio::time::timeout(LIMIT, output).await.map_err(ScenarioError::during("gateway"))??;
    Ok((output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// Returns the command of a gateway. Of several `--listen`, the last one counts.
pub(super) fn command(program: &Path, args: &[String], port: u16) -> Command {
    let mut command = Command::new(program);
    command.args(["--listen", &format!("127.0.0.1:{port}")]).args(args);
    command
}

pub(super) fn program() -> Result<PathBuf> {
    place::bin("gateway-cluster")
}

const LIMIT: Duration = Duration::from_secs(30);
