//! Prints the public API of a crate, an item a line, from the JSON that rustdoc writes about it.
//!
//! `cargo xtask api` runs it for each published crate and compares the lines with those of
//! `docs/api/`.

use std::{env, error::Error, fmt, process::ExitCode};

/// Traits that stable Rust cannot name: rustc implements them, and may do so differently tomorrow.
const UNNAMEABLE: [&str; 3] = [
    "core::marker::Freeze for ",
    "core::marker::StructuralPartialEq for ",
    "core::marker::UnsafeUnpin for ",
];

fn main() -> ExitCode {
    match env::args().nth(1).ok_or("usage: sse-public-api FILE".into()).and_then(|it| list(&it)) {
        Ok(items) => {
            items.iter().for_each(|item| println!("{item}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {}", Chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// Returns the items of the crate that a JSON file describes.
fn list(json: &str) -> Result<Vec<String>, Box<dyn Error>> {
    // Blanket implementations are those of other crates.
    let api = public_api::Builder::from_rustdoc_json(json).omit_blanket_impls(true).build()?;
    let items = api.items().map(|item| item.to_string());
    Ok(items.filter(|item| !UNNAMEABLE.iter().any(|it| item.contains(it))).collect())
}

/// Error with its sources.
struct Chain<'a>(&'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut error = self.0;
        while let Some(source) = error.source() {
            write!(f, ": {source}")?;
            error = source;
        }
        Ok(())
    }
}
