//! Figures in, out how they compare with what the parser is meant to reach.
//!
//! Says what was measured, met or not.

use std::fmt::Write;

use crate::{
    chunking::Chunking,
    growth::Growth,
    measure::{Cell, geometric_mean},
};

/// The workloads whose events are of 4 KiB and more.
const LARGE: [&str; 2] = ["big", "huge"];

/// A list of what is aimed at, and how far it is reached.
pub fn section(cells: &[Cell], growth: &[Growth]) -> String {
    let mut text = String::from("\n### Targets\n\n| what | target | measured |\n|---|---|---|\n");
    for (form, target) in [("owned", 2.0), ("borrowed", 3.0)] {
        let of_form = || cells.iter().filter(|cell| cell.form == form);
        if of_form().next().is_some() {
            let mean = geometric_mean(of_form().map(Cell::to_best_peer));
            let lowest = of_form().map(Cell::to_best_peer).fold(f64::INFINITY, f64::min);
            let _ = writeln!(
                text,
                "| {form} events, times the best peer | at least {target:.1}, no cell below 1.0 \
                 | {mean:.2}, lowest {lowest:.2} |"
            );
        }
    }
    for (what, target, is_cut) in
        [("inside a chunk", 0.8, false), ("that have to be put together", 0.5, true)]
    {
        let shares: Vec<String> = cells
            .iter()
            .filter(|cell| cell.form == "owned" && LARGE.contains(&&*cell.workload))
            .filter(|cell| matches!(cell.chunking, Chunking::Bytes(_)) == is_cut)
            .map(|cell| format!("{} {} {:.2}", cell.workload, cell.chunking, cell.to_limit()))
            .collect();
        if !shares.is_empty() {
            let shares = shares.join(", ");
            let _ = writeln!(
                text,
                "| events of 4 KiB and more {what}, share of the limit | at least {target:.1} \
                 | {shares} |"
            );
        }
    }
    for end in ["CRLF", "CR"] {
        if let Some((share, of)) = lowest_share(cells, end) {
            let _ = writeln!(
                text,
                "| lines that end with {end}, share of the speed of LF | at least 0.8 \
                 | lowest {share:.2}, {of} |"
            );
        }
    }
    if !growth.is_empty() {
        let growth: Vec<String> = growth.iter().map(Growth::to_string).collect();
        let growth = growth.join(", ");
        let _ = writeln!(
            text,
            "| the time of a line of 16 MiB in that of one of 8 MiB | below 2.2 | {growth} |"
        );
    }
    text
}

/// The lowest speed with this line end, as a share of that with LF, and the cell where that is.
fn lowest_share(cells: &[Cell], end: &str) -> Option<(f64, String)> {
    let line_ends = || cells.iter().filter(|cell| cell.form == "line-ends");
    line_ends()
        .filter_map(|cell| {
            let name = cell.workload.strip_suffix(end)?.strip_suffix(' ')?;
            let lf = format!("{name} LF");
            let lf =
                line_ends().find(|each| each.workload == lf && each.chunking == cell.chunking)?;
            Some((cell.ours() / lf.ours(), format!("{name} {}", cell.chunking)))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0))
}
