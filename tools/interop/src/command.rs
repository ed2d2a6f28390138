//! Runs programs to their end, and returns their output; removes variables from an environment.

use std::{env, io::ErrorKind, process::Stdio};

use tokio::process::Command;

use crate::error::{Result, ScenarioError};

/// Runs a program to its end, and returns its standard output followed by its standard error. A
/// program that is not installed is [missing](ScenarioError::Missing).
pub(crate) async fn output(command: &mut Command) -> Result<String> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(ScenarioError::Missing(format!("`{program}` is not installed")));
        }
        Err(error) => return Err(ScenarioError::failed(format!("{program}: {error}"))),
    };
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        Err(ScenarioError::failed(format!("{program}: {}\n{text}", output.status)))
    }
}

/// Like [`output`], for a program and its arguments.
pub(crate) async fn run(program: &str, args: &[&str]) -> Result<String> {
    output(Command::new(program).args(args)).await
}

/// Removes the variables whose names begin with one of these prefixes: they configure servers, and
/// may be there for another one.
pub(crate) fn without_variables(command: &mut Command, prefixes: &[&str]) {
    for (name, _) in env::vars_os() {
        if prefixes.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
}
