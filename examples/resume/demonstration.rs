//! Runs the demo server, and three processes that follow it one after the other: the first crashes,
//! the second is killed, the third completes.
//!
//! Each process is this program, started with a URL.

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

use crate::state::State;

pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let url = format!("http://{}/events", demo_server::start().await?);
    let file = TemporaryFile::new();
    println!("first run: crashes before its fifth event is saved");
    show(start(&url, file.path(), &["--crash-after", "5"])?, Kill::Never).await?;
    println!("second run: is killed");
    // It hangs until it is killed, so that the output does not depend on timing.
    let second = start(&url, file.path(), &["--hang-after", "1"])?;
    show(second, Kill::WhenSaved).await?;
    println!("third run: completes");
    show(start(&url, file.path(), &[])?, Kill::Never).await?;

    println!("counts of all runs:");
    for (event_type, count) in State::load(file.path())?.counts() {
        println!("    {event_type}: {count}");
    }
    Ok(())
}

fn start(url: &str, file: &Path, options: &[&str]) -> io::Result<Child> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--url", url, "--file"]).arg(file).args(options);
    command.stdout(Stdio::piped()).kill_on_drop(true).spawn()
}

enum Kill {
    Never,
    /// Without a warning, so that the process cannot clean up.
    WhenSaved,
}

/// Prints the output of a process until it ends or is killed.
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

/// File that is removed when this is dropped.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    fn new() -> Self {
        let name = format!("sse-examples-resume-{}.json", std::process::id());
        Self(env::temp_dir().join(name))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // It may never have been created.
        let _ = fs::remove_file(&self.0);
    }
}
