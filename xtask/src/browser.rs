//! The check against a real browser: Chromium's `EventSource` and our sessions must read the same
//! event streams alike, on this machine and inside a page.
//!
//! Finds a Chromium and builds both sides. `tools/chromium` compares them.

use std::env::{self, consts::EXE_SUFFIX};

use crate::{
    files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    targets,
};

/// Compares sessions with those of Chromium. The words are options of `sse-chromium`.
pub(crate) fn browser(words: &[&str]) -> Outcome {
    let Some(chromium) = find()? else {
        let remedy = "Debian's is chromium; the variable CHROMIUM can name another";
        return Ok(Done::skipped("no Chromium", remedy));
    };
    // With the features of the examples: `cargo run` would build the dependencies a second time.
    Cmd::cargo("build --examples --bin sse-chromium").run()?;
    let program = files::built(&format!("debug/sse-chromium{EXE_SUFFIX}"));
    let mut compare = Cmd::new(&program, "--chromium").arg(&chromium);
    let session = session()?;
    if let Done::Passed = session {
        compare = compare.arg("--session").arg(&files::built(SESSION));
    }
    words.iter().fold(compare, |compare, word| compare.arg(word)).run()?;
    Ok(Done::from_parts([Done::Passed, session]))
}

/// Returns the first of the usual names that starts a browser.
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

/// Compiles a session into files that a page can load.
fn session() -> Outcome {
    let lock = files::read("Cargo.lock")?;
    let version = locked(&lock, "wasm-bindgen").unwrap_or_default();
    // It only reads the output of the library of its own version.
    let installed = Cmd::new("wasm-bindgen", "--version").stdout()?.unwrap_or_default();
    if installed.split_whitespace().nth(1) != Some(version) {
        return Ok(Done::skipped(
            format!("no wasm-bindgen {version}"),
            format!("`cargo install wasm-bindgen-cli --version {version}`"),
        ));
    }
    let module = targets::browser("--package sse-in-browser")?;
    if !matches!(module, Done::Passed) {
        return Ok(module);
    }
    let options = "--target web --no-typescript --out-name session --out-dir";
    let module = files::built("wasm32-unknown-unknown/debug/sse_in_browser.wasm");
    Cmd::new("wasm-bindgen", options).arg(&files::built(SESSION)).arg(&module).run()?;
    Ok(Done::Passed)
}

/// Directory, below cargo's, of the files that a page loads.
const SESSION: &str = "sse-in-browser";

/// Returns the version of a package in a lockfile.
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
