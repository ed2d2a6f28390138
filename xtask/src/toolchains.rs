//! Builds that need another toolchain: the oldest supported Rust, and nightly for the oldest
//! dependencies and for documentation as on docs.rs.
//!
//! They are skipped if rustup does not have that toolchain; nothing is installed. The environment
//! variable `OLDEST_RUSTC` can name a compiler of the oldest version instead.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{
    files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    workspace::{self, Crate},
};

/// Checks the published crates with the `rust-version` of the manifest.
pub(crate) fn msrv() -> Outcome {
    let version = workspace::rust_version()?;
    // In a directory of its own: another task can build in the other one meanwhile.
    let check = format!("check --locked --all-features --target-dir target/msrv{}", packages()?);
    if let Some(toolchain) = installed(&version)? {
        Cmd::new("rustup", &format!("run {toolchain} cargo {check}")).run()?;
        return Ok(Done::Passed);
    }
    // A compiler that rustup has not installed, under a newer cargo.
    let Ok(rustc) = env::var("OLDEST_RUSTC") else { return Ok(missing(&version)) };
    let found = Cmd::new(&rustc, "--version").stdout()?.unwrap_or_default();
    if !found.starts_with(&format!("rustc {version}.")) {
        return Err(Failure(format!("OLDEST_RUSTC is not Rust {version}: {found:?}")));
    }
    Cmd::cargo(&check).env("RUSTC", &rustc).run()?;
    Ok(Done::Passed)
}

/// Builds the documentation of the published crates as docs.rs does: with nightly, all features and
/// `--cfg docsrs`, with which each item names the feature that it needs; and for browsers those
/// crates whose manifests ask for it.
pub(crate) fn docsrs() -> Outcome {
    let Some(nightly) = installed("nightly")? else { return Ok(missing("nightly")) };
    let doc = |options: &str| {
        let doc = format!("run {nightly} cargo doc --no-deps --all-features{options}");
        Cmd::new("rustup", &doc).env("RUSTDOCFLAGS", "--cfg docsrs -D warnings").run()
    };
    doc(&packages()?)?;
    let list = Cmd::new("rustup", &format!("target list --installed --toolchain {nightly}"));
    if !list.stdout()?.unwrap_or_default().lines().any(|target| target == BROWSER) {
        let remedy = format!("`rustup target add {BROWSER} --toolchain nightly`");
        let skipped = Done::skipped(format!("no target {BROWSER} of nightly"), remedy);
        return Ok(Done::from_parts([Done::Passed, skipped]));
    }
    let mut options = format!(" --target {BROWSER}");
    for Crate { name, dir, .. } in workspace::published()? {
        if files::read(&format!("{dir}/Cargo.toml"))?.contains(&format!("\"{BROWSER}\"")) {
            options += &format!(" --package {name}");
        }
    }
    doc(&options)?;
    Ok(Done::Passed)
}

const BROWSER: &str = "wasm32-unknown-unknown";

/// Checks the published crates with the lowest versions of their dependencies that their manifests
/// allow.
///
/// Works in a copy, to leave `Cargo.lock` as it is. The copy has no development dependencies,
/// because their lower bounds concern nobody else.
pub(crate) fn minver() -> Outcome {
    let Some(nightly) = installed("nightly")? else { return Ok(missing("nightly")) };
    copy()?;
    let resolve = "cargo generate-lockfile -Z direct-minimal-versions --manifest-path";
    Cmd::new("rustup", &format!("run {nightly} {resolve} {COPY}/Cargo.toml")).run()?;
    let check = "check --locked --all-features --target-dir target/minver/target";
    Cmd::cargo(&format!("{check} --manifest-path {COPY}/Cargo.toml{}", packages()?)).run()?;
    Ok(Done::Passed)
}

/// Directory of the copy, which git and tidy ignore.
const COPY: &str = "target/minver/copy";

fn copy() -> Result<(), Failure> {
    let published: Vec<_> = workspace::published()?.into_iter().map(|it| it.dir).collect();
    let (from, to) = (files::root(), files::root().join(COPY));
    if to.exists() {
        fs::remove_dir_all(&to).map_err(|error| files::at(COPY, &error))?;
    }
    for path in files::all()? {
        let is_published = published.iter().any(|it| path.starts_with(&format!("{it}/")));
        if !(path == "Cargo.toml" || is_published) {
            continue;
        }
        let copy = to.join(&path);
        let written = match copy.parent() {
            Some(dir) => fs::create_dir_all(dir),
            None => Ok(()),
        };
        let written = written.and_then(|()| {
            if path.ends_with("Cargo.toml") {
                fs::write(
                    &copy,
                    without_development(&fs::read_to_string(from.join(&path))?, &published),
                )
            } else {
                fs::copy(from.join(&path), &copy).map(|_| ())
            }
        });
        written.map_err(|error| files::at(&path, &error))?;
    }
    Ok(())
}

/// Returns the manifest without development dependencies, and with these members. Others would
/// decide versions.
fn without_development(manifest: &str, members: &[String]) -> String {
    let members = format!("members = {members:?}");
    let mut kept = String::new();
    let mut skipping = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            skipping = line.contains("dev-dependencies");
        }
        let line = match line.split_once('=').map(|(key, _)| key.trim()) {
            Some("members") => &members,
            Some("default-members") => continue,
            _ => line,
        };
        if !skipping {
            kept += line;
            kept += "\n";
        }
    }
    kept
}

fn packages() -> Result<String, Failure> {
    let crates = workspace::published()?;
    Ok(crates.iter().map(|it| format!(" --package {}", it.name)).collect())
}

/// Returns the name of an installed toolchain of a version or a channel.
pub(crate) fn installed(wanted: &str) -> Result<Option<String>, Failure> {
    let list = Cmd::new("rustup", "toolchain list").stdout()?.unwrap_or_default();
    Ok(pick(&list, wanted).map(str::to_owned))
}

fn pick<'a>(list: &'a str, wanted: &str) -> Option<&'a str> {
    let names = list.lines().filter_map(|line| line.split_whitespace().next());
    names.into_iter().find(|name| {
        name.strip_prefix(wanted)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    })
}

/// Returns the skip of a package that asks for a newer Rust in its own manifest.
pub(crate) fn too_old(manifest: &str) -> Result<Option<Done>, Failure> {
    let oldest = workspace::own_rust_version(manifest)?;
    let rustc = Cmd::new("rustc", "--version").stdout()?.unwrap_or_default();
    let skip = || Done::skipped(format!("needs Rust {oldest}"), "`rustup update stable`");
    Ok((!is_at_least(&rustc, &oldest)).then(skip))
}

/// `true` if the output of `rustc --version`, such as `rustc 1.85.0 (…)`, names this version or a
/// later one.
fn is_at_least(rustc: &str, version: &str) -> bool {
    let numbers = |version: &str| -> Vec<u32> {
        version.split(['.', '-']).map_while(|number| number.parse().ok()).collect()
    };
    rustc.split(' ').nth(1).is_some_and(|own| numbers(own) >= numbers(version))
}

/// Returns `true` if the compiler that cargo uses has the standard library of this target, whether
/// from rustup or from a distribution.
pub(crate) fn has_library(target: &str) -> Result<bool, Failure> {
    Ok(library(target)?.is_some_and(|dir| has_file(&dir, |name| name.starts_with("libstd-"))))
}

/// Returns `true` if the compiler that cargo uses has the run-time library of a sanitizer for this
/// target.
pub(crate) fn has_sanitizer(target: &str, sanitizer: &str) -> Result<bool, Failure> {
    let end = format!("_rt.{sanitizer}.a");
    Ok(library(target)?.is_some_and(|dir| has_file(&dir, |name| name.ends_with(&end))))
}

/// Returns `true` if a toolchain of rustup has the source of the standard library.
pub(crate) fn has_source(toolchain: &str) -> Result<bool, Failure> {
    let sysroot = format!("run {toolchain} rustc --print sysroot");
    let sysroot = Cmd::new("rustup", &sysroot).stdout()?.unwrap_or_default();
    let manifest = "lib/rustlib/src/rust/library/core/Cargo.toml";
    Ok(Path::new(sysroot.trim()).join(manifest).is_file())
}

/// Skip of a check that needs the standard library of a target.
pub(crate) fn no_target(target: &str) -> Done {
    Done::skipped(format!("no target {target}"), format!("`rustup target add {target}`"))
}

/// Returns the directory of the standard library of a target, which need not exist.
fn library(target: &str) -> Result<Option<PathBuf>, Failure> {
    let line = format!("--print target-libdir --target {target}");
    let dir = Cmd::new("rustc", &line).stdout()?;
    Ok(dir.map(|dir| PathBuf::from(dir.trim())))
}

/// Returns `true` if the directory has a file of such a name.
fn has_file(dir: &Path, is_wanted: impl Fn(&str) -> bool) -> bool {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    files.map(|file| file.file_name()).any(|name| name.to_str().is_some_and(&is_wanted))
}

/// Skip of a task whose toolchain is not installed.
pub(crate) fn missing(toolchain: &str) -> Done {
    Done::skipped(
        format!("no toolchain {toolchain}"),
        format!("`rustup toolchain install {toolchain} --profile minimal`"),
    )
}

#[cfg(test)]
mod tests {
    use super::{is_at_least, pick, without_development};
    use crate::workspace;

    #[test]
    fn a_toolchain_is_found_by_version_or_channel() {
        let list = "stable-x86_64-unknown-linux-gnu (active, default)\n\
                    nightly-2026-05-15-x86_64-unknown-linux-gnu\n\
                    1.85.1-x86_64-unknown-linux-gnu\n\
                    1.9-x86_64-unknown-linux-gnu\n";
        let cases = [
            ("1.85", Some("1.85.1-x86_64-unknown-linux-gnu")),
            ("1.85.1", Some("1.85.1-x86_64-unknown-linux-gnu")),
            ("1.9", Some("1.9-x86_64-unknown-linux-gnu")),
            ("nightly", Some("nightly-2026-05-15-x86_64-unknown-linux-gnu")),
            ("1.8", None),
            ("beta", None),
        ];
        for (wanted, expected) in cases {
            assert_eq!(pick(list, wanted), expected, "{wanted}");
        }
        assert_eq!(pick("", "nightly"), None);
    }

    #[test]
    fn the_copied_manifests_have_nothing_for_development() {
        let cases = [
            (
                "[workspace]\nmembers = [\"crates/*\", \"xtask\"]\ndefault-members = [\"x\"]\n",
                "[workspace]\nmembers = [\"crates/a\"]\n",
            ),
            (
                "[dependencies]\na = \"1\"\n[dev-dependencies]\nb = \"1\"\n[features]\nc = []\n",
                "[dependencies]\na = \"1\"\n[features]\nc = []\n",
            ),
            ("[target.'cfg(unix)'.dev-dependencies]\nb = \"1\"\n[lints]\n", "[lints]\n"),
        ];
        for (manifest, expected) in cases {
            assert_eq!(without_development(manifest, &["crates/a".to_owned()]), expected);
        }
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let cases = [
            ("rustc 1.95.0 (59807616e 2026-04-14)", true),
            ("rustc 1.88.0", true),
            ("rustc 1.100.0-nightly (59807616e 2026-04-14)", true),
            ("rustc 1.87.1 (17067e9ac 2025-05-09)", false),
            ("rustc 1.9.0", false),
            ("", false),
        ];
        for (rustc, expected) in cases {
            assert_eq!(is_at_least(rustc, "1.88"), expected, "{rustc:?}");
        }
        assert!(is_at_least(
            "rustc 2.0.0",
            &workspace::own_rust_version("tools/bench/Cargo.toml").unwrap()
        ));
    }
}
