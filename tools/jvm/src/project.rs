//! Project of a program, and its build.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
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
    release: u32,
    has_quarkus: bool,
}

/// Directory of a program that has been built.
#[derive(Debug, Clone)]
pub struct Built {
    dir: PathBuf,
    has_quarkus: bool,
}

impl Project {
    /// Returns a project with these sources, to be built and run by this Java. Its sources in Java
    /// use the language and the API of the version `release`.
    #[must_use]
    pub fn new(pom: PathBuf, sources: Vec<PathBuf>, java: Java, release: u32) -> Self {
        Self { pom, sources, java, release, has_quarkus: false }
    }

    /// `true` if Quarkus completes the build, by a plugin that the project has to name. Defaults to
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
    /// [`BuildError::Missing`] if Maven or a compiler is missing, or a repository is unreachable.
    pub async fn build(&self, dir: &Path) -> Result<Built> {
        let built = Built { dir: dir.to_owned(), has_quarkus: self.has_quarkus };
        let stamp = self.stamp()?;
        let is_built = || fs::read_to_string(dir.join(RECORD)).is_ok_and(|text| text == stamp);
        if is_built() {
            return Ok(built);
        }
        command::succeed(self.java.maven().arg("--version")).await?;
        println!("building a program for the JVM in {}", dir.display());
        let draft = Draft::next_to(dir)?;
        self.build_in(&draft.0).await?;
        fs::write(draft.0.join(RECORD), &stamp)?;
        // Another process may have built the same meanwhile, and may run it.
        if is_built() {
            return Ok(built);
        }
        match draft.replace(dir) {
            Err(_) if is_built() => Ok(built),
            replaced => replaced.map(|()| built),
        }
    }

    async fn build_in(&self, dir: &Path) -> Result<()> {
        // The other files that Maven writes are next to the project.
        fs::copy(&self.pom, dir.join("pom.xml"))?;
        self.resolve(dir).await?;
        self.compile(dir).await?;
        if self.has_quarkus {
            let build = &mut self.java.maven();
            command::succeed(build.args(["--offline", "quarkus:build"]).current_dir(dir)).await?;
        }
        Ok(())
    }

    /// Returns everything that the build depends on.
    fn stamp(&self) -> Result<String> {
        let mut stamp = format!("{}\nrelease {}\n", self.java.version(), self.release);
        stamp += &format!("{COPY} {JAVAC:?} {KOTLINC:?} quarkus: {}\n", self.has_quarkus);
        for file in [&self.pom].into_iter().chain(&self.sources) {
            let text = fs::read_to_string(file)?;
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            stamp += &format!("{name}, {} bytes\n{text}\n", text.len());
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
            javac.args(JAVAC).args(["--release", &self.release.to_string()]);
            javac.args(["-cp", &class_path, "-d", CLASSES]);
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
            kotlinc.args(KOTLINC).args(["-cp", &class_path, "-d", CLASSES]);
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

/// Directory of a build that is not complete. It is removed when it is dropped.
struct Draft(PathBuf);

impl Draft {
    /// Creates an empty directory next to this one, for this process alone.
    fn next_to(dir: &Path) -> Result<Self> {
        let name = dir.file_name().unwrap_or_default().to_string_lossy();
        let draft = Self(dir.with_file_name(format!("{name}-{}", process::id())));
        // An ended process may have had the same number.
        let _ = fs::remove_dir_all(&draft.0);
        fs::create_dir_all(&draft.0)?;
        Ok(draft)
    }

    /// Moves it to this directory, in place of what is there.
    fn replace(self, dir: &Path) -> Result<()> {
        if dir.exists() {
            fs::remove_dir_all(dir)?;
        }
        Ok(fs::rename(&self.0, dir)?)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // It has been moved, or files of a failed build remain.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// File that records what a build depended on.
const RECORD: &str = "built";

/// Directories of libraries, of compilers, and of what they write; the last is Maven's.
const LIBS: &str = "libs";
const COMPILERS: &str = "compilers";
const CLASSES: &str = "target/classes";

const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies";
const KOTLIN: &str = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler";

/// Options of the compilers that do not depend on the project.
const JAVAC: [&str; 3] = ["-encoding", "UTF-8", "-parameters"];
const KOTLINC: [&str; 2] = ["-no-stdlib", "-no-reflect"];

/// Parts of Maven's errors about a repository that is unreachable. A package that no repository has
/// is a mistake of the project instead.
const UNREACHABLE: [&str; 4] =
    ["ould not transfer", "ailed to transfer", "annot access", "nknown host"];

/// Returns the reason why Maven failed, from its output.
fn unresolved(output: &str) -> BuildError {
    let mut errors = output.lines().filter_map(|line| line.strip_prefix("[ERROR]"));
    match errors.find(|line| UNREACHABLE.iter().any(|what| line.contains(what))) {
        Some(line) => {
            BuildError::Missing(format!("Maven's repository is unreachable: {}", line.trim()))
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
    fn unreachable_repository_is_missing_and_any_other_error_of_maven_a_failure() {
        for (output, is_missing) in [
            ("[ERROR] Could not transfer artifact a:b:pom:1 from/to central", true),
            ("[ERROR] a:b:jar:1 failed to transfer from central during a previous attempt", true),
            ("[WARNING] x\n[ERROR] Cannot access central in offline mode", true),
            ("[ERROR] Could not resolve a:b:1: central: Unknown host", true),
            ("[ERROR] Could not resolve dependencies: Could not find artifact a:b:jar:9", false),
            ("[ERROR] Plugin a:b:9 or one of its dependencies could not be resolved:", false),
            ("[ERROR] Malformed POM pom.xml: Unrecognised tag: 'name'", false),
            ("could not transfer", false),
        ] {
            let error = unresolved(output);
            assert_eq!(matches!(error, BuildError::Missing(_)), is_missing, "{output}");
        }
    }
}
