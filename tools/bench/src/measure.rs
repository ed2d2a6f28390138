//! Measures contestants on a stream.
//!
//! A contestant that does not find what is in the stream is not timed, and neither is one that does
//! not finish in time; the result distinguishes both from the others.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::{
    alloc,
    chunking::Chunking,
    contest::{CHUNKS, Contestant, Input, LIMIT, OURS, OURS_IN_LOOP, Tally, is_peer},
    workloads::Workload,
};

/// Amount of measuring. Many short turns rather than a few long ones: other load on the machine
/// then disturbs some of them, which the median leaves out, and not a part of each.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Number of turns of each contestant.
    pub rounds: usize,
    /// Duration of a turn.
    pub turn: Duration,
    /// Maximum duration of the first pass.
    pub patience: Duration,
}

impl Plan {
    pub const FULL: Self =
        Self { rounds: 75, turn: Duration::from_millis(2), patience: Duration::from_millis(400) };
    pub const QUICK: Self =
        Self { rounds: 15, turn: Duration::from_micros(500), patience: Duration::from_millis(60) };
}

/// One stream, split in one way, and the result of each contestant.
pub struct Cell {
    /// Table of the cell.
    pub form: &'static str,
    pub workload: String,
    pub chunking: Chunking,
    pub outcomes: Vec<(&'static str, Outcome)>,
}

pub enum Outcome {
    Timed(Figures),
    /// It was stopped before the end of its first pass.
    TooSlow,
    /// It found something other than what is in the stream.
    Deviates(Tally),
}

#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub mb_per_s: f64,
    pub ns_per_event: f64,
    pub allocs_per_event: f64,
    pub bytes_allocated_per_event: f64,
}

impl Cell {
    pub fn get(&self, name: &str) -> Option<&Figures> {
        self.outcomes.iter().find_map(|(each, outcome)| match outcome {
            Outcome::Timed(figures) if *each == name => Some(figures),
            _ => None,
        })
    }

    pub fn ours(&self) -> f64 {
        self.get(OURS).map_or(f64::NAN, |figures| figures.mb_per_s)
    }

    /// Returns the fastest peer.
    pub fn best_peer(&self) -> Option<(&'static str, f64)> {
        self.outcomes
            .iter()
            .filter(|(name, _)| is_peer(name))
            .filter_map(|&(name, _)| Some((name, self.get(name)?.mb_per_s)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Returns the speed of ours over that of the fastest peer.
    pub fn to_best_peer(&self) -> f64 {
        self.best_peer().map_or(f64::NAN, |(_, peer)| self.ours() / peer)
    }

    /// Returns the speed of our parser without its adapter over that of the fastest peer.
    pub fn loop_to_best_peer(&self) -> f64 {
        let ours = self.get(OURS_IN_LOOP).map_or(f64::NAN, |figures| figures.mb_per_s);
        self.best_peer().map_or(f64::NAN, |(_, peer)| ours / peer)
    }

    /// Returns the speed of our adapter over that of our parser.
    pub fn to_loop(&self) -> f64 {
        self.get(OURS_IN_LOOP).map_or(f64::NAN, |alone| self.ours() / alone.mb_per_s)
    }

    /// Returns the speed of ours over that of the limit.
    pub fn to_limit(&self) -> f64 {
        self.get(LIMIT).map_or(f64::NAN, |limit| self.ours() / limit.mb_per_s)
    }
}

/// Returns the value below which one in `one_in` lies: 2 is the median, 4 the lower quartile.
pub fn quantile(mut values: Vec<f64>, one_in: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / one_in]
}

/// Returns the geometric mean of those that are numbers.
pub fn geometric_mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values
        .filter(|value| value.is_finite())
        .fold((0.0, 0_u32), |(sum, count), value| (sum + value.ln(), count + 1));
    (sum / f64::from(count)).exp()
}

/// Makes every contestant parse the stream, in turns.
pub fn measure(
    form: &'static str,
    contestants: &[Contestant],
    workload: &Workload,
    chunking: Chunking,
    plan: Plan,
) -> Cell {
    let chunks = chunking.cut(workload);
    let mut entries: Vec<Entry> = contestants
        .iter()
        .map(|entry| Entry::first_pass(*entry, &chunks, workload, plan))
        .collect();
    for round in 0..plan.rounds {
        for entry in &mut entries {
            if round % entry.every == 0 {
                entry.take_turn(&chunks);
            }
        }
    }
    let outcomes = entries.into_iter().map(|entry| entry.finish(workload)).collect();
    Cell { form, workload: workload.name.clone(), chunking, outcomes }
}

/// Makes one contestant parse several streams, in turns, so that they can be compared.
pub fn measure_side_by_side(
    form: &'static str,
    contestant: Contestant,
    workloads: &[Workload],
    chunking: Chunking,
    plan: Plan,
) -> Vec<Cell> {
    let mut entries: Vec<(Vec<Bytes>, Entry)> = workloads
        .iter()
        .map(|workload| {
            let chunks = chunking.cut(workload);
            let entry = Entry::first_pass(contestant, &chunks, workload, plan);
            (chunks, entry)
        })
        .collect();
    for _ in 0..plan.rounds {
        for (chunks, entry) in &mut entries {
            entry.take_turn(chunks);
        }
    }
    let cell = |(workload, (_, entry)): (&Workload, (_, Entry))| {
        let outcomes = vec![entry.finish(workload)];
        Cell { form, workload: workload.name.clone(), chunking, outcomes }
    };
    workloads.iter().zip(entries).map(cell).collect()
}

/// Minimum number of passes in a turn, and number of passes before them. After these, a contestant
/// that assembles an event of 8 MiB has reached its final speed: its first pass gets pages from the
/// system that another contestant has released, and memory that is not in any cache.
const MIN_PASSES: u32 = 6;

struct Entry {
    contestant: Contestant,
    /// Result that is already known: it will not be timed.
    out: Option<Outcome>,
    allocations: alloc::Allocations,
    /// Number of passes of a turn that are timed.
    passes: u32,
    /// It has its turn once in this many rounds: less often if a single pass takes long.
    every: usize,
    /// Seconds per pass, one for each turn.
    turns: Vec<f64>,
}

impl Entry {
    /// Checks the contestant, counts its allocations and determines how often it can run in a turn.
    fn first_pass(
        contestant: Contestant,
        chunks: &[Bytes],
        workload: &Workload,
        plan: Plan,
    ) -> Self {
        let start = Instant::now();
        let mut input = Input { chunks: chunks.to_vec(), deadline: Some(start + plan.patience) };
        let (tally, allocations) = alloc::count(|| (contestant.run)(&mut input));
        let slow = start.elapsed() > plan.patience;
        let expected =
            Tally { events: workload.events, data_bytes: workload.data_bytes, ..Tally::default() };
        let out = if tally.stopped || slow {
            Some(Outcome::TooSlow)
        } else if tally != expected && ![LIMIT, CHUNKS].contains(&contestant.name) {
            Some(Outcome::Deviates(tally))
        } else {
            None
        };
        let mut entry =
            Self { contestant, out, allocations, passes: 1, every: 1, turns: Vec::new() };
        if entry.out.is_none() {
            let pass = entry.pass(chunks).max(Duration::from_nanos(100));
            let passes = (plan.turn.as_nanos() / pass.as_nanos()).min(100_000) as u32;
            entry.passes = passes.max(MIN_PASSES);
            let turns = pass.as_nanos() / plan.turn.as_nanos();
            entry.every = (turns as usize).clamp(1, plan.rounds / 5);
        }
        entry
    }

    fn pass(&self, chunks: &[Bytes]) -> Duration {
        let mut input = Input { chunks: chunks.to_vec(), deadline: None };
        let start = Instant::now();
        let tally = (self.contestant.run)(&mut input);
        let time = start.elapsed();
        std::hint::black_box(tally);
        time
    }

    /// Begins with passes that are not timed: the previous turn was another contestant's, and the
    /// caches and the allocator are in its state.
    fn take_turn(&mut self, chunks: &[Bytes]) {
        if self.out.is_none() {
            for _ in 0..MIN_PASSES {
                self.pass(chunks);
            }
            let time: Duration = (0..self.passes).map(|_| self.pass(chunks)).sum();
            self.turns.push(time.as_secs_f64() / f64::from(self.passes));
        }
    }

    fn finish(mut self, workload: &Workload) -> (&'static str, Outcome) {
        let outcome = self.out.take().unwrap_or_else(|| {
            self.turns.sort_by(f64::total_cmp);
            let seconds = self.turns[self.turns.len() / 2];
            let events = workload.events.max(1) as f64;
            Outcome::Timed(Figures {
                mb_per_s: workload.bytes.len() as f64 / seconds / 1e6,
                ns_per_event: seconds * 1e9 / events,
                allocs_per_event: self.allocations.calls as f64 / events,
                bytes_allocated_per_event: self.allocations.bytes as f64 / events,
            })
        });
        (self.contestant.name, outcome)
    }
}
