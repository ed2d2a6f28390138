//! Runs a headless Chromium in a new profile, and stops it when it is dropped.
//!
//! [`DevTools`] sends it commands.

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

/// Running browser.
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
        let address = stderr.map(address).ok_or("no pipe for stderr")?;
        let address = in_time("starting Chromium", LIMIT, address).await??;
        Ok((chromium, DevTools::connect(&address?).await?))
    }

    /// Has the browser close itself, so that it cleans up.
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

/// Command-line flags. They disable background traffic, and what does not work in a container. The
/// sandbox does not work for root; only pages of this program's servers are loaded.
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

/// Returns the address of the DevTools, from Chromium's stderr. Reads stderr to its end, so that
/// Chromium never blocks on a full pipe.
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
    /// Kills the browser if it was not closed. Its child processes then end on their own.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let Some(profile) = self.profile.take() else { return };
        let path = profile.keep();
        // The child processes may still create a file.
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
