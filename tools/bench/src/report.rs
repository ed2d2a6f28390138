//! Writes figures as Markdown and JSON. Measures nothing, and reports only what was measured.

use std::{fmt::Write, iter};

use crate::{
    chunking::Chunking,
    contest::{CHUNKS, OURS, OURS_ALONE, OURS_IN_LOOP},
    contestants::OWNED,
    in_memory::READERS,
    instructions::{self, Row},
    machine,
    measure::{Cell, Outcome, geometric_mean},
    plot::{Chart, Group},
    workloads::Workload,
};

/// Formats a cell in one line, to follow the run.
pub fn line(cell: &Cell) -> String {
    let Cell { form, workload, chunking, .. } = cell;
    let mut line = format!("{form:9} {workload:14} {chunking:>6} ours {:6.0}", cell.ours());
    if let Some((peer, speed)) = cell.best_peer() {
        let (ratio, limit) = (cell.to_best_peer(), cell.to_limit());
        let _ = write!(line, "  {ratio:5.2} x {peer} ({speed:.0})  {limit:5.2} x limit");
    }
    for (name, outcome) in &cell.outcomes {
        if let Outcome::Deviates(tally) = outcome {
            let _ = write!(line, "  DEVIATES: {name} {tally:?}");
        }
    }
    line
}

/// The tables, in their order.
const FORMS: [&str; 3] = ["owned", "recorded", "borrowed"];

const TITLES: [&str; 3] =
    ["Owned events", "Owned events of look-alikes of recorded streams", "Borrowed events"];

/// Results of the whole run.
pub fn summary(cells: &[Cell]) -> String {
    let mut text = String::new();
    for form in FORMS {
        let of_form: Vec<_> = cells.iter().filter(|cell| cell.form == form).collect();
        if of_form.is_empty() {
            continue;
        }
        let mean = geometric_mean(of_form.iter().map(|cell| cell.to_best_peer()));
        let limit = geometric_mean(of_form.iter().map(|cell| cell.to_limit()));
        let below = |bound| of_form.iter().filter(|cell| cell.to_best_peer() < bound).count();
        let _ = writeln!(
            text,
            "{form}: {mean:.2} times the best peer of each cell, {limit:.2} of the limit \
             (geometric means over {} cells; {} below 2.0, {} below 1.0)",
            of_form.len(),
            below(2.0),
            below(1.0),
        );
    }
    text
}

/// The plot: the first table, at chunks of 16 KiB. The consumer that parses nothing is left out,
/// and so is our parser without its adapter.
pub fn chart(cells: &[Cell]) -> Option<Chart<'_>> {
    let is_shown = |cell: &&Cell| cell.form == "owned" && cell.chunking == Chunking::Bytes(16384);
    let cells: Vec<_> = cells.iter().filter(is_shown).collect();
    let is_drawn = |name: &str| ![CHUNKS, OURS_IN_LOOP, OURS_ALONE].contains(&name);
    let names = cells.first()?.outcomes.iter().map(|(name, _)| *name);
    let series: Vec<_> = names.filter(|name| is_drawn(name)).collect();
    let groups = cells.iter().map(|cell| Group {
        name: &cell.workload,
        bars: series.iter().map(|name| Some(cell.get(name)?.mb_per_s)).collect(),
    });
    Some(Chart {
        caption: "Owned events from chunks of 16 KiB, MB/s (logarithmic; more is better)",
        scale: 10.0..100_000.0,
        label: |speed| format!("{speed:.0}"),
        groups: groups.collect(),
        series,
    })
}

/// One row for each contestant in each cell.
pub fn json(cells: &[Cell]) -> String {
    let rows = cells.iter().flat_map(|cell| {
        cell.outcomes.iter().filter_map(move |(name, _)| {
            let figures = cell.get(name)?;
            let Cell { form, workload, chunking, .. } = cell;
            Some(format!(
                "{{\"form\":\"{form}\",\"workload\":\"{workload}\",\"chunking\":\"{chunking}\",\
                 \"contestant\":\"{name}\",\"mb_per_s\":{:.2},\"ns_per_event\":{:.2},\
                 \"allocs_per_event\":{:.4},\"bytes_allocated_per_event\":{:.2}}}",
                figures.mb_per_s,
                figures.ns_per_event,
                figures.allocs_per_event,
                figures.bytes_allocated_per_event,
            ))
        })
    });
    format!("[\n{}\n]\n", rows.collect::<Vec<_>>().join(",\n"))
}

/// The section of a document that holds the tables.
pub fn section(cells: &[Cell], streams: &[&Workload], is_quick: bool) -> String {
    let quick = if is_quick { QUICK } else { "" };
    let mut text = format!("## Parsing\n\n{}{quick}\n{HOW}\n", machine::describe());
    text += "| workload | an event |\n|---|---|\n";
    for Workload { name, shape, .. } in streams {
        let _ = writeln!(text, "| {name} | {shape} |");
    }
    let _ = write!(text, "\n{}\n", summary(cells).replace("\n", "\n\n").trim_end());
    for (form, title) in FORMS.into_iter().zip(TITLES) {
        let of_form: Vec<_> = cells.iter().filter(|cell| cell.form == form).collect();
        if of_form.is_empty() {
            continue;
        }
        let _ = write!(text, "\n### {title}\n\n");
        text += match form {
            "owned" => OWNED_TEXT,
            "recorded" => RECORDED_TEXT,
            _ => BORROWED_TEXT,
        };
        text += "\nTimes the best peer of each cell:\n\n";
        text += &matrix(&of_form, Cell::to_best_peer);
        if form != "borrowed" {
            text += "\nOurs, times our parser called in an asynchronous loop:\n\n";
            text += &matrix(&of_form, Cell::to_loop);
        }
        text += "\nTimes the limit:\n\n";
        text += &matrix(&of_form, Cell::to_limit);
        for chunking in chunkings(&of_form) {
            text += &speeds(&of_form, chunking);
        }
        text += &per_event(&of_form);
        text += &left_out(&of_form);
    }
    text + &line_ends(cells)
}

fn chunkings(cells: &[&Cell]) -> Vec<Chunking> {
    let mut found = Vec::new();
    for cell in cells {
        if !found.contains(&cell.chunking) {
            found.push(cell.chunking);
        }
    }
    found
}

fn workloads<'a>(cells: &[&'a Cell]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for cell in cells {
        if !found.contains(&&*cell.workload) {
            found.push(&cell.workload);
        }
    }
    found
}

/// A table of workloads and chunkings, with geometric means at its edges.
fn matrix(cells: &[&Cell], value: fn(&Cell) -> f64) -> String {
    let (chunkings, workloads) = (chunkings(cells), workloads(cells));
    let heads = chunkings.iter().map(Chunking::to_string).chain(iter::once("mean".to_owned()));
    let mut text = head("workload", heads);
    let mean = |of: &dyn Fn(&Cell) -> bool| {
        geometric_mean(cells.iter().filter(|cell| of(cell)).map(|cell| value(cell)))
    };
    for &name in &workloads {
        let row = chunkings.iter().map(|chunking| {
            let of = |cell: &Cell| cell.workload == name && cell.chunking == *chunking;
            cells.iter().find(|cell| of(cell)).map_or(f64::NAN, |cell| value(cell))
        });
        let row = row.chain(iter::once(mean(&|cell| cell.workload == name)));
        text += &table_row(name, row.map(|ratio| format!("{ratio:.2}")));
    }
    let row = chunkings.iter().map(|chunking| mean(&|cell| cell.chunking == *chunking));
    let row = row.chain(iter::once(mean(&|_| true)));
    text + &table_row("mean", row.map(|ratio| format!("**{ratio:.2}**")))
}

/// All contestants at one chunking, in MB/s.
fn speeds(cells: &[&Cell], chunking: Chunking) -> String {
    let cells: Vec<_> = cells.iter().filter(|cell| cell.chunking == chunking).collect();
    let chunks = match chunking {
        Chunking::Event => "one chunk per event".to_owned(),
        Chunking::Bytes(size) => format!("chunks of {size} bytes"),
        Chunking::Whole => "all in one chunk".to_owned(),
    };
    let mut text = format!("\nMB/s, {chunks}:\n\n");
    let Some(first) = cells.first() else { return text };
    text += &head("workload", first.outcomes.iter().map(|(name, _)| (*name).to_owned()));
    for cell in cells {
        let best = cell.best_peer().map(|(name, _)| name);
        let row = cell.outcomes.iter().map(|(name, outcome)| match outcome {
            Outcome::Timed(figures) if Some(*name) == best => format!("*{:.0}*", figures.mb_per_s),
            Outcome::Timed(figures) => format!("{:.0}", figures.mb_per_s),
            Outcome::TooSlow => "slow".to_owned(),
            Outcome::Deviates(_) => "deviates".to_owned(),
        });
        text += &table_row(&cell.workload, row);
    }
    text
}

/// Time and allocations of ours and of the best peer.
fn per_event(cells: &[&Cell]) -> String {
    let mut text = String::from(
        "\nPer event, in one chunk per event, chunks of 16 and of 16384 bytes: nanoseconds, \
         allocations, bytes allocated; ours, then the best peer:\n\n",
    );
    let heads = ["chunks", "ns", "allocations", "bytes", "best peer", "ns", "allocations", "bytes"];
    text += &head("workload", heads.into_iter().map(str::to_owned));
    for cell in cells {
        if !instructions::CHUNKINGS.contains(&cell.chunking) {
            continue;
        }
        let figures = |name| {
            cell.get(name).map_or([const { String::new() }; 3], |figures| {
                [
                    format!("{:.1}", figures.ns_per_event),
                    format!("{:.2}", figures.allocs_per_event),
                    format!("{:.0}", figures.bytes_allocated_per_event),
                ]
            })
        };
        let peer = cell.best_peer().map_or("", |(name, _)| name);
        let row = iter::once(cell.chunking.to_string())
            .chain(figures(OURS))
            .chain(iter::once(peer.to_owned()))
            .chain(figures(peer));
        text += &table_row(&cell.workload, row);
    }
    text
}

/// Contestants that were not timed, and the reasons.
fn left_out(cells: &[&Cell]) -> String {
    let mut text = String::new();
    for cell in cells {
        for (name, outcome) in &cell.outcomes {
            if let Outcome::Deviates(tally) = outcome {
                let Cell { workload, chunking, .. } = cell;
                let _ = writeln!(
                    text,
                    "- {name} on {workload}, {chunking}: {} events, {} bytes of data, {} errors",
                    tally.events, tally.data_bytes, tally.errors,
                );
            }
        }
    }
    if text.is_empty() {
        return "\nEvery contestant that came to its end found every event.\n".to_owned();
    }
    format!("\nNot timed, because they found something else than what is there:\n\n{text}")
}

/// The speed of ours with each line end.
fn line_ends(cells: &[Cell]) -> String {
    let cells: Vec<_> = cells.iter().filter(|cell| cell.form == "line-ends").collect();
    if cells.is_empty() {
        return String::new();
    }
    let mut text = String::from("\n### Line ends\n\nOurs, owned events, MB/s:\n\n");
    let chunkings = chunkings(&cells);
    text += &head("workload", chunkings.iter().map(Chunking::to_string));
    for name in workloads(&cells) {
        let of_name = cells.iter().filter(|cell| cell.workload == name);
        text += &table_row(name, of_name.map(|cell| format!("{:.0}", cell.ours())));
    }
    text
}

/// Returns the section of a document that holds instructions per event.
pub fn instructions(parsers: &[Row], sessions: &[Row]) -> String {
    let parsers = table(parsers, &OWNED.map(|contestant| contestant.name));
    let sessions = table(sessions, &READERS.map(|reader| reader.name));
    format!(
        "## Instructions per event\n\n{INSTRUCTIONS_TEXT}\n{parsers}\n{IN_MEMORY_TEXT}\n{sessions}"
    )
}

fn table(rows: &[Row], columns: &[&str]) -> String {
    let heads = iter::once("chunks").chain(columns.iter().copied());
    let mut text = head("workload", heads.map(str::to_owned));
    for row in rows {
        let counts = row.per_event.iter();
        let counts =
            counts.map(|count| count.map_or("-".to_owned(), |count| format!("{count:.0}")));
        text += &table_row(row.workload, iter::once(row.chunking.to_string()).chain(counts));
    }
    text
}

pub fn head(first: &str, rest: impl Iterator<Item = String>) -> String {
    let row = table_row(first, rest);
    let rule = "---|".repeat(row.matches('|').count() - 2);
    format!("{row}|---|{rule}\n")
}

pub fn table_row(first: &str, rest: impl Iterator<Item = String>) -> String {
    let mut row = format!("| {first} |");
    for value in rest {
        let _ = write!(row, " {} |", value.replace("NaN", ""));
    }
    row + "\n"
}

const HOW: &str = "\
All contestants run in one process and take turns, and the median of the turns counts. A turn begins
with passes that are not timed, because the turn before has left the caches and the allocator in its
own state. Each reads the same chunks, which share a buffer as those of hyper do, and each is
checked: what it finds has to be what was written. \"slow\" is one that was stopped in its first pass.
The limit is not a parser: it finds line ends with `memchr2` and checks UTF-8 with `simdutf8`, over
the same bytes. It asks for one line end at a time, so a parser can pass it where lines are short.

![Owned events from chunks of 16 KiB](performance-parse.svg)

To measure everything again: `cargo xtask bench`. This table alone:

    cargo xtask bench -- parse --doc docs/PERFORMANCE.md --plot docs/performance-parse.svg
";

const QUICK: &str = "\
This was a quick run (`--quick`), which is noisier than a whole one.
";

const OWNED_TEXT: &str = "\
Each contestant is read as its documentation shows: its public adapter over a
`Stream<Item = Result<Bytes, std::io::Error>>`, `next().await`, event by event. Ours is `EventStream`.
The chunks are moved out of the source, and nothing is cloned while time is taken. A function that is
not inlined receives each event, looks at the length of its data, and keeps it until the next one comes.

Two columns are ours without the adapter. `Parser::next` is the parser, called in an asynchronous
loop over the same source. `parser alone` is what these tables measured before: the parser over a source
that cannot fail, polled in a loop, each event dropped after a look at its data. The column `chunks` is
no parser: it takes the chunks off the stream and drops them, which none can be spared.
";

const RECORDED_TEXT: &str = "\
This table is over generated streams with the sizes, line shapes and line ends of recorded ones.
";

const BORROWED_TEXT: &str = "\
No streams: slices in, events out. Ours lends its events, with the data decoded. `sse-core` 0.2.3
and `sse-parse` give owned events. `sseer` has a function that splits a line; the loop around it is
the bench's, and does the least that gives events. The others have no such form. The columns \"owned\"
are the contestants of the table above: the best peer is the best form of any of them.
";

const INSTRUCTIONS_TEXT: &str = "\
Counted by callgrind, so without noise, for owned events. To count them again:

    cargo xtask bench -- instructions --doc docs/PERFORMANCE.md
";

const IN_MEMORY_TEXT: &str = "\
A whole session that reads its chunks from memory, beside reqwest alone, which drops them:
";
