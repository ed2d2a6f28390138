//! Packs the published crates as the registry would get them, checks what the packages contain, and
//! builds each with the packages that it depends on.

use std::{collections::BTreeSet, fs};

use crate::{
    files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    workspace::{self, CORE, Crate},
};

/// Files that each package has, besides its sources.
const REQUIRED: [&str; 5] =
    ["CHANGELOG.md", "Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

/// Files that cargo adds.
const ADDED: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];

/// Packs each published crate, and checks what its package contains. Needs no network.
pub(crate) fn package() -> Outcome {
    let crates = workspace::published()?;
    let pack = Cmd::cargo("package --no-verify --allow-dirty --offline");
    with_packages(pack, &crates).run()?;
    let mut violations = Vec::new();
    for Crate { name, .. } in &crates {
        let list = Cmd::cargo("package --list --allow-dirty --offline --quiet --package").arg(name);
        let list = list.stdout()?.unwrap_or_default();
        violations.extend(check(&list).into_iter().map(|it| format!("{name}: {it}")));
    }
    if violations.is_empty() {
        return Ok(Done::Passed);
    }
    Err(Failure(format!(
        "packages have other files than they should\n  {}",
        violations.join("\n  ")
    )))
}

/// Publishes each crate as a dry run: packs it, and builds it with the packages that it depends on.
///
/// While the core has the name of another crate on the registry, cargo would build the others with
/// that one. Until then, the packages of a copy in which it has another name are built.
pub(crate) fn publish() -> Outcome {
    let mut parts = vec![Done::Passed];
    let mut crates = workspace::published()?;
    if workspace::core_name()? == TAKEN {
        copy()?;
        // The name in the copy is nothing to ask the registry about.
        Cmd::cargo("fetch --locked").run()?;
        crates.iter_mut().filter(|it| it.dir == CORE).for_each(|it| it.name = FREE.to_owned());
        let pack = format!("package --allow-dirty --offline --manifest-path {COPY}/Cargo.toml");
        with_packages(Cmd::cargo(&pack).arg("--target-dir=target/publish/target"), &crates)
            .run()?;
        let reason = format!("the registry has another {TAKEN}");
        let remedy = format!("set `package` in Cargo.toml, and `name` in {CORE}/Cargo.toml");
        parts.push(Done::skipped(reason, remedy));
    } else {
        with_packages(Cmd::cargo("publish --dry-run"), &crates).run()?;
    }
    if !workspace::has_repository() {
        let remedy = "set it in [workspace.package] of Cargo.toml, and inherit it in each crate";
        parts.push(Done::skipped("no `repository`", remedy));
    }
    Ok(Done::from_parts(parts))
}

/// Name of the core that is taken on the registry.
const TAKEN: &str = "sse-core";

/// Name of the core in the copy. No package is published under it.
const FREE: &str = "sse-core-copy";

/// Directory of the copy, which git and tidy ignore.
const COPY: &str = "target/publish/copy";

fn with_packages(cmd: Cmd, crates: &[Crate]) -> Cmd {
    crates.iter().fold(cmd, |cmd, it| cmd.arg("--package").arg(&it.name))
}

/// Copies the workspace, with another name for the core.
fn copy() -> Result<(), Failure> {
    let (from, to) = (files::root(), files::root().join(COPY));
    if to.exists() {
        fs::remove_dir_all(&to).map_err(|error| files::at(COPY, &error))?;
    }
    for path in files::all()? {
        let copy = to.join(&path);
        let made = copy.parent().map_or(Ok(()), fs::create_dir_all);
        let written = made.and_then(|()| {
            let key = match path.as_str() {
                "Cargo.toml" => format!("package = \"{TAKEN}\""),
                path if path == format!("{CORE}/Cargo.toml") => format!("name = \"{TAKEN}\""),
                _ => return fs::copy(from.join(&path), &copy).map(|_| ()),
            };
            let manifest = fs::read_to_string(from.join(&path))?;
            fs::write(&copy, manifest.replace(&key, &key.replace(TAKEN, FREE)))
        });
        written.map_err(|error| files::at(&path, &error))?;
    }
    Ok(())
}

/// Checks the files of a package, one a line.
fn check(list: &str) -> Vec<String> {
    let files: BTreeSet<_> = list.lines().map(|line| line.replace('\\', "/")).collect();
    let missing = REQUIRED.iter().filter(|file| !files.contains(**file));
    let mut violations: Vec<_> = missing.map(|file| format!("{file} is missing")).collect();
    let known =
        |file: &str| REQUIRED.contains(&file) || ADDED.contains(&file) || file.starts_with("src/");
    let unknown = files.iter().filter(|file| !known(file));
    violations.extend(unknown.map(|file| format!("{file} is not needed")));
    if !files.contains("src/lib.rs") {
        violations.push("src/lib.rs is missing".to_owned());
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_package_has_its_documents_its_sources_and_no_tests() {
        let whole = "CHANGELOG.md\nCargo.lock\nCargo.toml\nCargo.toml.orig\nLICENSE-APACHE\n\
                     LICENSE-MIT\nREADME.md\nsrc/lib.rs\n";
        let cases: [(String, &[&str]); 5] = [
            (whole.to_owned(), &[]),
            (whole.replace("src/lib", "src\\lib"), &[]),
            (whole.replace("README.md\n", ""), &["README.md is missing"]),
            (whole.replace("src/lib.rs\n", "src/main.rs"), &["src/lib.rs is missing"]),
            (format!("{whole}tests/it.rs\n"), &["tests/it.rs is not needed"]),
        ];
        for (list, expected) in cases {
            assert_eq!(check(&list), expected, "{list}");
        }
    }
}
