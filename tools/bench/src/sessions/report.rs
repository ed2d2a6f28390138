//! Writes the measurements of sessions as Markdown and as JSON.

use std::fmt::Write;

use super::{
    answer::Writes,
    contestants::{OURS_KEPT, RAW, RAW_OLDER},
    measure::{Cell, Circumstances, Delay, Figures, Memory, Outcome, Plan, Soak},
    runtime::Runtime,
};
use crate::{
    contest::OURS,
    machine,
    plot::{Chart, Group},
    report::{head, table_row},
};

/// All that was measured; what was not asked for is empty.
#[derive(Default)]
pub struct Results {
    pub cells: Vec<Cell>,
    pub delays: Vec<Delay>,
    pub memory: Vec<Memory>,
    pub soak: Option<Soak>,
}

/// A cell in one line, to follow the run by.
pub fn line(cell: &Cell) -> String {
    let mut line = format!("{:10} {:>6}", cell.workload, cell.writes);
    for (name, outcome) in &cell.outcomes {
        let _ = match outcome {
            Outcome::Timed(figures) => write!(line, "  {name} {:.2}", figures.to_raw),
            Outcome::Deviates(found) => write!(line, "  {name} DEVIATES: {found}"),
        };
    }
    line
}

/// The section of a document that holds the tables.
pub fn section(results: &Results, plan: Plan) -> String {
    let mut text = format!("## Sessions\n\n{}\n{}", machine::describe(), about(plan.runtime));
    if !results.cells.is_empty() {
        text += &times(&results.cells);
    }
    if !results.delays.is_empty() {
        text += DELAYS;
        text += &head("client", ["median, µs", "p99, µs"].map(str::to_owned).into_iter());
        for Delay { name, median, p99 } in &results.delays {
            let row = [median, p99].map(|micros| format!("{micros:.0}"));
            text += &table_row(name, row.into_iter());
        }
    }
    if let Some(soak) = &results.soak {
        text += &soaked(soak);
    }
    text
}

/// The section of a document that holds the table of TLS (feature `tls`).
#[cfg(feature = "tls")]
pub fn tls_section(cells: &[Cell], plan: Plan) -> String {
    let about = format!(
        "{TLS}Their reading loop is in {}.\nTo measure this table again:\n\n    \
         cargo xtask bench -- sessions --form tls --doc docs/PERFORMANCE.md\n",
        plan.runtime.place(),
    );
    let mut text = format!("## TLS\n\n{}\n{about}", machine::describe());
    text += "\nTimes the raw drain:\n\n";
    text += &by_contestant(cells, |figures| format!("{:.2}", figures.to_raw));
    text += "\nNanoseconds per event:\n\n";
    text += &by_contestant(cells, |figures| format!("{:.0}", figures.ns_per_event));
    text + &left_out(cells)
}

#[cfg(feature = "tls")]
const TLS: &str = "\
The CPU time of sessions over TLS, by rustls on both sides, and of the raw drain of reqwest over the same
TLS. A write is a record: with a write for each event, each event is a record of its own. Everything else
is as in the section on sessions. The program is built with its feature `tls`, which no other table has.
";

fn times(cells: &[Cell]) -> String {
    let mut text = String::from("\n### Time of the processor\n\n");
    text += TIMES;
    text += "\nTimes the raw drain:\n\n";
    text += &by_contestant(cells, |figures| format!("{:.2}", figures.to_raw));
    text += "\nNanoseconds per event:\n\n";
    text += &by_contestant(cells, |figures| format!("{:.0}", figures.ns_per_event));
    text += "\nAllocations per event, and the bytes asked for:\n\n";
    text += &by_contestant(cells, |figures| {
        format!("{:.2} ({:.0})", figures.allocs_per_event, figures.bytes_allocated_per_event)
    });
    text + &left_out(cells)
}

fn by_contestant(cells: &[Cell], show: fn(&Figures) -> String) -> String {
    let Some(first) = cells.first() else { return String::new() };
    let names = first.outcomes.iter().map(|(name, _)| (*name).to_owned());
    let mut text = head("workload", std::iter::once("writes".to_owned()).chain(names));
    for cell in cells {
        let row = cell.outcomes.iter().map(|(_, outcome)| match outcome {
            Outcome::Timed(figures) => show(figures),
            Outcome::Deviates(_) => "-".to_owned(),
        });
        let first = format!("{}: {}", cell.workload, cell.shape);
        text += &table_row(&first, std::iter::once(cell.writes.to_string()).chain(row));
    }
    text
}

fn left_out(cells: &[Cell]) -> String {
    let mut text = String::new();
    for cell in cells {
        for (name, outcome) in &cell.outcomes {
            if let Outcome::Deviates(found) = outcome {
                let _ = writeln!(text, "- {name} on {}, {}: {found}", cell.workload, cell.writes);
            }
        }
    }
    if text.is_empty() {
        return "\nEvery client found every event.\n".to_owned();
    }
    format!("\nNot timed, because they found something else than what was sent:\n\n{text}")
}

/// The section of a document that holds the table of memory.
pub fn memory_section(rows: &[Memory], plan: Plan) -> String {
    let mut text = MEMORY.to_owned();
    let heads = plan.circumstances().map(|Circumstances { sessions, offered, taken, is_mean }| {
        if is_mean {
            format!("{sessions} idle, mean")
        } else if offered == taken {
            format!("{sessions} idle")
        } else {
            format!("{sessions}, {taken} events taken of {offered}")
        }
    });
    text += &head("client", heads.into_iter().chain(["idle, allocated".to_owned()]));
    for Memory { name, per_session, allocated } in rows {
        let row = per_session.iter().chain([allocated]);
        text += &table_row(name, row.map(|bytes| format!("{:.1}", bytes / 1024.0)));
    }
    text
}

fn soaked(Soak { connections, events, resident }: &Soak) -> String {
    let mib = |bytes: &usize| *bytes as f64 / f64::from(1 << 20);
    let samples: Vec<_> = resident.iter().map(|bytes| format!("{:.1}", mib(bytes))).collect();
    format!(
        "\n### A long life\n\nOne session of ours, {events} events, {connections} connections, each \
         but the last of them cut off\nin the middle of an event after 1,000 of them. Resident \
         memory of the process, in MiB, at {} regular\nintervals:\n\n    {}\n",
        samples.len(),
        samples.join(" "),
    )
}

/// The plot: time of the processor per event, where the server writes 16 KiB at a time.
pub fn chart(results: &Results) -> Option<Chart<'_>> {
    let cells: Vec<_> =
        results.cells.iter().filter(|cell| cell.writes == Writes::Coalesced).collect();
    let mut series: Vec<_> = cells.first()?.outcomes.iter().map(|(name, _)| *name).collect();
    series.retain(|name| ![OURS, OURS_KEPT, RAW, RAW_OLDER].contains(name));
    series.insert(0, OURS);
    let groups = cells.iter().map(|cell| Group {
        name: cell.workload,
        bars: series.iter().map(|name| Some(cell.get(name)?.to_raw)).collect(),
    });
    Some(Chart {
        caption: "Time of the processor per event, over that of a raw drain (logarithmic; less is \
                  better)",
        scale: 0.1..4.0,
        label: |ratio| format!("{ratio:.1}"),
        groups: groups.collect(),
        series,
    })
}

/// One row for each figure.
pub fn json(results: &Results, plan: Plan) -> String {
    let runtime = plan.runtime;
    let mut rows = Vec::new();
    for cell in &results.cells {
        for (name, outcome) in &cell.outcomes {
            let Outcome::Timed(figures) = outcome else { continue };
            rows.push(format!(
                "{{\"form\":\"sessions\",\"workload\":\"{}\",\"writes\":\"{}\",\"contestant\":\"{name}\",\
                 \"runtime\":\"{runtime}\",\"ns_per_event\":{:.2},\"to_raw\":{:.4},\"allocs_per_event\":{:.4},\
                 \"bytes_allocated_per_event\":{:.2}}}",
                cell.workload,
                cell.writes,
                figures.ns_per_event,
                figures.to_raw,
                figures.allocs_per_event,
                figures.bytes_allocated_per_event,
            ));
        }
    }
    for Delay { name, median, p99 } in &results.delays {
        rows.push(format!(
            "{{\"form\":\"latency\",\"contestant\":\"{name}\",\"runtime\":\"{runtime}\",\
             \"median_us\":{median:.2},\"p99_us\":{p99:.2}}}"
        ));
    }
    for Memory { name, per_session, allocated } in &results.memory {
        rows.push(format!(
            "{{\"form\":\"memory\",\"contestant\":\"{name}\",\"runtime\":\"{runtime}\",\
             \"bytes_per_session\":{per_session:.0?},\"allocated\":{allocated:.0}}}"
        ));
    }
    if let Some(Soak { connections, events, resident }) = &results.soak {
        rows.push(format!(
            "{{\"form\":\"soak\",\"runtime\":\"{runtime}\",\"connections\":{connections},\"events\":{events},\
             \"resident\":{resident:?}}}"
        ));
    }
    format!("[\n{}\n]\n", rows.join(",\n"))
}

/// Returns the introduction to all tables of the section.
fn about(runtime: Runtime) -> String {
    let option = match runtime {
        Runtime::CurrentSpawn => String::new(),
        Runtime::Main | Runtime::Spawn | Runtime::Current => format!("--runtime {runtime} "),
    };
    format!(
        "{CONTESTANTS}\
         Each contestant does each of its jobs in a process of its own, with its reading loop in\n{}. \
         The contestants take turns, and the median of the turns\ncounts. To measure this section again:\n\n    \
         cargo xtask bench -- sessions {option}--doc docs/PERFORMANCE.md --plot docs/performance-sessions.svg\
         \n\n![Time of the processor per event](performance-sessions.svg)\n",
        runtime.place(),
    )
}

const CONTESTANTS: &str = "\
Clients of event streams, over loopback sockets. The server is another process, which sends prepared
bytes: HTTP/1.1, a chunk for each event, so that hyper hands them over one by one. `raw` is `reqwest`
0.13, whose `bytes_stream` is read to its end without parsing: the limit of clients that
use reqwest. `raw + sse-core` is our parser over that, without a session, and `ours` a session that
reconnects, with all other options at their defaults. `ours-direct` is the same session over sse-direct,
which reads the socket in the session's own task, without reqwest. `ours, no timer` has
`SseConfig::lift_total_timeout(false)`: by default a session lifts the total timeout of the
`reqwest::Client`, which it does by one that never ends, and reqwest polls that with each chunk. The
peers are `sse-reqwest-client` 0.4.0, `sseer` 0.3.1, `eventsource-client` 0.18.0, which brings an HTTP
client of its own, `eventsrc-client` 0.0.2, and `reqwest-eventsource` 0.6.0, which stands on `reqwest`
0.12: that has a raw drain of its own in the last column.
";

const TIMES: &str = "\
CPU time of the client's process, including time in the system, from the first event of a response
to the last. The server writes 16 KiB at a time, or event by event. In the latter case it is random
how many events a client finds in one read, and each read costs a system call, so these rows are
noisy. The ratio compares consecutive turns. Each client is checked: it has to find every event and
every byte of their data. Allocations are calls of the allocator, counted in a run that is not
timed.

The raw drain reads no byte of a chunk, so no parser over reqwest comes close to it if events are
small; the column beside it shows the cost of the parser. `ours` adds to that mostly the reading of
the clock for each chunk, for `last_activity()`, and reqwest's timer. The target was a tenth more
than the raw drain. These two prevent it: for an event of one line, each of them takes about as long
as the parser. The first could be cheaper only by being less exact; the second, if reqwest let a
request say that it has no timeout, or a client tell whether it has one.
";

const DELAYS: &str = "
### Delay of a single event

The server sends an event each millisecond, with the current time as its data. The client compares
that time with its own when it receives the event. Most of the delay is the time that the two
processes and the system take to wake up.

";

const MEMORY: &str = "\
### Memory per session

KiB of resident memory of the client's process for each of its open sessions, all of them made by
one client. Idle sessions have received one event, of 330 B, and yielded it. Sessions of the column
before the last receive many events at once, and have a slow consumer, which has taken a few events
of each: the others are in the sockets, or in this memory. The last column is what an idle session
has allocated, by a counting allocator, whether it is resident or not.

Resident memory counts whole pages, and most pages of hyper's buffers are never touched. Their
position within a page depends on everything that is allocated before them, so a single run says
little: a few bytes more or less per session can move it by a KiB or two in either direction. The
first column is therefore the mean over 16 runs that allocate between 16 and 3,856 bytes before each
session, which are subtracted again; the other columns are single runs.

Beyond its parser, `ours` holds what raw bytes do not need: the request, to repeat it, the
head of the response, the state of the session, and reqwest's response and timer. The target was 2.5
KiB more than the raw drain, by the first column. `ours-direct` has none of hyper's buffers, and while it
is idle no read buffer at all. To measure this table again:

    cargo xtask bench -- sessions --form memory --doc docs/PERFORMANCE.md

";
