//! Counts the instructions of a session per event in a content coding, decoded by the session and
//! by reqwest.
//!
//! Counts those of the client's whole process, over sockets, of a stream and of one twice as long:
//! the difference belongs to the events. Callgrind counts none of the system's.

use std::fmt::Write as _;

use super::{
    answer::Writes,
    by_coding::WORKLOADS,
    client::BoxError,
    coding::Coding,
    contestants::{OURS_DECODED_BEFORE, OURS_DIRECT},
    job::{Job, drained_events},
    process::Server,
    runtime::Runtime,
};
use crate::{contest::OURS, instructions, report};

/// Events of the shorter stream.
const EVENTS: u64 = 2_000;

const CODINGS: [Coding; 4] = [Coding::Gzip, Coding::GzipMembers, Coding::Br, Coding::Zstd];

const CONTESTANTS: [&str; 3] = [OURS_DECODED_BEFORE, OURS, OURS_DIRECT];

struct Row {
    workload: &'static str,
    coding: Coding,
    /// In the order of [`CONTESTANTS`]; `None` if callgrind failed.
    per_event: [Option<f64>; 3],
}

/// Counts the streams that the option allows, and returns the section about them.
pub fn section(only: Option<&str>) -> Result<String, BoxError> {
    if !cfg!(feature = "codings") {
        return Err("the form `codings` needs the feature `codings`".into());
    }
    let server = Server::start()?;
    let mut rows = Vec::new();
    for coding in CODINGS {
        for workload in WORKLOADS {
            if only.is_some_and(|only| ![coding.name(), workload].contains(&only)) {
                continue;
            }
            let mut per_event = [None; 3];
            for (contestant, found) in CONTESTANTS.into_iter().zip(&mut per_event) {
                // reqwest decodes the first member only.
                if (coding, contestant) != (Coding::GzipMembers, OURS_DECODED_BEFORE) {
                    *found = count(&server, contestant, workload, coding)?;
                }
            }
            eprintln!("{workload} {coding}");
            rows.push(Row { workload, coding, per_event });
        }
    }
    if rows.is_empty() {
        return Err("nothing to measure by these options".into());
    }
    Ok(table(&rows))
}

/// Counts the instructions of a client per event of a workload; `None` if callgrind failed.
pub fn count(
    server: &Server,
    contestant: &str,
    workload: &str,
    coding: Coding,
) -> Result<Option<f64>, BoxError> {
    let run = |events| -> Result<Option<u64>, BoxError> {
        let (workload, writes) = (workload.to_owned(), Writes::Coalesced);
        let job = serde_json::to_string(&Job::Drain { workload, writes, coding, events })?;
        let runtime = Runtime::default().name();
        let args = ["client", contestant, &server.origin, &job, "--runtime", runtime];
        Ok(instructions::collect_all(&args)?)
    };
    let (Some(short), Some(long)) = (run(EVENTS)?, run(2 * EVENTS)?) else {
        return Ok(None);
    };
    let events = drained_events(2 * EVENTS) - drained_events(EVENTS);
    Ok(Some(long.saturating_sub(short) as f64 / events as f64))
}

fn table(rows: &[Row]) -> String {
    let mut text = ABOUT.to_owned();
    let columns = ["coding", "ours, reqwest decodes", "ours", "ratio", "ours-direct", "ratio"];
    text += &report::head("stream", columns.map(str::to_owned).into_iter());
    for Row { workload, coding, per_event: [before, ours, direct] } in rows {
        let count = |found: &Option<f64>| found.map_or("-".to_owned(), |it| format!("{it:.0}"));
        let ratio = |found: &Option<f64>| match (found, before) {
            (Some(found), Some(before)) => format!("{:.2}", found / before),
            _ => "-".to_owned(),
        };
        let _ = writeln!(
            text,
            "| {workload} | {coding} | {} | {} | {} | {} | {} |",
            count(before),
            count(ours),
            ratio(ours),
            count(direct),
            ratio(direct),
        );
    }
    text
}

const ABOUT: &str = "\
### Instructions per event in a content coding

The same streams and sessions, counted by callgrind: the instructions of the client's whole process
outside of the system, of a stream and of one twice as long, whose difference is divided by the
difference of their events. `gzip-members` has a gzip member for each event, as some servers send
with each flush; reqwest decodes the first, so that there is nothing to compare with. To count them
again:

    cargo xtask bench -- instructions --form codings --doc docs/PERFORMANCE.md

";
