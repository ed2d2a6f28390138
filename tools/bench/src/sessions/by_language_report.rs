//! Writes the comparison with clients of other languages as Markdown and as JSON.

use std::fmt::Write;

use super::{
    by_language::{Cell, Ratios, Table},
    installed::Installed,
    runtime::Runtime,
};
use crate::{
    machine,
    report::{head, table_row},
};

/// All that was measured.
pub struct Results {
    /// Runtimes of the clients in Rust.
    pub runtimes: Vec<Runtime>,
    pub others: Vec<Installed>,
    /// Clients of other languages that did not run: description and reason.
    pub skipped: Vec<(&'static str, String)>,
    pub tables: Vec<Table>,
}

/// Returns a few lines for the terminal.
pub fn lines(table: &Table) -> String {
    let Table { workload, writes, .. } = table;
    let mut lines = format!("{workload}, a write: {writes}");
    for cells in by_client(table) {
        let _ = write!(lines, "\n  {:20}", cells[0].client);
        for cell in cells {
            let runtime = cell.runtime.map(|runtime| format!("{runtime} ")).unwrap_or_default();
            let _ = match &cell.turns {
                Ok(_) => write!(lines, "  {runtime}{}", figure(cell)),
                Err(deviation) => write!(lines, "  {runtime}DEVIATES: {deviation}"),
            };
        }
    }
    lines
}

/// Returns the section of a document that holds the tables.
pub fn section(results: &Results) -> String {
    let Results { runtimes, tables, .. } = results;
    let mut text = format!("## Other languages\n\n{}\n{ABOUT}", machine::describe());
    text += &who_ran(results);
    text += "\nNanoseconds per event:\n\n";
    let names = runtimes.iter().map(|runtime| format!("`{runtime}`"));
    let columns = ["a write", "client"].map(str::to_owned).into_iter().chain(names);
    text += &head("stream", columns.chain(["not Rust".to_owned()]));
    for table in tables {
        for cells in by_client(table) {
            let columns = [table.writes.to_string(), cells[0].client.to_owned()];
            let mut figures = vec![String::new(); runtimes.len() + 1];
            for cell in cells {
                let at = runtimes.iter().position(|runtime| Some(*runtime) == cell.runtime);
                figures[at.unwrap_or(runtimes.len())] = figure(cell);
            }
            text += &table_row(&description(table), columns.into_iter().chain(figures));
        }
    }
    text += RATIOS;
    let columns = ["a write", "`ours-direct` in", "`ours` in `main`", "best other", "raw"];
    text += &head("stream", columns.map(str::to_owned).into_iter());
    for table in tables {
        for Ratios { runtime, to_main, to_other, to_raw } in table.ratios() {
            let ratio = |ratio: Option<f64>| ratio.map_or("-".to_owned(), |it| format!("{it:.3}"));
            let other = to_other.map_or("-".to_owned(), |(to, name)| format!("{to:.3} ({name})"));
            let columns = [table.writes.to_string(), format!("`{runtime}`"), ratio(to_main)];
            let columns = columns.into_iter().chain([other, ratio(to_raw)]);
            text += &table_row(&description(table), columns);
        }
    }
    text + &deviations(tables)
}

fn who_ran(Results { others, skipped, .. }: &Results) -> String {
    let mut text = String::new();
    if !others.is_empty() {
        text += "\nThe clients of other languages that ran:\n\n";
    }
    for Installed { peer, version, .. } in others {
        let _ = writeln!(text, "- `{}`: {} ({version})", peer.name, peer.description);
    }
    if !skipped.is_empty() {
        text += "\nNot run:\n\n";
    }
    for (description, reason) in skipped {
        let _ = writeln!(text, "- {description}: {reason}");
    }
    text
}

fn description(Table { workload, shape, .. }: &Table) -> String {
    format!("{workload}: {shape}")
}

/// The cells of each client, which stand next to each other.
fn by_client(table: &Table) -> impl Iterator<Item = &[Cell]> {
    table.cells.chunk_by(|one, other| one.client == other.client)
}

fn figure(cell: &Cell) -> String {
    cell.nanos().map_or("-".to_owned(), |nanos| format!("{nanos:.0}"))
}

fn deviations(tables: &[Table]) -> String {
    let mut text = String::new();
    for table in tables {
        for Cell { client, runtime, turns } in &table.cells {
            if let Err(found) = turns {
                let place = runtime.map(|runtime| format!(", `{runtime}`")).unwrap_or_default();
                let (stream, writes) = (description(table), table.writes);
                let _ = writeln!(text, "- {client}{place}, {stream}, a write: {writes}: {found}");
            }
        }
    }
    if text.is_empty() {
        return "\nEvery client that ran found every event.\n".to_owned();
    }
    format!("\nNot timed, because the client did not find what was sent:\n\n{text}")
}

/// Returns one row for each figure, and one for each set of ratios.
pub fn json(tables: &[Table]) -> String {
    let mut rows = Vec::new();
    for table in tables {
        let Table { workload, writes, cells, .. } = table;
        let stream = format!("\"workload\":\"{workload}\",\"writes\":\"{writes}\"");
        for cell in cells {
            let Some(nanos) = cell.nanos() else { continue };
            let runtime = cell.runtime.map_or("null".to_owned(), |it| format!("\"{it}\""));
            rows.push(format!(
                "{{\"form\":\"languages\",{stream},\"contestant\":\"{}\",\"runtime\":{runtime},\
                 \"ns_per_event\":{nanos:.2}}}",
                cell.client,
            ));
        }
        for Ratios { runtime, to_main, to_other, to_raw } in table.ratios() {
            let ratio =
                |ratio: Option<f64>| ratio.map_or("null".to_owned(), |it| format!("{it:.4}"));
            let name = to_other.map_or("null".to_owned(), |(_, name)| format!("\"{name}\""));
            rows.push(format!(
                "{{\"form\":\"languages-ratios\",{stream},\"runtime\":\"{runtime}\",\
                 \"to_ours_in_main\":{},\"to_best_other\":{},\"best_other\":{name},\"to_raw\":{}}}",
                ratio(to_main),
                ratio(to_other.map(|(to, _)| to)),
                ratio(to_raw),
            ));
        }
    }
    format!("[\n{}\n]\n", rows.join(",\n"))
}

const ABOUT: &str = "\
CPU time per event of the client's whole process, user and system, on dense streams: an HTTP chunk for
each event, sent by the server of the section on sessions as fast as the client reads, in writes of
16 KiB or event by event. The clients in Rust are `raw`, the bytes of `reqwest`, without parsing;
`ours`, a session over sse-reqwest; and `ours-direct`, a session over sse-direct. Each of them reads in
the main future of a multi-thread runtime (`main`), in a task spawned on such a runtime (`spawn`), and
in a task spawned on a current-thread runtime (`current-spawn`). The clients of other languages read
in a way that their documentation shows: of the two of `go-sse` and of `eventsource-parser`, in the
cheaper one. Their sources are in `tools/bench/peers`. `go-sse` and `eventsource-parser`
are parsers: the program itself makes the request. None of the four reconnects here.

Each turn is a process of its own. All clients take turns, and the median of the turns counts. The time
starts with the first event of a stream, after another stream has warmed up the process. In Node and in
the JVM both streams are long, so that most of the code is compiled before the time starts; compiling
and collecting garbage after that count. If the server writes event by event, a client that keeps up
sleeps after every few events, and most of its time is that of system calls and waking; a slower client
finds more events per read and sleeps less. These rows depend on that more than on the clients. Each
client is checked: it has to find every event and every byte of their data. A client whose tools are
missing is skipped. The first run installs what the others need; later runs need no network. To measure these tables again:

    cargo xtask bench -- sessions --form languages --doc docs/PERFORMANCE.md
";

const RATIOS: &str = "
CPU time of `ours-direct` over that of three others: `ours` in `main`, the fastest client of another
language, and `raw` in `current-spawn`. Each ratio is the median over turns of the same round. The
targets are 0.02 for the first; 0.7 at 28 B and 0.45 at 200 B for the second; and 0.35 at 28 B, 0.4 at
200 B and 0.6 at 330 B for the third.

";
