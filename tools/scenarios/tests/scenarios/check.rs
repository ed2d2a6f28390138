//! Comparison of the outcomes of a topic's scenarios over every transport with the expected ones.

use crate::{play::play, scenario::Scenario, transport::Over};

/// Plays scenarios over every transport.
///
/// # Panics
///
/// If an outcome is neither the expected one nor a declared difference, or if a transport no longer
/// differs as declared.
pub(crate) fn check(scenarios: &[Scenario]) {
    let mut failures = String::new();
    for scenario in scenarios {
        for over in Over::ALL {
            let (expected, seen) = (scenario.expected(), play(scenario, over));
            let is_expected = match scenario.difference(over) {
                Some(difference) => difference.allows(&seen, &expected),
                None => seen == expected,
            };
            if !is_expected {
                let name = scenario.name;
                failures += &format!("== {name}, over {over:?}\n{seen}-- expected\n{expected}\n");
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}
