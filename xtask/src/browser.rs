//! The check against a real browser: Chromium's `EventSource` and our sessions must read the same
//! event streams alike, on this machine and inside a page.
//!
//! Finds a Chromium and builds both sides. `tools/chromium` compares them.

use std::env::{self, consts::EXE_SUFFIX};

use crate::{
    cargo, files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    targets, toolchains,
};

/// Compares sessions with those of Chromium. The words are options of `sse-chromium`.
pub(crate) fn browser(words: &[&str]) -> Outcome {
    let Some(chromium) = find()? else {
        let remedy = "Debian's is chromium; the variable CHROMIUM can name another";
        return Ok(Done::skipped("no Chromium", remedy));
    };
    cargo::programs()?;
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
    if let Some(too_old) = toolchains::too_old(GENERATOR)? {
        return Ok(too_old);
    }
    let module = targets::browser("--package sse-in-browser")?;
    if !matches!(module, Done::Passed) {
        return Ok(module);
    }
    // In the directory of the workspace, where some of the dependencies are built already.
    let run = Cmd::cargo(&format!("run --locked --manifest-path {GENERATOR} --target-dir"));
    let module = files::built("wasm32-unknown-unknown/debug/sse_in_browser.wasm");
    let run = run.arg(&files::built("")).arg("--").arg(&module).arg("session");
    run.arg(&files::built(SESSION)).run()?;
    Ok(Done::Passed)
}

/// Program that generates the JavaScript of a page. It has a lockfile of its own.
const GENERATOR: &str = "tools/wasm-bindgen/Cargo.toml";

/// Directory, below cargo's, of the files that a page loads.
const SESSION: &str = "sse-in-browser";

#[cfg(test)]
mod tests {
    use crate::files;

    /// It reads only what the library of its own version has written.
    #[test]
    fn the_generator_is_of_the_version_of_wasm_bindgen() {
        let lock = files::read("Cargo.lock").unwrap();
        let own = files::read("tools/wasm-bindgen/Cargo.lock").unwrap();
        let library = locked(&lock, "wasm-bindgen").unwrap();
        assert_eq!(locked(&own, "wasm-bindgen-cli-support"), Some(library));
    }

    /// Returns the version of a package in a lockfile.
    fn locked<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
        let (_, package) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        package.split('"').next()
    }
}
