//! Measures the cost of a gateway: one upstream connection, whose events go to many connections.
//!
//! The gateway is a separate process, and only its time counts. This process is the upstream and
//! the readers: see [`load`].

mod stream;
mod dechunk;
mod gateways;
mod process;
mod load;
mod report;

use self::{
    load::{Cell, Plan},
    process::Contestant,
    report::{Memory, Results},
};
use crate::{args::Args, document, sessions::BoxError};

/// Numbers of connections and of events in a burst.
const CELLS: [Cell; 4] = [
    Cell { connections: 100, burst: 1 },
    Cell { connections: 1_000, burst: 1 },
    Cell { connections: 100, burst: 64 },
    Cell { connections: 1_000, burst: 64 },
];

/// Measures what the command line asks for.
pub fn compare(args: &Args) -> Result<(), BoxError> {
    let plan = if args.quick { Plan::QUICK } else { Plan::FULL };
    rlimit::increase_nofile_limit(u64::MAX)?;
    let (contestants, skipped) = Contestant::chosen(args.contestants.as_deref());
    let is_asked_for = |form: &str| args.form.as_deref().is_none_or(|only| only == form);
    let mut results = Results { skipped, ..Results::default() };
    if is_asked_for("times") {
        for cell in CELLS {
            if args.only.as_deref().is_some_and(|only| only != cell.to_string()) {
                continue;
            }
            let mut times = vec![Vec::new(); contestants.len()];
            for _ in 0..plan.rounds {
                for (contestant, times) in contestants.iter().zip(&mut times) {
                    let time = load::time(contestant, cell, plan);
                    let of = |error| format!("{}, {cell}: {error}", contestant.name());
                    times.push(time.map_err(of)?);
                }
            }
            let row = contestants.iter().map(Contestant::name).zip(times).collect();
            eprintln!("{}", report::line(cell, &row));
            results.rows.push((cell, row));
        }
    }
    if is_asked_for("memory") {
        for contestant in &contestants {
            let bytes = load::memory(contestant, plan.idle)?;
            eprintln!("{}: {bytes:.0} bytes for each idle connection", contestant.name());
            results.memory.push(Memory { name: contestant.name(), bytes });
        }
    }
    let section = report::section(&results, plan);
    println!("{section}");
    if let Some(path) = &args.doc {
        document::put(path, "fanout", &section)?;
    }
    Ok(())
}

/// Runs one gateway in this process, until its input ends.
pub fn gateway(args: &Args) -> Result<(), BoxError> {
    let [name, upstream] = args.operands.as_slice() else {
        return Err("gateway takes a contestant and a URL".into());
    };
    gateways::run(name, upstream)
}
