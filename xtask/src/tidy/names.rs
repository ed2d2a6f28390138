//! Rule for the documents in `docs/`: a test that they name exists.
//!
//! A name in code font that looks like that of a test (many words, joined by underscores) must be a
//! function, in the module that is named before it if there is one, by its whole path or its end.

use super::Violation;

/// `is_function` is called with the path of the modules, if one is given, and a function's name.
pub(super) fn check(
    text: &str,
    is_function: impl Fn(Option<&str>, &str) -> bool,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, line) in text.lines().enumerate() {
        // Every second piece between backticks is code.
        for code in line.split('`').skip(1).step_by(2) {
            let (modules, name) = match code.rsplit_once("::") {
                Some((modules, name)) => (Some(modules.trim_start_matches("it::")), name),
                None => (None, code),
            };
            if looks_like_a_test(name) && !is_function(modules, name) {
                let text = format!("names `{code}`, which is not there");
                violations.push(Violation { line: index + 1, text });
            }
        }
    }
    violations
}

/// Returns `true` if a source file is that of the modules and has the function.
pub(super) fn has_function(path: &str, source: &str, modules: Option<&str>, name: &str) -> bool {
    let is_file = |modules: &str| path.ends_with(&format!("/{}.rs", modules.replace("::", "/")));
    let is_inline = |modules: &str| {
        let (file, module) = modules.rsplit_once("::").unwrap_or(("", modules));
        (file.is_empty() || is_file(file)) && source.contains(&format!("mod {module} {{"))
    };
    modules.is_none_or(|modules| is_file(modules) || is_inline(modules))
        && source.contains(&format!("fn {name}("))
}

fn looks_like_a_test(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    name.split('_').count() >= MIN_WORDS && name.split('_').all(is_word)
}

const MIN_WORDS: usize = 4;

#[cfg(test)]
mod tests {
    use super::{check, has_function};

    #[test]
    fn a_test_that_is_named_is_there() {
        let path = "crates/a/tests/it/reader/limits.rs";
        let source = "#[test]\nfn an_event_may_be_so_large() {}\nmod tests {\n}\n";
        let cases: [(&str, &[&str]); 10] = [
            ("`an_event_may_be_so_large`", &[]),
            ("`limits::an_event_may_be_so_large`", &[]),
            ("`tests::an_event_may_be_so_large`, `it::limits::an_event_may_be_so_large`", &[]),
            ("`reader::limits::an_event_may_be_so_large`", &[]),
            ("`limits::tests::an_event_may_be_so_large`", &[]),
            ("`a::limits::an_event_may_be_so_large`", &["a::limits::an_event_may_be_so_large"]),
            ("no_code_is_no_name, `reconnection_time`, `LINE_CHARGE_OF_A_LINE`", &[]),
            ("`spec::an_event_may_be_so_large`", &["spec::an_event_may_be_so_large"]),
            ("`an_event_may_be_so`", &["an_event_may_be_so"]),
            ("a `b` `c_d_e_f` g `h_i_j_k`", &["c_d_e_f", "h_i_j_k"]),
        ];
        for (text, expected) in cases {
            let found = check(text, |module, name| has_function(path, source, module, name));
            let found: Vec<_> = found.iter().map(|it| it.text.clone()).collect();
            let expected: Vec<_> =
                expected.iter().map(|it| format!("names `{it}`, which is not there")).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
