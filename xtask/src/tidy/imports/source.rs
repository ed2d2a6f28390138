//! Reads a Rust source file as far as its imports need: its submodules, what it imports, and the
//! paths in its code.
//!
//! Attributes and whatever is compiled for tests only are skipped. An inline module counts as a
//! part of its file.

use std::collections::{HashMap, HashSet};

use super::tokens::{Token, tokens};

/// Keywords that the name of an item follows.
const DECLARES: [&str; 9] =
    ["fn", "struct", "enum", "union", "trait", "type", "const", "static", "mod"];

/// Keywords that may stand where the name of an item would.
const NO_NAMES: [&str; 7] = ["fn", "unsafe", "async", "extern", "crate", "self", "super"];

/// Path, as the module of its file would write it.
pub(super) type Path<'a> = Vec<&'a str>;

/// Source file.
#[derive(Debug, Default)]
pub(super) struct Source<'a> {
    /// Modules in files of their own, in the order of their `mod` lines.
    pub(super) modules: Vec<&'a str>,
    /// Those that are compiled for tests only.
    pub(super) test_modules: Vec<&'a str>,
    /// Names that `use` brings into the module.
    pub(super) names: HashMap<&'a str, Path<'a>>,
    /// Modules that `use` brings all names of, with a star.
    pub(super) globs: Vec<Path<'a>>,
    /// Paths that the code needs, with their lines: all but those that are only exported again.
    pub(super) needed: Vec<(usize, Path<'a>)>,
    /// Names of its items.
    pub(super) items: HashSet<&'a str>,
}

impl<'a> Source<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let mut source = Self::default();
        let mut reader = Reader { tokens: tokens(text), ..Reader::default() };
        while let Some(token) = reader.tokens.get(reader.at).copied() {
            match token.text {
                "#" => source.test_modules.extend(reader.skip_attribute()),
                "pub" if reader.text(1) == "(" => {
                    reader.at += 1;
                    reader.skip_group();
                }
                "mod" if reader.text(2) == ";" => {
                    source.modules.push(reader.text(1));
                    reader.at += 3;
                }
                "mod" if reader.text(2) == "{" => {
                    reader.inline.push(reader.depth);
                    reader.at += 2;
                }
                // `use<'a>` lists what a type captures.
                "use" if reader.text(1) != "<" => {
                    let is_exported = matches!(reader.before(1), "pub" | ")");
                    reader.at += 1;
                    source.read_use(&mut reader, token.line, is_exported);
                }
                word if DECLARES.contains(&word) => {
                    // A type like `fn(A)` or `*const A` declares nothing.
                    let is_type = matches!(reader.before(1), "*" | "raw");
                    reader.at += 1;
                    if let Some(name) = reader.name().filter(|_| !is_type) {
                        source.items.insert(name);
                        reader.at += 1;
                    }
                }
                _ if token.is_word() => {
                    let is_first = !matches!(reader.before(1), "::" | ".");
                    let path = reader.path();
                    if is_first {
                        source.needed.push((token.line, path));
                    }
                }
                _ => reader.step(),
            }
        }
        source
    }

    fn read_use(&mut self, reader: &mut Reader<'a>, line: usize, is_exported: bool) {
        let mut imports = Vec::new();
        reader.use_tree(&Path::new(), &mut imports);
        for (name, path) in imports {
            if !is_exported {
                self.needed.push((line, path.clone()));
            }
            if name == "*" {
                self.globs.push(path);
            } else if reader.inline.is_empty() {
                self.names.insert(name, path);
            }
        }
    }
}

/// Place in the tokens of a file.
#[derive(Default)]
struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
    /// Depths at which the inline modules began that the place is in.
    inline: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn text(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.text)
    }

    fn before(&self, back: usize) -> &'a str {
        self.at.checked_sub(back).map_or("", |at| self.tokens[at].text)
    }

    /// Returns the word here, if an item can have it as its name.
    fn name(&self) -> Option<&'a str> {
        let token = self.tokens.get(self.at).filter(|it| it.is_word())?;
        (!NO_NAMES.contains(&token.text)).then_some(token.text)
    }

    /// Moves past a token.
    fn step(&mut self) {
        match self.text(0) {
            "{" | "(" | "[" => self.depth += 1,
            "}" | ")" | "]" => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.at += 1;
        if self.inline.last().is_some_and(|depth| self.depth == *depth && self.before(1) == "}") {
            self.inline.pop();
        }
    }

    /// Moves past an attribute, and past what follows it if that is compiled for tests only.
    /// Returns the name if that is a module in a file of its own.
    fn skip_attribute(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.at += if self.text(1) == "!" { 2 } else { 1 };
        self.skip_group();
        let words: Vec<_> = self.tokens[start..self.at].iter().map(|token| token.text).collect();
        let is_test = words.starts_with(&["#", "[", "cfg", "(", "test"])
            || words.starts_with(&["#", "[", "cfg", "(", "all", "(", "test"]);
        if !is_test {
            return None;
        }
        while self.text(0) == "#" {
            self.at += 1;
            self.skip_group();
        }
        self.at += self.visibility();
        let is_module = self.text(0) == "mod" && self.text(2) == ";";
        let name = self.text(1);
        self.skip_item();
        is_module.then_some(name)
    }

    /// Returns the number of tokens of the visibility here, such as `pub(in a::b)`.
    fn visibility(&self) -> usize {
        match (self.text(0), self.text(1)) {
            ("pub", "(") => {
                let rest = self.tokens[self.at..].iter();
                rest.take_while(|token| token.text != ")").count() + 1
            }
            ("pub", _) => 1,
            _ => 0,
        }
    }

    /// Moves past a group in brackets.
    fn skip_group(&mut self) {
        let depth = self.depth;
        self.step();
        while self.depth > depth && self.at < self.tokens.len() {
            self.step();
        }
    }

    /// Moves past an item, a statement or a field, after its visibility.
    fn skip_item(&mut self) {
        let is_use = self.text(0) == "use";
        let is_field = self.text(1) == ":";
        let depth = self.depth;
        while self.at < self.tokens.len() && self.depth >= depth {
            let text = self.text(0);
            self.step();
            let is_end = text == ";" || (text == "}" && !is_use) || (text == "," && is_field);
            if is_end && self.depth == depth {
                break;
            }
        }
    }

    /// Reads a path, as far as it has no arguments of types.
    fn path(&mut self) -> Path<'a> {
        let mut path = vec![self.text(0)];
        self.at += 1;
        while self.text(0) == "::" && self.tokens.get(self.at + 1).is_some_and(Token::is_word) {
            path.push(self.text(1));
            self.at += 2;
        }
        self.of_file(path)
    }

    /// Reads what follows `use`, or a part of it: names and their paths.
    fn use_tree(&mut self, prefix: &Path<'a>, imports: &mut Vec<(&'a str, Path<'a>)>) {
        let mut path = prefix.clone();
        loop {
            match self.text(0) {
                "{" => {
                    self.step();
                    while !matches!(self.text(0), "}" | "") {
                        self.use_tree(&path, imports);
                    }
                    self.step();
                    break;
                }
                "*" => {
                    path.push("*");
                    imports.push(("*", self.of_file(path)));
                    self.at += 1;
                    break;
                }
                "self" if !path.is_empty() => self.at += 1,
                "::" => {
                    self.at += 1;
                    continue;
                }
                word => {
                    path.push(word);
                    self.at += 1;
                }
            }
            if self.text(0) == "as" {
                imports.push((self.text(1), self.of_file(path)));
                self.at += 2;
                break;
            }
            if self.text(0) != "::" {
                let name = path.last().copied().unwrap_or_default();
                imports.push((name, self.of_file(path)));
                break;
            }
        }
        if self.text(0) == "," {
            self.at += 1;
        }
    }

    /// Returns the path as the file's module would write it, from an inline module.
    fn of_file(&self, mut path: Path<'a>) -> Path<'a> {
        for _ in &self.inline {
            if path.first() == Some(&"super") {
                path[0] = "self";
                if path.get(1) == Some(&"super") {
                    path.remove(0);
                }
            }
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn imports_are_read_with_the_names_they_bring() {
        let source = Source::read(
            "use crate::{a::{self, B as C}, d::*};\npub(crate) use self::e::F;\nuse http::G;",
        );
        let mut names: Vec<_> =
            source.names.iter().map(|(name, path)| (*name, path.join("::"))).collect();
        names.sort_unstable();
        let expected =
            [("C", "crate::a::B"), ("F", "self::e::F"), ("G", "http::G"), ("a", "crate::a")];
        assert_eq!(names, expected.map(|(name, path)| (name, path.to_owned())));
        assert_eq!(source.globs, [["crate", "d", "*"]]);
        let needed = source.needed.iter().map(|(line, path)| format!("{line} {}", path.join("::")));
        assert_eq!(
            needed.collect::<Vec<_>>(),
            ["1 crate::a", "1 crate::a::B", "1 crate::d::*", "3 http::G"]
        );
    }

    #[test]
    fn paths_in_code_are_needed() {
        let cases: [(&str, &[&str]); 10] = [
            ("A::b(c.d.0.e)", &["A::b", "c"]),
            ("A { ..b::C }", &["A", "b::C"]),
            ("*const crate::b::B", &["crate::b::B"]),
            ("const fn f() {} const { g() }", &["g"]),
            ("mod m { struct A { f: fn(B) } use super::C; }", &["f", "B", "self::C"]),
            ("fn a() -> crate::b::C<d::E> {}", &["crate::b::C", "d::E"]),
            ("<A as B>::C", &["A", "as", "B"]),
            ("// a::B\n\"a::B\"", &[]),
            ("#[a(b)] use crate::a as c;", &["crate::a"]),
            ("mod a { use super::{b::C, super::D}; }", &["self::b::C", "super::D"]),
        ];
        for (text, expected) in cases {
            let source = Source::read(text);
            let needed: Vec<_> = source.needed.iter().map(|(_, path)| path.join("::")).collect();
            assert_eq!(needed, expected, "{text}");
        }
    }

    #[test]
    fn items_have_the_names_that_follow_their_keywords() {
        let source = Source::read(
            "const fn f() {} const A: fn(B) = f; struct C(*const D); type E = fn(F); const { }",
        );
        let mut items: Vec<_> = source.items.into_iter().collect();
        items.sort_unstable();
        assert_eq!(items, ["A", "C", "E", "f"]);
    }

    #[test]
    fn modules_of_tests_are_apart() {
        let source = Source::read("#[cfg(test)]\nmod a;\n#[cfg(test)]\npub(crate) mod b;\nmod c;");
        assert_eq!((source.test_modules, source.modules), (vec!["a", "b"], vec!["c"]));
    }

    #[test]
    fn code_for_tests_is_skipped() {
        let cases = [
            "#[cfg(test)]\nmod tests;",
            "#[cfg(test)]\nuse a::{b, C};",
            "#[cfg(test)]\npub(crate) use a::{b, C};",
            "#[cfg(all(test, unix))]\n#[a]\nimpl A<B, C> for D { fn e() { f::g(); } }",
            "#[cfg(test)]\na: b::C,",
            "#[cfg(test)]\npub a: b::C,",
            "#[cfg(test)]\npub(crate) a: b::C,",
            "#[cfg(test)]\npub(in a::b) a: b::C,",
            "#[cfg(test)]\na::b(c);",
        ];
        for text in cases {
            let text = format!("{{{text} X}}");
            let source = Source::read(&text);
            let needed: Vec<_> = source.needed.iter().map(|(_, path)| path.join("::")).collect();
            assert_eq!((needed, source.modules.len()), (vec!["X".to_owned()], 0), "{text}");
        }
    }
}
