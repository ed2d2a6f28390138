//! Where the servers and what they write lie: below `target/interop`.

use std::{
    env::{self, consts::EXE_EXTENSION},
    fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use crate::trouble::{Result, Trouble};

/// What is kept from one run to the next.
pub(crate) fn kept(name: &str) -> Result<PathBuf> {
    let dir = interop()?.join(name);
    fs::create_dir_all(&dir).map_err(Trouble::during("cannot make a directory"))?;
    Ok(dir)
}

/// A directory for one server that runs, removed when it is dropped: unless that is in a panic.
#[derive(Debug)]
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new(name: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = kept("runs")?.join(format!("{}-{count}-{name}", process::id()));
        fs::create_dir(&dir).map_err(Trouble::during("cannot make a directory"))?;
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
            // What is left lies in `target`.
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// An example of the workspace, as a program. Cargo puts it beside us: we are
/// `target/PROFILE/sse-interop`.
pub(crate) fn example(name: &str) -> Result<PathBuf> {
    let program = own()?.with_file_name("examples").join(name).with_extension(EXE_EXTENSION);
    if program.is_file() {
        return Ok(program);
    }
    Err(Trouble::failed(format!("not built: `cargo build --example {name}`")))
}

fn interop() -> Result<PathBuf> {
    own()?
        .ancestors()
        .nth(2)
        .map(|target| target.join("interop"))
        .ok_or_else(|| Trouble::failed("this program is not where cargo puts programs"))
}

fn own() -> Result<PathBuf> {
    env::current_exe().map_err(Trouble::during("where is this program?"))
}
