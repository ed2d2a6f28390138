//! Counts the instructions per event on an emulated processor, with a plugin of qemu.

use std::time::Duration;

use super::Platform;
use crate::{
    files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
};

/// Source of the plugin, and the library that it is compiled to.
const PLUGIN: [&str; 2] = ["tools/emulated/count.c", "emulated-count.so"];

/// Streams whose readings are counted.
const WORKLOADS: [&str; 8] =
    ["openai", "anthropic", "ticks", "tiny", "wikimedia", "multi-line", "keep-alives", "cjk"];

const CHUNK_BYTES: [u32; 2] = [16, 16 << 10];

/// Time that a run may take.
const LIMIT: Duration = Duration::from_secs(120);

/// Prints a table of instructions per event.
pub(super) fn count(platform: &Platform) -> Outcome {
    let toolchain = match platform.toolchain()? {
        Ok(toolchain) => toolchain,
        Err(missing) => return Ok(missing),
    };
    if !Cmd::new("cc", "--version").succeeds() {
        return Ok(Done::skipped("no C compiler", "Debian's gcc"));
    }
    if is_too_new(platform)? {
        return Ok(Done::skipped("a qemu without version 1 of its plugins", "qemu 7 or 8"));
    }
    let [source, plugin] = PLUGIN;
    let plugin = files::built(plugin);
    Cmd::new("cc", &format!("-shared -fPIC -O2 -Wall -o {plugin} {source}")).run()?;
    let build = "build --release --package sse-emulated --bin sse-emulated";
    platform.cargo(&toolchain, build).run()?;
    let mut rows =
        vec!["| stream | chunks of | instructions per event |\n|---|---|---|".to_owned()];
    for name in WORKLOADS {
        for chunk_bytes in CHUNK_BYTES {
            let cell = |times| run(platform, name, chunk_bytes, times);
            let ((once, events), (thrice, _)) = (cell(1)?, cell(3)?);
            let per_event = (thrice - once) / 2 / events;
            rows.push(format!("| {name} | {chunk_bytes} B | {per_event} |"));
        }
    }
    // After the commands that were run, each of which is printed.
    rows.iter().for_each(|row| println!("{row}"));
    Ok(Done::Passed)
}

/// Returns `true` if the emulator no longer has version 1 of the plugin interface.
fn is_too_new(platform: &Platform) -> Result<bool, Failure> {
    let version = Cmd::new(platform.emulator, "--version").stdout()?.unwrap_or_default();
    let number = version.split_once(" version ").and_then(|(_, rest)| rest.split('.').next());
    Ok(number.and_then(|major| major.parse::<u32>().ok()).is_none_or(|major| major >= 9))
}

/// Runs the program, and returns the number of its instructions and of the events of one reading.
fn run(
    platform: &Platform,
    name: &str,
    chunk_bytes: u32,
    times: u32,
) -> Result<(u64, u64), Failure> {
    let program = files::built(&format!("{}/release/sse-emulated", platform.target));
    let line = format!("-L /usr/{} -plugin {}", platform.gnu, files::built(PLUGIN[1]));
    let line = format!("{line} {program} {name} {chunk_bytes} {times}");
    let run = Cmd::new(platform.emulator, &line);
    let shown = run.to_string();
    let finished = run.converse(String::new(), LIMIT)?;
    let count = finished.stderr.trim().strip_prefix("instructions: ");
    let numbers = count.and_then(|it| it.parse().ok()).zip(finished.stdout.trim().parse().ok());
    numbers.ok_or_else(|| Failure(format!("{shown}: {}", finished.stderr)))
}
