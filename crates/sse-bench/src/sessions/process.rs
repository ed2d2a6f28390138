//! This very program, started again: as the server, or as a client that does one job.

use std::{
    env,
    io::{self, BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use super::{
    client::BoxError,
    job::{Finding, Job},
    runtime::Runtime,
};

/// A server that runs until this is dropped.
pub struct Server {
    child: Child,
    /// Scheme, address and port.
    pub origin: String,
}

impl Server {
    pub fn start() -> io::Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut origin = String::new();
        if let Some(output) = &mut child.stdout {
            BufReader::new(output).read_line(&mut origin)?;
        }
        let origin = origin.trim().to_owned();
        Ok(Self { child, origin })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input tells it to end.
        self.child.stdin = None;
        let _ = self.child.wait();
    }
}

/// Starts a process of its own for the job and returns what it found.
pub fn perform(
    job: &Job,
    contestant: &str,
    runtime: Runtime,
    server: &Server,
) -> Result<Finding, BoxError> {
    let job = serde_json::to_string(job)?;
    let output = Command::new(env::current_exe()?)
        .args(["client", contestant, &server.origin, &job, "--runtime", runtime.name()])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("{contestant} failed at {job}").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
