//! Measures what a client of event streams costs beyond the bytes, beside other clients, and writes
//! the sections on sessions, on runtimes, on other languages and on content codings.
//!
//! One server process and many client processes, all of them this program but the clients of other
//! languages; see [`process`] and [`installed`].

mod coding;
mod answer;
mod prepared;
mod client;
mod identity;
mod server;
mod runtime;
mod eventsrc;
mod clients;
mod transports;
mod job;
mod contestants;
mod process;
mod peer;
mod installed;
mod turn;
mod measure;
mod report;
mod by_runtime;
mod by_runtime_report;
mod by_language;
mod by_language_report;
mod by_ktor;
mod by_ktor_report;
mod by_coding;
mod by_coding_report;
mod coding_instructions;
mod by_transport;

use std::{fs, io::stdout};

use self::{
    answer::Writes, coding::Coding, contestants::Contestant, measure::Plan, process::Server,
    report::Results,
};
pub use self::{
    by_transport::section as by_transport, client::BoxError,
    coding_instructions::section as coding_instructions, installed::Installed, peer::Peer,
    runtime::Runtime, server::serve,
};
use crate::{args::Args, document, plot, workloads::OF_SESSIONS};

/// Measures what the command line asks for.
pub fn compare(args: &Args) -> Result<(), BoxError> {
    let plan = if args.quick { Plan::QUICK } else { Plan::FULL };
    let plan = Plan { runtime: args.runtime.unwrap_or_default(), ..plan };
    match args.form.as_deref() {
        None | Some("times" | "delays" | "memory" | "soak") => {}
        Some("runtime") => return compare_runtimes(args, plan),
        Some("languages") => return compare_languages(args, plan),
        Some("ktor") => return compare_with_ktor(args),
        Some("codings") => return compare_codings(args, plan),
        Some("tls") => return compare_over_tls(args, plan),
        Some(other) => return Err(format!("no such form: `{other}`").into()),
    }
    let is_asked_for = |form| args.form.as_deref().is_none_or(|only| only == form);
    let contestants = Contestant::chosen(args.contestants.as_deref());
    let server = Server::start()?;
    let mut results = Results::default();
    if is_asked_for("times") {
        for workload in OF_SESSIONS {
            if args.only.as_deref().is_some_and(|only| only != workload) {
                continue;
            }
            for writes in Writes::BY_EVENT {
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
    let mut sections = Vec::new();
    if args.form.as_deref() != Some("memory") {
        sections.push(("sessions", report::section(&results, plan)));
    }
    if !results.memory.is_empty() {
        sections.push(("session-memory", report::memory_section(&results.memory, plan)));
    }
    for (name, section) in &sections {
        println!("{section}");
        if let Some(path) = &args.doc {
            document::put(path, name, section)?;
        }
    }
    if let Some(path) = &args.json {
        fs::write(path, report::json(&results, plan))?;
    }
    if let Some(path) = &args.plot {
        plot::draw(path, &report::chart(&results).ok_or("there are no times to draw")?)?;
    }
    Ok(())
}

/// Measures the clients in several runtimes; `--runtime` leaves one of these.
fn compare_runtimes(args: &Args, plan: Plan) -> Result<(), BoxError> {
    if args.plot.is_some() {
        return Err("there is no plot of the runtimes".into());
    }
    let runtimes = args.runtime.map_or(Runtime::ALL.to_vec(), |runtime| vec![runtime]);
    let contestants = match args.contestants.as_deref() {
        None => Contestant::distinct(),
        names => Contestant::chosen(names),
    };
    let server = Server::start()?;
    let mut tables = Vec::new();
    for stream in by_runtime::Stream::all(plan)? {
        if args.only.as_deref().is_some_and(|only| only != stream.name()) {
            continue;
        }
        let table = by_runtime::measure(&server, &contestants, &runtimes, &stream, plan);
        eprintln!("{}", by_runtime_report::lines(&table));
        tables.push(table);
    }
    if tables.is_empty() {
        return Err("nothing to measure by these options".into());
    }
    let section = by_runtime_report::section(&runtimes, &tables);
    println!("{section}");
    if let Some(path) = &args.json {
        fs::write(path, by_runtime_report::json(&tables))?;
    }
    if let Some(path) = &args.doc {
        document::put(path, "runtime", &section)?;
    }
    Ok(())
}

/// Measures clients in Rust beside clients of other languages; skips those whose tools are missing.
fn compare_languages(args: &Args, plan: Plan) -> Result<(), BoxError> {
    if args.plot.is_some() {
        return Err("there is no plot of the languages".into());
    }
    let runtimes = args.runtime.map_or(by_language::RUNTIMES.to_vec(), |runtime| vec![runtime]);
    let names = args.contestants.as_deref();
    let (mut others, mut skipped) = (Vec::new(), Vec::new());
    for peer in Peer::chosen(names) {
        match Installed::new(peer) {
            Ok(installed) => others.push(installed),
            Err(reason) => {
                eprintln!("skipped: {}: {reason}", peer.description);
                skipped.push((peer.description, reason.to_string()));
            }
        }
    }
    let contestants = Contestant::across_languages(names);
    let clients =
        by_language::Clients { contestants: &contestants, runtimes: &runtimes, others: &others };
    let server = Server::start()?;
    let mut tables = Vec::new();
    for workload in by_language::WORKLOADS {
        if args.only.as_deref().is_some_and(|only| only != workload) {
            continue;
        }
        for writes in Writes::BY_EVENT {
            let table = by_language::measure(&server, &clients, (workload, writes), plan)?;
            eprintln!("{}", by_language_report::lines(&table));
            tables.push(table);
        }
    }
    if tables.is_empty() {
        return Err("nothing to measure by these options".into());
    }
    let results = by_language_report::Results { runtimes, others, skipped, tables };
    let section = by_language_report::section(&results);
    println!("{section}");
    if let Some(path) = &args.json {
        fs::write(path, by_language_report::json(&results.tables))?;
    }
    if let Some(path) = &args.doc {
        document::put(path, "languages", &section)?;
    }
    Ok(())
}

/// Measures sessions beside Ktor's client, which is skipped if its tools are missing.
fn compare_with_ktor(args: &Args) -> Result<(), BoxError> {
    if args.plot.is_some() || args.json.is_some() {
        return Err("the comparison with Ktor has neither a plot nor JSON".into());
    }
    let mut ktor = Vec::new();
    for peer in &peer::KTOR {
        match Installed::new(peer) {
            Ok(installed) => ktor.push(installed),
            Err(reason) => eprintln!("skipped: {}: {reason}", peer.name),
        }
    }
    if ktor.is_empty() && args.doc.is_some() {
        return Err("without Ktor, nothing is written".into());
    }
    let readers = by_ktor::readers(&ktor);
    let server = Server::start()?;
    let mut tables = Vec::new();
    for stream in by_ktor::Stream::all()? {
        if args.only.as_deref().is_some_and(|only| only != stream.name()) {
            continue;
        }
        let table = by_ktor::measure(&server, &readers, stream);
        eprintln!("{}", by_ktor_report::lines(&readers, &table));
        tables.push(table);
    }
    if tables.is_empty() {
        return Err("nothing to measure by these options".into());
    }
    let section = by_ktor_report::section(&readers, &ktor, &tables);
    println!("{section}");
    if let Some(path) = &args.doc {
        document::put(path, "ktor", &section)?;
    }
    Ok(())
}

/// Measures content codings, each decoded by a session and by reqwest.
fn compare_codings(args: &Args, plan: Plan) -> Result<(), BoxError> {
    if !cfg!(feature = "codings") {
        return Err("the form `codings` needs the feature `codings`".into());
    }
    if args.plot.is_some() {
        return Err("there is no plot of the codings".into());
    }
    let contestants = Contestant::decoding(args.contestants.as_deref());
    let server = Server::start()?;
    let mut results = by_coding::Results::default();
    for coding in Coding::CODED {
        for workload in by_coding::WORKLOADS {
            let names = [coding.name(), workload];
            if args.only.as_deref().is_some_and(|only| !names.contains(&only)) {
                continue;
            }
            for writes in Writes::BY_EVENT {
                let stream = (workload, coding, writes);
                let table = by_coding::drain(&server, &contestants, stream, plan)?;
                eprintln!("{}", by_coding_report::lines(&table));
                results.tables.push(table);
            }
        }
    }
    if args.only.as_deref().is_none_or(|only| only == "memory") {
        results.memory = by_coding::hold(&server, &contestants, plan)?;
    }
    if results.tables.is_empty() && results.memory.is_empty() {
        return Err("nothing to measure by these options".into());
    }
    let mut sections = Vec::new();
    if !results.tables.is_empty() {
        sections.push(("codings", by_coding_report::section(&results.tables)));
    }
    if !results.memory.is_empty() {
        let memory = by_coding_report::memory_section(&results.memory, plan);
        sections.push(("codings-memory", memory));
    }
    for (name, section) in &sections {
        println!("{section}");
        if let Some(path) = &args.doc {
            document::put(path, name, section)?;
        }
    }
    if let Some(path) = &args.json {
        fs::write(path, by_coding_report::json(&results, plan))?;
    }
    Ok(())
}

/// Measures a session over reqwest and over sse-direct beside the limit, all of them over TLS.
#[cfg(feature = "tls")]
fn compare_over_tls(args: &Args, plan: Plan) -> Result<(), BoxError> {
    if args.plot.is_some() || args.json.is_some() {
        return Err("TLS has neither a plot nor JSON".into());
    }
    let contestants = Contestant::over_tls();
    let server = Server::start_with(Some(identity::generate()?))?;
    let mut cells = Vec::new();
    for workload in OF_SESSIONS {
        if args.only.as_deref().is_some_and(|only| only != workload) {
            continue;
        }
        for writes in Writes::BY_EVENT {
            let cell = measure::drain(&server, &contestants, workload, writes, plan)?;
            eprintln!("{}", report::line(&cell));
            cells.push(cell);
        }
    }
    if cells.is_empty() {
        return Err("nothing to measure by these options".into());
    }
    let section = report::tls_section(&cells, plan);
    println!("{section}");
    if let Some(path) = &args.doc {
        document::put(path, "tls", &section)?;
    }
    Ok(())
}

#[cfg(not(feature = "tls"))]
fn compare_over_tls(_args: &Args, _plan: Plan) -> Result<(), BoxError> {
    Err("the form `tls` needs the feature `tls`".into())
}

/// Does one job in this process, and says what it found.
pub fn client(args: &Args) -> Result<(), BoxError> {
    let [contestant, origin, job] = args.operands.as_slice() else {
        return Err("client takes a contestant, an origin and a job".into());
    };
    let contestant = Contestant::find(contestant).ok_or("no such contestant")?;
    let found = (contestant.run)(
        serde_json::from_str(job)?,
        args.runtime.unwrap_or_default(),
        origin.clone(),
    )?;
    Ok(serde_json::to_writer(stdout(), &found)?)
}
