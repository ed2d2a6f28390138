//! Workloads from a directory of recorded streams.
//!
//! The content of a stream is determined by the simplest implementation of the standard, line by
//! line, so that no contestant judges itself.

use std::{fs, io, path::Path};

use crate::workloads::{STREAM_BYTES, Workload};

/// Reads every file of the directory whose name ends in `.sse`.
pub fn load(dir: &Path) -> io::Result<Vec<Workload>> {
    let mut paths: Vec<_> =
        fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sse"));
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Ok(read(name, &fs::read(path)?))
        })
        .collect()
}

/// Returns the stream up to the end of its last block, repeated until it is long enough.
fn read(name: String, recorded: &[u8]) -> Workload {
    let mut found = Workload {
        name,
        shape: String::new(),
        bytes: recorded.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(recorded).to_vec(),
        flushes: Vec::new(),
        events: 0,
        data_bytes: 0,
    };
    scan(&mut found);
    let len = found.flushes.last().copied().unwrap_or_default();
    found.bytes.truncate(len);
    let events = found.events.max(1);
    found.shape = format!("{} events of {} B", found.events, len as u64 / events);
    let times = if len == 0 { 1 } else { STREAM_BYTES.div_ceil(len).max(1) };
    let flushes = (0..times).flat_map(|i| found.flushes.iter().map(move |at| i * len + at));
    found.flushes = flushes.collect();
    found.bytes = found.bytes.repeat(times);
    found.events *= times as u64;
    found.data_bytes *= times as u64;
    if found.bytes.ends_with(b"\r") {
        found.bytes.push(b':'); // some peers hold back a CR until they see what follows it
        found.flushes.push(found.bytes.len());
    }
    found
}

/// Fills in the content of the stream.
fn scan(workload: &mut Workload) {
    let bytes = &workload.bytes;
    let (mut at, mut data, mut lines) = (0, 0, 0);
    while let Some(len) = bytes[at..].iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        let line = &bytes[at..at + len];
        at += len + if bytes[at + len..].starts_with(b"\r\n") { 2 } else { 1 };
        if line.is_empty() {
            workload.flushes.push(at);
            if lines > 0 {
                workload.events += 1;
                workload.data_bytes += data + lines - 1;
            }
            (data, lines) = (0, 0);
        } else if line == b"data" {
            lines += 1;
        } else if let Some(value) = line.strip_prefix(b"data:") {
            data += value.strip_prefix(b" ").unwrap_or(value).len() as u64;
            lines += 1;
        }
    }
}
