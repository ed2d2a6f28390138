//! Builds the clients of other languages beside this program, and runs them.
//!
//! A build is kept: a client is built again only after a change of its sources, commands or tools.

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use super::{client::BoxError, job::Drained, peer::Peer};

/// A client of another language that can run.
pub struct Installed {
    pub peer: &'static Peer,
    /// Version of its language, as the language's tool prints it.
    pub version: String,
    folder: PathBuf,
}

impl Installed {
    /// Builds the client, if it has not been built yet.
    ///
    /// # Errors
    ///
    /// If a tool is missing, or the build fails: it may need a network.
    pub fn new(peer: &'static Peer) -> Result<Self, BoxError> {
        let mut versions = Vec::new();
        for tool in peer.tools {
            versions.push(run(tool, Path::new("."), &[]).map_err(|error| error.of(tool))?);
        }
        let program = env::current_exe()?;
        let folder = program.parent().ok_or("the program is in no folder")?;
        let folder = folder.join("peers").join(peer.folder);
        let stamp = format!("{versions:?} {:?} {:?}", peer.build, peer.sources);
        let built = folder.join("built");
        if fs::read_to_string(&built).is_ok_and(|text| text == stamp) {
            return Ok(Self::of(peer, &versions, folder));
        }
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        for (name, text) in peer.sources {
            fs::write(folder.join(name), text)?;
        }
        for step in peer.build {
            run(step, &folder, &[]).map_err(|error| error.of(step))?;
        }
        fs::write(built, stamp)?;
        Ok(Self::of(peer, &versions, folder))
    }

    fn of(peer: &'static Peer, versions: &[String], folder: PathBuf) -> Self {
        let version = versions.first().and_then(|text| text.lines().next());
        Self { peer, version: version.unwrap_or_default().trim().to_owned(), folder }
    }

    /// Returns the command that starts the program in its folder, without arguments.
    pub fn command(&self) -> Command {
        let [program, args @ ..] = self.peer.start else { return Command::new("") };
        let mut command = Command::new(place(program, &self.folder));
        command.args(args).current_dir(&self.folder);
        command
    }

    /// Lets the client read these streams one after the other, each a URL and the number of its
    /// events. Only the last stream is measured.
    ///
    /// # Errors
    ///
    /// If the client fails or finds another number of events.
    pub fn drain(&self, streams: &[(String, u64)]) -> Result<Drained, String> {
        let words = streams.iter().flat_map(|(url, events)| [url.clone(), events.to_string()]);
        let words: Vec<_> = words.collect();
        let start = self.peer.start;
        let output = run(start, &self.folder, &words).map_err(|error| error.of(start))?;
        serde_json::from_str(&output).map_err(|error| format!("{error}: {output}"))
    }
}

/// Reason why a command has no output.
enum Failure {
    Missing,
    Failed(String),
}

impl Failure {
    fn of(self, command: &[&str]) -> String {
        let [program, ..] = command else { return String::new() };
        match self {
            Self::Missing => format!("no `{program}` here"),
            Self::Failed(how) => format!("`{}` failed: {how}", command.join(" ")),
        }
    }
}

/// Returns where a program is, which may be in the folder.
fn place(program: &str, folder: &Path) -> OsString {
    match program.strip_prefix("./") {
        Some(inside) => folder.join(inside).into_os_string(),
        None => program.into(),
    }
}

/// Runs a command in a folder and returns its output. Passes on what a failed command has printed.
fn run(command: &[&str], folder: &Path, words: &[String]) -> Result<String, Failure> {
    let [program, args @ ..] = command else { return Ok(String::new()) };
    let output = Command::new(place(program, folder))
        .args(args)
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::Missing,
            _ => Failure::Failed(error.to_string()),
        })?;
    let Output { status, stdout, stderr } = output;
    let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    if !status.success() {
        eprint!("{stdout}{stderr}");
        return Err(Failure::Failed(status.to_string()));
    }
    // `java -version` writes to its standard error.
    Ok(if stdout.is_empty() { stderr } else { stdout })
}
