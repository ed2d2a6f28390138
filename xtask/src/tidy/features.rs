//! The rule that docs name the feature an item needs: "(feature `stream`)" in the first paragraph.
//!
//! That paragraph is what an index of rustdoc shows, and a stable rustdoc has no other badge. Reads
//! sources line by line, as rustfmt lays them out.

mod item;

use std::collections::HashMap;

use self::item::{Item, items};
use super::Violation;

/// A source file of a crate: its path below `src/`, and its items.
struct File<'a> {
    path: &'a str,
    name: &'a str,
    items: Vec<Item>,
}

/// Checks the sources of all crates, which are pairs of a path and a text.
pub(super) fn check<'a>(
    sources: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<(&'a str, Vec<Violation>)> {
    let mut crates: HashMap<&str, Vec<File<'_>>> = HashMap::new();
    for (path, text) in sources {
        if let Some((dir, name)) = path.split_once("/src/").filter(|_| path.starts_with("crates/"))
        {
            let file = File { path, name, items: items(text) };
            crates.entry(dir).or_default().push(file);
        }
    }
    let mut violations = Vec::new();
    for files in crates.values() {
        let gates = gated_modules(files);
        for file in files {
            let found: Vec<_> =
                gated_items(file, files, &gates).chain(reexports(file, files)).collect();
            let found = found.into_iter().filter(|(_, item, gate)| !item.doc.contains(gate));
            violations.extend(found.map(|(path, item, gate)| (path, violation(item, &gate))));
        }
    }
    violations.sort_by_key(|(path, violation)| (*path, violation.line));
    violations.dedup();
    violations.into_iter().map(|(path, violation)| (path, vec![violation])).collect()
}

fn violation(item: &Item, gate: &str) -> Violation {
    let text = format!("`{}`: the first paragraph of its docs lacks \"{gate}\"", item.code);
    Violation { line: item.line, text }
}

/// Returns the paths below `src/`, without `.rs`, of the modules that need a feature, and the words
/// for it.
fn gated_modules(files: &[File<'_>]) -> HashMap<String, String> {
    let mut gates = HashMap::new();
    for file in files {
        let dir = match file.name {
            "lib.rs" => String::new(),
            name => format!("{}/", stem(name)),
        };
        for item in &file.items {
            if let (Some(module), Some(gate)) = (item.module(), &item.gate) {
                gates.insert(format!("{dir}{module}"), gate.clone());
            }
        }
    }
    gates
}

/// Finds the public items and members that need a feature, and the words for it.
fn gated_items<'a, 'i>(
    file: &'i File<'a>,
    files: &'i [File<'a>],
    gates: &'i HashMap<String, String>,
) -> impl Iterator<Item = (&'a str, &'i Item, String)> {
    let modules = gates.iter().filter(|(module, _)| is_below(file.name, module));
    let module = modules.max_by_key(|(module, _)| module.len());
    let mut block: Option<&Item> = None;
    file.items.iter().filter_map(move |item| {
        if item.is_at_top {
            block = Some(item);
        }
        let block = block.filter(|_| !item.is_at_top);
        let is_public = item.is_pub() || block.is_some_and(|block| block.has_public_members());
        let inherited = || {
            // A method names the feature unless its type does.
            let name = block?.inherent_type()?;
            if let Some(gate) = &block?.gate {
                let declared = file.items.iter().find(|item| item.declares_type(name));
                return declared.is_none_or(|it| it.gate.as_ref() != Some(gate)).then_some(gate);
            }
            let (module, gate) = module?;
            let mut gated = files.iter().filter(|file| is_below(file.name, module));
            let is_declared =
                gated.any(|file| file.items.iter().any(|item| item.declares_type(name)));
            (!is_declared).then_some(gate)
        };
        let gate = item.gate.as_ref().or_else(inherited).filter(|_| is_public)?.clone();
        let is_use = item.code.starts_with("pub use ");
        (!is_use).then_some((file.path, item, gate))
    })
}

/// Finds the declarations of items that `lib.rs` exports if a feature is enabled, and the words for
/// it.
fn reexports<'a, 'i>(
    file: &'i File<'a>,
    files: &'i [File<'a>],
) -> Vec<(&'a str, &'i Item, String)> {
    let mut found = Vec::new();
    for item in file.items.iter().filter(|_| file.name == "lib.rs") {
        let (Some((module, names)), Some(gate)) = (item.reexport(), &item.gate) else { continue };
        for name in names {
            let declared =
                files.iter().filter(|file| is_below(file.name, module)).find_map(|file| {
                    let item = file.items.iter().find(|item| item.declares(name))?;
                    Some((file.path, item))
                });
            // An item of another crate is documented where it is exported.
            let (path, item) = declared.unwrap_or((file.path, item));
            found.push((path, item, gate.clone()));
        }
    }
    found
}

/// Returns `true` if a file is that of the module, or of a module inside it.
fn is_below(name: &str, module: &str) -> bool {
    let rest = stem(name).strip_prefix(module);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".rs").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::check;

    fn violations(sources: &[(&str, &str)]) -> Vec<String> {
        let found = check(sources.iter().copied());
        let each = found.iter().flat_map(|(path, found)| found.iter().map(move |it| (path, it)));
        each.map(|(path, it)| format!("{path}:{}: {}", it.line, it.text)).collect()
    }

    #[track_caller]
    fn check_each(cases: &[(&str, &[&str])]) {
        for (text, expected) in cases {
            let expected: Vec<_> = expected
                .iter()
                .map(|it| it.replace("lacks ", "the first paragraph of its docs lacks "))
                .map(|it| format!("crates/a/src/lib.rs:{it}"))
                .collect();
            assert_eq!(violations(&[("crates/a/src/lib.rs", text)]), expected, "{text}");
        }
    }

    #[test]
    fn an_item_behind_a_feature_names_it_in_its_first_paragraph() {
        let gate = "#[cfg(feature = \"x\")]\n";
        let lacking = ["2: `pub struct A`: lacks \"(feature `x`)\""];
        check_each(&[
            (&format!("{gate}pub struct A;\n"), &lacking),
            (&format!("/// An A (feature `x`).\n{gate}pub struct A;\n"), &[]),
            (
                &format!(
                    "/// An A (feature `x`).\n#[derive(\n    Debug\n)]\n{gate}pub struct A;\n"
                ),
                &[],
            ),
            (&format!("/// An A\n/// (feature\n/// `x`).\n{gate}pub struct A;\n"), &[]),
            (
                &format!("/// An A.\n///\n/// (feature `x`)\n{gate}pub struct A;\n"),
                &["5: `pub struct A`: lacks \"(feature `x`)\""],
            ),
            (&format!("{gate}struct A;\n{gate}pub(crate) fn a() {{}}\n"), &[]),
            ("pub struct A;\n#[cfg(test)]\npub struct B;\n", &[]),
            ("#[cfg(not(feature = \"x\"))]\npub struct A;\n", &[]),
        ]);
    }

    #[test]
    fn several_features_are_named_in_their_order() {
        let case = |cfg: &str| format!("#[cfg({cfg})]\npub fn a() {{}}\n");
        check_each(&[
            (
                &case("any(feature = \"x\", feature = \"y\")"),
                &["2: `pub fn a`: lacks \"(feature `x` or `y`)\""],
            ),
            (
                &case("any(feature = \"x\", feature = \"y\", feature = \"z\")"),
                &["2: `pub fn a`: lacks \"(feature `x`, `y` or `z`)\""],
            ),
            (
                &case("all(feature = \"x\", feature = \"y\")"),
                &["2: `pub fn a`: lacks \"(features `x` and `y`)\""],
            ),
        ]);
    }

    #[test]
    fn a_member_behind_a_feature_names_it() {
        let gate = "    #[cfg(feature = \"x\")]\n";
        check_each(&[
            (
                &format!("impl A {{\n{gate}    pub fn a(self) {{}}\n{gate}    fn b() {{}}\n}}\n"),
                &["3: `pub fn a`: lacks \"(feature `x`)\""],
            ),
            (
                &format!(
                    "pub trait A {{\n{gate}    fn a(self);\n}}\ntrait B {{\n{gate}    fn b();\n}}\n"
                ),
                &["3: `fn a`: lacks \"(feature `x`)\""],
            ),
            (
                &format!("pub enum A {{\n    /// B.\n{gate}    B,\n    C,\n}}\n"),
                &["4: `B`: lacks \"(feature `x`)\""],
            ),
            (
                "pub struct A;\n#[cfg(feature = \"x\")]\nimpl\nA {\n    pub fn a(self) {}\n}\n",
                &["5: `pub fn a`: lacks \"(feature `x`)\""],
            ),
            (
                "/// A (feature `x`).\n#[cfg(feature = \"x\")]\npub struct A;\n\
                 #[cfg(feature = \"x\")]\nimpl A {\n    pub fn a(self) {}\n}\n",
                &[],
            ),
        ]);
    }

    #[test]
    fn an_item_of_a_module_behind_a_feature_names_it_where_it_is_declared() {
        let lib =
            "#[cfg(feature = \"x\")]\nmod m;\n\n#[cfg(feature = \"x\")]\npub use m::{A, B};\n";
        let module = |a: &str| format!("pin! {{\n    /// An A{a}.\n    pub struct A<S> {{}}\n}}\n");
        let nested = "/// A B (feature `x`).\npub type B = A;\n\n\
                      impl B {\n    pub fn of_another_type() {}\n}\n\
                      pub struct Own;\nimpl<T> Own {\n    pub fn new() {}\n}\n";
        let in_all = |a: &str| {
            let module = module(a);
            violations(&[
                ("crates/a/src/lib.rs", lib),
                ("crates/a/src/m.rs", &module),
                ("crates/a/src/m/n.rs", nested),
                ("crates/b/src/m.rs", &module),
            ])
        };
        let method = "crates/a/src/m/n.rs:5: `pub fn of_another_type`: \
                      the first paragraph of its docs lacks \"(feature `x`)\"";
        assert_eq!(in_all(" (feature `x`)"), [method]);
        let declaration = "crates/a/src/m.rs:3: `pub struct A`: \
                           the first paragraph of its docs lacks \"(feature `x`)\"";
        assert_eq!(in_all(""), [declaration, method]);
    }

    #[test]
    fn a_method_names_the_feature_unless_its_type_is_declared_in_a_file_of_the_module() {
        let lib = "#[cfg(feature = \"x\")]\nmod m;\n#[cfg(feature = \"x\")]\npub use m::A;\n";
        let module = "#[cfg(feature = \"y\")]\nmod gated;\nmod plain;\n\
                      /// An A (feature `x`).\npub struct A;\n";
        let found = violations(&[
            ("crates/a/src/lib.rs", lib),
            ("crates/a/src/m.rs", module),
            ("crates/a/src/m/plain.rs", "impl A {\n    pub fn plain() {}\n}\n"),
            ("crates/a/src/m/gated.rs", "impl A {\n    pub fn gated() {}\n}\n"),
            ("crates/a/src/other.rs", "pub struct B;\n"),
            ("crates/a/src/m/far.rs", "impl B {\n    pub fn far() {}\n}\n"),
        ]);
        let lacking = |file: &str, name: &str, feature: &str| {
            format!(
                "crates/a/src/m/{file}.rs:2: `pub fn {name}`: \
                 the first paragraph of its docs lacks \"(feature `{feature}`)\""
            )
        };
        assert_eq!(found, [lacking("far", "far", "x"), lacking("gated", "gated", "y")]);
    }

    #[test]
    fn a_crate_that_is_exported_behind_a_feature_is_documented_there() {
        check_each(&[
            (
                "#[cfg(feature = \"x\")]\npub use json;\n",
                &["2: `pub use json`: lacks \"(feature `x`)\""],
            ),
            ("/// JSON (feature `x`).\n#[cfg(feature = \"x\")]\npub use json;\n", &[]),
        ]);
    }
}
