//! Table of the outcomes, as Markdown, and the check of what a row says of them.

use std::{collections::BTreeSet, fmt::Write as _, process::Command};

use crate::{
    client::CLIENTS,
    error::Result,
    install::Installed,
    outcome::Outcome,
    row::{Relation, Row},
};

/// Row with the outcomes of each client.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) row: Row,
    outcomes: [Vec<Outcome>; CLIENTS],
}

impl Played {
    pub(crate) fn new(row: Row, outcomes: [Vec<Outcome>; CLIENTS]) -> Self {
        Self { row, outcomes }
    }

    /// Returns the cell of each client: its outcome, or all that occurred.
    pub(crate) fn cells(&self) -> [String; CLIENTS] {
        self.distinct(Outcome::cell).map(|cells| cells.join(OR))
    }

    /// Returns what is wrong if the row's relation is not what came of it.
    pub(crate) fn complaint(&self) -> Option<String> {
        let keys = self.distinct(Outcome::key);
        let cells = self.cells();
        let is_same = keys.iter().all(|each| *each == keys[0] && each.len() == 1);
        // A departure may be in the text of an error.
        let departs = cells[2] != cells[0] || cells[2] != cells[1];
        let name = self.row.name;
        match self.row.relation {
            Relation::Same if !is_same => Some(format!("`{name}` is not the same: {keys:?}")),
            Relation::Departs if !departs => Some(format!("`{name}` is the same: {keys:?}")),
            _ => None,
        }
    }

    /// Returns the line of the table.
    fn line(&self) -> String {
        let [cio, okhttp, reqwest, direct] = self.cells();
        let ours = if reqwest == direct {
            reqwest
        } else {
            format!("sse-reqwest: {reqwest}<br>sse-direct: {direct}")
        };
        let Row { name, reason, relation, .. } = &self.row;
        let relation = match relation {
            Relation::Same => "same",
            Relation::Departs => "**differs**",
        };
        format!("| {name} | {cio} | {okhttp} | {ours} | {relation}: {reason} |")
    }

    /// Returns `true` if a line of an earlier table says the same. Only the outcomes of Ktor are
    /// random, and not all of them need occur again.
    pub(crate) fn is_line(&self, line: &str) -> bool {
        let own = self.line();
        if self.row.runs == 1 {
            return line == own;
        }
        let [old, new]: [Vec<_>; 2] = [line, own.as_str()].map(|it| it.split(" | ").collect());
        let is_known = |old: &str, new: &str| {
            new.split(OR).all(|outcome| old.split(OR).any(|known| known == outcome))
        };
        let is_same = |(column, (old, new)): (usize, (&&str, &&str))| {
            if KTOR_COLUMNS.contains(&column) { is_known(old, new) } else { old == new }
        };
        old.len() == new.len() && old.iter().zip(&new).enumerate().all(is_same)
    }

    fn distinct(&self, text: impl Fn(&Outcome, &Row) -> String) -> [Vec<String>; CLIENTS] {
        self.outcomes.each_ref().map(|outcomes| {
            let texts: BTreeSet<_> = outcomes.iter().map(|it| text(it, &self.row)).collect();
            texts.into_iter().collect()
        })
    }
}

/// Columns of Ktor's outcomes.
const KTOR_COLUMNS: [usize; 2] = [1, 2];

/// Separator of outcomes that occurred at random.
const OR: &str = " **or** ";

/// Group of rows with its title.
pub(crate) type Group = (&'static str, Vec<Played>);

/// Returns the section of the document.
pub(crate) fn markdown(groups: &[Group], installed: &Installed) -> Result<String> {
    let ktor = installed.version()?;
    let mut text = format!("Ktor {ktor}, {}, {}.\n", installed.java(), today());
    for (title, played) in groups {
        let _ = write!(text, "\n### {title}\n\n{HEAD}");
        for each in played {
            let _ = writeln!(text, "{}", each.line());
        }
    }
    Ok(text)
}

const HEAD: &str =
    "| the server | Ktor on CIO | Ktor on OkHttp | here | |\n|---|---|---|---|---|\n";

/// Returns the date, or nothing on a system without `date`.
fn today() -> String {
    let output = Command::new("date").args(["-u", "+%-d %B %Y"]).output();
    output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned()).unwrap_or_default()
}
