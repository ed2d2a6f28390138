//! Summary of a run of `ci`: counts the outcomes of its checks and words its last line.

use std::fmt;

use super::{Done, Outcome, Skip, list};

/// Outcomes of the checks of `ci`, in the order in which they ran.
///
/// Displayed, it is the last line of `ci`.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    passed: usize,
    /// Checks with a skipped part are among these, never among those that passed.
    skipped: Vec<Skipped>,
    failed: Option<Failed>,
    not_run: Vec<&'static str>,
}

#[derive(Debug)]
struct Skipped {
    check: &'static str,
    in_part: bool,
    skips: Vec<Skip>,
}

#[derive(Debug)]
struct Failed {
    check: &'static str,
    again: String,
}

impl Summary {
    /// Counts a check that ran.
    pub(crate) fn add(&mut self, check: &'static str, outcome: Outcome, again: String) {
        match outcome {
            Ok(Done::Passed) => self.passed += 1,
            Ok(Done::InPart(skips)) => self.skipped.push(Skipped { check, in_part: true, skips }),
            Ok(Done::Skipped(skips)) => {
                self.skipped.push(Skipped { check, in_part: false, skips });
            }
            Err(_) => self.failed = Some(Failed { check, again }),
        }
    }

    /// Names a check that did not run, because an earlier one failed.
    pub(crate) fn add_not_run(&mut self, check: &'static str) {
        self.not_run.push(check);
    }

    /// `true` if a check failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// A line for each skip, with where to get what is missing.
    pub(crate) fn remedies(&self) -> impl Iterator<Item = String> {
        self.skipped.iter().map(|Skipped { check, in_part, skips }| {
            let part = if *in_part { " in part" } else { "" };
            format!("skipped {check}{part}: {}", list(skips))
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, skipped, failed, not_run } = self;
        let failures = usize::from(failed.is_some());
        write!(f, "ci: {passed} passed, {failures} failed, {} skipped", skipped.len())?;
        let skips = skipped.iter().map(Skipped::to_string).collect::<Vec<_>>().join(", ");
        let Some(Failed { check, again }) = failed else {
            return if skips.is_empty() { Ok(()) } else { write!(f, ": {skips}") };
        };
        write!(f, ": {check} failed, run it again with `{again}`")?;
        if !skips.is_empty() {
            write!(f, "; skipped {skips}")?;
        }
        if !not_run.is_empty() {
            write!(f, "; not run: {}", not_run.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<_> = self.skips.iter().map(|skip| skip.reason.as_str()).collect();
        let part = if self.in_part { " in part" } else { "" };
        write!(f, "{}{part} ({})", self.check, reasons.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::outcome, Summary};

    #[test]
    fn the_last_line_of_ci_counts_and_names() {
        const NAMES: [&str; 4] = ["fmt", "test", "nginx", "wasm"];
        let cases: [(&[&str], &str); 9] = [
            (&["pass", "pass", "pass", "pass"], "ci: 4 passed, 0 failed, 0 skipped"),
            (&["pass", "pass", "no a", "pass"], "ci: 3 passed, 0 failed, 1 skipped: nginx (no a)"),
            (
                &["pass", "pass", "no a", "part"],
                "ci: 2 passed, 0 failed, 2 skipped: nginx (no a), wasm in part (no c)",
            ),
            (
                &["pass", "no a, b", "pass", "parts"],
                "ci: 2 passed, 0 failed, 2 skipped: test (no a, no b), wasm in part (no c, no d)",
            ),
            (
                &["no a", "no a", "no a", "no a"],
                "ci: 0 passed, 0 failed, 4 skipped: fmt (no a), test (no a), nginx (no a), \
                 wasm (no a)",
            ),
            (
                &["pass", "pass", "pass", "exit 1"],
                "ci: 3 passed, 1 failed, 0 skipped: wasm failed, \
                 run it again with `cargo xtask wasm`",
            ),
            (
                &["pass", "pass", "no a", "exit 1"],
                "ci: 2 passed, 1 failed, 1 skipped: wasm failed, \
                 run it again with `cargo xtask wasm`; skipped nginx (no a)",
            ),
            (
                &["pass", "part", "exit 1"],
                "ci: 1 passed, 1 failed, 1 skipped: nginx failed, \
                 run it again with `cargo xtask nginx`; skipped test in part (no c); not run: wasm",
            ),
            (
                &["exit 1"],
                "ci: 0 passed, 1 failed, 0 skipped: fmt failed, \
                 run it again with `cargo xtask fmt`; not run: test, nginx, wasm",
            ),
        ];
        for (outcomes, expected) in cases {
            let mut summary = Summary::default();
            let mut words = outcomes.iter();
            for name in NAMES {
                match words.next() {
                    Some(word) => summary.add(name, outcome(word), format!("cargo xtask {name}")),
                    None => summary.add_not_run(name),
                }
            }
            assert_eq!(summary.to_string(), expected);
            assert_eq!(summary.has_failed(), outcomes.contains(&"exit 1"), "{expected}");
        }
    }

    #[test]
    fn a_skip_says_where_to_get_what_is_missing() {
        let mut summary = Summary::default();
        for (name, word) in [("fmt", "pass"), ("nginx", "no a, b"), ("wasm", "part")] {
            summary.add(name, outcome(word), String::new());
        }
        assert_eq!(
            summary.remedies().collect::<Vec<_>>(),
            [
                "skipped nginx: no a (install it); no b (install it)",
                "skipped wasm in part: no c (install it)",
            ],
        );
    }
}
