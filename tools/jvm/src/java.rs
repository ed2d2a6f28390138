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
    /// Directory of the installation.
    home: PathBuf,
    version: String,
}

impl Java {
    /// Finds a Java of this version or a newer one: `java` in `PATH`, or otherwise the one in
    /// `JAVA_HOME`, or one next to that in `PATH`, such as in `/usr/lib/jvm`.
    ///
    /// # Errors
    ///
    /// [`BuildError::Missing`] if there is none, or if all are older.
    pub async fn find(oldest: u32) -> Result<Self> {
        let first = Self::of("java".as_ref()).await;
        let mut homes = Vec::new();
        homes.extend(env::var_os("JAVA_HOME").filter(|it| !it.is_empty()).map(PathBuf::from));
        let lacking = match first {
            Ok(java) if java.major() >= oldest => return Ok(java),
            Ok(java) => {
                homes.extend(next_to(&java.home));
                format!("that in `PATH` is {}", java.version)
            }
            Err(why) => why,
        };
        for home in homes {
            // An entry that is not an installation has no `java`.
            let Ok(java) = Self::of(&home.join("bin/java")).await else { continue };
            if java.major() >= oldest {
                return Ok(java);
            }
        }
        Err(BuildError::Missing(format!("no Java of version {oldest} or later: {lacking}")))
    }

    /// Returns the installation of this `java`, or the reason why there is none: macOS has a
    /// program of that name which only fails.
    async fn of(program: &Path) -> std::result::Result<Self, String> {
        let mut ask = Command::new(program);
        let output = command::run(ask.args(["-XshowSettings:properties", "-version"])).await;
        match output {
            Ok(output) if output.is_success => Self::read(&output.text)
                .ok_or_else(|| format!("`{}` names no version or home", program.display())),
            Ok(output) => Err(format!("`{}` failed: {}", program.display(), output.text.trim())),
            Err(BuildError::Missing(why) | BuildError::Failed(why)) => Err(why),
        }
    }

    /// Reads what `java` prints about itself. Other lines may come before that, such as one about
    /// `JAVA_TOOL_OPTIONS`.
    fn read(text: &str) -> Option<Self> {
        let version = text.lines().find(|line| line.contains(" version \""))?;
        let home = text.lines().find_map(|line| line.trim().strip_prefix("java.home = "))?;
        Some(Self { home: home.into(), version: version.trim().to_owned() })
    }

    /// Returns the line that it prints about its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Returns the path of one of its programs, such as `java`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }

    pub(crate) fn command(&self, name: &str) -> Command {
        Command::new(self.program(name))
    }

    /// Returns Maven, which runs on this Java.
    pub(crate) fn maven(&self) -> Command {
        let mut maven = Command::new(if cfg!(windows) { "mvn.cmd" } else { "mvn" });
        maven.args(["--batch-mode", "--quiet"]).env("JAVA_HOME", &self.home);
        maven
    }

    /// Returns the first number of its version, as in `openjdk version "17.0.15" 2025-04-15`.
    fn major(&self) -> u32 {
        let number = self.version.split('"').nth(1).and_then(|it| it.split(['.', '-', '+']).next());
        number.and_then(|it| it.parse().ok()).unwrap_or(0)
    }
}

/// Returns the directories next to this one that may be those of an installation.
fn next_to(home: &Path) -> Vec<PathBuf> {
    let Some(Ok(entries)) = home.parent().map(fs::read_dir) else { return Vec::new() };
    let mut others: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    others.retain(|path| is_java(path));
    others.sort();
    others
}

fn is_java(home: &Path) -> bool {
    home.join("bin/java").is_file() && home.file_name() != Some(OsStr::new("bin"))
}

#[cfg(test)]
mod tests {
    use super::Java;

    #[test]
    fn major_version_is_read_from_the_line_of_the_version() {
        for (line, major) in [
            ("openjdk version \"17.0.15\" 2025-04-15", 17),
            ("openjdk version \"25\" 2025-09-16 LTS", 25),
            ("openjdk version \"26-ea\" 2026-03-17", 26),
            ("java version \"1.8.0_402\"", 1),
            ("java version \"none\"", 0),
        ] {
            let tool_options = "Picked up JAVA_TOOL_OPTIONS: -Dfile.encoding=UTF-8";
            let home = "Property settings:\n    java.home = /opt/a java\n    java.io.tmpdir = /tmp";
            for text in [
                format!("{line}\n{home}\n"),
                format!("{tool_options}\n{home}\n{line}\nOpenJDK Runtime Environment\n"),
            ] {
                let java = Java::read(&text).unwrap();
                assert_eq!(java.major(), major, "{text}");
                assert_eq!(java.version(), line);
                assert_eq!(java.program("javac"), std::path::Path::new("/opt/a java/bin/javac"));
            }
        }
        for text in ["", "openjdk version \"17\"", "java.home = /opt/java"] {
            assert!(Java::read(text).is_none(), "{text}");
        }
    }
}
