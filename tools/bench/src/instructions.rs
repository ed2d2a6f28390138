//! Counts instructions per event, of parsers and of sessions, with callgrind.
//!
//! Callgrind runs this program once per cell and counts inside one function of it. It lacks
//! AVX-512: code that selects instructions at run time may select others here than outside of it.

use std::{
    env, fs, io,
    process::{self, Command},
};

use crate::{
    chunking::Chunking,
    contestants::OWNED,
    in_memory::{MARKER, READERS},
    once::MARKERS,
    workloads::{OF_SESSIONS, SMALL, workload},
};

/// Length of the streams of parsers. Short ones suffice, as counts have no noise.
pub const STREAM_BYTES: usize = 32 << 10;

pub const CHUNKINGS: [Chunking; 3] = [Chunking::Event, Chunking::Bytes(16), Chunking::Bytes(16384)];

/// Length of the streams of sessions: several chunks of the largest size.
pub const SESSION_BYTES: usize = 256 << 10;

pub const SESSION_CHUNKINGS: [Chunking; 2] = [Chunking::Event, Chunking::Bytes(16384)];

pub struct Row {
    pub workload: &'static str,
    pub chunking: Chunking,
    /// In the order of [`OWNED`], or of [`READERS`]; `None` if callgrind failed.
    pub per_event: Vec<Option<f64>>,
}

/// Returns `true` if valgrind is installed.
pub fn is_available() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

pub fn count(only: Option<&str>) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for name in SMALL.into_iter().filter(|name| only.is_none_or(|only| only == *name)) {
        let Some(workload) = workload(name, STREAM_BYTES) else { continue };
        for chunking in CHUNKINGS {
            let per_event = OWNED
                .iter()
                .map(|contestant| {
                    let collected = run(name, chunking, contestant.name)?;
                    Ok(collected.map(|count| count as f64 / workload.events as f64))
                })
                .collect::<io::Result<_>>()?;
            eprintln!("{name} {chunking}");
            rows.push(Row { workload: name, chunking, per_event });
        }
    }
    Ok(rows)
}

/// Counts the instructions of sessions that read chunks from memory.
pub fn count_sessions(only: Option<&str>) -> io::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for name in OF_SESSIONS.into_iter().filter(|name| only.is_none_or(|only| only == *name)) {
        let Some(workload) = workload(name, SESSION_BYTES) else { continue };
        for chunking in SESSION_CHUNKINGS {
            let (chunks, bytes) = (chunking.to_string(), SESSION_BYTES.to_string());
            let per_event = READERS
                .iter()
                .map(|reader| {
                    let args = ["once-session", name, &chunks, reader.name, "--bytes", &bytes];
                    Ok(collect(&args)?.map(|count| count as f64 / workload.events as f64))
                })
                .collect::<io::Result<_>>()?;
            eprintln!("session {name} {chunking}");
            rows.push(Row { workload: name, chunking, per_event });
        }
    }
    Ok(rows)
}

fn run(workload: &str, chunking: Chunking, contestant: &str) -> io::Result<Option<u64>> {
    let (chunking, bytes) = (chunking.to_string(), STREAM_BYTES.to_string());
    collect(&["once", workload, &chunking, contestant, "1", "--bytes", &bytes])
}

/// Runs this program with these arguments, and counts the instructions inside its markers.
pub fn collect(args: &[&str]) -> io::Result<Option<u64>> {
    let markers = MARKERS.iter().chain([&MARKER]);
    collect_with(markers.map(|marker| format!("--toggle-collect={marker}")).collect(), args)
}

/// Runs this program with these arguments, and counts all of its instructions.
pub fn collect_all(args: &[&str]) -> io::Result<Option<u64>> {
    collect_with(Vec::new(), args)
}

fn collect_with(options: Vec<String>, args: &[&str]) -> io::Result<Option<u64>> {
    let out = env::temp_dir().join(format!("sse-bench-{}.callgrind", process::id()));
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .args(options)
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe()?)
        .args(args)
        .output()?;
    let _ = fs::remove_file(&out);
    if !output.status.success() {
        return Ok(None);
    }
    let log = String::from_utf8_lossy(&output.stderr);
    let collected = log.lines().find_map(|line| line.split_once("Collected : "));
    Ok(collected.and_then(|(_, count)| count.trim().parse().ok()))
}
