//! Compares the figures with the targets of the parser.
//!
//! Reports what was measured, met or not.

use std::fmt::Write;

use crate::{
    chunking::Chunking,
    growth::Growth,
    measure::{Cell, geometric_mean},
};

/// Workloads whose events are of 4 KiB and more.
const LARGE: [&str; 2] = ["big", "huge"];

/// List of targets, and how far each is reached.
pub fn section(cells: &[Cell], growth: &[Growth]) -> String {
    let mut text = String::from("\n### Targets\n\n| what | target | measured |\n|---|---|---|\n");
    for (what, target, measured) in ratios(cells) {
        if measured.is_finite() {
            let _ = writeln!(text, "| {what} | at least {target} | {measured:.2} |");
        }
    }
    let with_peers = || cells.iter().filter(|cell| cell.to_best_peer().is_finite());
    if with_peers().next().is_some() {
        let lowest = with_peers().min_by(|a, b| a.to_best_peer().total_cmp(&b.to_best_peer()));
        let lowest = lowest.map_or(String::new(), |cell| {
            let Cell { form, workload, chunking, .. } = cell;
            format!("lowest {:.2}: {form}, {workload}, {chunking}", cell.to_best_peer())
        });
        let (below, all) =
            (with_peers().filter(|cell| cell.to_best_peer() < 1.0).count(), with_peers().count());
        let _ = writeln!(
            text,
            "| cells in which a peer is faster | none | {below} of {all}; {lowest} |"
        );
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

/// Ratio of ours to others in several cells together, its target, and the geometric mean.
fn ratios(cells: &[Cell]) -> Vec<(&'static str, f64, f64)> {
    let mean = |is_of: &dyn Fn(&Cell) -> bool, value: fn(&Cell) -> f64| {
        geometric_mean(cells.iter().filter(|cell| is_of(cell)).map(value))
    };
    let is_owned = |cell: &Cell| ["owned", "recorded"].contains(&cell.form);
    let has_chunks = |size| move |cell: &Cell| cell.chunking == Chunking::Bytes(size);
    let (of_16, of_128, of_16k) = (has_chunks(16), has_chunks(128), has_chunks(16384));
    let to_peer = Cell::to_best_peer;
    vec![
        ("`EventStream`, times the best peer", 2.3, mean(&is_owned, to_peer)),
        (
            "`Parser::next` in an asynchronous loop, times the best peer",
            2.5,
            mean(&is_owned, Cell::loop_to_best_peer),
        ),
        (
            "`EventStream`, chunks of 16 KiB, times `Parser::next`",
            0.95,
            mean(&|cell| is_owned(cell) && of_16k(cell), Cell::to_loop),
        ),
        (
            "`EventStream`, chunks of 16 B, times the best peer",
            1.8,
            mean(&|cell| is_owned(cell) && of_16(cell), to_peer),
        ),
        (
            "`EventStream`, chunks of 128 B, times the best peer",
            1.8,
            mean(&|cell| is_owned(cell) && of_128(cell), to_peer),
        ),
        (
            "`EventStream`, look-alikes of recorded streams, times the best peer",
            2.2,
            mean(&|cell| cell.form == "recorded", to_peer),
        ),
        (
            "`EventStream`, comment, retry and several lines of data, times the best peer",
            1.5,
            mean(&|cell| is_owned(cell) && cell.workload == "full", to_peer),
        ),
        (
            "borrowed events, times the best form of any peer",
            2.8,
            mean(&|cell| cell.form == "borrowed", to_peer),
        ),
    ]
}

/// Returns the lowest speed with this line end, as a share of that with LF, and its cell.
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
