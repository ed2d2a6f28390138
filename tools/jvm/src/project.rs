//! Project of a program, and its build.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{BuildError, Java, Result, command};

/// Sources of a program, in Java, Kotlin, or both; Kotlin may use what is in Java.
///
/// Maven reads only the dependencies of the project. Those of the scope `provided` are compilers:
/// Kotlin's, and the annotation processors of Java.
#[derive(Debug, Clone)]
pub struct Project {
    pom: PathBuf,
    sources: Vec<PathBuf>,
    java: Java,
    has_quarkus: bool,
}

/// Directory of a program that has been built.
#[derive(Debug, Clone)]
pub struct Built {
    dir: PathBuf,
    has_quarkus: bool,
}

impl Project {
    /// Returns a project with these sources, to be built and run by this Java.
    #[must_use]
    pub fn new(pom: PathBuf, sources: Vec<PathBuf>, java: Java) -> Self {
        Self { pom, sources, java, has_quarkus: false }
    }

    /// Sets if Quarkus completes the build, by a plugin that the project has to name. Defaults to
    /// `false`.
    #[must_use]
    pub fn has_quarkus(mut self, has_quarkus: bool) -> Self {
        self.has_quarkus = has_quarkus;
        self
    }

    /// Builds the program in this directory, unless it has been built there.
    ///
    /// # Errors
    ///
    /// [`BuildError::Missing`] if Maven, a compiler or a package is missing.
    pub async fn build(&self, dir: &Path) -> Result<Built> {
        let built = Built { dir: dir.to_owned(), has_quarkus: self.has_quarkus };
        let (stamp, record) = (self.stamp()?, dir.join("built"));
        if fs::read_to_string(&record).is_ok_and(|text| text == stamp) {
            return Ok(built);
        }
        command::succeed(self.java.maven().arg("--version")).await?;
        println!("building a program for the JVM in {}", dir.display());
        if dir.exists() {
            fs::remove_dir_all(dir)?;
        }
        fs::create_dir_all(dir)?;
        // The other files that Maven writes are next to the project.
        fs::copy(&self.pom, dir.join("pom.xml"))?;
        self.resolve(dir).await?;
        self.compile(dir).await?;
        if self.has_quarkus {
            let build = &mut self.java.maven();
            command::succeed(build.args(["--offline", "quarkus:build"]).current_dir(dir)).await?;
        }
        fs::write(record, stamp)?;
        Ok(built)
    }

    /// Returns everything that the build depends on.
    fn stamp(&self) -> Result<String> {
        let mut stamp = format!("{}\n", self.java.version());
        for file in [&self.pom].into_iter().chain(&self.sources) {
            stamp += &fs::read_to_string(file)?;
        }
        Ok(stamp)
    }

    async fn resolve(&self, dir: &Path) -> Result<()> {
        for (scope, libs) in [("runtime", LIBS), ("provided", COMPILERS)] {
            let scope = format!("-DincludeScope={scope}");
            let into = format!("-DoutputDirectory={libs}");
            self.resolve_by(dir, &[COPY, &scope, &into]).await?;
        }
        if self.has_quarkus {
            self.resolve_by(dir, &["quarkus:go-offline"]).await?;
        }
        Ok(())
    }

    async fn resolve_by(&self, dir: &Path, arguments: &[&str]) -> Result<()> {
        let output = command::run(self.java.maven().args(arguments).current_dir(dir)).await?;
        if output.is_success {
            return Ok(());
        }
        Err(unresolved(&output.text))
    }

    async fn compile(&self, dir: &Path) -> Result<()> {
        let (libs, compilers) = (jars(&dir.join(LIBS))?, jars(&dir.join(COMPILERS))?);
        let class_path = path(libs.iter().cloned().chain([dir.join(CLASSES)]))?;
        let (kotlin, java): (Vec<_>, Vec<_>) =
            self.sources.iter().partition(|source| source.extension().is_some_and(|it| it == "kt"));
        if !java.is_empty() {
            let mut javac = self.java.command("javac");
            javac.args(["-encoding", "UTF-8", "-parameters", "-cp", &class_path, "-d", CLASSES]);
            if kotlin.is_empty() && !compilers.is_empty() {
                javac.args(["-processorpath", &path(compilers.iter().chain(&libs).cloned())?]);
            } else {
                javac.arg("-proc:none");
            }
            command::succeed(javac.args(java).current_dir(dir)).await?;
        }
        if !kotlin.is_empty() {
            let mut kotlinc = self.java.command("java");
            kotlinc.args(["-cp", &path(compilers.into_iter().chain(libs))?, KOTLIN]);
            kotlinc.args(["-no-stdlib", "-no-reflect", "-cp", &class_path, "-d", CLASSES]);
            command::succeed(kotlinc.args(kotlin).current_dir(dir)).await?;
        }
        Ok(())
    }
}

impl Built {
    /// Returns the arguments with which `java` starts the program, before its own. `main` is the
    /// class of its entry point.
    ///
    /// # Errors
    ///
    /// If a path cannot be a part of a class path.
    pub fn arguments(&self, main: &str) -> Result<Vec<String>> {
        if self.has_quarkus {
            let program = self.dir.join("target/quarkus-app/quarkus-run.jar");
            return Ok(vec!["-jar".to_owned(), program.to_string_lossy().into_owned()]);
        }
        let class_path = path([self.dir.join(CLASSES), self.dir.join(LIBS).join("*")])?;
        Ok(vec!["-cp".to_owned(), class_path, main.to_owned()])
    }

    /// Returns the version of a library, from the name of its file.
    ///
    /// # Errors
    ///
    /// If the program has no such library.
    pub fn version_of(&self, library: &str) -> Result<String> {
        for jar in jars(&self.dir.join(LIBS))? {
            let name = jar.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let rest = name.strip_prefix(library).and_then(|rest| rest.strip_prefix('-'));
            if let Some(version) = rest.filter(|it| it.starts_with(|it: char| it.is_ascii_digit()))
            {
                return Ok(version.trim_end_matches(".Final").to_owned());
            }
        }
        Err(BuildError::Failed(format!("no {library} in {}", self.dir.join(LIBS).display())))
    }
}

/// Directories of libraries, of compilers, and of what they write; the last is Maven's.
const LIBS: &str = "libs";
const COMPILERS: &str = "compilers";
const CLASSES: &str = "target/classes";

const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const KOTLIN: &str = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler";

/// Parts of Maven's errors about a repository that is unreachable or lacks a package.
const MISSING: [&str; 5] =
    ["ould not transfer", "ould not find", "ould not resolve", "not be resolved", "annot access"];

/// Returns the reason why Maven failed, from its output.
fn unresolved(output: &str) -> BuildError {
    let mut errors = output.lines().filter_map(|line| line.strip_prefix("[ERROR]"));
    match errors.find(|line| MISSING.iter().any(|what| line.contains(what))) {
        Some(line) => {
            let why = "Maven's repository is unreachable or lacks a package";
            BuildError::Missing(format!("{why}: {}", line.trim()))
        }
        None => BuildError::Failed(format!("mvn failed:\n{output}")),
    }
}

/// Returns the files in a directory; none, if it does not exist.
fn jars(dir: &Path) -> Result<Vec<PathBuf>> {
    if !dir.exists() {
        return Ok(Vec::new());
    }
    let mut jars = Vec::new();
    for entry in fs::read_dir(dir)? {
        jars.push(entry?.path());
    }
    jars.sort();
    Ok(jars)
}

fn path(entries: impl IntoIterator<Item = PathBuf>) -> Result<String> {
    let joined = env::join_paths(entries)
        .map_err(|error| BuildError::Failed(format!("class path: {error}")))?;
    Ok(joined.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::unresolved;
    use crate::BuildError;

    #[test]
    fn a_missing_package_is_lacking_and_any_other_error_of_maven_a_failure() {
        for (output, is_lacking) in [
            ("[ERROR] Could not transfer artifact a:b:pom:1 from central", true),
            ("[WARNING] x\n[ERROR] Could not find artifact a:b:jar:1 in central", true),
            ("[ERROR] Plugin a:b:1 or one of its dependencies could not be resolved:", true),
            ("[ERROR] Malformed POM pom.xml: Unrecognised tag: 'name'", false),
            ("could not find", false),
        ] {
            let error = unresolved(output);
            assert_eq!(matches!(error, BuildError::Missing(_)), is_lacking, "{output}");
        }
    }
}
