//! Writes the measurements of gateways as Markdown.

use std::fmt::Write;

use super::{
    load::{Cell, Plan},
    stream::EVENT_BYTES,
};
use crate::{
    machine,
    report::{head, table_row},
};

/// All measurements; those that were not requested are empty.
#[derive(Default)]
pub struct Results {
    pub rows: Vec<(Cell, Row)>,
    pub memory: Vec<Memory>,
    /// Reason why Node did not take part.
    pub skipped: Option<String>,
}

/// The times of each gateway, in nanoseconds for an event delivered.
pub type Row = Vec<(&'static str, Vec<f64>)>;

pub struct Memory {
    pub name: &'static str,
    /// Bytes for each connection.
    pub bytes: f64,
}

/// A cell in one line, to follow the run by.
pub fn line(cell: Cell, row: &Row) -> String {
    let mut line = format!("{cell:>8}");
    for (name, times) in row {
        let _ = write!(line, "  {name} {:.2}", median(times) / 1e3);
    }
    line
}

pub fn section(results: &Results, plan: Plan) -> String {
    let mut text = format!("## Gateways\n\n{}\n{ABOUT}", machine::describe());
    if let Some(reason) = &results.skipped {
        let _ = writeln!(text, "\nNode did not take part: {reason}.");
    }
    if let Some((_, first)) = results.rows.first() {
        let _ = writeln!(
            text,
            "\nMicroseconds for each event delivered, which are seconds for a million: the median of {} \
             runs of\n{} deliveries, and in brackets the least. Events of {EVENT_BYTES} bytes.\n",
            plan.rounds, plan.deliveries
        );
        let heads = results.rows.iter().map(|(cell, _)| {
            let how = if cell.burst == 1 {
                "single".to_owned()
            } else {
                format!("{} at once", cell.burst)
            };
            format!("{} connections, {how}", cell.connections)
        });
        text += &head("gateway", heads);
        for (at, (name, _)) in first.iter().enumerate() {
            let row = results.rows.iter().map(|(_, row)| {
                let times = &row[at].1;
                format!("{:.2} ({:.2})", median(times) / 1e3, least(times) / 1e3)
            });
            text += &table_row(name, row);
        }
        for ours in ["ours-current", "ours-multi"] {
            let ratios: Option<Vec<_>> =
                results.rows.iter().map(|(_, row)| ratio(row, ours)).collect();
            if let Some(ratios) = ratios {
                text += &table_row(
                    &format!("{ours}, of the best other"),
                    ratios.into_iter().map(|ratio| format!("{ratio:.2}")),
                );
            }
        }
    }
    if !results.memory.is_empty() {
        let _ = writeln!(
            text,
            "\nResident memory of the process for each of {} idle connections, all of which have received \
             an event:\n",
            plan.idle
        );
        text += &head("gateway", ["KiB".to_owned()].into_iter());
        for Memory { name, bytes } in &results.memory {
            text += &table_row(name, [format!("{:.1}", bytes / 1024.0)].into_iter());
        }
    }
    text
}

/// Ratio of one of ours to the best other, or `None` if one of them is missing.
fn ratio(row: &Row, ours: &str) -> Option<f64> {
    let (_, own) = row.iter().find(|(name, _)| *name == ours)?;
    let others = row.iter().filter(|(name, _)| !name.starts_with("ours") && *name != "limit");
    let best = others.map(|(_, times)| median(times)).min_by(f64::total_cmp)?;
    Some(median(own) / best)
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn least(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

const ABOUT: &str = "\
One upstream connection, whose events a gateway sends on over many connections, all of them of loopback
sockets without Nagle's algorithm. Only the time of the gateway's process counts, in the system too.
Upstream and readers are in another process, which sends the next events once every connection has
received the last ones, and checks that each has received every event once and in order. The upstream
sends each event as a chunk of its own, and those of a burst in one write. Command:
`cargo xtask bench -- fanout --doc docs/PERFORMANCE.md`.

- *limit* writes what it has read, as it is, to one blocking socket after the other, and does nothing
  else.
- *ours* is a session over sse-direct, a `Broadcaster` of sse-fanout, and an `EventBody` for each
  response of hyper; in a current-thread and in a multi-thread runtime of tokio.
- *axum* is reqwest-eventsource, a channel `tokio::sync::broadcast` of axum's encoded `Event`s, and
  axum's `Sse`; in the same runtimes.
- *node* is eventsource-parser and `http`, with each event formatted once and written to each response;
  *node-joined* writes the events that came together as one string, by `setImmediate`.
";
