//! Compares the public API of each published crate with its list in `docs/api/`, so that a change
//! of the API is a change of a file that a reviewer reads.
//!
//! rustdoc describes a crate in JSON, in a format that changes between versions of Rust.
//! `tools/public-api` reads the format of one version, its `rust-version`; without that version,
//! the check is skipped.

use std::{
    collections::BTreeMap,
    env, fs,
    process::{Command, ExitCode},
};

use crate::{
    files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    toolchains, workspace,
};

const TOOL: &str = "tools/public-api/Cargo.toml";

/// Variable with which cargo runs this program as its rustdoc.
const IS_RUSTDOC: &str = "XTASK_IS_RUSTDOC";

/// Compares the lists with the crates, or writes them with `--write`.
pub(crate) fn api(words: &[&str]) -> Outcome {
    let write = match words {
        [] => false,
        ["--write"] => true,
        _ => return Err(Failure("the only word that this task knows is --write".to_owned())),
    };
    let version = workspace::own_rust_version(TOOL)?;
    let Some(rust) = Rust::find(&version)? else { return Ok(toolchains::missing(&version)) };
    describe(&rust)?;
    let packages = workspace::published()?;
    let mut changes = without_crate(&packages)?;
    for package in packages {
        let json = files::built(&format!("doc/{}.json", package.code_name()));
        let tool =
            rust.cargo(&format!("run --quiet --locked --manifest-path {TOOL} --")).arg(&json);
        let list = tool.stdout()?.unwrap_or_default();
        let path = format!("docs/api/{}.txt", package.dir_name());
        if write {
            fs::write(files::root().join(&path), list).map_err(|error| files::at(&path, &error))?;
        } else {
            let lines = diff(&files::read(&path).unwrap_or_default(), &list);
            if !lines.is_empty() {
                changes.push(format!("{path}\n    {}", lines.join("\n    ")));
            }
        }
    }
    if changes.is_empty() {
        return Ok(Done::Passed);
    }
    let changes = changes.join("\n  ");
    Err(Failure(format!(
        "the public API differs from its lists:\n  {changes}\n\
         If it should, `cargo xtask api -- --write` writes the lists; say so in the changelog too."
    )))
}

/// Returns a line for each list whose crate is gone or has another name now.
fn without_crate(packages: &[workspace::Crate]) -> Result<Vec<String>, Failure> {
    let dir = files::root().join("docs/api");
    let mut lines = Vec::new();
    for entry in fs::read_dir(&dir).map_err(|error| files::at("docs/api", &error))? {
        let entry = entry.map_err(|error| files::at("docs/api", &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !packages.iter().any(|package| name == format!("{}.txt", package.dir_name())) {
            lines
                .push(format!("docs/api/{name}\n    is the list of no published crate: remove it"));
        }
    }
    lines.sort();
    Ok(lines)
}

/// The version of Rust that the tool is made for.
#[derive(Debug)]
struct Rust {
    /// Toolchain of rustup, or `None` if the running cargo has that version.
    toolchain: Option<String>,
}

impl Rust {
    /// Returns `None` if this machine lacks that version.
    fn find(version: &str) -> Result<Option<Self>, Failure> {
        let rustc = Cmd::new("rustc", "--version").stdout()?.unwrap_or_default();
        if rustc.starts_with(&format!("rustc {version}.")) {
            return Ok(Some(Self { toolchain: None }));
        }
        let toolchain = toolchains::installed(version)?;
        Ok(toolchain.map(|toolchain| Self { toolchain: Some(toolchain) }))
    }

    /// Creates a command of its cargo.
    fn cargo(&self, line: &str) -> Cmd {
        match &self.toolchain {
            Some(toolchain) => Cmd::new("rustup", &format!("run {toolchain} cargo {line}")),
            None => Cmd::cargo(line),
        }
    }
}

/// Lets rustdoc describe the crates in JSON.
///
/// Asks for the whole workspace, as `cargo xtask doc` does: for some of its crates alone, cargo
/// would build dependencies again with the features that only those use.
fn describe(rust: &Rust) -> Result<(), Failure> {
    let this = env::current_exe().map_err(|error| Failure(format!("no path of xtask: {error}")))?;
    rust.cargo("doc --workspace --lib --no-deps --all-features")
        .env("RUSTDOCFLAGS", "-Zunstable-options --output-format=json")
        // Only rustdoc may use unstable options. If they were allowed to rustc too, build scripts
        // would find another compiler, and the dependencies would be built again.
        .env("RUSTDOC", &this.display().to_string())
        .env(IS_RUSTDOC, "1")
        .run()
}

/// Runs rustdoc with the arguments of this program, if cargo runs it in the place of rustdoc.
pub(crate) fn as_rustdoc() -> Option<ExitCode> {
    env::var_os(IS_RUSTDOC)?;
    let mut rustdoc = Command::new("rustdoc");
    let status = rustdoc.args(env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status();
    Some(match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: rustdoc: {error}");
            ExitCode::FAILURE
        }
    })
}

/// Returns the lines that only one of two texts has, `-` for the old and `+` for the new one.
///
/// They are sorted by the line itself, so that both forms of a changed item stand together.
fn diff(old: &str, new: &str) -> Vec<String> {
    let mut counts = BTreeMap::<&str, isize>::new();
    old.lines().for_each(|line| *counts.entry(line).or_default() -= 1);
    new.lines().for_each(|line| *counts.entry(line).or_default() += 1);
    let mut lines = Vec::new();
    for (line, count) in counts {
        let sign = if count < 0 { '-' } else { '+' };
        lines.extend((0..count.abs()).map(|_| format!("{sign} {line}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::diff;

    #[test]
    fn a_changed_item_shows_both_of_its_forms() {
        let cases: [(&str, &str, &[&str]); 5] = [
            ("a\nb\n", "a\nb\n", &[]),
            ("a\nb\n", "b\na\n", &[]),
            (
                "pub fn a::f()\npub fn a::g()\n",
                "pub fn a::f(u8)\npub fn a::g()\n",
                &["- pub fn a::f()", "+ pub fn a::f(u8)"],
            ),
            ("a\n", "a\na\n", &["+ a"]),
            ("", "a\n", &["+ a"]),
        ];
        for (old, new, expected) in cases {
            assert_eq!(diff(old, new), expected, "{old:?} {new:?}");
        }
    }
}
