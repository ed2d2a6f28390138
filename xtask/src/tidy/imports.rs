//! The rule that imports run one way: a crate can be read file by file, in the order of its `mod`
//! lines.
//!
//! A module imports only from modules that are read before it, whichever module it imports through:
//! what counts is the one that declares the name. With its submodules, a module is read before the
//! modules whose `mod` lines stand after its own. It is built of those submodules that it imports
//! from, and of those that these import from, so they are read before it. The others continue it,
//! and are read after it. Hence no two files import from each other, and no more of them in a
//! circle.
//!
//! `pub use` is not an import, unless the file uses the name. Methods need no import: an `impl` may
//! be in a later module than its type.

mod tokens;
mod source;

use std::collections::{BTreeSet, HashMap, HashSet};

use self::source::{Path, Source};
use super::Violation;

/// Most exports that a name passes through.
const MAX_EXPORTS: usize = 16;

/// Checks the sources of a crate, which are pairs of a path below `src/` and a text. Each of them
/// has to be that of a module: `lib.rs`, or `a/b.rs` for `mod b;` in `a.rs`.
pub(super) fn check<'a>(
    texts: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<(String, Vec<Violation>)> {
    let mut modules = Modules::default();
    let texts = texts.into_iter().collect();
    modules.add("", "lib.rs", &texts);
    let imports = modules.imports();
    let mut order = Vec::new();
    read("", &modules, &imports, &mut order);
    let positions: HashMap<_, _> = order.into_iter().zip(0..).collect();
    let mut violations = modules.misplaced(&texts);
    for (module, file) in &modules.files {
        let mut known = HashSet::new();
        let later = imports[module].iter().filter(|it| positions[&it.from] > positions[module]);
        let later = later.filter(|it| known.insert((it.name(), &it.from)));
        let violation = |it: &Import<'_>| {
            let path = it.path.join("::");
            let from = if it.from.is_empty() { "lib.rs" } else { &it.from };
            let text = format!("`{path}` is declared in `{from}`, which is read after this file");
            Violation { line: it.line, text }
        };
        violations.push((file.clone(), later.map(violation).collect()));
    }
    violations
}

/// Use of a name that another module declares.
struct Import<'a> {
    line: usize,
    path: &'a Path<'a>,
    /// The other module.
    from: String,
}

impl Import<'_> {
    /// Returns the name that `use` brings into the file, or that the code calls it by.
    fn name(&self) -> Option<&str> {
        match self.path.as_slice() {
            ["crate" | "self" | "super", .., name] => Some(name),
            path => path.first().copied(),
        }
    }
}

/// Adds a module and those below it, in the order in which they are read.
fn read(
    module: &str,
    modules: &Modules<'_>,
    imports: &HashMap<String, Vec<Import<'_>>>,
    order: &mut Vec<String>,
) {
    let names = modules.sources.get(module).map_or(&[][..], |source| &source.modules);
    let below: Vec<_> = names.iter().map(|name| join(module, "::", name)).collect();
    let child_of = |from: &str| below.iter().position(|below| is_within(from, below));
    let mut parts = BTreeSet::new();
    let mut importing = vec![module.to_owned()];
    while let Some(part) = importing.pop() {
        for child in imports[&part].iter().filter_map(|it| child_of(&it.from)) {
            if parts.insert(child) {
                let within = imports.keys().filter(|it| is_within(it, &below[child]));
                importing.extend(within.cloned());
            }
        }
    }
    parts.iter().for_each(|&part| read(&below[part], modules, imports, order));
    order.push(module.to_owned());
    let others = (0..below.len()).filter(|child| !parts.contains(child));
    others.for_each(|other| read(&below[other], modules, imports, order));
}

/// Modules of a crate by their paths. That of the root is empty.
#[derive(Default)]
struct Modules<'a> {
    sources: HashMap<String, Source<'a>>,
    /// Modules and their files.
    files: Vec<(String, String)>,
    /// Files of modules that are not there.
    missing: Vec<String>,
    /// Files of modules for tests only, whose submodules are not read.
    for_tests: Vec<String>,
}

impl<'a> Modules<'a> {
    /// Adds a module and those below it.
    fn add(&mut self, module: &str, file: &str, texts: &HashMap<&str, &'a str>) {
        if !texts.contains_key(file) {
            self.missing.push(file.to_owned());
        }
        let source = texts.get(file).map(|text| Source::read(text)).unwrap_or_default();
        let dir = if file == "lib.rs" { "" } else { file.trim_end_matches(".rs") };
        let file_of = |name: &str| format!("{}.rs", join(dir, "/", name));
        for name in &source.modules {
            self.add(&join(module, "::", name), &file_of(name), texts);
        }
        self.for_tests.extend(source.test_modules.iter().map(|name| file_of(name)));
        self.sources.insert(module.to_owned(), source);
        self.files.push((module.to_owned(), file.to_owned()));
    }

    /// Finds modules without a file, and files without a module. Neither is checked otherwise.
    fn misplaced(&self, texts: &HashMap<&str, &str>) -> Vec<(String, Vec<Violation>)> {
        let is_reached = |file: &str| {
            let folder = |of_tests: &String| format!("{}/", of_tests.trim_end_matches(".rs"));
            self.files.iter().any(|(_, known)| known == file)
                || self.for_tests.iter().any(|it| it == file || file.starts_with(&folder(it)))
        };
        let missing = self
            .missing
            .iter()
            .map(|file| (file.as_str(), "no such file, although a `mod` line declares it"));
        let mut unreached: Vec<_> = texts.keys().copied().filter(|it| !is_reached(it)).collect();
        unreached.sort_unstable();
        let unreached =
            unreached.into_iter().map(|file| (file, "no `mod` line leads to this file"));
        let violation = |(file, text): (&str, &str)| {
            (file.to_owned(), vec![Violation { line: 1, text: text.to_owned() }])
        };
        missing.chain(unreached).map(violation).collect()
    }

    /// Returns what each module imports.
    fn imports(&self) -> HashMap<String, Vec<Import<'_>>> {
        let modules = self.sources.iter().map(|(module, source)| {
            let imports = source.needed.iter().filter_map(|(line, path)| {
                let from = self.resolve(module, path, MAX_EXPORTS)?;
                (from != *module).then_some(Import { line: *line, path, from })
            });
            (module.clone(), imports.collect())
        });
        modules.collect()
    }

    /// Returns the module that declares what a path in a module leads to, or `None` if that is not
    /// in this crate.
    fn resolve(&self, module: &str, path: &[&str], exports: usize) -> Option<String> {
        let (first, rest) = path.split_first()?;
        match *first {
            "crate" => self.walk("", rest, exports),
            "self" => self.walk(module, rest, exports),
            "super" => self.walk(parent(module)?, rest, exports),
            name => {
                let source = &self.sources[module];
                let is_known = source.names.contains_key(name)
                    || (!rest.is_empty() && source.modules.contains(&name));
                is_known.then(|| self.walk(module, path, exports))?
            }
        }
    }

    /// Follows a path that begins in a module.
    fn walk(&self, module: &str, path: &[&str], exports: usize) -> Option<String> {
        let Some((first, rest)) = path.split_first() else { return Some(module.to_owned()) };
        if *first == "super" {
            return self.walk(parent(module)?, rest, exports);
        }
        let source = &self.sources[module];
        let below = join(module, "::", first);
        if self.sources.contains_key(&below) {
            return self.walk(&below, rest, exports);
        }
        let exports = exports.checked_sub(1)?;
        if let Some(path) = source.names.get(first) {
            return self.resolve(module, &[path, rest].concat(), exports);
        }
        let mut globs = source.globs.iter().filter_map(|glob| self.resolve(module, glob, exports));
        let declaring = globs.find(|from| self.sources[from].items.contains(first));
        declaring.or_else(|| Some(module.to_owned()))
    }
}

/// Returns `true` if a module is another one or below it.
fn is_within(module: &str, other: &str) -> bool {
    module.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Returns the module that a module is declared in; `None` for the root.
fn parent(module: &str) -> Option<&str> {
    let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
    (!module.is_empty()).then_some(parent)
}

fn join(start: &str, separator: &str, end: &str) -> String {
    if start.is_empty() { end.to_owned() } else { format!("{start}{separator}{end}") }
}

#[cfg(test)]
mod tests {
    use super::check;

    /// Checks a crate whose `lib.rs` declares the modules `a` and `b`, and perhaps more. The files
    /// of these two are empty unless they are given.
    fn violations(lib: &str, files: &[(&str, &str)]) -> Vec<String> {
        let lib = format!("mod a;\nmod b;\n{lib}");
        let texts =
            [("a.rs", ""), ("b.rs", ""), ("lib.rs", &lib)].into_iter().chain(files.iter().copied());
        let found = check(texts).into_iter().flat_map(|(file, found)| {
            found.into_iter().map(move |it| {
                let path = it.text.split('`').nth(1).unwrap_or_default().to_owned();
                format!("{file}:{}: {path}", it.line)
            })
        });
        let mut found: Vec<_> = found.collect();
        found.sort();
        found
    }

    #[test]
    fn imports_are_from_modules_that_stand_earlier() {
        let none: [&str; 0] = [];
        let b = "use crate::a::A;\nstruct B;";
        assert_eq!(violations("", &[("a.rs", "struct A;"), ("b.rs", b)]), none);
        let later = ["a.rs:1: crate::b::B"];
        for a in ["use crate::b::B;\nfn f(b: B) -> B {}", "use crate::{b::{self, B}};"] {
            let found = violations("", &[("a.rs", a), ("b.rs", "pub struct B;")]);
            assert_eq!(found.last().unwrap(), later[0], "{a}");
        }
        assert_eq!(violations("", &[("a.rs", "f(super::b::B);"), ("b.rs", "")]).len(), 1);
        assert_eq!(violations("", &[("a.rs", "#[cfg(test)]\nuse crate::b::B;")]), none);
        assert_eq!(violations("", &[("a.rs", "/// [`B`](crate::b::B)\nfn b() {}")]), none);
    }

    #[test]
    fn a_name_is_of_the_module_that_declares_it() {
        let found = |lib, files: &[(&str, &str)]| {
            let a = ("a.rs", "use crate::B;");
            let files: Vec<_> = [a].into_iter().chain(files.iter().copied()).collect();
            violations(lib, &files)
        };
        let later = ["a.rs:1: crate::B"];
        assert_eq!(found("pub use b::B;", &[("b.rs", "pub struct B;")]), later);
        assert_eq!(found("pub use b::*;", &[("b.rs", "pub struct B;")]), later);
        assert_eq!(found("pub use b::C as B;", &[("b.rs", "pub struct C;")]), later);
        let through = [("b.rs", "mod c;\npub use self::c::B;"), ("b/c.rs", "pub struct B;")];
        assert_eq!(found("pub use b::B;", &through), later);
        assert!(found("pub use http::B;", &[("b.rs", "")]).is_empty());
        assert!(found("struct B;", &[("b.rs", "")]).is_empty());
    }

    #[test]
    fn a_parent_is_built_of_submodules_or_continued_by_them() {
        let none: [&str; 0] = [];
        let found = |b: &str, c| {
            let d = b.contains("mod d;").then_some(("b/d.rs", ""));
            let files: Vec<_> = [("b.rs", b), ("b/c.rs", c)].into_iter().chain(d).collect();
            violations("", &files)
        };
        assert_eq!(found("mod c;\nuse self::c::C;\nstruct B;", "struct C;"), none);
        assert_eq!(found("mod c;\npub use self::c::C;\nstruct B;", "use super::B;"), none);
        let circle = ["b/c.rs:1: super::B"];
        assert_eq!(found("mod c;\nuse self::c::C;\nstruct B;", "use super::B;"), circle);
        assert_eq!(found("mod c;\npub use self::c::C;\nfn f(c: C) {}", "use super::B;"), circle);
        assert_eq!(found("mod c;\nfn f() { c::f() }", "use super::B;"), circle);
        let (b, c) = ("mod c;\nmod d;\nuse self::d::D;", "use super::d::D;");
        assert_eq!(found(b, c), none);
        let (b, c) = ("mod d;\nmod c;\nuse self::c::C;", "use super::d::D;");
        assert_eq!(found(b, c), none);
        let (b, c) = ("mod c;\nmod d;\nuse self::c::C;", "use super::d::D;");
        assert_eq!(found(b, c), ["b/c.rs:1: super::d::D"]);
    }

    #[test]
    fn what_a_part_imports_is_a_part() {
        let (b, c) = ("mod d;\nmod c;\nuse self::c::C;\nstruct B;", "use super::d::D;");
        let files = [("b.rs", b), ("b/c.rs", c), ("b/d.rs", "use super::B;")];
        assert_eq!(violations("", &files), ["b/d.rs:1: super::B"]);
    }

    type Files<'a> = &'a [(&'a str, &'a str)];

    /// Returns the files with violations, and the texts of these.
    fn texts(files: Files<'_>) -> Vec<(String, String)> {
        let found = check(files.iter().copied()).into_iter();
        let each = found
            .flat_map(|(file, found)| found.into_iter().map(move |it| (file.clone(), it.text)));
        each.collect()
    }

    #[test]
    fn the_root_is_named_lib_rs() {
        let found = texts(&[("lib.rs", "mod a;\nuse a::A;\nstruct B;"), ("a.rs", "use crate::B;")]);
        let text = "`crate::B` is declared in `lib.rs`, which is read after this file";
        assert_eq!(found, [("a.rs".to_owned(), text.to_owned())]);
    }

    #[test]
    fn modules_without_a_file_and_files_without_a_module_are_violations() {
        let missing = "no such file, although a `mod` line declares it";
        let unreached = "no `mod` line leads to this file";
        let of_tests = "#[cfg(test)]\nmod tests;";
        let cases: [(Files<'_>, Files<'_>); 6] = [
            (&[], &[("lib.rs", missing)]),
            (&[("src/lib.rs", "")], &[("lib.rs", missing), ("src/lib.rs", unreached)]),
            (&[("lib.rs", "mod a;")], &[("a.rs", missing)]),
            (
                &[("lib.rs", "mod a;"), ("a/mod.rs", "")],
                &[("a.rs", missing), ("a/mod.rs", unreached)],
            ),
            (
                &[("lib.rs", "mod a { mod b; }"), ("a/b.rs", "")],
                &[("b.rs", missing), ("a/b.rs", unreached)],
            ),
            (
                &[
                    ("lib.rs", "mod a;"),
                    ("a.rs", of_tests),
                    ("a/tests.rs", "mod b;"),
                    ("a/tests/b.rs", ""),
                    ("tests.rs", ""),
                ],
                &[("tests.rs", unreached)],
            ),
        ];
        for (files, expected) in cases {
            let found = texts(files);
            let found: Vec<_> = found.iter().map(|(file, text)| (&**file, &**text)).collect();
            assert_eq!(found, expected, "{files:?}");
        }
    }
}
