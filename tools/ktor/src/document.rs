//! Table in docs/KTOR.md, between two marks.

use std::{fs, path::PathBuf};

use crate::{
    error::{Result, RunError},
    table::Group,
};

const BEGIN: &str = "<!-- ktor: begin -->\n";
const END: &str = "<!-- ktor: end -->\n";

/// Writes the table.
pub(crate) fn write(table: &str) -> Result<()> {
    let (text, start, end) = parts()?;
    fs::write(path(), format!("{}{table}{}", &text[..start], &text[end..]))?;
    Ok(())
}

/// Compares the rows with the table, and prints those that differ. Returns `false` if there are
/// any.
pub(crate) fn compare(groups: &[Group]) -> Result<bool> {
    let (text, start, end) = parts()?;
    let lines: Vec<_> = text[start..end].lines().collect();
    let all = groups.iter().flat_map(|(_, played)| played);
    let changed: Vec<_> =
        all.filter(|played| !lines.iter().any(|line| played.is_line(line))).collect();
    for played in &changed {
        println!("docs/KTOR.md says otherwise: {}", played.row.name);
    }
    if !changed.is_empty() {
        println!("`cargo xtask ktor -- --doc` writes the table");
    }
    Ok(changed.is_empty())
}

/// Returns the document, and where its table begins and ends.
fn parts() -> Result<(String, usize, usize)> {
    let text = fs::read_to_string(path()).map_err(RunError::during("docs/KTOR.md"))?;
    let start = text.find(BEGIN).map(|at| at + BEGIN.len());
    let end = text.find(END);
    match (start, end) {
        (Some(start), Some(end)) if start <= end => Ok((text, start, end)),
        _ => Err(RunError::failed("docs/KTOR.md has no marks of a table")),
    }
}

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/KTOR.md"))
}
