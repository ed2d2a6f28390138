//! Rule for a Markdown file: the targets of its relative links exist.
//!
//! Reads inline links and images, `[text](target)`, and definitions, `[text]: target`, each on one
//! line. Ignores code, other sites and the fragment of a target.

use super::Violation;

/// `exists` is asked for paths relative to the root.
pub(super) fn check(path: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        if in_code {
            continue;
        }
        // Every second piece between backticks is code.
        let prose: String = line.split('`').step_by(2).collect();
        for target in targets(&prose).filter(|target| is_relative(target)) {
            if !resolve(path, target).is_some_and(|file| exists(&file)) {
                let text = format!("links to `{target}`, which is not there");
                violations.push(Violation { line: index + 1, text });
            }
        }
    }
    violations
}

/// Returns the targets of the links in a line.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let definition = line
        .strip_prefix('[')
        .filter(|rest| !rest.starts_with('^'))
        .and_then(|rest| rest.split_once("]: "))
        .and_then(|(_, target)| target.split_whitespace().next());
    inline.chain(definition)
}

/// Returns `true` if a target is a file of the repository: not another site, a place in the same
/// file, or a Rust path.
fn is_relative(target: &str) -> bool {
    !(target.starts_with('#') || target.contains(':'))
}

/// Returns the path of a target, relative to the root, or `None` if it is outside of the root.
pub(super) fn resolve(path: &str, target: &str) -> Option<String> {
    let file = target.split('#').next().unwrap_or_default();
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    if file.starts_with('/') {
        parts.clear();
    }
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn relative_links_lead_to_what_is_there() {
        let cases: [(&str, &[&str]); 16] = [
            ("[a](KTOR.md) and ![b](../README.md \"title\")", &[]),
            ("[a](KTOR.md#names)", &[]),
            ("[a](./KTOR.md) [b](/README.md) [c](../docs)", &[]),
            ("[a](https://example.org/x.md) [b](mailto:x@example.org) [c](#here)", &[]),
            ("[`Parser`](KTOR.md)", &[]),
            ("`[a](gone.md)`", &[]),
            ("[^1]: a footnote", &[]),
            ("[a]: ../README.md \"title\"", &[]),
            ("[a]: sse_core::Parser", &[]),
            ("[a](README.md)", &["README.md"]),
            ("[a](KTOR.md) [b](gone.md)", &["gone.md"]),
            ("[`Parser`](gone.md)", &["gone.md"]),
            ("[a]: gone.md", &["gone.md"]),
            ("[a](../../README.md)", &["../../README.md"]),
            ("```text\n[a](gone.md)\n```\n[b](also-gone.md)", &["also-gone.md"]),
            ("[a](gone.md#here)", &["gone.md#here"]),
        ];
        for (text, expected) in cases {
            let exists = |path: &str| ["README.md", "docs", "docs/KTOR.md"].contains(&path);
            let found = check("docs/A.md", text, exists);
            let found: Vec<_> = found.iter().map(|it| it.text.clone()).collect();
            let expected: Vec<_> =
                expected.iter().map(|it| format!("links to `{it}`, which is not there")).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_violation_names_its_line() {
        assert_eq!(check("A.md", "\n\n[a](gone.md)\n", |_| false)[0].line, 3);
    }
}
