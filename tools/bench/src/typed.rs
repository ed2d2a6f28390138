//! Compares two ways of decoding events: a typed session, and a loop that calls serde_json itself.
//!
//! Both take the same events from the same stream, and the events are ready: only JSON is parsed.

use std::{
    fmt::Write,
    io,
    time::{Duration, Instant},
};

use sse_core::ServerSentEvent;

use crate::{
    alloc, instructions, machine,
    measure::quantile,
    typed_pairs::{Events, PAIRS, Pair},
};

/// Stream of events, decoded in two ways.
pub struct Comparison {
    name: &'static str,
    what: &'static str,
    by_hand: Figures,
    typed: Figures,
    /// Time of the typed session over that of the loop.
    ratio: f64,
}

struct Figures {
    ns_per_event: f64,
    allocs_per_event: f64,
    bytes_per_event: f64,
    /// `None` if the tool that counts them is missing.
    instructions_per_event: Option<f64>,
}

pub fn compare(quick: bool) -> io::Result<Vec<Comparison>> {
    let rounds = if quick { 51 } else { 1001 };
    PAIRS.iter().enumerate().map(|(index, pair)| pair.compare(index, rounds)).collect()
}

impl Pair {
    /// Gives both their turns, one after the other, and each as often first.
    fn compare(&self, index: usize, rounds: usize) -> io::Result<Comparison> {
        let events = self.events();
        let count = events.len() as u64;
        let passes = self.passes_of_a_turn(&events);
        let turn = |run: fn(Events) -> u64| {
            let time: Duration = (0..passes).map(|_| pass(run, &events, count)).sum();
            time.as_secs_f64() / f64::from(passes)
        };
        let (mut by_hand, mut typed, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..rounds {
            let (hand, own) = if round % 2 == 0 {
                let hand = turn(self.by_hand);
                (hand, turn(self.typed))
            } else {
                let own = turn(self.typed);
                (turn(self.by_hand), own)
            };
            by_hand.push(hand);
            typed.push(own);
            ratios.push(own / hand);
        }
        let by_hand = figures(self.by_hand, &events, quantile(by_hand, 4));
        let typed = figures(self.typed, &events, quantile(typed, 4));
        assert!(typed.allocs_per_event <= by_hand.allocs_per_event, "{} takes memory", self.what);
        let instructions = |way| instructions_per_event(index, way, count);
        Ok(Comparison {
            name: self.name,
            what: self.what,
            by_hand: Figures { instructions_per_event: instructions("by-hand")?, ..by_hand },
            typed: Figures { instructions_per_event: instructions("typed")?, ..typed },
            ratio: quantile(ratios, 2),
        })
    }

    fn passes_of_a_turn(&self, events: &[ServerSentEvent]) -> u32 {
        let time = pass(self.by_hand, events, events.len() as u64).max(Duration::from_nanos(100));
        (TURN.as_nanos() / time.as_nanos()).clamp(1, 10_000) as u32
    }
}

/// Duration of a turn.
const TURN: Duration = Duration::from_millis(3);

fn pass(run: fn(Events) -> u64, events: &[ServerSentEvent], count: u64) -> Duration {
    let input = Events::of(events);
    let start = Instant::now();
    let found = run(input);
    let time = start.elapsed();
    assert_eq!(found, count, "an event was not decoded");
    time
}

fn figures(run: fn(Events) -> u64, events: &[ServerSentEvent], seconds: f64) -> Figures {
    let input = Events::of(events);
    let (_, allocations) = alloc::count(|| run(input));
    let count = events.len() as f64;
    Figures {
        ns_per_event: seconds * 1e9 / count,
        allocs_per_event: allocations.calls as f64 / count,
        bytes_per_event: allocations.bytes as f64 / count,
        instructions_per_event: None,
    }
}

fn instructions_per_event(pair: usize, way: &str, count: u64) -> io::Result<Option<f64>> {
    if !instructions::is_available() {
        return Ok(None);
    }
    let collected = instructions::collect(&["once-typed", &pair.to_string(), way])?;
    Ok(collected.map(|instructions| instructions as f64 / count as f64))
}

pub fn section(comparisons: &[Comparison]) -> String {
    let mut out = format!("## Typed sessions\n\n{}\n{ABOUT}", machine::describe());
    for Comparison { name, what, by_hand, typed, ratio } in comparisons {
        let _ = writeln!(
            out,
            "| {name} | {what} | {:.1} | {:.1} | {ratio:.3} | {} | {} | {:.2} ({:.0} B) | {:.2} ({:.0} B) |",
            by_hand.ns_per_event,
            typed.ns_per_event,
            shown(by_hand.instructions_per_event),
            shown(typed.instructions_per_event),
            by_hand.allocs_per_event,
            by_hand.bytes_per_event,
            typed.allocs_per_event,
            typed.bytes_per_event,
        );
    }
    out
}

fn shown(count: Option<f64>) -> String {
    count.map_or_else(|| "?".to_owned(), |count| format!("{count:.0}"))
}

const ABOUT: &str = "\
Cost of a typed session beyond a loop that matches on the event type and calls
`serde_json::from_str` on the data. Both take the same events, which are in memory, from a stream
that is always ready. They alternate in turns of 3 ms. The ratio is the median of the ratios of
consecutive turns; the times are lower quartiles, because other programs make a turn longer.
Instructions are counted by callgrind, for an event, and allocations are calls of the allocator. A
number is decoded so fast that the few instructions of a session are visible: it checks its rules,
and returns the event's other fields with the value. To run it again:

    cargo xtask bench -- typed --doc docs/PERFORMANCE.md

| events | decoded by | by hand, ns | typed, ns | ratio | by hand, instructions | typed, instructions | by hand, allocations | typed, allocations |
|---|---|---|---|---|---|---|---|---|
";
