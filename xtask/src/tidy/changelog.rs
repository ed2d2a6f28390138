//! Rule for a changelog: its newest version is the current one, and only unreleased changes are
//! above it.

use super::Violation;

pub(super) fn check(text: &str, version: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut sections = sections(text).skip_while(|(_, name)| is_unreleased(name));
    match sections.next() {
        Some((_, newest)) if newest == version => {}
        Some((line, newest)) => {
            let text = format!("the newest version is {newest}, but the crate's is {version}");
            violations.push(Violation { line, text });
        }
        None => violations.push(Violation { line: 1, text: format!("has no `## {version}`") }),
    }
    if let Some((line, _)) = sections.find(|(_, name)| is_unreleased(name)) {
        let text = "what is unreleased comes before every version".to_owned();
        violations.push(Violation { line, text });
    }
    violations
}

/// The lines of the `##` headings and the names in them: `## [0.1.0] - unreleased` is `0.1.0`.
fn sections(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().filter_map(|(index, line)| {
        let title = line.strip_prefix("## ")?;
        let name = title.split(['[', ']', ' ']).find(|word| !word.is_empty())?;
        Some((index + 1, name))
    })
}

fn is_unreleased(name: &str) -> bool {
    name.eq_ignore_ascii_case("unreleased")
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn the_newest_version_is_the_current_one() {
        let cases: [(&str, &[&str]); 8] = [
            ("# Changelog\n## 0.2.0 - unreleased\n## 0.1.0\n", &[]),
            ("## [0.2.0] - 2026-01-01\n", &[]),
            ("## Unreleased\n## 0.2.0\n", &[]),
            ("## [Unreleased]\n## [0.2.0]\n", &[]),
            ("", &["1: has no `## 0.2.0`"]),
            ("## Unreleased\n### 0.2.0\n", &["1: has no `## 0.2.0`"]),
            (
                "## Unreleased\n## 0.1.0\n",
                &["2: the newest version is 0.1.0, but the crate's is 0.2.0"],
            ),
            ("## 0.2.0\n## Unreleased\n", &["2: what is unreleased comes before every version"]),
        ];
        for (text, expected) in cases {
            let found = check(text, "0.2.0");
            let found: Vec<_> =
                found.iter().map(|it| format!("{}: {}", it.line, it.text)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
