//! Rule for the name of the package in `crates/sse-core`: each manifest that depends on it by path
//! names it as its own manifest does.
//!
//! The registry has another sse-core, so that ours is published under another name. Two lines of
//! the workspace decide it, and one in each package that stands outside.

use super::Violation;

/// Checks a manifest; `name` is the one in the manifest of the core.
pub(super) fn check(manifest: &str, name: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, line) in manifest.lines().enumerate() {
        let Some((key, value)) = line.split_once('=').filter(|(_, value)| is_path(value)) else {
            continue;
        };
        let package = value.split("package = \"").nth(1).and_then(|rest| rest.split('"').next());
        let named = package.unwrap_or(key.trim());
        if named != name {
            let text = format!("names the package {named}, which its manifest calls {name}");
            violations.push(Violation { line: index + 1, text });
        }
    }
    violations
}

/// `true` if the value of a dependency has the path of the core.
fn is_path(value: &str) -> bool {
    let path = value.split("path = \"").nth(1).and_then(|rest| rest.split('"').next());
    path.is_some_and(|path| path.ends_with("crates/sse-core"))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn every_manifest_names_the_core_as_its_own_does() {
        let cases: [(&str, &str, Option<usize>); 6] = [
            ("sse-core = { package = \"a\", path = \"crates/sse-core\" }", "a", None),
            ("\nsse-core = { path = \"../../crates/sse-core\", package = \"a\" }", "b", Some(2)),
            ("sse-core = { path = \"crates/sse-core\" }", "sse-core", None),
            ("sse-core = { path = \"crates/sse-core\" }", "a", Some(1)),
            ("sse-core = { package = \"sse-core\", version = \"1\" }", "a", None),
            ("sse-core.workspace = true", "a", None),
        ];
        for (manifest, name, expected) in cases {
            let found = check(manifest, name).into_iter().map(|it| it.line).next();
            assert_eq!(found, expected, "{manifest}");
        }
    }
}
