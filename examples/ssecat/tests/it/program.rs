//! Helpers to run the program as a process, and to write files for it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use sse_test::{Reply, ScriptedServer};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

/// Exit code and output of the program.
#[derive(Debug, PartialEq)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Creates a command that does not depend on the environment.
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ssecat"));
    command.args(args).kill_on_drop(true).env("NO_PROXY", "*");
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end, with empty standard input.
pub(crate) async fn ssecat(args: &[&str]) -> Finished {
    ssecat_with_stdin(args, "").await
}

pub(crate) async fn ssecat_with_stdin(args: &[&str], stdin: &str) -> Finished {
    let mut child = spawn(args);
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).await.unwrap();
    finish(child).await
}

pub(crate) fn spawn(args: &[&str]) -> Child {
    spawn_with(args, &[])
}

/// Starts the program with these variables in its environment.
pub(crate) fn spawn_with(args: &[&str], variables: &[(&str, &str)]) -> Child {
    let mut command = command(args);
    command.envs(variables.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

pub(crate) async fn finish(child: Child) -> Finished {
    let output = child.wait_with_output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    Finished { code: output.status.code(), stdout, stderr }
}

/// Runs the program against a server that sends these replies, with its URL as the last argument.
pub(crate) async fn ssecat_at(
    replies: impl IntoIterator<Item = Reply>,
    args: &[&str],
) -> (Finished, ScriptedServer) {
    let server = ScriptedServer::start(replies).await;
    let url = server.url("/events");
    let finished = ssecat(&[args, &[&url]].concat()).await;
    (finished, server)
}

/// Writes a file in the build directory, and returns its path.
pub(crate) fn file(name: &str, content: &str) -> String {
    let path = scratch(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Returns the path of a file in the build directory that does not exist.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Left by an earlier run, if at all.
    let _ = fs::remove_file(&path);
    path
}
