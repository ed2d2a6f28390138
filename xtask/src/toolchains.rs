//! Builds that need another toolchain: the oldest supported Rust, and nightly for the oldest
//! dependencies and for documentation as on docs.rs.
//!
//! They are skipped if rustup does not have that toolchain; nothing is installed.

use std::fs;

use crate::{
    files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    workspace::{self, Crate},
};

/// Checks the published crates with the `rust-version` of the manifest.
pub(crate) fn msrv() -> Outcome {
    let version = workspace::rust_version()?;
    let Some(toolchain) = installed(&version)? else { return Ok(missing(&version)) };
    let check = format!("run {toolchain} cargo check --locked --all-features{}", packages()?);
    Cmd::new("rustup", &check).run()?;
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

/// Skip of a task whose toolchain is not installed.
pub(crate) fn missing(toolchain: &str) -> Done {
    Done::skipped(
        format!("no toolchain {toolchain}"),
        format!("`rustup toolchain install {toolchain} --profile minimal`"),
    )
}

#[cfg(test)]
mod tests {
    use super::{pick, without_development};

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
}
