//! Paths of the servers' files: everything is below `target/interop`.

use std::{
    env::{self, consts::EXE_EXTENSION},
    fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use crate::error::{Result, ScenarioError};

/// Returns a directory that is kept from one run to the next.
pub(crate) fn kept(name: &str) -> Result<PathBuf> {
    let dir = interop()?.join(name);
    fs::create_dir_all(&dir).map_err(ScenarioError::during("cannot create a directory"))?;
    Ok(dir)
}

/// Directory of a running server. It is removed when it is dropped, except in a panic.
#[derive(Debug)]
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new(name: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = kept("runs")?.join(format!("{}-{count}-{name}", process::id()));
        fs::create_dir(&dir).map_err(ScenarioError::during("cannot create a directory"))?;
        Ok(Self(dir))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.0.join(name);
        fs::write(&path, text)?;
        Ok(path)
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        if !thread::panicking() {
            // If that fails, files remain in `target`.
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Returns the path of an example of the workspace. This program is `target/PROFILE/sse-interop`,
/// and examples are in the directory next to it.
pub(crate) fn example(name: &str) -> Result<PathBuf> {
    let program = own()?.with_file_name("examples").join(name).with_extension(EXE_EXTENSION);
    if program.is_file() {
        return Ok(program);
    }
    Err(ScenarioError::failed(format!("not built: `cargo build --example {name}`")))
}

/// Returns the path of a program of the workspace, which is in the same directory as this one.
pub(crate) fn bin(name: &str) -> Result<PathBuf> {
    let program = own()?.with_file_name(name).with_extension(EXE_EXTENSION);
    if program.is_file() {
        return Ok(program);
    }
    Err(ScenarioError::failed(format!("not built: `cargo build --bin {name}`")))
}

fn interop() -> Result<PathBuf> {
    own()?
        .ancestors()
        .nth(2)
        .map(|target| target.join("interop"))
        .ok_or_else(|| ScenarioError::failed("this program is not in cargo's target directory"))
}

fn own() -> Result<PathBuf> {
    env::current_exe().map_err(ScenarioError::during("path of this program is unknown"))
}
