//! Builds the program over Ktor in `target/ktor`, by Maven and the Kotlin compiler.
//!
//! A build is kept: the program is built again only after a change of its sources or of Java.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::error::{Result, RunError};

/// Program that can run.
#[derive(Debug)]
pub(crate) struct Installed {
    folder: PathBuf,
    /// First line that Java prints about its version.
    pub(crate) java: String,
}

const POM: &str = include_str!("../client/pom.xml");
const MAIN: &str = include_str!("../client/Main.kt");

const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const COMPILER: &str = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler";

impl Installed {
    pub(crate) fn new() -> Result<Self> {
        let java = run(&["java", "-version"], Path::new("."))?;
        run(&["mvn", "--version"], Path::new("."))?;
        let program = env::current_exe()?;
        // Above `debug` or `release`.
        let target = program.ancestors().nth(2).ok_or_else(|| RunError::failed("no folder"))?;
        let folder = target.join("ktor");
        let stamp = format!("{java}{POM}{MAIN}");
        let built = folder.join("built");
        if !fs::read_to_string(&built).is_ok_and(|text| text == stamp) {
            build(&folder)?;
            fs::write(built, stamp)?;
        }
        let java = java.lines().next().unwrap_or_default().trim().to_owned();
        Ok(Self { folder, java })
    }

    /// Returns the command that starts the program with an engine.
    pub(crate) fn command(&self, engine: &str) -> Command {
        let mut command = Command::new("java");
        command.args(["-cp", &format!("classes{SEPARATOR}libs/*"), "MainKt", engine]);
        command.current_dir(&self.folder);
        command
    }

    /// Returns the version of Ktor, from the name of a library.
    pub(crate) fn version(&self) -> Result<String> {
        let prefix = "ktor-client-core-jvm-";
        for library in fs::read_dir(self.folder.join("libs"))? {
            let name = library?.file_name().to_string_lossy().into_owned();
            let rest = name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(".jar"));
            if let Some(version) = rest {
                return Ok(version.to_owned());
            }
        }
        Err(RunError::failed(format!("no {prefix}* in libs")))
    }
}

/// Separator of a class path.
const SEPARATOR: &str = if cfg!(windows) { ";" } else { ":" };

fn build(folder: &Path) -> Result<()> {
    println!("building the program over Ktor in {}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join("pom.xml"), POM)?;
    fs::write(folder.join("Main.kt"), MAIN)?;
    for (scope, libs) in [("runtime", "libs"), ("provided", "compiler")] {
        let scope = format!("-DincludeScope={scope}");
        let into = format!("-DoutputDirectory={libs}");
        run(&["mvn", "--batch-mode", "--quiet", COPY, &scope, &into], folder)?;
    }
    let mut libs = Vec::new();
    for library in fs::read_dir(folder.join("libs"))? {
        libs.push(library?.path().to_string_lossy().into_owned());
    }
    let libs = libs.join(SEPARATOR);
    let own = format!("compiler/*{SEPARATOR}libs/*");
    let options = ["-no-stdlib", "-no-reflect", "-cp", &libs, "-d", "classes", "Main.kt"];
    run(&[&["java", "-cp", &own, COMPILER], &options[..]].concat(), folder)?;
    Ok(())
}

/// Runs a command in a folder and returns its output.
fn run(command: &[&str], folder: &Path) -> Result<String> {
    let [program, args @ ..] = command else { return Ok(String::new()) };
    let output = Command::new(program)
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => RunError::Missing(format!("no `{program}`")),
            _ => RunError::failed(error),
        })?;
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    if !output.status.success() {
        let shown = command.first().unwrap_or(&"");
        return Err(RunError::failed(format!("{shown}: {}\n{out}{err}", output.status)));
    }
    // `java -version` writes to its standard error.
    Ok(if out.is_empty() { err.into_owned() } else { out.into_owned() })
}
