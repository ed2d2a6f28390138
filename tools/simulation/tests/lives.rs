//! Fixed budget of lives: the same in every run, so that a failure is reproducible.

use sse_simulation::run;

#[test]
fn lives_from_a_fixed_seed_violate_no_invariant() {
    for seed in BASE_SEED..BASE_SEED + LIVES {
        let violations = run(seed, false).violations;
        if violations.is_empty() {
            continue;
        }
        let trace = run(seed, true).trace.join("\n");
        panic!(
            "{trace}\n\n{}\n\nreproduce: cargo run -p sse-simulation -- --seed {seed}",
            violations[0]
        );
    }
}

#[test]
fn a_seed_reproduces_its_life() {
    for seed in 0..20 {
        let (first, second) = (run(seed, true), run(seed, true));
        assert_eq!(first.trace, second.trace);
        assert!(!first.trace.is_empty());
    }
}

const BASE_SEED: u64 = 1;

const LIVES: u64 = 10_000;
