//! Rule for a Markdown file with examples in Rust: some source includes it, so that they are
//! compiled as documentation tests.

use std::collections::HashSet;

use super::{Violation, links::resolve};

/// The files that a source includes, relative to the root.
pub(super) fn included(path: &str, source: &str) -> HashSet<String> {
    let targets = source.split("include_str!(\"").skip(1).filter_map(|rest| rest.split('"').next());
    targets.filter_map(|target| resolve(path, target)).collect()
}

/// `is_included` is asked for paths relative to the root.
pub(super) fn check(
    path: &str,
    text: &str,
    is_included: impl FnOnce(&str) -> bool,
) -> Vec<Violation> {
    let first = text.lines().position(|line| line.trim_start().starts_with("```rust"));
    match first.filter(|_| !is_included(path)) {
        Some(index) => {
            let text = "has Rust in it that nobody compiles: include it under `cfg(doctest)`";
            vec![Violation { line: index + 1, text: text.to_owned() }]
        }
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{check, included};

    #[test]
    fn rust_in_a_document_is_compiled() {
        let source = "#[doc = include_str!(\"../../docs/guide/a.md\")]\n\
                      #[doc = include_str!(\"../../README.md\")]\nstruct Readme;\n";
        let included = included("examples/src/lib.rs", source);
        let cases = [
            ("docs/guide/a.md", "```rust,no_run\n```\n", None),
            ("README.md", "```rust\n```\n", None),
            ("docs/guide/b.md", "# B\n\n```rust\n```\n", Some(3)),
            ("docs/README.md", "```rust\n```\n", Some(1)),
            ("docs/guide/b.md", "```text\nrust\n```\n", None),
        ];
        for (path, text, line) in cases {
            let found = check(path, text, |path| included.contains(path));
            assert_eq!(found.first().map(|it| it.line), line, "{path}");
        }
    }
}
