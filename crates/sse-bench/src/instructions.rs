//! Workloads in, instructions per event out, counted by callgrind.
//!
//! Callgrind runs this very program once per cell and looks into one function of it. It has no
//! AVX-512, so on a machine that has, what picks its instructions at run time picks others here.

use std::{
    env, fs, io,
    process::{self, Command},
};

use crate::{
    chunking::Chunking,
    contestants::OWNED,
    once::MARKERS,
    workloads::{SMALL, workload},
};

/// How long the streams are: short ones do, since nothing is noisy.
pub const STREAM_BYTES: usize = 32 << 10;

pub const CHUNKINGS: [Chunking; 3] = [Chunking::Event, Chunking::Bytes(16), Chunking::Bytes(16384)];

pub struct Row {
    pub workload: &'static str,
    pub chunking: Chunking,
    /// In the order of [`OWNED`]; `None` if callgrind did not come to its end.
    pub per_event: Vec<Option<f64>>,
}

/// Whether there is a valgrind to run.
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

fn run(workload: &str, chunking: Chunking, contestant: &str) -> io::Result<Option<u64>> {
    let (chunking, bytes) = (chunking.to_string(), STREAM_BYTES.to_string());
    collect(&["once", workload, &chunking, contestant, "1", "--bytes", &bytes])
}

/// Runs this program so, and counts what happens inside its markers.
pub fn collect(args: &[&str]) -> io::Result<Option<u64>> {
    let out = env::temp_dir().join(format!("sse-bench-{}.callgrind", process::id()));
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .args(MARKERS.map(|marker| format!("--toggle-collect={marker}")))
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe()?)
        .args(args)
        .output()?;
    let _ = fs::remove_file(&out);
    let log = String::from_utf8_lossy(&output.stderr);
    let collected = log.lines().find_map(|line| line.split_once("Collected : "));
    Ok(collected.and_then(|(_, count)| count.trim().parse().ok()))
}
