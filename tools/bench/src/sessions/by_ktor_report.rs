//! Writes the comparison with Ktor's client as Markdown.

use std::fmt::Write;

use super::{
    answer::Writes,
    by_ktor::{Figures, ROUNDS, Reader, Table},
    installed::Installed,
};
use crate::{
    machine,
    report::{head, table_row},
};

/// Returns a few lines for the terminal.
pub fn lines(readers: &[Reader<'_>], table: &Table) -> String {
    let mut lines = format!("{}, {}", table.stream.description(), sent(table));
    for (reader, cell) in readers.iter().zip(&table.cells) {
        let _ = match cell {
            Ok(figures) => write!(lines, "\n  {:28}  {}", reader.name(), shown(*figures)),
            Err(deviation) => write!(lines, "\n  {:28}  DEVIATES: {deviation}", reader.name()),
        };
    }
    lines
}

/// Returns the section of a document that holds the tables.
pub fn section(readers: &[Reader<'_>], ktor: &[Installed], tables: &[Table]) -> String {
    let mut text = format!("## Beside Ktor\n\n{}\n{ABOUT}", machine::describe());
    let version = ktor.first().map_or("not run", |client| &client.version);
    let _ = writeln!(text, "\nJava: {version}. Turns of each client: {ROUNDS}.\n");
    text += "Nanoseconds per event, and resident memory in MiB:\n\n";
    let columns = tables.iter().map(|table| format!("{}, {}", table.stream.name(), sent(table)));
    text += &head("client", columns);
    for (at, reader) in readers.iter().enumerate() {
        let cells = tables.iter().map(|table| match &table.cells[at] {
            Ok(figures) => shown(*figures),
            Err(_) => "-".to_owned(),
        });
        text += &table_row(&reader.name(), cells);
    }
    text += "\nThe streams are";
    let descriptions: std::collections::BTreeSet<_> =
        tables.iter().map(|table| table.stream.description()).collect();
    for description in descriptions {
        let _ = write!(text, " {description};");
    }
    text.pop();
    text + ".\n" + &deviations(readers, tables)
}

fn sent(table: &Table) -> &'static str {
    match table.stream.writes {
        Writes::Packed => "chunks of 16 KiB",
        Writes::Coalesced => "a chunk an event, writes of 16 KiB",
        Writes::Single => "a chunk and a write an event",
    }
}

fn shown(Figures { ns_per_event, resident }: Figures) -> String {
    format!("{ns_per_event:.0} ns, {:.0} MiB", resident / f64::from(1 << 20))
}

fn deviations(readers: &[Reader<'_>], tables: &[Table]) -> String {
    let mut text = String::new();
    for table in tables {
        for (reader, cell) in readers.iter().zip(&table.cells) {
            if let Err(found) = cell {
                let stream = table.stream.description();
                let _ = writeln!(text, "- {}, {stream}, {}: {found}", reader.name(), sent(table));
            }
        }
    }
    if text.is_empty() {
        return "\nEvery client found every event.\n".to_owned();
    }
    format!("\nNot timed, because the client did not find what was sent:\n\n{text}")
}

const ABOUT: &str = "\
CPU time per event of the client's whole process, user and system, and its resident memory after the
last event. `ktor-cio` and `ktor-okhttp` are the SSE plugin of Ktor 3.6.1 on these engines, called in
`runBlocking` with its default dispatchers and engines, and the JVM's default heap and collector. `ours`
is a session over sse-reqwest, `ours-direct` one over sse-direct: in a task spawned on a current-thread
runtime (`current-spawn`), in one spawned on a multi-thread runtime (`spawn`), and in the main future of
`#[tokio::main]` (`main`). The server is that of the section on sessions.

Each turn is a process of its own, all take turns, and the median of the turns counts. The JVM reads
500,000 events of the same kind before the measured ones, of which it reads 400,000, so that most of its
code is compiled by then; compiling and collecting garbage after that count. Before the paced events,
it reads as many dense ones, and its clock has a resolution of 10 ms there, 5 µs per event. Sessions read
100,000 events, after an eighth of that. The memory of the JVM depends on when it last collected its
heap. Each client is checked: it has to find every event. [KTOR.md](KTOR.md) compares what the
clients do. To measure this table again, in about three minutes:

    cargo xtask bench -- sessions --form ktor --doc docs/PERFORMANCE.md
";
