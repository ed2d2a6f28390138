//! Checks the house rules that the compiler does not check.
//!
//! Each rule is a function from the text of a file to violations, in a module of its own. This
//! module reads the files and reports all violations, not only the first.

mod source;
mod changelog;
mod links;
mod names;
mod members;
mod file_tables;
mod compiled;
mod copy;
mod core_name;
mod own_versions;
mod features;
mod dependencies;
mod imports;

use std::collections::HashSet;

use crate::{
    files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    workspace,
};

/// License files that each published crate has a copy of.
const LICENSES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Violation of a rule, with its line.
#[derive(Debug, PartialEq)]
struct Violation {
    line: usize,
    text: String,
}

pub(crate) fn tidy() -> Outcome {
    let mut violations = Vec::new();
    let mut report = |path: &str, found: Vec<Violation>| {
        violations.extend(found.iter().map(|it| format!("{path}:{}: {}", it.line, it.text)));
    };
    let paths = files::all()?;
    let sources = paths.iter().filter(|path| path.ends_with(".rs"));
    let sources: Vec<_> =
        sources.map(|path| Ok((path, files::read(path)?))).collect::<Result<_, Failure>>()?;
    for (path, text) in &sources {
        report(path, source::check(path, text));
    }
    let texts = sources.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    features::check(texts).into_iter().for_each(|(path, found)| report(path, found));
    let mut types = members::Types::default();
    let mut included = HashSet::new();
    for (path, text) in &sources {
        if path.starts_with("crates/") && path.contains("/src/") {
            types.read(text);
        }
        included.extend(compiled::included(path, text));
    }
    for path in paths.iter().filter(|path| path.ends_with(".md")) {
        let text = files::read(path)?;
        if path.starts_with("docs/") {
            let is_function = |module: Option<&str>, name: &str| {
                sources.iter().any(|(path, text)| names::has_function(path, text, module, name))
            };
            report(path, names::check(&text, is_function));
        }
        let exists = |target: &str| files::root().join(target).exists();
        report(path, links::check(path, &text, exists));
        report(path, members::check(&text, &types));
        report(path, compiled::check(path, &text, |path| included.contains(path)));
    }
    let core = workspace::core_name()?;
    let mut names_agree = true;
    for path in paths.iter().filter(|path| path.ends_with("Cargo.toml")) {
        let found = core_name::check(&files::read(path)?, &core);
        names_agree &= found.is_empty();
        report(path, found);
    }
    let root = "Cargo.toml";
    report(root, own_versions::check(&files::read(root)?, &workspace::version()?));
    let published = workspace::published()?;
    let dirs: Vec<_> = published.iter().map(|package| package.dir.as_str()).collect();
    report(
        file_tables::DOCUMENT,
        file_tables::check(&files::read(file_tables::DOCUMENT)?, &dirs, &paths),
    );
    for package in published {
        let src = format!("{}/src/", package.dir);
        let below =
            sources.iter().filter_map(|(path, text)| Some((path.strip_prefix(&src)?, text)));
        for (file, found) in imports::check(below.map(|(file, text)| (file, text.as_str()))) {
            report(&format!("{src}{file}"), found);
        }
        let path = format!("{}/CHANGELOG.md", package.dir);
        let found = match files::read(&path) {
            Ok(text) => changelog::check(&text, &package.version),
            Err(Failure(text)) => vec![Violation { line: 1, text }],
        };
        report(&path, found);
        for license in LICENSES {
            let path = format!("{}/{license}", package.dir);
            report(&path, copy::check(&files::read(license)?, files::read(&path).ok().as_deref()));
        }
    }
    // Cargo cannot read a workspace whose manifests name a package differently.
    for rule in dependencies::RULES.iter().filter(|_| names_agree) {
        let tree = Cmd::cargo(&rule.command()).stdout()?.unwrap_or_default();
        report(rule.manifest, rule.check(&tree));
    }
    if violations.is_empty() {
        return Ok(Done::Passed);
    }
    let heading = format!("{} violations", violations.len());
    Err(Failure(format!("{heading}\n  {}", violations.join("\n  "))))
}
