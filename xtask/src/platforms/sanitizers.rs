//! Runs the tests of sse-core with the sanitizers of the compiler.

use crate::{
    outcome::{Done, Outcome},
    run::Cmd,
    toolchains, workspace,
};

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Runs the tests with AddressSanitizer, which finds accesses outside of an allocation, and to one
/// that is freed.
///
/// The standard library is the installed one and not instrumented: accesses in it are not checked,
/// but it allocates by the allocator of the sanitizer, so that the accesses of sse-core are.
pub(super) fn address() -> Outcome {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(Done::skipped("no x86-64 with Linux", "runs there"));
    }
    if !toolchains::has_sanitizer(TARGET, "asan")? {
        let remedy = "the Rust of rustup has it";
        return Ok(Done::skipped("no run-time library of AddressSanitizer", remedy));
    }
    let tests = format!("--package {} --all-features --lib --tests", workspace::core_name()?);
    Cmd::cargo(&format!("test {tests} --target {TARGET}"))
        // The flag is not stable.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS", "-Zsanitizer=address")
        // A test of readers that replace their buffer has to leak the other one.
        .env("ASAN_OPTIONS", "detect_leaks=0")
        .run()?;
    Ok(Done::Passed)
}
