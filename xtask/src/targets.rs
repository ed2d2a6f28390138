//! Builds for targets that nothing here runs on: a browser, and a machine without an operating
//! system.
//!
//! Uses the target if rustup has it, or else a system compiler that comes with the source of the
//! standard library and builds that first: on Debian, `rustc-web` and `rust-web-src`. Without
//! either, the build is skipped; nothing is installed.

use std::path::Path;

use crate::{
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    workspace,
};

/// Builds the crates and the example `fetch-session` for browsers, then runs [`nostd`].
pub(crate) fn wasm() -> Outcome {
    let core = workspace::core_name()?;
    let crates =
        format!("--package {core} --package sse-session --package sse-reqwest --package sse-typed");
    // A program without reqwest has sse-session alone.
    let session = "--package sse-session --no-default-features";
    let example = "--package fetch-session";
    // The first is built, with the code that it generates; for the others, checks find as much in
    // less time.
    let first = build(&BROWSER, &[format!("build {crates}")])?;
    let others = [session, &format!("{crates} --all-features"), example];
    let others = build(&BROWSER, &others.map(|what| format!("check {what}")))?;
    Ok(Done::from_parts([first, others, nostd()?]))
}

/// Builds for browsers what these arguments of cargo name.
pub(crate) fn browser(what: &str) -> Outcome {
    build(&BROWSER, &[format!("build {what}")])
}

/// Builds sse-core for a target that has no `std`: without features, and with `stream`.
pub(crate) fn nostd() -> Outcome {
    let alone = format!("build --package {} --no-default-features", workspace::core_name()?);
    build(&BARE_METAL, &[alone.clone(), format!("{alone} --features stream")])
}

#[derive(Debug)]
struct Target {
    name: &'static str,
    /// Crates of the standard library to build where only its source is installed.
    library: &'static str,
    /// Linker of a system compiler, and the flag that selects its kind.
    linker: Option<(&'static str, &'static str)>,
    /// Debian packages that the target needs.
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

/// Path of a compiler that the system, not rustup, has installed.
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";

/// Runs these commands of cargo for a target.
fn build(target: &Target, commands: &[String]) -> Outcome {
    let Target { name, library, linker, debian } = target;
    let by_rustup = is_installed(name)?;
    if !by_rustup && !can_build_library(linker.map(|(linker, _)| linker))? {
        return Ok(Done::skipped(
            format!("no target {name}"),
            format!("`rustup target add {name}`, or Debian's {debian}"),
        ));
    }
    let option = |what| format!("CARGO_TARGET_{}_{what}", name.to_uppercase().replace('-', "_"));
    for command in commands {
        let mut build = Cmd::cargo(&format!("{command} --target {name}"));
        // No other check sees the code that is only for this target.
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

/// `true` if rustup has installed the target.
fn is_installed(target: &str) -> Result<bool, Failure> {
    let targets = Cmd::new("rustup", "target list --installed").stdout()?.unwrap_or_default();
    Ok(targets.lines().any(|installed| installed == target))
}

/// `true` if the system's compiler comes with the source of the standard library, and the linker is
/// installed.
fn can_build_library(linker: Option<&str>) -> Result<bool, Failure> {
    if linker.is_some_and(|linker| !Cmd::new(linker, "--version").succeeds()) {
        return Ok(false);
    }
    let sysroot = Cmd::new(SYSTEM_RUSTC, "--print sysroot").stdout()?;
    Ok(sysroot.is_some_and(|sysroot| {
        Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/core/Cargo.toml").is_file()
    }))
}
