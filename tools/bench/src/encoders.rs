//! The table of what it costs to write events.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use crate::{
    alloc, machine,
    measure::quantile,
    writing::{EVENTS, Job, Method, jobs},
};

/// Cost of one method to write events of one shape.
pub struct Row {
    job: &'static str,
    what: &'static str,
    method: &'static str,
    ns_per_event: f64,
    /// The time over that of the first method of the job.
    ratio: f64,
    allocs_per_event: f64,
}

pub fn compare(quick: bool) -> Vec<Row> {
    let rounds = if quick { 51 } else { 501 };
    jobs().iter().flat_map(|job| rows(job, rounds)).collect()
}

/// Gives all methods their turns, one after the other, each as often first.
fn rows(job: &Job, rounds: usize) -> Vec<Row> {
    let expected = (job.methods[0].write)(&job.input);
    assert_eq!(expected.frames == EVENTS, job.name != "burst", "{} has other frames", job.name);
    let passes: Vec<_> = job.methods.iter().map(|method| passes_of_a_turn(method, job)).collect();
    let mut times = vec![Vec::new(); job.methods.len()];
    for round in 0..rounds {
        for turn in 0..job.methods.len() {
            let at = (round + turn) % job.methods.len();
            let start = Instant::now();
            for _ in 0..passes[at] {
                let sent = (job.methods[at].write)(&job.input);
                assert!(sent.is_same(&expected), "{} sends something else", job.methods[at].name);
            }
            let time = start.elapsed().as_secs_f64() / f64::from(passes[at]);
            times[at].push(time * 1e9 / EVENTS as f64);
        }
    }
    let row = |(at, method): (usize, &Method)| {
        let ratios = times[at].iter().zip(&times[0]).map(|(time, first)| time / first).collect();
        let (_, allocations) = alloc::count(|| (method.write)(&job.input));
        Row {
            job: job.name,
            what: job.what,
            method: method.name,
            ns_per_event: quantile(times[at].clone(), 4),
            ratio: quantile(ratios, 2),
            allocs_per_event: allocations.calls as f64 / EVENTS as f64,
        }
    };
    job.methods.iter().enumerate().map(row).collect()
}

fn passes_of_a_turn(method: &Method, job: &Job) -> u32 {
    let start = Instant::now();
    (method.write)(&job.input);
    let time = start.elapsed().max(Duration::from_nanos(100));
    (TURN.as_nanos() / time.as_nanos()).clamp(1, 10_000) as u32
}

/// Duration of a turn.
const TURN: Duration = Duration::from_millis(2);

pub fn section(rows: &[Row]) -> String {
    let mut out = format!("## Writing events\n\n{}\n{ABOUT}", machine::describe());
    for Row { job, what, method, ns_per_event, ratio, allocs_per_event } in rows {
        let _ = writeln!(
            out,
            "| {job} | {what} | {method} | {ns_per_event:.0} | {ratio:.2} | {allocs_per_event:.2} |"
        );
    }
    out
}

const ABOUT: &str = "\
Cost of encoding an event as the bytes that a server sends. All methods take the same 1,000 events
and send the same bytes; no two events are ready at once, so each is a frame of its own, except in
the burst. The bodies are read as a server reads them. axum's `Event` is built from the fields of
the event, as its users do, and so is ours where the builder is named; otherwise, events are there
already, received in chunks of 16 KiB, as a gateway has them. `EventBody` passes an event on as a
part of its chunk if it was received in the form that is written, and encodes it if not, here
because the space after the colon is missing. An event of up to 24 bytes, or with several lines of
data, is always encoded. The methods take turns of 2 ms; the ratio to the first method of each shape
is the median over all rounds, and the times are lower quartiles.

    cargo xtask bench -- writing --doc docs/PERFORMANCE.md

| events | an event | method | ns | ratio | allocations |
|---|---|---|---|---|---|
";
