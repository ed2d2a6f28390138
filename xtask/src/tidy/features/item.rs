//! Items of a source file: their docs, the features they need, and the names they declare.
//!
//! Not a parser of Rust: an item is a line of code, with the doc comment and the attributes above
//! it.

/// An item, or a member of one.
#[derive(Debug, PartialEq)]
pub(super) struct Item {
    /// The line of the code, counted from 1.
    pub(super) line: usize,
    pub(super) is_at_top: bool,
    /// The code up to the name, or all of a `use`.
    pub(super) code: String,
    /// The first paragraph of the docs, as one line.
    pub(super) doc: String,
    /// The words for the features it needs, such as "(feature `stream`)".
    pub(super) gate: Option<String>,
    /// `true` if it ends with the line, and has no body.
    is_declaration: bool,
}

/// Finds the items of a source file. Statements are among them, but need no feature and are not
/// public.
pub(super) fn items(text: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let (mut docs, mut gate) = (Vec::new(), None);
    let mut lines = text.lines().enumerate();
    while let Some((index, first)) = lines.next() {
        let mut code = first.trim().to_owned();
        if code.starts_with("//") {
            docs.extend(code.strip_prefix("///").map(|doc| doc.trim().to_owned()));
            continue;
        }
        let is_at_top = first.starts_with(|c: char| c.is_alphabetic());
        let is_attribute = code.starts_with("#[");
        while is_open(&code, is_at_top) {
            let Some((_, next)) = lines.next() else { break };
            code = format!("{code} {}", next.trim());
        }
        if is_attribute {
            gate = gate.or_else(|| words_for(&code));
            continue;
        }
        let doc: Vec<_> = docs.drain(..).take_while(|doc: &String| !doc.is_empty()).collect();
        items.push(Item {
            line: index + 1,
            is_at_top,
            code: up_to_name(&code),
            doc: doc.join(" "),
            gate: gate.take(),
            is_declaration: code.ends_with(';'),
        });
    }
    items
}

/// Returns `true` if an attribute, a `use` or the head of an `impl` continues on the next line.
fn is_open(code: &str, is_at_top: bool) -> bool {
    (code.starts_with("#[") && code.matches('[').count() > code.matches(']').count())
        || (code.starts_with("pub use ") && !code.ends_with(';'))
        || (is_at_top && code.starts_with("impl") && !code.contains('{'))
}

/// Returns the words for the features that a `cfg` attribute requires.
fn words_for(attribute: &str) -> Option<String> {
    let condition = attribute.strip_prefix("#[cfg(").filter(|it| !it.contains("not("))?;
    let names = condition.split("feature = \"").skip(1).filter_map(|rest| rest.split('"').next());
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    let (last, others) = names.split_last()?;
    Some(match (others.is_empty(), condition.starts_with("all(")) {
        (true, _) => format!("(feature {last})"),
        (false, true) => format!("(features {} and {last})", others.join(", ")),
        (false, false) => format!("(feature {} or {last})", others.join(", ")),
    })
}

/// Returns the start of an item, up to its name.
fn up_to_name(code: &str) -> String {
    if code.starts_with("pub use ") || code.starts_with("impl") {
        return code.trim_end_matches([';', '{', ' ']).to_owned();
    }
    let end = code.find(['(', '<', '{', ';', ':', '=', ',']);
    // The parenthesis of `pub(crate)` does not end it.
    let end = end.filter(|end| !code[..*end].ends_with("pub"));
    code[..end.unwrap_or(code.len())].trim_end().to_owned()
}

impl Item {
    pub(super) fn is_pub(&self) -> bool {
        self.code.starts_with("pub ")
    }

    /// Returns `true` if members are public without `pub`.
    pub(super) fn has_public_members(&self) -> bool {
        ["pub trait ", "pub enum "].iter().any(|start| self.code.starts_with(start))
    }

    /// Returns the name of a module that has a file of its own.
    pub(super) fn module(&self) -> Option<&str> {
        let name = self.code.strip_prefix("pub ").unwrap_or(&self.code).strip_prefix("mod ");
        name.filter(|_| self.is_declaration)
    }

    /// Returns the type of an inherent `impl`.
    pub(super) fn inherent_type(&self) -> Option<&str> {
        let rest = self.code.strip_prefix("impl")?;
        if rest.contains(" for ") {
            return None;
        }
        // Generic parameters may nest: the type follows the angle bracket that closes the first.
        let mut depth = 0;
        let start = rest.find(|c| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            depth == 0 && c == ' '
        })?;
        rest[start..].trim_start().split(['<', ' ', '{']).next()
    }

    /// Returns `true` if this declares the type, and is not an alias of one.
    pub(super) fn declares_type(&self, name: &str) -> bool {
        self.declares(name) && !self.code.starts_with("pub type ")
    }

    /// Returns `true` if this is the public declaration of the name.
    pub(super) fn declares(&self, name: &str) -> bool {
        self.is_pub() && self.code.rsplit(' ').next() == Some(name) && !self.code.contains(" use ")
    }

    /// Returns the module and the names of a `pub use`.
    pub(super) fn reexport(&self) -> Option<(&str, Vec<&str>)> {
        let path = self.code.strip_prefix("pub use ")?;
        let (module, names) = path.split_once("::").unwrap_or((path, path));
        let names = names.trim_matches(['{', '}']).split(',').map(str::trim);
        // `name` is declared, of `b::name as other_name`.
        let names = names.filter_map(|name| name.split(" as ").next()?.rsplit("::").next());
        Some((module, names.filter(|name| !name.is_empty()).collect()))
    }
}
