//! Rule for documents that name a method or a variant of a type, as in `Parser::restart`: the type
//! has it.
//!
//! Reads code font, and sources line by line. Ignores types of other crates.

use std::collections::{HashMap, HashSet};

use super::Violation;

/// Types of the workspace, and the names that may be members of each.
#[derive(Debug, Default)]
pub(super) struct Types<'a> {
    declared: HashSet<&'a str>,
    members: HashMap<&'a str, HashSet<&'a str>>,
}

pub(super) fn check(text: &str, types: &Types<'_>) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        in_code ^= line.trim_start().starts_with("```");
        // Every second piece between backticks is code; that of a block is compiled.
        let pieces = line.split('`').skip(1).step_by(2).filter(|_| !in_code);
        for (owner, member) in pieces.filter_map(path) {
            if types.declared.contains(owner) && !types.have(owner, member) {
                let text = format!("names `{owner}::{member}`, which is not there");
                violations.push(Violation { line: index + 1, text });
            }
        }
    }
    violations
}

impl<'a> Types<'a> {
    /// Reads a source. Its functions and variants are members of each type that it declares, gives
    /// another name, or implements something for.
    pub(super) fn read(&mut self, source: &'a str) {
        let mut owners = HashSet::new();
        let mut members: HashSet<_> =
            source.split("fn ").skip(1).filter_map(|rest| words(rest).next()).collect();
        for line in source.lines().map(str::trim_start) {
            let visible = line.strip_prefix("pub(crate) ").or_else(|| line.strip_prefix("pub "));
            let item = visible.unwrap_or(line);
            let mut words = words(item);
            match item.split([' ', '<']).next() {
                Some("enum" | "struct" | "trait") => {
                    let name = words.nth(1);
                    self.declared.extend(name);
                    owners.extend(name);
                }
                // Without `pub` it is an associated type of a trait.
                Some("type") if visible.is_some() => owners.extend(words.skip(1)),
                Some("impl") => owners.extend(words.skip(1)),
                _ => members.extend(words.next().filter(|word| item.starts_with(word))),
            }
        }
        for owner in owners {
            self.members.entry(owner).or_default().extend(&members);
        }
    }

    fn have(&self, owner: &str, member: &str) -> bool {
        self.members.get(owner).is_some_and(|members| members.contains(member))
    }
}

/// Returns the type and the member that a piece of code starts with.
fn path(code: &str) -> Option<(&str, &str)> {
    let (owner, rest) = code.split_once("::")?;
    let member = words(rest).next().filter(|member| rest.starts_with(member))?;
    Some((owner, member))
}

/// Returns the names in a text, in their order.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Types, check};

    const SOURCES: [&str; 3] = [
        "pub struct Parser {\n    reader: R,\n}\nimpl Parser {\n    pub fn restart(&mut self) {}\n}\n",
        "pub enum End {\n    Closed,\n    Failed(Error),\n}\nimpl<T> Stream for Parsers<T> {}\n",
        "pub type Chunks = Parser<Bytes>;\nimpl Chunks {\n    fn next_ref<'i>(&mut self) {}\n}\n",
    ];

    #[test]
    fn members_that_a_document_names_exist() {
        let mut types = Types::default();
        SOURCES.iter().for_each(|source| types.read(source));
        let cases: [(&str, &[&str]); 9] = [
            ("`Parser::restart`, `Parser::next_ref(&mut input)`", &[]),
            ("`End::Closed`, `End::Failed(error)`", &[]),
            ("`Parser::rest`, `End::Close`", &["Parser::rest", "End::Close"]),
            ("`Parser::restarted` and `Parser::Closed`", &["Parser::restarted", "Parser::Closed"]),
            ("`End::restart`", &["End::restart"]),
            ("`Response::json`, `limits::an_event_is_cut`", &[]),
            ("Parser::gone, no code", &[]),
            ("```rust\nParser::gone()\n```\n`Parser::gone`", &["Parser::gone"]),
            ("`Parsers::restart`, `Parser::…`", &[]),
        ];
        for (text, expected) in cases {
            let found = check(text, &types);
            let found: Vec<_> = found.iter().map(|it| it.text.clone()).collect();
            let expected: Vec<_> =
                expected.iter().map(|it| format!("names `{it}`, which is not there")).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
