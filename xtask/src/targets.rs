//! The checks for targets that no check runs on: a browser, and a machine without a system.
//!
//! Uses what rustup has of a target, or else a compiler of the system that has its library's source
//! and can build that first: on Debian, `rustc-web` and `rust-web-src`. Where there is neither, they
//! are skipped; they install nothing.

use std::path::Path;

use crate::{
    run::{Cmd, Failure},
    tasks::{Done, Outcome},
};

/// Builds all that is for browsers, and then what is for a machine without a system.
pub(crate) fn wasm() -> Outcome {
    let crates = "--package sse-core --package sse-reqwest --package sse-typed";
    let builds = [crates.to_owned(), format!("{crates} --all-features")];
    match (build(&BROWSER, &builds)?, nostd()?) {
        (Done::Passed, bare_metal) => Ok(bare_metal),
        (skipped, _) => Ok(skipped),
    }
}

/// Builds one thing for browsers.
pub(crate) fn browser(what: &str) -> Outcome {
    build(&BROWSER, &[what.to_owned()])
}

/// Builds what needs no `std` for a target that has none: sse-core by itself, and with `stream`.
pub(crate) fn nostd() -> Outcome {
    let alone = "--package sse-core --no-default-features";
    build(&BARE_METAL, &[alone.to_owned(), format!("{alone} --features stream")])
}

#[derive(Debug)]
struct Target {
    name: &'static str,
    /// What of Rust's library to build where there is only its source.
    library: &'static str,
    /// What links where the compiler is that of a system, and the flag that says so.
    linker: Option<(&'static str, &'static str)>,
    /// The packages of Debian that it needs.
    debian: &'static str,
}

const BROWSER: Target = Target {
    name: "wasm32-unknown-unknown",
    library: "std,panic_abort",
    linker: Some(("wasm-ld", "-Clinker-flavor=wasm-ld")),
    debian: "rustc-web, rust-web-src and lld",
};

const BARE_METAL: Target = Target {
    name: "thumbv7m-none-eabi",
    library: "core,alloc",
    linker: None,
    debian: "rustc-web and rust-web-src",
};

/// Where a system has a compiler of its own, and not rustup's.
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";

fn build(target: &Target, builds: &[String]) -> Outcome {
    let Target { name, library, linker, debian } = target;
    let by_rustup = is_installed(name)?;
    if !by_rustup && !has_source(SYSTEM_RUSTC)? {
        return Ok(Done::Skipped(format!(
            "there is no {name} here; `rustup target add {name}` gets it, or Debian's {debian}"
        )));
    }
    let option = |what| format!("CARGO_TARGET_{}_{what}", name.to_uppercase().replace('-', "_"));
    for what in builds {
        let mut build = Cmd::cargo(&format!("build {what} --target {name}"));
        // What is only for this target, no other check has seen.
        let mut flags = "-Dwarnings".to_owned();
        if !by_rustup {
            build = build.arg(&format!("-Zbuild-std={library}"));
            build = build.env("RUSTC", SYSTEM_RUSTC).env("RUSTC_BOOTSTRAP", "1");
            if let Some((linker, flavor)) = linker {
                build = build.env(&option("LINKER"), linker);
                flags += &format!(" {flavor}");
            }
        }
        build.env(&option("RUSTFLAGS"), &flags).run()?;
    }
    Ok(Done::Passed)
}

/// Whether rustup has the target.
fn is_installed(target: &str) -> Result<bool, Failure> {
    let targets = Cmd::new("rustup", "target list --installed").stdout()?.unwrap_or_default();
    Ok(targets.lines().any(|installed| installed == target))
}

fn has_source(rustc: &str) -> Result<bool, Failure> {
    let sysroot = Cmd::new(rustc, "--print sysroot").stdout()?;
    Ok(sysroot.is_some_and(|sysroot| {
        Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/core/Cargo.toml").is_file()
    }))
}
