//! Command line of the simulation: runs lives for a time, or one life with its trace.
//!
//! ```text
//! sse-simulation SECONDS [--seed N]    runs lives from a seed, random by default
//! sse-simulation --seed N              runs one life, and prints its trace
//! ```
//!
//! The last line of a run is `N lives, seed S, V violations`.

use std::{
    env,
    process::ExitCode,
    time::{Duration, Instant, SystemTime},
};

use sse_simulation::{Life, run};

fn main() -> ExitCode {
    let (mut seconds, mut seed) = (None, None);
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        let (value, target) = match &*word {
            "--seed" => (words.next(), &mut seed),
            _ => (Some(word), &mut seconds),
        };
        *target = value.and_then(|value| value.parse::<u64>().ok());
        if target.is_none() {
            eprintln!("usage: sse-simulation SECONDS [--seed N] | --seed N");
            return ExitCode::from(2);
        }
    }
    match (seconds, seed) {
        (None, Some(seed)) => print_life(seed),
        (seconds, seed) => {
            let time = Duration::from_secs(seconds.unwrap_or(DEFAULT_SECONDS));
            run_for(time, seed.unwrap_or_else(random_seed))
        }
    }
}

/// Runs lives for this time, and prints the first one that violates an invariant.
fn run_for(time: Duration, base: u64) -> ExitCode {
    let start = Instant::now();
    let (mut lives, mut events, mut requests) = (0_u64, 0, 0);
    let mut failed = Vec::new();
    while start.elapsed() < time {
        for _ in 0..LIVES_BETWEEN_LOOKS {
            let life = run(base.wrapping_add(lives), false);
            (lives, events, requests) = (lives + 1, events + life.events, requests + life.requests);
            if !life.violations.is_empty() {
                failed.push((lives, life));
            }
        }
    }
    if let Some((_, first)) = failed.first() {
        print_life(first.seed);
    }
    for (ordinal, life) in failed.iter().take(MAX_SHOWN) {
        println!("life {ordinal}, --seed {}: {}", life.seed, summary(life));
    }
    println!("{requests} requests, {events} events");
    println!("{lives} lives, seed {base}, {} violations", failed.len());
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print_life(seed: u64) -> ExitCode {
    let life = run(seed, true);
    life.trace.iter().for_each(|line| println!("{line}"));
    println!("seed {seed}: {}", summary(&life));
    if life.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn summary(life: &Life) -> String {
    life.violations.first().map_or_else(|| "no violation".to_owned(), ToString::to_string)
}

fn random_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(0, |time| time.as_nanos() as u64)
}

const DEFAULT_SECONDS: u64 = 60;

const LIVES_BETWEEN_LOOKS: u32 = 100;

const MAX_SHOWN: usize = 20;
