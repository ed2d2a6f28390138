//! Writes the comparison of runtimes as Markdown and as JSON.

use std::fmt::Write;

use super::{
    by_runtime::{Cell, Table},
    runtime::Runtime,
};
use crate::{
    machine,
    report::{head, table_row},
};

/// Returns a few lines for the terminal.
pub fn lines(table: &Table) -> String {
    let mut lines =
        format!("{}, a chunk: {}, a write: {}", table.description, table.chunk, table.writes);
    for cells in by_client(table) {
        let _ = write!(lines, "\n  {:20}", cells[0].client);
        for Cell { runtime, outcome, .. } in cells {
            let _ = match outcome {
                Ok(nanos) => write!(lines, "  {runtime} {}", figure(*nanos)),
                Err(deviation) => write!(lines, "  {runtime} DEVIATES: {deviation}"),
            };
        }
    }
    lines
}

/// Returns the section of a document that holds the table.
pub fn section(runtimes: &[Runtime], tables: &[Table]) -> String {
    let mut text = format!("## Which runtime\n\n{}\n{ABOUT}\n", machine::describe());
    let names = runtimes.iter().map(|runtime| format!("`{runtime}`, ns"));
    let columns = ["a chunk", "a write", "client"].map(str::to_owned);
    text += &head("stream", columns.into_iter().chain(names));
    for table in tables {
        for cells in by_client(table) {
            let columns =
                [table.chunk.to_owned(), table.writes.to_string(), cells[0].client.to_owned()];
            let figures = cells.iter().map(|cell| match cell.outcome {
                Ok(nanos) => figure(nanos),
                Err(_) => "-".to_owned(),
            });
            text += &table_row(&table.description, columns.into_iter().chain(figures));
        }
    }
    text + &deviations(tables)
}

/// The cells of each client, which stand next to each other.
fn by_client(table: &Table) -> impl Iterator<Item = &[Cell]> {
    table.cells.chunk_by(|one, other| one.client == other.client)
}

fn figure(nanos: f64) -> String {
    format!("{nanos:.0}")
}

fn deviations(tables: &[Table]) -> String {
    let mut text = String::new();
    for table in tables {
        for Cell { client, runtime, outcome } in &table.cells {
            if let Err(found) = outcome {
                let _ = writeln!(text, "- {client}, `{runtime}`, {}: {found}", table.description);
            }
        }
    }
    if text.is_empty() {
        return "\nEvery client found every event in every runtime.\n".to_owned();
    }
    format!("\nNot timed, because the client did not find what was sent:\n\n{text}")
}

/// Returns one row for each figure.
pub fn json(tables: &[Table]) -> String {
    let mut rows = Vec::new();
    for Table { stream, chunk, writes, cells, .. } in tables {
        for Cell { client, runtime, outcome } in cells {
            let Ok(nanos) = outcome else { continue };
            rows.push(format!(
                "{{\"form\":\"runtime\",\"stream\":\"{stream}\",\"chunk\":\"{chunk}\",\
                 \"write\":\"{writes}\",\"contestant\":\"{client}\",\"runtime\":\"{runtime}\",\
                 \"ns_per_event\":{nanos:.2}}}"
            ));
        }
    }
    format!("[\n{}\n]\n", rows.join(",\n"))
}

const ABOUT: &str = "\
CPU time per event of the client's whole process, user and system, by where the program runs its
reading loop:

- `main`: in the main future of a multi-thread runtime, as under `#[tokio::main]`;
- `spawn`: in a task spawned on a multi-thread runtime;
- `current`: in the main future of a current-thread runtime, as under
  `#[tokio::main(flavor = \"current_thread\")]`;
- `current-spawn`: in a task spawned on a current-thread runtime, as in the section on sessions.

A multi-thread runtime has tokio's default number of workers, one for each CPU. hyper reads the socket
in a task of its own and passes each HTTP chunk on to the reading loop. In `main` that task and the
loop are on different threads: a chunk wakes the loop's thread, which in turn wakes the other one for
the next chunk. In `spawn` the two usually share a worker, because a woken task runs next on the worker
that woke it. In `current` they always share a thread, but the runtime polls the I/O driver, which is
a system call, before each poll of the main future; `current-spawn` saves that call. All of this is
paid per chunk: where a chunk holds many events, the difference per event is small. `ours-direct` has no
such task: the reading loop itself reads the socket, and all chunks of a read at once.

The server is that of the section on sessions. It sends a dense stream as fast as the client reads,
and the paced stream at one event per millisecond, so that each event finds the client asleep. Each
turn is a process of its own. Clients and runtimes take turns, and the median of the turns counts. Each
client is checked: it has to find every event. To measure this table again:

    cargo xtask bench -- sessions --form runtime --doc docs/PERFORMANCE.md
";
