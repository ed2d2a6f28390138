//! The rules for what some packages depend on: sse-session stays small, and a program that uses it
//! with another HTTP client does not build reqwest.

use std::collections::BTreeSet;

use super::Violation;

/// Rule for the tree of dependencies of a package.
#[derive(Debug)]
pub(super) struct Rule {
    package: &'static str,
    /// Manifest that a violation is about.
    pub(super) manifest: &'static str,
    /// Features or target of the tree, as options of `cargo tree`.
    options: &'static str,
    /// Crates that the tree must not have.
    forbidden: &'static [&'static str],
    /// Number of crates, the package included, that the tree stays below.
    limit: Option<usize>,
}

const SESSION: Rule = Rule {
    package: "sse-session",
    manifest: "crates/sse-session/Cargo.toml",
    options: "--no-default-features",
    forbidden: &["hyper", "reqwest", "tokio", "ureq", "url"],
    limit: Some(20),
};

pub(super) const RULES: &[Rule] = &[
    SESSION,
    Rule { options: "--all-features", forbidden: &["reqwest", "url"], limit: None, ..SESSION },
    Rule {
        options: "--all-features --target wasm32-unknown-unknown",
        forbidden: &["hyper", "reqwest", "tokio", "url"],
        limit: None,
        ..SESSION
    },
    Rule {
        package: "sse-direct",
        manifest: "crates/sse-direct/Cargo.toml",
        options: "--all-features",
        forbidden: &["reqwest", "sse-reqwest", "url"],
        limit: None,
    },
    Rule {
        package: "hyper-session",
        manifest: "examples/hyper-session/Cargo.toml",
        options: "",
        forbidden: &["reqwest", "sse-reqwest", "url"],
        limit: None,
    },
    Rule {
        package: "smol-session",
        manifest: "examples/smol-session/Cargo.toml",
        options: "",
        // hyper depends on tokio's channels, but not on a runtime.
        forbidden: &["hyper-util", "mio", "reqwest", "sse-reqwest", "url"],
        limit: None,
    },
    Rule {
        package: "fetch-session",
        manifest: "examples/fetch-session/Cargo.toml",
        options: "--target wasm32-unknown-unknown",
        forbidden: &["hyper", "reqwest", "sse-reqwest", "tokio", "url"],
        limit: None,
    },
];

impl Rule {
    /// Returns the command of cargo whose output [`check`](Self::check) reads.
    pub(super) fn command(&self) -> String {
        let Self { package, options, .. } = self;
        format!("tree --locked --edges normal --prefix none --package {package} {options}")
    }

    pub(super) fn check(&self, tree: &str) -> Vec<Violation> {
        let names: BTreeSet<_> =
            tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
        let with = if self.options.is_empty() { "" } else { "with " };
        let whose = format!("{} {with}{}", self.package, self.options);
        let whose = whose.trim_end();
        let forbidden = self.forbidden.iter().filter(|name| names.contains(*name));
        let mut texts: Vec<_> =
            forbidden.map(|name| format!("{whose} depends on {name}")).collect();
        if !names.contains(self.package) {
            texts.push(format!("{whose} is not in its own tree of dependencies"));
        }
        if let Some(limit) = self.limit.filter(|&limit| names.len() >= limit) {
            let count = names.len();
            texts.push(format!("{whose} takes {count} crates, not fewer than {limit}"));
        }
        texts.into_iter().map(|text| Violation { line: 1, text }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::SESSION;

    #[test]
    fn the_tree_is_small_and_has_no_http_client() {
        let tree = "sse-session v0.1.0 (/somewhere)\nbytes v1.12.2\nbytes v1.12.2 (*)\n\n";
        let many: String = (0..19).map(|number| format!("crate-{number} v1.0.0\n")).collect();
        for (tree, expected) in [
            (tree.to_owned(), &[][..]),
            (format!("{tree}url v2.5.0\n"), &["depends on url"]),
            (format!("{tree}{many}"), &["takes 21 crates, not fewer than 20"]),
            (String::new(), &["is not in its own tree of dependencies"]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|text| format!("sse-session with --no-default-features {text}"))
                .collect();
            let found: Vec<_> = SESSION.check(&tree).into_iter().map(|it| it.text).collect();
            assert_eq!(found, expected);
        }
    }
}
