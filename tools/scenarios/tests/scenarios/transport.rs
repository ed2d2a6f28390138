//! Transports that the scenarios run over, and how the outcome over one of them may differ.

/// Transport of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    Reqwest,
    Hyper,
    Direct,
    Ureq,
}

impl Over {
    pub(crate) const ALL: [Self; 4] = [Self::Reqwest, Self::Hyper, Self::Direct, Self::Ureq];
}

/// Declared difference of a scenario's outcome over one transport.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Difference {
    pub(crate) over: Over,
    /// Reason, for the table of the documentation.
    pub(crate) reason: &'static str,
    pub(crate) outcome: Instead,
}

/// Outcome over the transport that differs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Instead {
    /// The expected outcome, with these parts replaced.
    Parts(&'static [(&'static str, &'static str)]),
    /// Any other one, since the transport cannot play the scenario.
    Other,
}

impl Difference {
    /// Returns `true` if this is the outcome over the transport, given the expected one.
    ///
    /// # Panics
    ///
    /// If a part that differs is not in the outcome.
    pub(crate) fn allows(&self, outcome: &str, expected: &str) -> bool {
        match self.outcome {
            Instead::Other => outcome != expected,
            Instead::Parts(parts) => {
                let differing = parts.iter().fold(expected.to_owned(), |text, (part, instead)| {
                    assert!(text.contains(part), "not in the outcome: {part}");
                    text.replace(part, instead)
                });
                differing != expected && outcome == differing
            }
        }
    }
}

/// Reason of all scenarios with resets.
pub(crate) const RESET_IS_END: &str = "ureq takes a reset for the end of the connection";

/// Reason of all scenarios whose first connection ends without a response.
pub(crate) const CONNECTS_EACH_TIME: &str =
    "sse-direct has no pooled connection that the server may have been closing";

/// Returns the lines of a literal, without their indentation.
pub(crate) fn lines(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_difference_allows_what_it_declares_and_not_the_expected_outcome() {
    let differs = |outcome| Difference { over: Over::Ureq, reason: "", outcome };
    let parts = differs(Instead::Parts(&[("a", "b"), ("1", "2")]));
    assert!(parts.allows("b 2\n", "a 1\n"));
    for outcome in ["a 1\n", "b 1\n", "c\n"] {
        assert!(!parts.allows(outcome, "a 1\n"), "{outcome}");
    }
    assert!(!differs(Instead::Parts(&[("a", "a")])).allows("a\n", "a\n"));
    let other = differs(Instead::Other);
    assert!(other.allows("anything\n", "a\n") && !other.allows("a\n", "a\n"));
}
