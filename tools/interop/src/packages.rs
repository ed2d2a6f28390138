//! Installs packages of Python, Node, Go and the JVM below `target`, in the versions that
//! `servers/` pins.
//!
//! A package that cannot be installed because a tool or the network is missing is
//! [missing](ScenarioError::Missing), which is not a failure.

use std::{
    env::consts::EXE_EXTENSION,
    fs,
    path::{Path, PathBuf},
};

use sse_jvm::{Built, Java, Project};
use tokio::process::Command;

use crate::{
    command,
    error::{Result, ScenarioError},
    place,
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
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear"]).arg(&dir).kill_on_drop(true);
        succeeded(venv.output().await, hint)?;
        let pip = Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--retries", "2", "--requirement"])
            .arg(&wanted)
            .kill_on_drop(true)
            .output();
        succeeded(pip.await, hint)?;
        note_installed(&dir, &wanted)?;
    }
    Ok(python)
}

/// Returns a directory whose `node_modules` has the packages of the `package.json` in this
/// directory of `servers/`.
pub(crate) async fn node(packages: &str) -> Result<PathBuf> {
    let (dir, source) = (place::kept(packages)?, server_file(packages));
    let wanted = source.join("package-lock.json");
    let version = version_of_node().await?;
    let major = version.split('.').next().and_then(|it| it.parse().ok());
    if major.is_none_or(|major: u32| major < MIN_NODE) {
        let what = format!("Node {version} is older than {MIN_NODE}");
        return Err(ScenarioError::Missing(what));
    }
    if !is_installed(&dir, &wanted) {
        for name in ["package.json", "package-lock.json"] {
            fs::copy(source.join(name), dir.join(name))?;
        }
        let hint = "`npm` is not installed, or its registry is unreachable";
        let npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
            .args(["--fetch-retries=2", "--fetch-retry-maxtimeout=10000"])
            .current_dir(&dir)
            .kill_on_drop(true)
            .output();
        succeeded(npm.await, hint)?;
        note_installed(&dir, &wanted)?;
    }
    Ok(dir)
}

/// Oldest version that better-sse supports.
const MIN_NODE: u32 = 20;

pub(crate) async fn version_of_node() -> Result<String> {
    let version = command::run("node", &["--version"]).await?;
    Ok(version.trim().trim_start_matches('v').to_owned())
}

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

/// Go of this machine, with a module in `servers/`. It keeps its own caches.
#[derive(Debug)]
pub(crate) struct Go {
    /// Directory of the module.
    module: PathBuf,
    /// Version of Go.
    version: String,
}

impl Go {
    pub(crate) async fn find(module: &str) -> Result<Self> {
        let version = command::run("go", &["env", "GOVERSION"]).await?;
        let version = version.trim().trim_start_matches("go").to_owned();
        Ok(Self { module: server_file(module), version })
    }

    /// Builds a main package as a program of this name, and returns the program.
    pub(crate) async fn build(&self, main: &str, name: &str) -> Result<PathBuf> {
        let program = place::kept("go")?.join(name).with_extension(EXE_EXTENSION);
        let mut build = self.command(&["build", "-o"]);
        let output = build.arg(&program).arg(main).kill_on_drop(true).output().await;
        if let Ok(output) = &output {
            let text = String::from_utf8_lossy(&output.stderr);
            if is_fault_of_module(&text) {
                return Err(ScenarioError::failed(text));
            }
        }
        succeeded(output, "Go is too old, or its module proxy is unreachable")?;
        Ok(program)
    }

    /// Returns the version of a module; of Go, if there is none.
    pub(crate) async fn version(&self, module: Option<&str>) -> Result<String> {
        let Some(module) = module else { return Ok(self.version.clone()) };
        let version =
            command::output(&mut self.command(&["list", "-m", "-f", "{{.Version}}", module]))
                .await?;
        Ok(version.trim().trim_start_matches('v').to_owned())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("go");
        command.args(args).current_dir(&self.module);
        // No other version of Go than the installed one, and no workspace of the user's.
        command.env("GOTOOLCHAIN", "local").env("GOWORK", "off").env("GOFLAGS", "-mod=readonly");
        command
    }
}

/// Returns `true` if `go build` has printed an error of the module in `servers/`, or of a download
/// that is not what the module pins, and not of the machine.
fn is_fault_of_module(output: &str) -> bool {
    const FAULTS: [&str; 4] =
        ["updates to go.mod needed", "missing go.sum entry", "checksum mismatch", "SECURITY ERROR"];
    // Errors of the compiler follow the name of a package.
    output.lines().any(|line| line.starts_with("# ") || FAULTS.iter().any(|it| line.contains(it)))
}

/// Builds a project in `servers/jvm` with a Java of this version or a newer one, and returns its
/// program and that Java.
pub(crate) async fn jvm(project: &Jvm) -> Result<(Built, Java)> {
    let java = Java::find(project.oldest_java).await.map_err(ScenarioError::of_build)?;
    let dir = place::kept("jvm")?.join(project.name);
    let sources = server_file("jvm").join(project.name);
    let (pom, main) = (sources.join("pom.xml"), sources.join(project.main));
    let sources = vec![server_file("jvm/Numbers.java"), main];
    let project = Project::new(pom, sources, java.clone(), project.oldest_java)
        .has_quarkus(project.has_quarkus);
    let built = project.build(&dir).await.map_err(ScenarioError::of_build)?;
    Ok((built, java))
}

/// Project in `servers/jvm`.
#[derive(Debug)]
pub(crate) struct Jvm {
    /// Name of its directory.
    pub(crate) name: &'static str,
    /// File of its entry point, `Main.java` or `Main.kt`.
    pub(crate) main: &'static str,
    /// Class of its entry point.
    pub(crate) class: &'static str,
    pub(crate) oldest_java: u32,
    /// `true` if Quarkus completes the build.
    pub(crate) has_quarkus: bool,
}

/// Returns the path of a server's source file.
pub(crate) fn server_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("servers").join(name)
}

/// Returns `true` if the last installation completed with the same version of this file.
fn is_installed(dir: &Path, wanted: &Path) -> bool {
    let installed = fs::read(record(dir, wanted)).ok();
    installed.is_some() && installed == fs::read(wanted).ok()
}

fn note_installed(dir: &Path, wanted: &Path) -> Result<()> {
    fs::copy(wanted, record(dir, wanted))
        .map_err(ScenarioError::during("cannot record the installation"))?;
    Ok(())
}

/// Returns the path of the copy that records an installation.
fn record(dir: &Path, wanted: &Path) -> PathBuf {
    let name = wanted.file_name().unwrap_or_default().to_string_lossy();
    dir.join(format!("installed-{name}"))
}

fn succeeded(output: std::io::Result<std::process::Output>, hint: &str) -> Result<()> {
    let why = match output {
        Ok(output) if output.status.success() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    let start: Vec<_> = why.lines().take(3).collect();
    Err(ScenarioError::Missing(format!("{hint}: {}", start.join("; "))))
}

#[cfg(test)]
mod tests {
    use super::is_fault_of_module;

    #[test]
    fn is_fault_of_module_is_false_for_errors_of_the_machine() {
        for (output, is_fault) in [
            ("# sse-interop/light\nlight/main.go:3:1: syntax error", true),
            ("go: updates to go.mod needed; to update it:\n\tgo mod tidy", true),
            ("main.go:4:2: missing go.sum entry for module providing package a/b", true),
            ("verifying a/b@v1.0.0: checksum mismatch\n\tdownloaded: h1:a", true),
            ("verifying a/b@v1.0.0\nSECURITY ERROR\nThis download does NOT match", true),
            ("go: a/b@v1.0.0: dial tcp: lookup proxy: no such host", false),
            ("go: go.mod requires go >= 1.26.0 (running go 1.19)", false),
        ] {
            assert_eq!(is_fault_of_module(output), is_fault, "{output}");
        }
    }
}
