//! The command line in, the section on sessions out: what a client of event streams costs beyond the
//! bytes, beside others.
//!
//! One server process and many client processes, all of them this program; see [`process`].

mod answer;
mod server;
mod client;
mod eventsrc;
mod clients;
mod job;
mod contestants;
mod process;
mod measure;
mod report;

use std::{fs, io::stdout};

pub use self::server::serve;
use self::{
    answer::Writes, client::BoxError, contestants::Contestant, measure::Plan, process::Server,
    report::Results,
};
use crate::{args::Args, document, plot, workloads::OF_SESSIONS};

/// Measures what the command line asks for.
pub fn compare(args: &Args) -> Result<(), BoxError> {
    let plan = if args.quick { Plan::QUICK } else { Plan::FULL };
    let is_asked_for = |form| args.form.as_deref().is_none_or(|only| only == form);
    let contestants = Contestant::chosen(args.contestants.as_deref());
    let server = Server::start()?;
    let mut results = Results::default();
    if is_asked_for("times") {
        for workload in OF_SESSIONS {
            if args.only.as_deref().is_some_and(|only| only != workload) {
                continue;
            }
            for writes in Writes::ALL {
                let cell = measure::drain(&server, &contestants, workload, writes, plan)?;
                eprintln!("{}", report::line(&cell));
                results.cells.push(cell);
            }
        }
    }
    if is_asked_for("delays") {
        results.delays = measure::wait(&server, &contestants, plan)?;
    }
    if is_asked_for("memory") {
        results.memory = measure::hold(&server, &contestants, plan)?;
    }
    if is_asked_for("soak") {
        results.soak = Some(measure::soak(&server, plan)?);
    }
    let section = report::section(&results, plan);
    println!("{section}");
    if let Some(path) = &args.json {
        fs::write(path, report::json(&results))?;
    }
    if let Some(path) = &args.doc {
        document::put(path, "sessions", &section)?;
    }
    if let Some(path) = &args.plot {
        plot::draw(path, &report::chart(&results).ok_or("there are no times to draw")?)?;
    }
    Ok(())
}

/// Does one job in this process, and says what it found.
pub fn client(args: &Args) -> Result<(), BoxError> {
    let [contestant, origin, job] = args.operands.as_slice() else {
        return Err("client takes a contestant, an origin and a job".into());
    };
    let contestant = Contestant::find(contestant).ok_or("no such contestant")?;
    let found = (contestant.run)(serde_json::from_str(job)?, origin.clone())?;
    Ok(serde_json::to_writer(stdout(), &found)?)
}
