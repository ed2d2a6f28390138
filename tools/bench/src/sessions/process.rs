//! This very program, started again: as the server, or as a client that does one job.

use std::{
    env,
    io::{self, BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use super::{
    client::BoxError,
    identity::Identity,
    job::{Finding, Job},
    runtime::Runtime,
};

/// A server that runs until this is dropped.
pub struct Server {
    child: Child,
    /// Scheme, address and port.
    pub origin: String,
    /// Present if it speaks TLS.
    identity: Option<Identity>,
}

impl Server {
    pub fn start() -> io::Result<Self> {
        Self::start_with(None)
    }

    /// Starts a server that speaks TLS, if it is given an identity.
    pub fn start_with(identity: Option<Identity>) -> io::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("serve").stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(identity) = &identity {
            identity.give(&mut command);
        }
        let mut child = command.spawn()?;
        let mut origin = String::new();
        if let Some(output) = &mut child.stdout {
            BufReader::new(output).read_line(&mut origin)?;
        }
        let origin = origin.trim().to_owned();
        Ok(Self { child, origin, identity })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process ends when its input ends.
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
    let mut command = Command::new(env::current_exe()?);
    command.args(["client", contestant, &server.origin, &job, "--runtime", runtime.name()]);
    if let Some(identity) = &server.identity {
        identity.give(&mut command);
    }
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{contestant} failed at {job}").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
