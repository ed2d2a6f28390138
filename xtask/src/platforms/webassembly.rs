//! Reads event streams in Node, with the vectors of WebAssembly and without.

use std::fs;

use crate::{
    files,
    outcome::{Done, Outcome},
    run::Cmd,
    toolchains,
};

const MODULE: &str = "wasm32-unknown-unknown/release/sse_emulated.wasm";

/// Compares the events with those of the naive parser.
pub(super) fn compare() -> Outcome {
    if !Cmd::new("node", "--version").succeeds() {
        return Ok(Done::skipped("no Node", "Debian's nodejs"));
    }
    let target = "wasm32-unknown-unknown";
    if !toolchains::has_library(target)? {
        return Ok(toolchains::no_target(target));
    }
    let mut copies = Vec::new();
    for (name, flags) in
        [("simd128", "-Dwarnings -Ctarget-feature=+simd128"), ("without", "-Dwarnings")]
    {
        Cmd::cargo(&format!("build --release --package sse-emulated --lib --target {target}"))
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags)
            .run()?;
        let copy = files::built(&format!("sse-emulated-{name}.wasm"));
        fs::copy(files::built(MODULE), &copy).map_err(|error| files::at(&copy, &error))?;
        copies.push(copy);
    }
    Cmd::new("node", &format!("tools/emulated/run.mjs {}", copies.join(" "))).run()?;
    Ok(Done::Passed)
}
