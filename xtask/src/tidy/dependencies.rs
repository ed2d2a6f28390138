//! The rule that sse-session, without its features, stays small and independent of any HTTP client.

use std::collections::BTreeSet;

use super::Complaint;

/// Command whose output [`check`] reads.
pub(super) const TREE: &str =
    "tree --locked --edges normal --prefix none --package sse-session --no-default-features";

/// Number of crates, sse-session included, that its tree stays below.
const LIMIT: usize = 20;

/// Crates that only some transports need.
const FORBIDDEN: [&str; 5] = ["hyper", "reqwest", "tokio", "ureq", "url"];

pub(super) fn check(tree: &str) -> Vec<Complaint> {
    let names: BTreeSet<_> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let forbidden = FORBIDDEN.iter().filter(|name| names.contains(*name));
    let mut texts: Vec<_> =
        forbidden.map(|name| format!("without features, it depends on {name}")).collect();
    if !names.contains("sse-session") {
        texts.push("not in its own tree of dependencies".to_owned());
    }
    if names.len() >= LIMIT {
        let count = names.len();
        texts.push(format!("without features, it takes {count} crates, not fewer than {LIMIT}"));
    }
    texts.into_iter().map(|text| Complaint { line: 1, text }).collect()
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn the_tree_is_small_and_has_no_http_client() {
        let tree = "sse-session v0.1.0 (/somewhere)\nbytes v1.12.2\nbytes v1.12.2 (*)\n\n";
        let many: String = (0..19).map(|number| format!("crate-{number} v1.0.0\n")).collect();
        for (tree, expected) in [
            (tree.to_owned(), &[][..]),
            (format!("{tree}url v2.5.0\n"), &["without features, it depends on url"]),
            (format!("{tree}{many}"), &["without features, it takes 21 crates, not fewer than 20"]),
            (String::new(), &["not in its own tree of dependencies"]),
        ] {
            let found: Vec<_> = check(&tree).into_iter().map(|it| it.text).collect();
            assert_eq!(found, expected);
        }
    }
}
