//! Runs tools to their end.

use std::{ffi::OsStr, io::ErrorKind, process::Stdio};

use tokio::process::Command;

use crate::{BuildError, Result};

/// Output of a tool, and `true` if the tool succeeded.
pub(crate) struct Output {
    pub(crate) text: String,
    pub(crate) is_success: bool,
}

/// Runs a tool, and returns its standard output followed by its standard error.
pub(crate) async fn run(command: &mut Command) -> Result<Output> {
    let program = name(command);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => BuildError::Missing(format!("`{program}` is not installed")),
        _ => BuildError::Failed(format!("{program}: {error}")),
    })?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    Ok(Output { text, is_success: output.status.success() })
}

/// Like [`run`], for a tool that has to succeed.
pub(crate) async fn succeed(command: &mut Command) -> Result<String> {
    let program = name(command);
    let output = run(command).await?;
    if output.is_success {
        return Ok(output.text);
    }
    Err(BuildError::Failed(format!("{program} failed:\n{}", output.text)))
}

fn name(command: &Command) -> String {
    let program: &OsStr = command.as_std().get_program();
    program.to_string_lossy().into_owned()
}
