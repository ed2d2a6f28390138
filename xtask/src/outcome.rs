//! Outcomes of tasks, and their text in the report of one task and, in [`summary`], in the last
//! line of `ci`.
//!
//! Data and text only. [`tasks`](crate::tasks) runs the tasks and prints this text.

mod summary;

use std::{fmt, time::Duration};

pub(crate) use self::summary::Summary;

/// Outcome of a task.
pub(crate) type Outcome = Result<Done, Failure>;

/// Outcome of a task that did not fail.
#[derive(Debug)]
pub(crate) enum Done {
    /// Every part of the task ran and passed.
    Passed,
    /// Some parts passed; this machine lacks what the others need. Counts as skipped.
    InPart(Vec<Skip>),
    /// Nothing ran.
    Skipped(Vec<Skip>),
}

/// Something that this machine lacks.
#[derive(Debug, PartialEq)]
pub(crate) struct Skip {
    /// Reason in a few words, for the last line of `ci`: "no nginx".
    reason: String,
    /// Package or command that installs it.
    remedy: String,
}

/// Reason why a task failed, for a person to read.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl Done {
    /// A task that was skipped as a whole, for one reason.
    pub(crate) fn skipped(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Skipped(vec![Skip { reason: reason.into(), remedy: remedy.into() }])
    }

    /// Combines the outcomes of the parts of a task.
    pub(crate) fn from_parts(parts: impl IntoIterator<Item = Self>) -> Self {
        let (mut any_ran, mut skips) = (false, Vec::new());
        for part in parts {
            any_ran |= !matches!(part, Self::Skipped(_));
            match part {
                Self::Passed => {}
                Self::InPart(more) | Self::Skipped(more) => skips.extend(more),
            }
        }
        match (skips.is_empty(), any_ran) {
            (true, _) => Self::Passed,
            (false, true) => Self::InPart(skips),
            (false, false) => Self::Skipped(skips),
        }
    }

    /// Returns a few words for a cell of a table.
    pub(crate) fn in_a_table(&self) -> String {
        let reasons = |skips: &[Skip]| {
            skips.iter().map(|it| it.reason.as_str()).collect::<Vec<_>>().join(", ")
        };
        match self {
            Self::Passed => "passed".to_owned(),
            Self::InPart(skips) => format!("passed in part: {}", reasons(skips)),
            Self::Skipped(skips) => format!("skipped: {}", reasons(skips)),
        }
    }

    /// Turns a skip, also one in part, into a failure, as `--no-skip` asks for.
    pub(crate) fn or_fail(self) -> Outcome {
        match self {
            Self::Passed => Ok(Self::Passed),
            Self::InPart(skips) => Err(Failure(format!("skipped in part: {}", list(&skips)))),
            Self::Skipped(skips) => Err(Failure(format!("skipped: {}", list(&skips)))),
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.reason, self.remedy)
    }
}

fn list(skips: &[Skip]) -> String {
    skips.iter().map(Skip::to_string).collect::<Vec<_>>().join("; ")
}

/// Words the report of one task; `again` is the command that runs it again.
pub(crate) fn report(name: &str, outcome: &Outcome, time: Duration, again: &str) -> String {
    match outcome {
        Ok(Done::Passed) => format!("[{name}] passed in {time:.1?}"),
        Ok(Done::InPart(skips)) => format!("[{name}] SKIPPED IN PART: {}", list(skips)),
        Ok(Done::Skipped(skips)) => format!("[{name}] SKIPPED: {}", list(skips)),
        Err(Failure(why)) => {
            format!("[{name}] FAILED after {time:.1?}: {why}\n[{name}] run it again with `{again}`")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Done, Failure, Outcome, Skip, report};

    fn skip(reason: &str) -> Skip {
        Skip { reason: reason.to_owned(), remedy: "install it".to_owned() }
    }

    /// Outcome that a short word stands for in the tables of tests.
    pub(super) fn outcome(word: &str) -> Outcome {
        Ok(match word {
            "pass" => Done::Passed,
            "no a" => Done::skipped("no a", "install it"),
            "no b" => Done::skipped("no b", "install it"),
            "no a, b" => Done::Skipped(vec![skip("no a"), skip("no b")]),
            "part" => Done::InPart(vec![skip("no c")]),
            "parts" => Done::InPart(vec![skip("no c"), skip("no d")]),
            why => return Err(Failure(why.to_owned())),
        })
    }

    #[test]
    fn a_report_says_how_a_task_ended() {
        let cases = [
            ("pass", "[x] passed in 1.5s"),
            ("no a", "[x] SKIPPED: no a (install it)"),
            ("parts", "[x] SKIPPED IN PART: no c (install it); no d (install it)"),
            (
                "exit 1\n  cmd",
                "[x] FAILED after 1.5s: exit 1\n  cmd\n[x] run it again with `cargo xtask x`",
            ),
        ];
        for (word, expected) in cases {
            let time = Duration::from_millis(1500);
            assert_eq!(report("x", &outcome(word), time, "cargo xtask x"), expected);
        }
    }

    #[test]
    fn parts_are_combined_and_no_skip_fails_on_any_skip() {
        let cases: [(&[&str], &str, &str); 7] = [
            (&[], "Passed", "Passed"),
            (&["pass", "pass"], "Passed", "Passed"),
            (&["pass", "no a"], "InPart no a", "skipped in part: no a (install it)"),
            (&["no a", "pass"], "InPart no a", "skipped in part: no a (install it)"),
            (
                &["no a", "no b"],
                "Skipped no a, no b",
                "skipped: no a (install it); no b (install it)",
            ),
            (&["part"], "InPart no c", "skipped in part: no c (install it)"),
            (
                &["no a", "part"],
                "InPart no a, no c",
                "skipped in part: no a (install it); no c (install it)",
            ),
        ];
        for (parts, expected, strict) in cases {
            let done = Done::from_parts(parts.iter().map(|word| outcome(word).unwrap()));
            let reasons = |skips: &[Skip]| {
                skips.iter().map(|it| it.reason.clone()).collect::<Vec<_>>().join(", ")
            };
            let shown = match &done {
                Done::Passed => "Passed".to_owned(),
                Done::InPart(skips) => format!("InPart {}", reasons(skips)),
                Done::Skipped(skips) => format!("Skipped {}", reasons(skips)),
            };
            assert_eq!(shown, expected, "{parts:?}");
            match done.or_fail() {
                Ok(done) => assert_eq!(format!("{done:?}"), strict, "{parts:?}"),
                Err(Failure(why)) => assert_eq!(why, strict, "{parts:?}"),
            }
        }
    }
}
