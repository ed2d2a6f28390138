//! Writes the section of a document on how parsers differ from the standard.

use std::fmt::{self, Display, Formatter, Write};

use crate::{
    contest::OURS,
    differential::{Example, Row},
    readers::{End, READERS, Reading, Seen},
};

/// Returns the section, with the parsers and the streams that each reads differently.
pub fn section(rows: &[Row], streams: usize) -> String {
    let mut out = ABOUT.replace("STREAMS", &streams.to_string());
    out += "\n| unusual feature |";
    for reader in &READERS {
        let version = reader.package.and_then(locked_version).unwrap_or_default();
        let name = reader.name.strip_suffix(version).unwrap_or(reader.name).trim();
        let _ = write!(out, " {} |", format!("{name} {version}").trim());
    }
    let _ = writeln!(out, "\n|---|{}", "---|".repeat(READERS.len()));
    for row in rows {
        let _ = write!(out, "| {} |", row.kind);
        for deviations in &row.deviations {
            match deviations.count {
                0 => out += " – |",
                count => _ = write!(out, " {count} |"),
            }
        }
        out += "\n";
    }
    out += EXAMPLES;
    for row in rows {
        write_examples(&mut out, row);
    }
    out
}

/// Returns `true` if ours has read a stream differently.
pub fn ours_deviates(rows: &[Row]) -> bool {
    let is_ours = |name| name == OURS;
    rows.iter().any(|row| {
        READERS.iter().zip(&row.deviations).any(|(it, found)| is_ours(it.name) && found.count > 0)
    })
}

/// One line for each smallest stream; parsers that read it the same way share a line.
fn write_examples(out: &mut String, row: &Row) {
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for (reader, deviations) in READERS.iter().zip(&row.deviations) {
        let Some(Example { chunks, expected, found }) = &deviations.smallest else { continue };
        let chunks: Vec<_> =
            chunks.iter().map(|chunk| format!("`{}`", chunk.escape_ascii())).collect();
        let line = format!("{} | {expected} | {found} |", chunks.join(" "));
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, names)) => names.push(reader.name),
            None => lines.push((line, vec![reader.name])),
        }
    }
    for (line, names) in lines {
        let _ = writeln!(out, "| {} | {} | {line}", row.kind, names.join(", "));
    }
}

impl Display for Reading {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.events.iter().map(ToString::to_string).collect();
        parts.extend(self.reconnection_ms.map(|time| format!("retry {time}")));
        match self.end {
            End::Regular => {}
            End::Error => parts.push("**an error**".to_owned()),
            End::Panic => parts.push("**a panic**".to_owned()),
            End::Never => parts.push("**no end**".to_owned()),
        }
        if parts.is_empty() {
            return f.write_str("nothing");
        }
        f.write_str(&parts.join(", "))
    }
}

impl Display for Seen {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.event_type != "message" {
            write!(f, "{:?}: ", self.event_type)?;
        }
        write!(f, "{:?}", self.data)?;
        if !self.last_event_id.is_empty() {
            write!(f, " (id {:?})", self.last_event_id)?;
        }
        if self.chunk > 0 {
            write!(f, " with chunk {}", self.chunk + 1)?;
        }
        Ok(())
    }
}

/// Returns the version of a package in the lockfile that this program was built with. If several
/// packages have that name, ours among them, the one from a registry counts.
fn locked_version(name: &str) -> Option<&'static str> {
    include_str!("../Cargo.lock").split("[[package]]").find_map(|package| {
        let value = |key: &str| package.lines().find_map(|line| line.strip_prefix(key));
        let is_it = value("name = ")?.trim_matches('"') == name && value("source = ").is_some();
        is_it.then(|| value("version = ").map(|version| version.trim_matches('"')))?
    })
}

const ABOUT: &str = "\
## Beside other parsers

STREAMS random streams of each kind, most of them unusual in one way only, are cut into random chunks and
given to sse-core and to other parsers. The table counts the streams whose events (type, data, last
event ID), reconnection time or regular end differ from what the naive reader makes of them that
sse-core's tests use; – means none. The seeds are fixed. To run it again: `cargo xtask differential`.
";

const EXAMPLES: &str = "
The smallest stream of each kind that was read otherwise, chunk by chunk, what the standard makes of
it, and what the parser does:

| unusual feature | parser | chunks | standard | parser's |
|---|---|---|---|---|
";
