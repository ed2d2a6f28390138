//! Installs packages of Python and Node below `target`, in the versions that `servers/` pins.
//!
//! A package that cannot be installed, because a tool or the network is missing, is lacking, which
//! is not a failure.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use crate::{
    command, place,
    trouble::{Result, Trouble},
};

/// Returns a Python with the packages of `requirements.txt`.
pub(crate) async fn python() -> Result<PathBuf> {
    let dir = place::kept("python")?;
    let wanted = server_file("python/requirements.txt");
    let bin = if cfg!(windows) { "Scripts" } else { "bin" };
    let python = dir.join(bin).join("python");
    if !is_installed(&dir, &wanted) {
        command::run("python3", &["--version"]).await?;
        let hint = "python3 has no `venv`, or PyPI is unreachable (Debian: python3-venv)";
        let venv = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&dir).output();
        succeeded(venv.await, hint)?;
        let pip = Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--retries", "2", "--requirement"])
            .arg(&wanted)
            .output();
        succeeded(pip.await, hint)?;
        note_installed(&dir, &wanted)?;
    }
    Ok(python)
}

/// Returns a directory whose `node_modules` has the packages of `package.json`.
pub(crate) async fn node() -> Result<PathBuf> {
    let dir = place::kept("node")?;
    let wanted = server_file("node/package-lock.json");
    let version = command::run("node", &["--version"]).await?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|it| it.parse().ok());
    if major.is_none_or(|major: u32| major < MIN_NODE) {
        let what = format!("Node {} is older than {MIN_NODE}", version.trim());
        return Err(Trouble::Lacking(what));
    }
    if !is_installed(&dir, &wanted) {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(server_file("node").join(name), dir.join(name))?;
        }
        let hint = "`npm` is not installed, or its registry is unreachable";
        let npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
            .args(["--fetch-retries=2", "--fetch-retry-maxtimeout=10000"])
            .current_dir(&dir)
            .output();
        succeeded(npm.await, hint)?;
        note_installed(&dir, &wanted)?;
    }
    Ok(dir)
}

/// Oldest version that better-sse supports.
const MIN_NODE: u32 = 20;

/// Returns the version of the Node package in this directory.
pub(crate) async fn version_of_node_package(dir: &Path) -> Result<String> {
    let mut command = Command::new("node");
    command.args(["--print", "require('./package.json').version"]).current_dir(dir);
    Ok(command::output(&mut command).await?.trim().to_owned())
}

/// Returns the version of a package of this Python.
pub(crate) async fn version_of_python_package(python: &Path, package: &str) -> Result<String> {
    let ask = format!("from importlib.metadata import version; print(version('{package}'))");
    Ok(command::output(Command::new(python).args(["-c", &ask])).await?.trim().to_owned())
}

/// Returns the path of a server's source file.
pub(crate) fn server_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("servers").join(name)
}

/// Returns `true` if the last installation completed with the same versions.
fn is_installed(dir: &Path, wanted: &Path) -> bool {
    let installed = fs::read(dir.join(INSTALLED)).ok();
    installed.is_some() && installed == fs::read(wanted).ok()
}

fn note_installed(dir: &Path, wanted: &Path) -> Result<()> {
    fs::copy(wanted, dir.join(INSTALLED))
        .map_err(Trouble::during("cannot record the installation"))?;
    Ok(())
}

const INSTALLED: &str = "installed";

fn succeeded(output: std::io::Result<std::process::Output>, hint: &str) -> Result<()> {
    let why = match output {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    let start: Vec<_> = why.lines().take(3).collect();
    Err(Trouble::Lacking(format!("{hint}: {}", start.join("; "))))
}
