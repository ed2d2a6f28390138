//! Writes the comparison of content codings as Markdown and as JSON.

use std::fmt::Write;

use super::{
    by_coding::{Held, Memory, Results, Row, Spread, Table},
    coding::Coding,
    measure::Plan,
};
use crate::{
    machine,
    report::{head, table_row},
};

/// Returns a few lines for the terminal.
pub fn lines(table: &Table) -> String {
    let Table { workload, coding, writes, .. } = table;
    let mut lines = format!("{workload}, {coding}, a write: {writes}");
    for Row { client, outcome } in &table.rows {
        let _ = match outcome {
            Ok(figures) => write!(
                lines,
                "\n  {client:22} {:>18} ns  {:>18}  {:.2} ({:.0})",
                nanos(figures.ns_per_event),
                ratio(figures.ratio),
                figures.allocs_per_event,
                figures.bytes_allocated_per_event
            ),
            Err(deviation) => write!(lines, "\n  {client:22} DEVIATES: {deviation}"),
        };
    }
    lines
}

/// Returns the section of a document that holds the tables of CPU time.
pub fn section(tables: &[Table]) -> String {
    format!("## Content codings\n\n{}\n{ABOUT}", machine::describe()) + &times(tables)
}

/// Returns the section of a document that holds the table of memory.
pub fn memory_section(memory: &[Memory], plan: Plan) -> String {
    let heads = plan.held().map(|Held { coding, sessions, events }| match (coding, events) {
        (Coding::Identity, _) => format!("no coding, {sessions}"),
        (_, 1) => format!("{coding}, {sessions}"),
        _ => format!("{coding}, {sessions}, after {events} events"),
    });
    let mut text = MEMORY.to_owned() + &head("client", heads.into_iter());
    for Memory { client, per_session } in memory {
        let row = per_session.iter().map(|bytes| format!("{:.1}", bytes / 1024.0));
        text += &table_row(client, row);
    }
    text
}

fn times(tables: &[Table]) -> String {
    let mut text = String::from("\n");
    let columns = ["coding", "a write", "client", "ns", "ratio", "allocations (bytes)"];
    text += &head("stream", columns.map(str::to_owned).into_iter());
    for Table { workload, shape, coding, writes, rows } in tables {
        for Row { client, outcome } in rows {
            let [nanos, ratio, allocations] = match outcome {
                Ok(figures) => [
                    nanos(figures.ns_per_event),
                    ratio(figures.ratio),
                    format!(
                        "{:.2} ({:.0})",
                        figures.allocs_per_event, figures.bytes_allocated_per_event
                    ),
                ],
                Err(_) => ["-", "-", "-"].map(str::to_owned),
            };
            let row = [
                coding.to_string(),
                writes.to_string(),
                (*client).to_owned(),
                nanos,
                ratio,
                allocations,
            ];
            text += &table_row(&format!("{workload}: {shape}"), row.into_iter());
        }
    }
    text + &deviations(tables)
}

fn nanos(Spread { median, lower, upper }: Spread) -> String {
    format!("{median:.0} ({lower:.0}–{upper:.0})")
}

fn ratio(Spread { median, lower, upper }: Spread) -> String {
    format!("{median:.2} ({lower:.2}–{upper:.2})")
}

fn deviations(tables: &[Table]) -> String {
    let mut text = String::new();
    for Table { workload, coding, writes, rows, .. } in tables {
        for Row { client, outcome } in rows {
            if let Err(found) = outcome {
                let _ = writeln!(text, "- {client} on {workload}, {coding}, {writes}: {found}");
            }
        }
    }
    if text.is_empty() {
        return "\nEvery client found every event.\n".to_owned();
    }
    format!("\nNot timed, because the client did not find what was sent:\n\n{text}")
}

/// Returns one row for each figure.
pub fn json(results: &Results, plan: Plan) -> String {
    let mut rows = Vec::new();
    for table in &results.tables {
        let Table { workload, coding, writes, .. } = table;
        for Row { client, outcome } in &table.rows {
            let Ok(figures) = outcome else { continue };
            let Spread { median, lower, upper } = figures.ns_per_event;
            let ratio = figures.ratio;
            rows.push(format!(
                "{{\"form\":\"codings\",\"workload\":\"{workload}\",\"coding\":\"{coding}\",\
                 \"writes\":\"{writes}\",\"contestant\":\"{client}\",\"ns_per_event\":{median:.2},\
                 \"ns_quartiles\":[{lower:.2},{upper:.2}],\"ratio\":{:.4},\
                 \"ratio_quartiles\":[{:.4},{:.4}],\"allocs_per_event\":{:.4},\
                 \"bytes_allocated_per_event\":{:.2}}}",
                ratio.median,
                ratio.lower,
                ratio.upper,
                figures.allocs_per_event,
                figures.bytes_allocated_per_event,
            ));
        }
    }
    for memory in &results.memory {
        for (Held { coding, sessions, events }, bytes) in
            plan.held().iter().zip(&memory.per_session).filter(|(_, bytes)| !bytes.is_nan())
        {
            rows.push(format!(
                "{{\"form\":\"codings-memory\",\"coding\":\"{coding}\",\"sessions\":{sessions},\
                 \"events\":{events},\"contestant\":\"{}\",\"bytes_per_session\":{bytes:.0}}}",
                memory.client,
            ));
        }
    }
    format!("[\n{}\n]\n", rows.join(",\n"))
}

const ABOUT: &str = "\
Streams of small events in a content coding. The server flushes its encoder after each event and sends
what that yields as an HTTP chunk of its own; a stream is one gzip member, one br stream or one zstd
frame, made with the defaults of tower-http's `CompressionLayer`. `ours` is a session that decodes,
over a `reqwest::Client` whose decoders are off, and `ours-direct` one over sse-direct. `ours, reqwest
decodes` is the session of `ours` over a client with the features `gzip`, `brotli` and `zstd` of reqwest:
the ratio is to this one, of turns in the same round. `raw` reads the bytes that reqwest has decoded,
and parses none. The peers all let reqwest decode. All link the same decoders: flate2 with zlib-rs, which
sse-session asks for (a reqwest without it decodes with miniz_oxide, which takes two to three times as
long), brotli-decompressor and zstd.

CPU time per event is that of the client's whole process, user and system: the median of the turns,
and their quartiles. Each turn is a process of its own, and the clients take turns. Each is checked: it
has to find every event. The program is built with its feature `codings`, which no other table has. To
measure these tables again:

    cargo xtask bench -- sessions --form codings --doc docs/PERFORMANCE.md
";

const MEMORY: &str = "\
### Memory of a session in a content coding

KiB of resident memory per session, as in the section on sessions: idle sessions that have taken one
event of 330 B, or the number of events named, after which the window of gzip is full. A stream of
`gzip-members` has a gzip member for each event, of which reqwest decodes the first. It is longer than
hyper's first read buffer, so that a larger one is part of the figure. The program is built as for the
times. To measure it again:

    cargo xtask bench -- sessions --form codings --only memory --doc docs/PERFORMANCE.md

";
