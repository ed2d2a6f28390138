//! Rules for a Rust source file: it has a description, is not too long, and its tests neither sleep
//! nor are ignored.

use super::Violation;

/// Maximum length of a file that does not give a reason for its length.
const MAX_LINES: usize = 400;

/// Folders of the examples that show how little a session over another HTTP client takes.
const SHORT: [&str; 6] = [
    "examples/fetch-session/",
    "examples/hyper-session/",
    "examples/own-client/",
    "examples/smol-session/",
    "examples/tower-session/",
    "examples/ureq-session/",
];

/// Maximum length of a file in these folders.
const MAX_SHORT_LINES: usize = 80;

/// Start of the `//!` line with that reason.
const REASON: &str = "Long because ";

/// Text that must not be in the code, and what to do instead.
const FORBIDDEN: &[(&str, Place, &str)] = &[
    ("#[ignore", Place::Anywhere, "mend the test or delete it"),
    ("todo!", Place::Anywhere, "do it, or return an error that says so"),
    ("unimplemented!", Place::Anywhere, "do it, or return an error that says so"),
    ("thread::sleep", Place::Tests, "wait for what the test is about"),
    ("time::sleep", Place::Tests, "wait for what the test is about, or use a clock of its own"),
];

#[derive(Debug, PartialEq)]
enum Place {
    Anywhere,
    Tests,
}

pub(super) fn check(path: &str, text: &str) -> Vec<Violation> {
    let violation = |line: usize, text: String| Violation { line, text };
    let mut violations = Vec::new();
    let docs = || text.lines().map_while(|line| line.strip_prefix("//!"));
    if !docs().any(|line| !line.trim().is_empty()) {
        violations.push(violation(1, "does not open with `//!`: say what the file is".to_owned()));
    }
    let length = text.lines().count();
    if length > MAX_LINES && !docs().any(|line| line.trim_start().starts_with(REASON)) {
        let cure = format!("cut it along a seam, or say `//! {REASON}...`");
        violations.push(violation(MAX_LINES + 1, format!("{length} lines: {cure}")));
    }
    if length > MAX_SHORT_LINES && SHORT.iter().any(|folder| path.starts_with(folder)) {
        let text = format!("{length} lines: this example keeps to {MAX_SHORT_LINES}");
        violations.push(violation(MAX_SHORT_LINES + 1, text));
    }
    let mut in_tests = is_test_file(path);
    for (index, line) in text.lines().enumerate() {
        let code = code(line);
        in_tests |= code.starts_with("mod tests {");
        for (word, place, instead) in FORBIDDEN {
            if code.contains(word) && (in_tests || *place == Place::Anywhere) {
                violations.push(violation(index + 1, format!("no `{word}` here: {instead}")));
            }
        }
    }
    violations
}

fn is_test_file(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs")
}

/// Returns a line without its comment and without the content of strings, as far as one line
/// allows.
fn code(line: &str) -> String {
    let mut code = String::new();
    let mut in_string = false;
    let line = line.replace("'\"'", "' '");
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' if in_string => drop(rest.next()),
            '"' => in_string = !in_string,
            '/' if !in_string && rest.peek() == Some(&'/') => break,
            c if !in_string => code.push(c),
            _ => {}
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::{MAX_LINES, MAX_SHORT_LINES, check, code};

    #[test]
    fn a_file_opens_with_what_it_is() {
        let violation: &[&str] = &["1: does not open with `//!`: say what the file is"];
        let cases: [(&str, &[&str]); 6] = [
            ("//! Lines in, fields out.\n", &[]),
            ("//!\n//! Lines in, fields out.\n", &[]),
            ("", violation),
            ("//!\n", violation),
            ("// Lines in, fields out.\n", violation),
            ("#![no_std]\n//! Lines in, fields out.\n", violation),
        ];
        for (text, expected) in cases {
            assert_eq!(violations("src/field.rs", text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_file_says_why() {
        let file = |docs: &str, lines| format!("{docs}\n{}", "\n".repeat(lines - 1));
        let none: [&str; 0] = [];
        assert_eq!(violations("a.rs", &file("//! A.", MAX_LINES)), none);
        assert_eq!(
            violations("a.rs", &file("//! A.", MAX_LINES + 1)),
            ["401: 401 lines: cut it along a seam, or say `//! Long because ...`"],
        );
        let reason = "//! A.\n//!\n//! Long because it is one table.";
        assert_eq!(violations("a.rs", &file(reason, 2 * MAX_LINES)), none);
        let late = "//! A.\n\n//! Long because it is one table.";
        assert_eq!(violations("a.rs", &file(late, 2 * MAX_LINES)).len(), 1);
    }

    #[test]
    fn an_example_of_another_http_client_is_short() {
        let file = |lines| format!("//! A.\n{}", "\n".repeat(lines - 1));
        let none: [&str; 0] = [];
        assert_eq!(violations("examples/own-client/main.rs", &file(MAX_SHORT_LINES)), none);
        assert_eq!(violations("examples/gateway/main.rs", &file(MAX_SHORT_LINES + 1)), none);
        assert_eq!(
            violations("examples/own-client/main.rs", &file(MAX_SHORT_LINES + 1)),
            ["81: 81 lines: this example keeps to 80"],
        );
    }

    #[test]
    fn unfinished_code_and_idle_tests_are_found() {
        let cases = [
            ("src/a.rs", "todo!()", 1),
            ("src/a.rs", "unimplemented!()", 1),
            ("src/a.rs", "#[ignore = \"slow\"]", 1),
            ("src/a.rs", "// todo!()", 0),
            ("src/a.rs", "let text = \"todo!()\";", 0),
        ];
        check_each(&cases);
    }

    #[test]
    fn tests_do_not_sleep_and_other_code_may() {
        let cases = [
            ("src/a.rs", "tokio::time::sleep(delay)", 0),
            ("src/a.rs", "mod tests {\n    std::thread::sleep(delay);\n}", 1),
            ("src/a.rs", "thread::sleep(delay);\nmod tests {}", 0),
            ("src/tests.rs", "use tokio::time::sleep;", 1),
            ("src/latest.rs", "use tokio::time::sleep;", 0),
            ("tests/it/main.rs", "tokio::time::sleep_until(then)", 1),
            ("tests/it/main.rs", "clock.sleep(delay)", 0),
        ];
        check_each(&cases);
    }

    #[test]
    fn comments_and_strings_are_no_code() {
        let cases = [
            ("let a = 1; // b", "let a = 1; "),
            (r#"f("a // b", c)"#, "f(, c)"),
            (r#"f("a \" b", c)"#, "f(, c)"),
            ("f('\"', \"a\") // b", "f(' ', ) "),
            ("a / b", "a / b"),
        ];
        for (line, expected) in cases {
            assert_eq!(code(line), expected, "{line}");
        }
    }

    #[track_caller]
    fn check_each(cases: &[(&str, &str, usize)]) {
        for (path, text, expected) in cases {
            let found = violations(path, &format!("//! A.\n{text}\n"));
            assert_eq!(found.len(), *expected, "{path}: {text}: {found:?}");
        }
    }

    fn violations(path: &str, text: &str) -> Vec<String> {
        check(path, text).iter().map(|it| format!("{}: {}", it.line, it.text)).collect()
    }
}
