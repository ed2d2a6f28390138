//! Packages of other languages, in the versions that `servers/` names, installed below `target`.
//!
//! What cannot be had, for want of a tool or of a network, is lacking, and no failure.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use crate::{
    command, place,
    trouble::{Result, Trouble},
};

/// The Python that has what `requirements.txt` names.
pub(crate) async fn python() -> Result<PathBuf> {
    let dir = place::kept("python")?;
    let wanted = server_file("python/requirements.txt");
    let bin = if cfg!(windows) { "Scripts" } else { "bin" };
    let python = dir.join(bin).join("python");
    if !is_installed(&dir, &wanted) {
        command::run("python3", &["--version"]).await?;
        let hint = "python3 has no `venv`, or PyPI is out of reach (Debian: python3-venv)";
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

/// The directory in whose `node_modules` is what `package.json` names.
pub(crate) async fn node() -> Result<PathBuf> {
    let dir = place::kept("node")?;
    let wanted = server_file("node/package-lock.json");
    let version = command::run("node", &["--version"]).await?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|it| it.parse().ok());
    if major.is_none_or(|major: u32| major < OLDEST_NODE) {
        let what = format!("Node is {} here, and has to be {OLDEST_NODE}", version.trim());
        return Err(Trouble::Lacking(what));
    }
    if !is_installed(&dir, &wanted) {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(server_file("node").join(name), dir.join(name))?;
        }
        let hint = "there is no `npm`, or its registry is out of reach";
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

/// As better-sse says.
const OLDEST_NODE: u32 = 20;

/// The version of a package of Node's, which lies in this directory.
pub(crate) async fn version_of_node_package(dir: &Path) -> Result<String> {
    let mut command = Command::new("node");
    command.args(["--print", "require('./package.json').version"]).current_dir(dir);
    Ok(command::output(&mut command).await?.trim().to_owned())
}

/// A file that a server is made of.
pub(crate) fn server_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("servers").join(name)
}

/// Whether the last installation came to its end, and was of the same versions.
fn is_installed(dir: &Path, wanted: &Path) -> bool {
    let installed = fs::read(dir.join(INSTALLED)).ok();
    installed.is_some() && installed == fs::read(wanted).ok()
}

fn note_installed(dir: &Path, wanted: &Path) -> Result<()> {
    fs::copy(wanted, dir.join(INSTALLED))
        .map_err(Trouble::during("cannot note what is installed"))?;
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
