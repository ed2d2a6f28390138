//! Checks of sse-core on processors that this machine does not have: its tests under an emulator,
//! and the instructions of its vector code; and its unsafe code for x86-64 under Miri.
//!
//! Nightly builds the standard library for each processor from its source. What is missing is
//! skipped; nothing is installed.

mod instructions;
mod webassembly;

use crate::{
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    toolchains,
};

/// Processor, and what builds and runs programs for it.
#[derive(Debug)]
struct Platform {
    /// Name in the table.
    name: &'static str,
    target: &'static str,
    /// Prefix of the names of the C compiler and of its directory.
    gnu: &'static str,
    emulator: &'static str,
    /// Debian packages that the platform needs.
    debian: &'static str,
}

const AARCH64: Platform = Platform {
    name: "aarch64, NEON",
    target: "aarch64-unknown-linux-gnu",
    gnu: "aarch64-linux-gnu",
    emulator: "qemu-aarch64",
    debian: "qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross",
};

const PLATFORMS: [Platform; 4] = [
    AARCH64,
    Platform {
        name: "s390x, big-endian",
        target: "s390x-unknown-linux-gnu",
        gnu: "s390x-linux-gnu",
        emulator: "qemu-s390x",
        debian: "qemu-user, gcc-s390x-linux-gnu and libc6-dev-s390x-cross",
    },
    Platform {
        name: "armv7, 32-bit",
        target: "armv7-unknown-linux-gnueabihf",
        gnu: "arm-linux-gnueabihf",
        emulator: "qemu-arm",
        debian: "qemu-user, gcc-arm-linux-gnueabihf and libc6-dev-armhf-cross",
    },
    Platform {
        name: "i686, 32-bit",
        target: "i686-unknown-linux-gnu",
        gnu: "i686-linux-gnu",
        emulator: "qemu-i386",
        debian: "qemu-user, gcc-i686-linux-gnu and libc6-dev-i386-cross",
    },
];

/// Runs every check of this module, or those whose names start with one of the words, and prints a
/// table of what came of them.
pub(crate) fn platforms(words: &[&str]) -> Outcome {
    let Some(nightly) = toolchains::installed("nightly")? else {
        return Ok(toolchains::missing("nightly"));
    };
    let is_wanted = |name: &str| words.is_empty() || words.iter().any(|it| name.starts_with(it));
    let (mut table, mut parts) = (Vec::new(), Vec::new());
    let mut add = |platform: &str, check: &str, part: Done| {
        table.push(format!("| {platform} | {check} | {} |", result(&part)));
        parts.push(part);
    };
    for platform in PLATFORMS.iter().filter(|platform| is_wanted(platform.name)) {
        add(platform.name, "tests of sse-core", platform.test(&nightly)?);
    }
    if is_wanted("instructions") {
        let (part, rows) = instructions::count(&AARCH64, &nightly)?;
        add(AARCH64.name, "instructions per event", part);
        rows.iter().for_each(|row| println!("{row}"));
    }
    if is_wanted("wasm") {
        add("wasm32, simd128", "the events of the naive parser, in Node", webassembly::compare()?);
    }
    if is_wanted("miri") {
        add("x86-64, Miri", "unit tests of sse-core", miri(&nightly, "", "")?);
        // Only what is enabled when Miri compiles is there when it runs.
        let avx2 = miri(&nightly, "-Ctarget-feature=+avx2", "scan::")?;
        add("x86-64, Miri", "tests of the search for line ends, AVX2", avx2);
    }
    if parts.is_empty() {
        return Err(Failure(format!("no platform begins with any of: {}", words.join(", "))));
    }
    println!("\n| platform | check | result |\n|---|---|---|\n{}", table.join("\n"));
    Ok(Done::from_parts(parts))
}

fn result(part: &Done) -> &'static str {
    match part {
        Done::Passed => "passed",
        Done::InPart(_) => "passed in part",
        Done::Skipped(_) => "skipped",
    }
}

impl Platform {
    /// Returns the skip of a check on this platform, if this machine lacks what it needs.
    fn missing(&self) -> Option<Done> {
        let tools = [self.emulator.to_owned(), format!("{}-gcc", self.gnu)];
        let missing = tools.iter().find(|tool| !Cmd::new(tool, "--version").succeeds())?;
        Some(Done::skipped(format!("no {missing}"), format!("Debian's {}", self.debian)))
    }

    /// Creates a command of nightly's cargo for this platform.
    fn cargo(&self, nightly: &str, line: &str) -> Cmd {
        let Self { target, gnu, .. } = self;
        let option =
            |what| format!("CARGO_TARGET_{}_{what}", target.to_uppercase().replace('-', "_"));
        let build = format!("run {nightly} cargo {line} -Zbuild-std --target {target}");
        Cmd::new("rustup", &build)
            .env(&option("LINKER"), &format!("{gnu}-gcc"))
            .env(&option("RUNNER"), &self.run())
            // Unoptimized tests take many minutes in an emulator.
            .env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
            .env(&option("RUSTFLAGS"), "-Dwarnings")
    }

    /// Returns the start of the command line that runs a program of this platform.
    fn run(&self) -> String {
        format!("{} -L /usr/{}", self.emulator, self.gnu)
    }

    /// Runs the tests of sse-core.
    fn test(&self, nightly: &str) -> Outcome {
        if let Some(missing) = self.missing() {
            return Ok(missing);
        }
        let tests = "test --release --package sse-core --all-features --lib --tests";
        self.cargo(nightly, tests).run()?;
        Ok(Done::Passed)
    }
}

/// Runs the unit tests of sse-core whose names contain `tests` under Miri.
fn miri(nightly: &str, flags: &str, tests: &str) -> Outcome {
    if !Cmd::new("rustup", &format!("run {nightly} cargo miri --version")).succeeds() {
        let remedy = "`rustup component add miri rust-src --toolchain nightly`";
        return Ok(Done::skipped("no Miri", remedy));
    }
    let test = format!("run {nightly} cargo miri test --package sse-core --all-features --lib");
    Cmd::new("rustup", &format!("{test} {tests}")).env("RUSTFLAGS", flags).run()?;
    Ok(Done::Passed)
}
