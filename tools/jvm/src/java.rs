//! Java of this machine.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use tokio::process::Command;

use crate::{BuildError, Result, command};

/// Installed Java.
#[derive(Debug, Clone)]
pub struct Java {
    /// Directory of the installation; `None` if its programs are in `PATH`.
    home: Option<PathBuf>,
    version: String,
}

impl Java {
    /// Finds a Java of this version or a newer one: `java` in `PATH`, or otherwise the one in
    /// `JAVA_HOME`, or one next to that in `PATH`, such as in `/usr/lib/jvm`.
    ///
    /// # Errors
    ///
    /// [`BuildError::Missing`] if there is none in `PATH`, or if all are older.
    pub async fn find(oldest: u32) -> Result<Self> {
        let first = Self::at(None).await?;
        if first.major() >= oldest {
            return Ok(first);
        }
        for home in homes() {
            // An entry that is not an installation has no `java`.
            let Ok(java) = Self::at(Some(home)).await else { continue };
            if java.major() >= oldest {
                return Ok(java);
            }
        }
        let version = &first.version;
        Err(BuildError::Missing(format!("no Java of version {oldest} or later, but {version}")))
    }

    async fn at(home: Option<PathBuf>) -> Result<Self> {
        let mut java = Self { home, version: String::new() };
        let text = command::succeed(java.command("java").arg("-version")).await?;
        java.version = text.lines().next().unwrap_or_default().trim().to_owned();
        Ok(java)
    }

    /// Returns the first line that it prints about its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the path of one of its programs, such as `java`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        match &self.home {
            Some(home) => home.join("bin").join(name),
            None => name.into(),
        }
    }

    pub(crate) fn command(&self, name: &str) -> Command {
        Command::new(self.program(name))
    }

    /// Returns Maven, which runs on this Java.
    pub(crate) fn maven(&self) -> Command {
        let mut maven = Command::new(if cfg!(windows) { "mvn.cmd" } else { "mvn" });
        maven.args(["--batch-mode", "--quiet"]);
        if let Some(home) = &self.home {
            maven.env("JAVA_HOME", home);
        }
        maven
    }

    /// Returns the first number of its version, as in `openjdk version "17.0.15" 2025-04-15`.
    fn major(&self) -> u32 {
        let number = self.version.split('"').nth(1).and_then(|it| it.split(['.', '-', '+']).next());
        number.and_then(|it| it.parse().ok()).unwrap_or(0)
    }
}

/// Returns directories that may be those of an installation.
fn homes() -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = env::var_os("JAVA_HOME").map(Into::into).into_iter().collect();
    let found = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .find_map(|dir| fs::canonicalize(dir.join("java")).ok());
    // HOME/bin/java, and directories next to HOME.
    let parent = found.as_deref().and_then(|java| java.ancestors().nth(3));
    if let Some(entries) = parent.and_then(|parent| fs::read_dir(parent).ok()) {
        let mut others: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        others.retain(|path| is_java(path));
        others.sort();
        homes.append(&mut others);
    }
    homes
}

fn is_java(home: &Path) -> bool {
    home.join("bin/java").is_file() && home.file_name() != Some(OsStr::new("bin"))
}

#[cfg(test)]
mod tests {
    use super::Java;

    #[test]
    fn major_version_is_read_from_the_first_line() {
        for (line, major) in [
            ("openjdk version \"17.0.15\" 2025-04-15", 17),
            ("openjdk version \"25\" 2025-09-16 LTS", 25),
            ("openjdk version \"26-ea\" 2026-03-17", 26),
            ("java version \"1.8.0_402\"", 1),
            ("no version", 0),
        ] {
            let java = Java { home: None, version: line.to_owned() };
            assert_eq!(java.major(), major, "{line}");
        }
    }
}
