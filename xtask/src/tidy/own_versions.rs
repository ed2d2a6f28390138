//! Rule for the versions with which the crates depend on each other: the current one, so that a
//! published crate never comes with an older one that lacks what it uses.

use super::Violation;

/// Checks the root manifest; `version` is that of the workspace.
pub(super) fn check(manifest: &str, version: &str) -> Vec<Violation> {
    let is_ours = |line: &&str| line.contains("path = \"crates/");
    let wrong = |line: &str| !line.contains(&format!("version = \"{version}\""));
    let lines = manifest.lines().enumerate().filter(|(_, line)| is_ours(line) && wrong(line));
    let text = format!("depends on a crate of the workspace with a version that is not {version}");
    lines.map(|(index, _)| Violation { line: index + 1, text: text.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn crates_depend_on_the_current_version_of_each_other() {
        let cases: [(&str, Option<usize>); 4] = [
            ("a = { path = \"crates/a\", version = \"0.2.0\" }\nb = \"0.1.0\"", None),
            ("\na = { path = \"crates/a\", version = \"0.1.0\" }", Some(2)),
            ("a = { path = \"crates/a\" }", Some(1)),
            ("a = { path = \"tools/a\" }", None),
        ];
        for (manifest, expected) in cases {
            let found = check(manifest, "0.2.0").into_iter().map(|it| it.line).next();
            assert_eq!(found, expected, "{manifest}");
        }
    }
}
