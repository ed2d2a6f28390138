//! Table of the scenarios in the documentation, which this test keeps up to date.

use std::{env, fmt::Write as _, fs};

use crate::{
    topics::topics,
    transport::{Instead, Over},
};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/RELIABILITY.md");
const BEGIN: &str = "<!-- scenarios: begin -->\n";
const END: &str = "<!-- scenarios: end -->\n";

/// Set it to write the table instead of comparing it.
const WRITE: &str = "WRITE_SCENARIOS";

#[test]
fn documentation_has_the_table_of_scenarios() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let at = text.find(BEGIN).unwrap() + BEGIN.len();
    let until = text.find(END).unwrap();
    let table = table();
    if env::var_os(WRITE).is_some() {
        fs::write(DOCUMENT, format!("{}{table}{}", &text[..at], &text[until..])).unwrap();
    } else if text[at..until] != table {
        panic!("{DOCUMENT}: the table is not up to date; set {WRITE}=1 to write it:\n{table}");
    }
}

fn table() -> String {
    let mut table =
        "| | reqwest | hyper-util | sse-direct | ureq |\n|---|---|---|---|---|\n".to_owned();
    for (topic, scenarios) in topics() {
        writeln!(table, "| **{topic}** | | | | |").unwrap();
        for scenario in &scenarios {
            let cells = Over::ALL.map(|over| match scenario.difference(over) {
                None => "yes".to_owned(),
                Some(it) if matches!(it.outcome, Instead::Other) => format!("no: {}", it.reason),
                Some(it) => format!("differs: {}", it.reason),
            });
            writeln!(table, "| {} | {} |", scenario.name, cells.join(" | ")).unwrap();
        }
    }
    table
}
