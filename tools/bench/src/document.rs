//! Replaces a section of a Markdown document, and keeps the rest.

use std::{fs, io, path::Path};

/// Puts a section between its two marks, or at the end of the document if it has none yet.
pub fn put(path: &Path, name: &str, section: &str) -> io::Result<()> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => HEAD.to_owned(),
        Err(error) => return Err(error),
    };
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->\n"));
    let (before, after) = match (text.find(&begin), text.find(&end)) {
        (Some(at), Some(until)) if at < until => (&text[..at], &text[until + end.len()..]),
        _ => (&*text, ""),
    };
    let gap = if before.ends_with("\n\n") || before.is_empty() { "" } else { "\n" };
    fs::write(path, format!("{before}{gap}{begin}{section}{end}{after}"))
}

const HEAD: &str = "\
# Performance

The tables between two marks are written by a program. Do not edit them: run it again.
";
