//! Builds the program over Ktor in `target/ktor`.

use std::{env, path::Path, process::Command};

use sse_jvm::{Built, Java, Project};

use crate::error::{Result, RunError};

/// Program that can run.
#[derive(Debug)]
pub(crate) struct Installed {
    built: Built,
    java: Java,
}

impl Installed {
    pub(crate) async fn new() -> Result<Self> {
        let java = Java::find(OLDEST_JAVA).await.map_err(RunError::of_build)?;
        let program = env::current_exe()?;
        // Above `debug` or `release`.
        let target = program.ancestors().nth(2).ok_or_else(|| RunError::failed("no folder"))?;
        let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("client");
        let sources = vec![client.join("Main.kt")];
        let project = Project::new(client.join("pom.xml"), sources, java.clone(), OLDEST_JAVA);
        let built = project.build(&target.join("ktor")).await.map_err(RunError::of_build)?;
        Ok(Self { built, java })
    }

    /// Returns the command that starts the program with an engine.
    pub(crate) fn command(&self, engine: &str) -> Result<Command> {
        let mut command = Command::new(self.java.program("java"));
        command.args(self.built.arguments("MainKt").map_err(RunError::of_build)?).arg(engine);
        Ok(command)
    }

    /// Returns the version of Ktor.
    pub(crate) fn version(&self) -> Result<String> {
        self.built.version_of("ktor-client-core-jvm").map_err(RunError::of_build)
    }

    /// Returns the line that Java prints about its version.
    pub(crate) fn java(&self) -> &str {
        self.java.version()
    }
}

/// Oldest Java that the client has been built with.
const OLDEST_JAVA: u32 = 17;
