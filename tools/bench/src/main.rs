//! Command line of the benchmarks: how fast sse-core, sse-reqwest and their peers are, and which
//! parsers differ from the standard.

mod args;
mod corpus;
mod chunking;
mod contest;
mod ours;
mod contestants;
mod sseer_lines;
mod borrowed;
mod limit;
mod alloc;
mod measure;
mod once;
mod in_memory;
mod typed_pairs;
mod typed;
mod values;
mod writing;
mod encoders;
mod instructions;
mod growth;
mod document;
mod machine;
mod plot;
mod report;
mod targets;

mod sessions;
mod fanout;

mod oddities;
mod readers;
mod differential;
mod deviations;

use std::{env, error::Error, fs, process::ExitCode};

use sse_workloads::{recorded, rng, streams as workloads};

use crate::{
    args::Args,
    borrowed::BORROWED,
    chunking::Chunking,
    contest::{Contestant, OURS},
    contestants::OWNED,
    in_memory::READERS,
    measure::{Cell, Plan},
    typed_pairs::{Events, PAIRS},
    workloads::{STREAM_BYTES, Workload, workload},
};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error + Send + Sync>> {
    let args = Args::parse(env::args_os())?;
    match args.task.as_str() {
        "parse" => parse(&args),
        "instructions" => instructions(&args),
        "once" => once(&args),
        "once-session" => once_session(&args),
        "once-typed" => once_typed(&args),
        "typed" => typed(&args),
        "writing" => writing(&args),
        "sessions" => Ok(sessions::compare(&args)?),
        "serve" => Ok(sessions::serve()?),
        "client" => Ok(sessions::client(&args)?),
        "fanout" => Ok(fanout::compare(&args)?),
        "gateway" => Ok(fanout::gateway(&args)?),
        "differential" => differential(&args),
        "list" => {
            list();
            Ok(())
        }
        "" | "help" => {
            print!("{}", args::HELP);
            Ok(())
        }
        other => Err(format!("no task: `{other}`; try --help").into()),
    }
}

fn parse(args: &Args) -> Result<(), Box<dyn Error + Send + Sync>> {
    let plan = if args.quick { Plan::QUICK } else { Plan::FULL };
    let made =
        |names: &[&str]| names.iter().filter_map(|name| workload(name, STREAM_BYTES)).collect();
    let streams: Vec<Workload> = match &args.corpus {
        Some(dir) => corpus::load(dir)?,
        None => made(&workloads::NAMES),
    };
    let look_alikes = if args.corpus.is_none() { made(&recorded::NAMES) } else { Vec::new() };
    let mut cells = Vec::new();
    for (form, contestants, streams) in [
        ("owned", &OWNED[..], &streams),
        ("recorded", &OWNED[..], &look_alikes),
        ("borrowed", &BORROWED[..], &streams),
    ] {
        let contestants = chosen(args, contestants);
        for stream in streams {
            run_cells(args, form, &contestants, stream, plan, &mut cells);
        }
    }
    if args.corpus.is_none() {
        for streams in line_ends() {
            run_line_ends(args, &streams, plan, &mut cells);
        }
    }
    if cells.is_empty() {
        return Err("nothing to measure by these options".into());
    }
    let is_whole = args.only.is_none() && args.form.is_none() && args.corpus.is_none();
    let growth = if is_whole { growth::measure() } else { Vec::new() };
    let targets = targets::section(&cells, &growth);
    println!("{}{targets}", report::summary(&cells));
    if let Some(path) = &args.json {
        fs::write(path, report::json(&cells))?;
    }
    if let Some(path) = &args.doc {
        let streams: Vec<_> = streams.iter().chain(&look_alikes).collect();
        let section = report::section(&cells, &streams, args.quick);
        document::put(path, "parse", &(section + &targets))?;
    }
    if let Some(path) = &args.plot {
        let chart = report::chart(&cells);
        plot::draw(path, &chart.ok_or("the plot shows owned events in chunks of 16384")?)?;
    }
    Ok(())
}

fn run_cells(
    args: &Args,
    form: &'static str,
    contestants: &[Contestant],
    stream: &Workload,
    plan: Plan,
    cells: &mut Vec<Cell>,
) {
    for chunking in Chunking::ALL
        .into_iter()
        .chain(args.chunking.filter(|chunking| !Chunking::ALL.contains(chunking)))
    {
        if args.allows(form, &stream.name, chunking) {
            let cell = measure::measure(form, contestants, stream, chunking, plan);
            eprintln!("{}", report::line(&cell));
            cells.push(cell);
        }
    }
}

/// Measures ours on streams that differ only in their line ends.
fn run_line_ends(args: &Args, streams: &[Workload], plan: Plan, cells: &mut Vec<Cell>) {
    for chunking in Chunking::ALL {
        if streams.iter().any(|stream| args.allows("line-ends", &stream.name, chunking)) {
            let form = "line-ends";
            let found = measure::measure_side_by_side(form, OWNED[0], streams, chunking, plan);
            for cell in &found {
                eprintln!("{}", report::line(cell));
            }
            cells.extend(found);
        }
    }
}

/// Returns the same events with each of the three line ends, workload by workload.
fn line_ends() -> Vec<Vec<Workload>> {
    const ENDS: [(&str, &str); 3] = [("LF", "\n"), ("CRLF", "\r\n"), ("CR", "\r")];
    let of_workload = |name: &str| {
        ENDS.iter()
            .filter_map(|(suffix, end)| {
                let stream = workloads::with_line_end(name, end, STREAM_BYTES)?;
                Some(Workload { name: format!("{name} {suffix}"), ..stream })
            })
            .collect()
    };
    ["openai", "anthropic", "ticks"].map(of_workload).into()
}

fn instructions(args: &Args) -> Result<(), Box<dyn Error + Send + Sync>> {
    if !instructions::is_available() {
        println!("There is no valgrind here, so no instructions are counted.");
        return Ok(());
    }
    let (only, form) = (args.only.as_deref(), args.form.as_deref());
    let over_sockets = match form {
        Some("codings") => Some(("coding-instructions", sessions::coding_instructions(only)?)),
        Some("transports") => Some(("transports", sessions::by_transport(only)?)),
        _ => None,
    };
    if let Some((name, section)) = over_sockets {
        println!("{section}");
        if let Some(path) = &args.doc {
            document::put(path, name, &section)?;
        }
        return Ok(());
    }
    let parsers = if form == Some("sessions") { vec![] } else { instructions::count(only)? };
    let sessions =
        if form == Some("parsers") { vec![] } else { instructions::count_sessions(only)? };
    let section = report::instructions(&parsers, &sessions);
    println!("{section}");
    if let Some(path) = &args.doc {
        document::put(path, "instructions", &section)?;
    }
    Ok(())
}

fn typed(args: &Args) -> Result<(), Box<dyn Error + Send + Sync>> {
    let is_wanted = |form: &str| args.form.as_deref().is_none_or(|only| only == form);
    let mut sections = Vec::new();
    if is_wanted("pairs") {
        sections.push(("typed", typed::section(&typed::compare(args.quick)?)));
    }
    if is_wanted("values") {
        sections.push(("values", values::section(&values::compare(args.quick))));
    }
    if sections.is_empty() {
        return Err("`typed` has the forms pairs and values".into());
    }
    for (name, section) in sections {
        println!("{section}");
        if let Some(path) = &args.doc {
            document::put(path, name, &section)?;
        }
    }
    Ok(())
}

fn writing(args: &Args) -> Result<(), Box<dyn Error + Send + Sync>> {
    let section = encoders::section(&encoders::compare(args.quick));
    println!("{section}");
    if let Some(path) = &args.doc {
        document::put(path, "writing", &section)?;
    }
    Ok(())
}

fn differential(args: &Args) -> Result<(), Box<dyn Error + Send + Sync>> {
    let streams = if args.quick { 500 } else { 5000 };
    let rows = differential::compare(streams);
    let section = deviations::section(&rows, streams);
    println!("{section}");
    if deviations::ours_deviates(&rows) {
        return Err("sse-core itself reads a stream otherwise".into());
    }
    if let Some(path) = &args.doc {
        document::put(path, "differential", &section)?;
    }
    Ok(())
}

fn once(args: &Args) -> Result<(), Box<dyn Error + Send + Sync>> {
    let [name, chunking, contestant, passes] = args.operands.as_slice() else {
        return Err("once takes a workload, a chunking, a contestant and a number".into());
    };
    let len = args.bytes.unwrap_or(STREAM_BYTES);
    let stream = workload(name, len).ok_or("no such workload")?;
    let table = if args.form.as_deref() == Some("borrowed") { &BORROWED[..] } else { &OWNED[..] };
    let contestant =
        table.iter().find(|each| each.name == contestant).ok_or("no such contestant")?;
    let events = once::once(*contestant, &stream, chunking.parse()?, passes.parse()?);
    println!("{events} events");
    Ok(())
}

fn once_session(args: &Args) -> Result<(), Box<dyn Error + Send + Sync>> {
    let [name, chunking, reader] = args.operands.as_slice() else {
        return Err("once-session takes a workload, a chunking and a reader".into());
    };
    let len = args.bytes.unwrap_or(STREAM_BYTES);
    let stream = workload(name, len).ok_or("no such workload")?;
    let reader = READERS.iter().find(|each| each.name == reader).ok_or("no such reader")?;
    println!("{} events", in_memory::read(*reader, &stream, chunking.parse()?)?);
    Ok(())
}

fn once_typed(args: &Args) -> Result<(), Box<dyn Error + Send + Sync>> {
    let [pair, way] = args.operands.as_slice() else {
        return Err("once-typed takes a number, and by-hand or typed".into());
    };
    let pair = PAIRS.get(pair.parse::<usize>()?).ok_or("no such pair")?;
    let run = match way.as_str() {
        "by-hand" => pair.by_hand,
        "typed" => pair.typed,
        _ => return Err("no such way to decode".into()),
    };
    println!("{} values", once::decode(run, Events::of(&pair.events())));
    Ok(())
}

/// Returns the contestants that the options allow, always including ours.
fn chosen(args: &Args, from: &[Contestant]) -> Vec<Contestant> {
    let is_chosen = |name: &str| match &args.contestants {
        Some(names) => name == OURS || names.iter().any(|each| each == name),
        None => true,
    };
    from.iter().copied().filter(|each| is_chosen(each.name)).collect()
}

fn list() {
    println!("workloads: {}", workloads::NAMES.join(", "));
    println!("chunkings: {}", Chunking::ALL.map(|chunking| chunking.to_string()).join(", "));
    println!("owned: {}", OWNED.map(|contestant| contestant.name).join(", "));
    println!("borrowed: {}", BORROWED.map(|contestant| contestant.name).join(", "));
}
