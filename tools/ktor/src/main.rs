//! Compares sessions with the client of Ktor, a Kotlin framework, on the same scripted streams.
//!
//! Starts a server for each row and client, and lets the clients read from it: Ktor with two of its
//! engines, and sessions over two transports, each a process that prints what its caller sees. The
//! table of what came of it is compared with the one in docs/KTOR.md, and with `--doc` it is
//! written there. Other arguments are words: only rows run that have one of them in their name or
//! the title of their group, and their cells are printed.
//!
//! Exits with 0 if the table is the same, with 77 if Java or Maven is missing, otherwise with 1.

mod error;
mod wanted;
mod seen;
mod ours;
mod install;
mod client;
mod row;
mod rows;
mod outcome;
mod play;
mod full;
mod table;
mod document;

use std::{env, process::ExitCode};

use crate::{
    client::Client,
    error::{Result, RunError},
    install::Installed,
    row::Row,
    table::Played,
};

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    if let [first, transport] = words.as_slice() {
        if first == "client" {
            return ours::run(transport).await;
        }
    }
    match compare(&words).await {
        Ok(is_same) if is_same => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(RunError::Missing(what)) => {
            println!("skipped: {what}");
            ExitCode::from(SKIPPED)
        }
        Err(RunError::Failed(why)) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Conventional exit code of a test program that skipped something.
const SKIPPED: u8 = 77;

/// Runs the rows. Returns `true` if the outcomes are those of the document.
async fn compare(words: &[String]) -> Result<bool> {
    let writes = words.iter().any(|word| word == "--doc");
    let names: Vec<_> = words.iter().filter(|word| *word != "--doc").collect();
    let is_wanted = |title: &str, row: &Row| {
        let contains = |word: &&String| title.contains(*word) || row.name.contains(*word);
        names.is_empty() || names.iter().any(contains)
    };
    if let Some(option) = names.iter().find(|word| word.starts_with("--")) {
        return Err(RunError::failed(format!("{option}: the only option is --doc")));
    }
    let is_any = |(title, rows): (&str, Vec<Row>)| rows.iter().any(|row| is_wanted(title, row));
    if !rows::all().into_iter().any(is_any) {
        return Err(RunError::failed(format!("no row contains one of {names:?}")));
    }
    let installed = Installed::new().await?;
    let mut clients = Client::start_all(&installed).await?;
    play::warm_up(&mut clients).await?;
    let mut groups = Vec::new();
    for (title, rows) in rows::all() {
        let mut played = Vec::new();
        for row in rows.into_iter().filter(|row| is_wanted(title, row)) {
            let outcomes = play::play(&row, &mut clients).await?;
            let each = Played::new(row, outcomes);
            println!("{title}: {}", each.row.name);
            for (client, cell) in clients.iter().zip(each.cells()) {
                println!("  {:12}  {cell}", client.name);
            }
            played.push(each);
        }
        groups.push((title, played));
    }
    let all = groups.iter().flat_map(|(_, played)| played);
    let complaints: Vec<_> = all.filter_map(Played::complaint).collect();
    for complaint in &complaints {
        eprintln!("error: {complaint}");
    }
    if !names.is_empty() || !complaints.is_empty() {
        return Ok(complaints.is_empty());
    }
    if writes {
        document::write(&table::markdown(&groups, &installed)?)?;
        return Ok(true);
    }
    document::compare(&groups)
}
