//! Describes the machine of the measurements in one line, which is empty if unknown.

use std::{env::consts, fs, process::Command, thread};

pub fn describe() -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let processor = processor.unwrap_or_else(|| consts::ARCH.to_owned());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let compiler = Command::new("rustc").arg("--version").output();
    let compiler = compiler.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    format!(
        "Measured on {processor}, {threads} threads, {} {}.\nCompiled by {}, `opt-level = 3`, `lto = \
         \"fat\"`, for the baseline of the\narchitecture, with the system's allocator. Other programs \
         ran at the same time, so a difference of a\nfew percent means nothing.\n",
        consts::OS,
        consts::ARCH,
        compiler.unwrap_or_default(),
    )
}
