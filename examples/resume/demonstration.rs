//! The demo server, and three processes that follow it one after the other: the first crashes, the
//! second is killed, the third comes to the end.
//!
//! Each process is this program, told to follow a URL.

use std::{
    env,
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process::Stdio,
};

use sse_examples::demo_server;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::ledger::Ledger;

pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let url = format!("http://{}/events", demo_server::start().await?);
    let ledger = Scratch::new();
    println!("the first run crashes before its fifth event is saved");
    show(start(&url, ledger.path(), &["--crash-after", "5"])?, Kill::Never).await?;
    println!("the second run is killed");
    // It hangs until then, so that what is shown does not depend on how soon it is killed.
    let second = start(&url, ledger.path(), &["--hang-after", "1"])?;
    show(second, Kill::WhenSaved).await?;
    println!("the third run");
    show(start(&url, ledger.path(), &[])?, Kill::Never).await?;

    println!("all that was counted:");
    for (event_type, count) in Ledger::load(ledger.path())?.counts() {
        println!("    {event_type}: {count}");
    }
    Ok(())
}

fn start(url: &str, ledger: &Path, options: &[&str]) -> io::Result<Child> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--url", url, "--ledger"]).arg(ledger).args(options);
    // A crash is wanted here, and what the system says of it is not.
    command.stdout(Stdio::piped()).kill_on_drop(true).spawn()
}

enum Kill {
    Never,
    /// At once, so that it has no time to put anything in order.
    WhenSaved,
}

/// Shows what a process prints, until it ends or is killed.
async fn show(mut process: Child, kill: Kill) -> io::Result<()> {
    let Some(output) = process.stdout.take() else { return Ok(()) };
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        println!("    {line}");
        if matches!(kill, Kill::WhenSaved) && line.starts_with("saved") {
            return process.kill().await;
        }
    }
    process.wait().await.map(drop)
}

/// A file of this process that is gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let name = format!("sse-examples-resume-{}.json", std::process::id());
        Self(env::temp_dir().join(name))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // There is nobody to tell that it cannot be removed.
        let _ = fs::remove_file(&self.0);
    }
}
