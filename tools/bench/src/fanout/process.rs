//! Gateways that take part, and the process of one, with its resource usage.

use std::{
    env, fs,
    io::{self, BufRead, BufReader},
    process::{Child, Command, Stdio},
    rc::Rc,
    time::Duration,
};

use crate::sessions::{BoxError, Installed, Peer};

/// A gateway that can run.
pub enum Contestant {
    /// In this program.
    Rust(&'static str),
    Node {
        installed: Rc<Installed>,
        name: &'static str,
        how: &'static str,
    },
}

/// Names of the gateways in this program.
const RUST: [&str; 5] = ["limit", "ours-current", "ours-multi", "axum-current", "axum-multi"];

/// Names of the gateways in Node, and how they write.
const NODE_WAYS: [(&str, &str); 2] = [("node", "each"), ("node-joined", "joined")];

/// `http` and eventsource-parser.
const NODE: Peer = Peer {
    name: "node",
    description: "eventsource-parser 3.1.1 and `http`, Node",
    warm_up: 0,
    length: 1,
    folder: "gateway",
    sources: &[
        ("package.json", include_str!("../../peers/node/package.json")),
        ("package-lock.json", include_str!("../../peers/node/package-lock.json")),
        ("gateway.js", include_str!("../../peers/gateway/gateway.js")),
    ],
    tools: &[&["node", "--version"], &["npm", "--version"]],
    build: &[&["npm", "ci", "--no-audit", "--no-fund"]],
    start: &["node", "gateway.js"],
};

impl Contestant {
    /// Returns the gateways of these names, or all, and the reason if one is missing.
    pub fn chosen(names: Option<&[String]>) -> (Vec<Self>, Option<String>) {
        let is_chosen = |name: &str| names.is_none_or(|names| names.iter().any(|it| it == name));
        let rust = RUST.into_iter().filter(|name| is_chosen(name)).map(Self::Rust);
        let mut contestants: Vec<_> = rust.collect();
        let ways = NODE_WAYS.into_iter().filter(|(name, _)| is_chosen(name));
        let ways: Vec<_> = ways.collect();
        let mut skipped = None;
        if !ways.is_empty() {
            match Installed::new(&NODE).map(Rc::new) {
                Ok(installed) => {
                    contestants.extend(ways.into_iter().map(|(name, how)| Self::Node {
                        installed: installed.clone(),
                        name,
                        how,
                    }))
                }
                Err(reason) => skipped = Some(reason.to_string()),
            }
        }
        if let Some(reason) = &skipped {
            eprintln!("skipped: {}: {reason}", NODE.description);
        }
        (contestants, skipped)
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Rust(name) | Self::Node { name, .. } => name,
        }
    }
}

/// Process of a gateway, which ends when this is dropped.
pub struct Gateway {
    child: Child,
    /// Address and port.
    pub address: String,
}

impl Gateway {
    pub fn start(contestant: &Contestant, upstream: &str) -> Result<Self, BoxError> {
        let mut command = match contestant {
            Contestant::Rust(name) => {
                let mut command = Command::new(env::current_exe()?);
                command.args(["gateway", name]);
                command
            }
            Contestant::Node { installed, how, .. } => {
                let mut command = installed.command();
                command.arg(how);
                command
            }
        };
        let command = command.arg(upstream).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let mut origin = String::new();
        if let Some(output) = &mut child.stdout {
            BufReader::new(output).read_line(&mut origin)?;
        }
        let address = origin.trim().trim_start_matches("http://").to_owned();
        Ok(Self { child, address })
    }

    /// Returns the CPU time of all threads so far, user and system.
    pub fn cpu_time(&self) -> io::Result<Duration> {
        let mut nanos = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let text = fs::read_to_string(task?.path().join("schedstat"))?;
            nanos += text.split(' ').next().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanos))
    }

    /// Returns the resident memory, in bytes.
    pub fn resident(&self) -> io::Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
        let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
        Ok(kib.unwrap_or(0) * 1024)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // The process ends when its input ends.
        self.child.stdin = None;
        let _ = self.child.wait();
    }
}
