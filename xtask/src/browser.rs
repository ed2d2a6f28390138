//! The check against a real browser: what Chromium makes of event streams, and of the gateway's
//! page, is what ours makes of them.
//!
//! Finds a Chromium, builds what has to be compared, and says how to get a browser where there is
//! none. Compares nothing itself: `crates/sse-chromium` does.

use std::env;

use crate::{
    run::{Cmd, Failure},
    tasks::{Done, Outcome},
};

pub(crate) fn browser(words: &[&str]) -> Outcome {
    let Some(chromium) = find()? else {
        return Ok(Done::Skipped(
            "there is no Chromium here; Debian's `chromium` is one, and CHROMIUM can name another"
                .to_owned(),
        ));
    };
    // With the same features as for the examples, so that nothing is built twice.
    Cmd::cargo("build --examples --bin sse-chromium").run()?;
    let compare = Cmd::cargo("run --quiet --bin sse-chromium -- --chromium").arg(&chromium);
    words.iter().fold(compare, |compare, word| compare.arg(word)).run()?;
    Ok(Done::Passed)
}

/// The first of the usual names that answers.
fn find() -> Result<Option<String>, Failure> {
    let named = env::var("CHROMIUM").ok();
    for name in named.iter().map(String::as_str).chain(NAMES) {
        if let Some(version) = Cmd::new(name, "--version").stdout()? {
            eprintln!("{name} is {}", version.trim());
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
