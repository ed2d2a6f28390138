//! A Chromium process of our own: headless, in a new profile, and gone when it is dropped.
//!
//! Knows how it is started and ended; what it is told goes through [`DevTools`].

use std::{
    fmt,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::json;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::{LIMIT, Outcome, devtools::DevTools, in_time};

/// A running browser.
pub(crate) struct Chromium {
    child: Child,
    profile: Option<TempDir>,
}

impl Chromium {
    /// Starts the program and connects to it.
    pub(crate) async fn start(program: &Path) -> Outcome<(Self, DevTools)> {
        let profile = tempfile::Builder::new().prefix("sse-chromium-").tempdir()?;
        let mut child = Command::new(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", program.display()))?;
        let stderr = child.stderr.take();
        let chromium = Self { child, profile: Some(profile) };
        let address = stderr.map(address).ok_or("a pipe that was asked for")?;
        let address = in_time("starting Chromium", LIMIT, address).await??;
        Ok((chromium, DevTools::connect(&address?).await?))
    }

    /// Ends it in its own way, in which it tidies up behind itself.
    pub(crate) async fn close(mut self, mut devtools: DevTools) -> Outcome<()> {
        devtools.call(None, "Browser.close", json!({})).await?;
        in_time("Chromium's end", LIMIT, async {
            while self.child.try_wait()?.is_none() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        })
        .await?
    }
}

/// Without anything that a browser does by itself, or that needs what a container lacks. The sandbox
/// does not work for root; nothing is loaded here but from our own servers.
const FLAGS: [&str; 12] = [
    "--headless",
    "--remote-debugging-port=0",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--no-first-run",
    "--no-proxy-server",
];

/// Where the DevTools are, as Chromium says among other things on stderr. What it says is read to
/// its end, so that it never waits for us.
fn address(stderr: ChildStderr) -> oneshot::Receiver<Result<String, String>> {
    let (found, address) = oneshot::channel();
    thread::spawn(move || {
        let mut said = String::new();
        let mut found = Some(found);
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("DevTools listening on ") {
                let _ = found.take().map(|found| found.send(Ok(address.to_owned())));
            }
            if found.is_some() {
                said = said + &line + "\n";
            }
        }
        found.map(|found| found.send(Err(format!("Chromium ended at once:\n{said}"))))
    });
    address
}

impl Drop for Chromium {
    /// Kills it where it has not been closed. Its other processes end when this one has.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let Some(profile) = self.profile.take() else { return };
        let path = profile.keep();
        // They may write a last file while we delete.
        for _ in 0..50 {
            if std::fs::remove_dir_all(&path).is_ok() || !path.exists() {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        eprintln!("cannot remove {}", path.display());
    }
}

impl fmt::Debug for Chromium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chromium").field("process", &self.child.id()).finish_non_exhaustive()
    }
}
