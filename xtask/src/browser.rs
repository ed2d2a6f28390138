//! The check against a real browser: what Chromium makes of event streams, and of the gateway's
//! page, is what ours makes of them; and a session of ours does in a page what it does elsewhere.
//!
//! Finds a Chromium, builds what has to be compared, and says how to get what there is not.
//! Compares nothing itself: `crates/sse-chromium` does.

use std::{
    env::{self, consts::EXE_SUFFIX},
    path::PathBuf,
};

use crate::{
    files,
    run::{Cmd, Failure},
    targets,
    tasks::{Done, Outcome},
};

pub(crate) fn browser(words: &[&str]) -> Outcome {
    let Some(chromium) = find()? else {
        return Ok(Done::Skipped(
            "there is no Chromium here; Debian's `chromium` is one, and CHROMIUM can name another"
                .to_owned(),
        ));
    };
    // With the features that the examples have, so that nothing is built twice: `cargo run` would.
    Cmd::cargo("build --examples --bin sse-chromium").run()?;
    let program = built(&format!("debug/sse-chromium{EXE_SUFFIX}"));
    let mut compare = Cmd::new(&program, "--chromium").arg(&chromium);
    let session = session()?;
    if let Done::Passed = session {
        compare = compare.arg("--session").arg(&built(SESSION));
    }
    words.iter().fold(compare, |compare, word| compare.arg(word)).run()?;
    Ok(match session {
        Done::Passed => Done::Passed,
        Done::Skipped(why) => Done::Skipped(format!("a session in a page, of all this: {why}")),
    })
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

/// Makes of our session what a page can load.
fn session() -> Outcome {
    let lock = files::read("Cargo.lock")?;
    let version = locked(&lock, "wasm-bindgen").unwrap_or_default();
    // It reads what the library of its own version has written, and nothing else.
    let installed = Cmd::new("wasm-bindgen", "--version").stdout()?.unwrap_or_default();
    if installed.split_whitespace().nth(1) != Some(version) {
        return Ok(Done::Skipped(format!(
            "`cargo install wasm-bindgen-cli --version {version}` gets what it needs"
        )));
    }
    if let Done::Skipped(why) = targets::browser("--package sse-in-browser")? {
        return Ok(Done::Skipped(why));
    }
    let options = "--target web --no-typescript --out-name session --out-dir";
    let module = built("wasm32-unknown-unknown/debug/sse_in_browser.wasm");
    Cmd::new("wasm-bindgen", options).arg(&built(SESSION)).arg(&module).run()?;
    Ok(Done::Passed)
}

/// The directory of what a page loads, among what was built.
const SESSION: &str = "sse-in-browser";

/// Where cargo puts what it builds.
fn built(what: &str) -> String {
    let target = env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    files::root().join(target).join(what).display().to_string()
}

/// The version of a package in a lockfile.
fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let (_, package) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    package.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::locked;

    #[test]
    fn the_lockfile_tells_the_version_of_a_package() {
        let lock = "[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\n\
            [[package]]\nname = \"a\"\nversion = \"2.0.0\"\nsource = \"registry\"\n";
        assert_eq!(locked(lock, "a"), Some("2.0.0"));
        assert_eq!(locked(lock, "a-b"), Some("1.0.0"));
        assert_eq!(locked(lock, "b"), None);
    }
}
