//! Checks of sse-core on processors that this machine does not have: its tests under an emulator,
//! and the instructions of its vector code; and its unsafe code for x86-64 under Miri and
//! AddressSanitizer.
//!
//! The standard library for a processor is the one that rustup has installed, or else nightly
//! builds it from its source. A part that is missing is skipped; nothing is installed.

mod instructions;
mod sanitizers;
mod webassembly;

use crate::{
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    toolchains, workspace,
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
    /// Path, below the directory of the C compiler, of the loader that runs programs of this
    /// platform without an emulator, if the processor of this machine can.
    loader: Option<&'static str>,
    /// Debian packages that the platform needs.
    debian: &'static str,
}

const AARCH64: Platform = Platform {
    name: "aarch64, NEON",
    target: "aarch64-unknown-linux-gnu",
    gnu: "aarch64-linux-gnu",
    emulator: "qemu-aarch64",
    loader: None,
    debian: "qemu-user, gcc-aarch64-linux-gnu and libc6-dev-arm64-cross",
};

const PLATFORMS: [Platform; 4] = [
    AARCH64,
    Platform {
        name: "s390x, big-endian",
        target: "s390x-unknown-linux-gnu",
        gnu: "s390x-linux-gnu",
        emulator: "qemu-s390x",
        loader: None,
        debian: "qemu-user, gcc-s390x-linux-gnu and libc6-dev-s390x-cross",
    },
    Platform {
        name: "armv7, 32-bit",
        target: "armv7-unknown-linux-gnueabihf",
        gnu: "arm-linux-gnueabihf",
        emulator: "qemu-arm",
        loader: None,
        debian: "qemu-user, gcc-arm-linux-gnueabihf and libc6-dev-armhf-cross",
    },
    Platform {
        name: "i686, 32-bit",
        target: "i686-unknown-linux-gnu",
        gnu: "i686-linux-gnu",
        emulator: "qemu-i386",
        loader: if cfg!(target_arch = "x86_64") { Some("lib/ld-linux.so.2") } else { None },
        debian: "gcc-i686-linux-gnu and libc6-dev-i386-cross, and qemu-user on other processors",
    },
];

/// Installed Rust that builds for a platform.
#[derive(Debug)]
enum Toolchain {
    /// The one that runs this program. It has the standard library of the platform.
    Own,
    /// A nightly of this name, which has the source of the standard library.
    Nightly(String),
}

/// Runs every check of this module, or those whose names start with one of the words, and prints a
/// table of what came of them. A check that fails does not keep the others from running.
pub(crate) fn platforms(words: &[&str]) -> Outcome {
    let emulated = PLATFORMS.iter().map(|platform| platform.name);
    let names: Vec<_> = emulated.chain(["instructions", "wasm", "asan", "miri"]).collect();
    if let Some(word) = words.iter().find(|&word| !names.iter().any(|it| it.starts_with(word))) {
        let names = names.join(", ");
        return Err(Failure(format!("no platform begins with {word}: there are {names}")));
    }
    let is_wanted = |name: &str| words.is_empty() || words.iter().any(|it| name.starts_with(it));
    let mut rows = Vec::new();
    let mut add = |platform, check: &str, result| rows.push((platform, check.to_owned(), result));
    for platform in PLATFORMS.iter().filter(|platform| is_wanted(platform.name)) {
        let how = if platform.loader.is_some() { "" } else { ", emulated" };
        add(platform.name, &format!("tests of sse-core{how}"), platform.test());
    }
    if is_wanted("instructions") {
        let result = instructions::count(&AARCH64);
        add(AARCH64.name, "instructions per event, emulated", result);
    }
    if is_wanted("wasm") {
        add("wasm32, simd128", "the events of the naive parser, in Node", webassembly::compare());
    }
    if is_wanted("asan") {
        add("x86-64, AddressSanitizer", "tests of sse-core", sanitizers::address());
    }
    if is_wanted("miri") {
        add("x86-64, Miri", "unit tests of sse-core", miri("", ""));
        // Only what is enabled when Miri compiles is there when it runs.
        let avx2 = miri("-Ctarget-feature=+avx2", "scan::");
        add("x86-64, Miri", "tests of the search for line ends, AVX2", avx2);
    }
    println!("\n| platform | check | result |\n|---|---|---|");
    for (platform, check, result) in &rows {
        let result = result.as_ref().map_or("FAILED".to_owned(), Done::in_a_table);
        println!("| {platform} | {check} | {result} |");
    }
    let (mut parts, mut failures) = (Vec::new(), Vec::new());
    for (platform, check, result) in rows {
        match result {
            Ok(part) => parts.push(part),
            Err(Failure(why)) => failures.push(format!("{platform}: {check}: {why}")),
        }
    }
    if failures.is_empty() {
        Ok(Done::from_parts(parts))
    } else {
        Err(Failure(failures.join("\n  ")))
    }
}

impl Platform {
    /// Returns the toolchain that builds for this platform, or the skip of a check, if this machine
    /// lacks something.
    fn toolchain(&self) -> Result<Result<Toolchain, Done>, Failure> {
        let emulator = self.loader.is_none().then(|| self.emulator.to_owned());
        let mut tools = emulator.into_iter().chain([format!("{}-gcc", self.gnu)]);
        if let Some(missing) = tools.find(|tool| !Cmd::new(tool, "--version").succeeds()) {
            let remedy = format!("Debian's {}", self.debian);
            return Ok(Err(Done::skipped(format!("no {missing}"), remedy)));
        }
        if toolchains::has_library(self.target)? {
            return Ok(Ok(Toolchain::Own));
        }
        let nightly = toolchains::installed("nightly")?;
        Ok(match nightly {
            Some(nightly) if toolchains::has_source(&nightly)? => Ok(Toolchain::Nightly(nightly)),
            _ => Err(toolchains::no_target(self.target)),
        })
    }

    /// Creates a command of cargo for this platform.
    fn cargo(&self, toolchain: &Toolchain, line: &str) -> Cmd {
        let target = self.target;
        let option =
            |what| format!("CARGO_TARGET_{}_{what}", target.to_uppercase().replace('-', "_"));
        let build = format!("{line} --target {target}");
        let cargo = match toolchain {
            Toolchain::Own => Cmd::cargo(&build),
            Toolchain::Nightly(name) => {
                Cmd::new("rustup", &format!("run {name} cargo {build} -Zbuild-std"))
            }
        };
        cargo
            .env(&option("LINKER"), &format!("{}-gcc", self.gnu))
            .env(&option("RUNNER"), &self.run())
            .env(&option("RUSTFLAGS"), "-Dwarnings")
    }

    /// Returns the start of the command line that runs a program of this platform.
    fn run(&self) -> String {
        let dir = format!("/usr/{}", self.gnu);
        match self.loader {
            Some(loader) => format!("{dir}/{loader} --library-path {dir}/lib"),
            None => format!("{} -L {dir}", self.emulator),
        }
    }

    /// Runs the tests of sse-core.
    fn test(&self) -> Outcome {
        let toolchain = match self.toolchain()? {
            Ok(toolchain) => toolchain,
            Err(missing) => return Ok(missing),
        };
        let core = workspace::core_name()?;
        let tests = format!("--package {core} --all-features --lib --tests");
        if self.loader.is_some() {
            self.cargo(&toolchain, &format!("test {tests}")).run()?;
            return Ok(Done::Passed);
        }
        // Unoptimized tests take many minutes in an emulator, and so do properties that are tried
        // on thousands of inputs. Level 1 is faster overall than a build at level 3.
        self.cargo(&toolchain, &format!("test --release {tests}"))
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
            .env("PROPTEST_CASES", "256")
            .run()?;
        Ok(Done::Passed)
    }
}

/// Runs the unit tests of sse-core whose names contain `tests` under Miri.
fn miri(flags: &str, tests: &str) -> Outcome {
    let Some(nightly) = toolchains::installed("nightly")? else {
        return Ok(toolchains::missing("nightly"));
    };
    if !Cmd::new("rustup", &format!("run {nightly} cargo miri --version")).succeeds() {
        let remedy = "`rustup component add miri rust-src --toolchain nightly`";
        return Ok(Done::skipped("no Miri", remedy));
    }
    let core = workspace::core_name()?;
    let test = format!("run {nightly} cargo miri test --package {core} --all-features --lib");
    Cmd::new("rustup", &format!("{test} {tests}")).env("RUSTFLAGS", flags).run()?;
    Ok(Done::Passed)
}
