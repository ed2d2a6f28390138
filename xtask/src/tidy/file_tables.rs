//! Rule for docs/ARCHITECTURE.md: its tables name the files in `src/` of each published crate.
//!
//! A crate's table is in the section with its name. The first column has paths in code font,
//! relative to `src/`; `scan/*` stands for all files in that folder. `lib.rs` needs no row.

use std::collections::HashSet;

use super::Violation;

pub(super) const DOCUMENT: &str = "docs/ARCHITECTURE.md";

/// `crates` are the directories of the published crates, and `paths` all files.
pub(super) fn check(text: &str, crates: &[&str], paths: &[String]) -> Vec<Violation> {
    let mut violations = Vec::new();
    for dir in crates {
        let src = format!("{dir}/src/");
        let mut unnamed: HashSet<_> = paths
            .iter()
            .filter_map(|path| path.strip_prefix(&src))
            .filter(|file| file.ends_with(".rs") && *file != "lib.rs")
            .collect();
        let heading = format!("### {}", dir.rsplit('/').next().unwrap_or_default());
        let lines = || text.lines().zip(1..).skip_while(|(line, _)| *line != heading);
        let section = lines().skip(1).take_while(|(line, _)| !line.starts_with('#'));
        for (name, line) in
            section.flat_map(|(line, number)| names(line).map(move |it| (it, number)))
        {
            let found: Vec<_> = unnamed.iter().copied().filter(|file| covers(name, file)).collect();
            if found.is_empty() {
                let text = format!("names `{src}{name}`, which is not there, or named twice");
                violations.push(Violation { line, text });
            }
            for file in found {
                unnamed.remove(file);
            }
        }
        let mut unnamed: Vec<_> = unnamed.into_iter().collect();
        unnamed.sort_unstable();
        let line = lines().next().map_or(1, |(_, number)| number);
        violations.extend(unnamed.into_iter().map(|file| {
            let text = format!("has no row for `{src}{file}`");
            Violation { line, text }
        }));
    }
    violations
}

/// Returns the paths in the first column of a table's row.
fn names(line: &str) -> impl Iterator<Item = &str> {
    let column = line.strip_prefix("| ").and_then(|rest| rest.split(" | ").next());
    column.unwrap_or_default().split('`').skip(1).step_by(2)
}

/// Returns `true` if a name in the table is that of the file, or of the folder that it is in.
fn covers(name: &str, file: &str) -> bool {
    match name.strip_suffix('*') {
        Some(folder) => file.strip_prefix(folder).is_some_and(|rest| !rest.contains('/')),
        None => name == file,
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    const PATHS: [&str; 7] = [
        "crates/a/src/lib.rs",
        "crates/a/src/scan.rs",
        "crates/a/src/scan/avx2.rs",
        "crates/a/src/scan/neon.rs",
        "crates/a/tests/it/main.rs",
        "crates/b/src/lib.rs",
        "crates/b/src/text.rs",
    ];

    /// Text of a violation, with its line.
    type Found = (usize, String);

    #[test]
    fn file_tables_name_every_file_and_no_other() {
        let scan = "crates/a/src/scan";
        let text = "crates/b/src/text.rs";
        let b = "### b\n| `text.rs` | text |\n";
        let cases: [(&str, &str, &[Found]); 8] = [
            ("### a\n| `scan.rs`, `scan/*` | `gone.rs` |\n", b, &[]),
            ("### a\n| `scan.rs` | x |\n| `scan/neon.rs`, `scan/avx2.rs` | x |\n", b, &[]),
            ("### a\n| `scan/*` | x |\n", b, &[(1, format!("has no row for `{scan}.rs`"))]),
            (
                "### a\n| `scan.rs`, `scan/neon.rs` | x |\n",
                b,
                &[(1, format!("has no row for `{scan}/avx2.rs`"))],
            ),
            (
                "### a\n| file |\n| `scan.rs`, `scan/*`, `scan/sse2.rs` | x |\n",
                b,
                &[(3, format!("names `{scan}/sse2.rs`, which is not there, or named twice"))],
            ),
            (
                "### a\n| `scan.rs`, `scan/*` | x |\n| `scan.rs` | x |\n",
                b,
                &[(3, format!("names `{scan}.rs`, which is not there, or named twice"))],
            ),
            (
                "### a\n| `scan.rs`, `scan/*` | x |\n",
                "",
                &[(1, format!("has no row for `{text}`"))],
            ),
            (
                "### a\n| `scan.rs`, `scan/*` | x |\n",
                "### b\n## c\n| `text.rs` | in another section |\n",
                &[(3, format!("has no row for `{text}`"))],
            ),
        ];
        for (a, b, expected) in cases {
            let found =
                check(&format!("{a}{b}"), &["crates/a", "crates/b"], &PATHS.map(Into::into));
            let found: Vec<_> = found.into_iter().map(|it| (it.line, it.text)).collect();
            assert_eq!(found, expected, "{a}{b}");
        }
    }
}
