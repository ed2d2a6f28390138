//! Gateways that one process starts, with `--processes`.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
};

use super::{
    gateways::{command, leads, program},
    setup::until,
};
use crate::{
    error::{Result, ScenarioError},
    process::{Process, signal},
};

/// Process of the example `gateway-cluster` with gateways as its children.
#[derive(Debug)]
pub(super) struct Parent {
    process: Process,
    pub(super) addresses: Vec<SocketAddr>,
}

impl Parent {
    /// Starts gateways, at ports in a row, and waits until all of them serve.
    pub(super) async fn start(count: u16, args: &[&str]) -> Result<Self> {
        let count_text = count.to_string();
        let mut all: Vec<_> = args.iter().map(|&arg| arg.to_owned()).collect();
        all.extend(["--processes".to_owned(), count_text]);
        let program = program()?;
        let mut log = String::new();
        let mut ports = free_rows(count);
        for _ in 0..ATTEMPTS {
            let port =
                ports.next().ok_or_else(|| ScenarioError::failed("no free ports in a row"))?;
            // Each child writes its address, or that it cannot listen there.
            let (process, [_]) = Process::start("gateways", "127.0.0.1:", |_, [_]| {
                Ok(command(&program, &all, port))
            })
            .await?;
            let addresses = (0..count).map(|number| ([127, 0, 0, 1], port + number).into());
            let parent = Self { process, addresses: addresses.collect() };
            let is_decided = || async {
                let log = parent.log();
                log.matches("/events").count() == usize::from(count) || is_in_use(&log)
            };
            until(is_decided, "the gateways do not start").await?;
            log = parent.log();
            // Another process may have taken one of the ports.
            if !is_in_use(&log) {
                return Ok(parent);
            }
        }
        Err(ScenarioError::failed(format!("gateways do not start\n{log}")))
    }

    /// Waits until one of the gateways is the leader. Returns its address.
    pub(super) async fn leader(&self) -> Result<SocketAddr> {
        let leader = std::cell::Cell::new(None);
        let is_found = || async {
            for &address in &self.addresses {
                if leads(address).await {
                    leader.set(Some(address));
                }
            }
            leader.get().is_some()
        };
        until(is_found, "no leader").await?;
        leader.get().ok_or_else(|| ScenarioError::failed("no leader"))
    }

    pub(super) fn log(&self) -> String {
        self.process.log()
    }

    /// Returns the process IDs of the gateways.
    pub(super) fn children(&self) -> Result<Vec<u32>> {
        let own = self.process.id();
        let mut children = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let id = entry?.file_name().to_str().and_then(|name| name.parse().ok());
            // It may have ended since.
            let Some(id) = id.filter(|&id| parent(id).is_some_and(|it| Some(it) == own)) else {
                continue;
            };
            children.push(id);
        }
        Ok(children)
    }

    /// Returns the process ID of the gateway at an address, unless it does not run.
    pub(super) fn child(&self, address: SocketAddr) -> Result<Option<u32>> {
        let text = address.to_string();
        let is_it = |&id: &u32| {
            let args = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            // The last `--listen` counts.
            let args: Vec<_> = args.split(|&byte| byte == 0).collect();
            let listen = args.iter().rposition(|&arg| arg == b"--listen");
            listen.is_some_and(|index| args.get(index + 1) == Some(&text.as_bytes()))
        };
        Ok(self.children()?.into_iter().find(is_it))
    }

    /// Sends a signal to the parent alone.
    pub(super) fn signal(&self, name: &str) {
        if let Some(id) = self.process.id() {
            signal(name, &id.to_string());
        }
    }

    /// Waits until the parent has ended. Returns its exit code.
    pub(super) async fn ended(&mut self) -> Result<Option<i32>> {
        self.process.ended().await
    }
}

/// Returns `true` if a process exists.
pub(super) fn exists(id: u32) -> bool {
    parent(id).is_some()
}

/// Returns the process ID of the parent of a process that runs.
fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in brackets may have spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let is_gone = matches!(fields.next()?, "Z" | "X");
    fields.next()?.parse().ok().filter(|_| !is_gone)
}

/// Returns the first ports of ranges of `count` consecutive free ports.
///
/// Below those that systems assign: of the ports that follow an assigned one, many are in use by
/// connections.
fn free_rows(count: u16) -> impl Iterator<Item = u16> {
    // Two runs at the same time begin at different ones.
    let offset = u16::try_from(std::process::id() % 1000).unwrap_or(0) * 16;
    let is_free = |&port: &u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let starts = (10_000 + offset..32_000).step_by(usize::from(count));
    starts
        .filter(move |&first| (first..first + count).filter(is_free).count() == usize::from(count))
}

fn is_in_use(log: &str) -> bool {
    log.to_lowercase().contains("in use")
}

const ATTEMPTS: u32 = 5;
