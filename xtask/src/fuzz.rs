//! Runs the fuzz targets of `tools/fuzz/fuzz_targets`, each for a given time.
//!
//! libFuzzer keeps inputs that reach new code in `tools/fuzz/corpus`, and inputs that fail in
//! `tools/fuzz/artifacts`.

use std::{fs, time::Duration};

use crate::{
    files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    toolchains,
};

/// Runs each target for this time.
pub(crate) fn fuzz(time: Duration) -> Outcome {
    let Some(nightly) = toolchains::installed("nightly")? else {
        return Ok(toolchains::missing("nightly"));
    };
    if Cmd::new("cargo-fuzz", "fuzz --version").stdout()?.is_none() {
        return Ok(Done::skipped("no cargo-fuzz", "`cargo install cargo-fuzz`"));
    }
    for target in targets()? {
        let (corpus, seeds) =
            (format!("tools/fuzz/corpus/{target}"), format!("tools/fuzz/seeds/{target}"));
        fs::create_dir_all(files::root().join(&corpus)).map_err(|it| files::at(&corpus, &it))?;
        let run =
            format!("run {nightly} cargo fuzz run --fuzz-dir tools/fuzz {target} {corpus} {seeds}");
        let options = format!("-max_total_time={} {QUIET}", time.as_secs());
        Cmd::new("rustup", &format!("{run} -- {options}")).run()?;
    }
    Ok(Done::Passed)
}

/// Options of libFuzzer: a summary instead of a line for each input that reaches new code.
const QUIET: &str = "-verbosity=0 -print_final_stats=1";

/// Returns the names of the targets.
fn targets() -> Result<Vec<String>, Failure> {
    let mut targets = Vec::new();
    for path in files::all()? {
        let name =
            path.strip_prefix("tools/fuzz/fuzz_targets/").and_then(|it| it.strip_suffix(".rs"));
        if let Some(name) = name {
            if files::read(&path)?.contains("fuzz_target!(") {
                targets.push(name.to_owned());
            }
        }
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use crate::files;

    use super::targets;

    #[test]
    fn every_target_has_seeds() {
        let targets = targets().unwrap();
        assert_eq!(targets, ["codings", "direct", "limits", "parse", "roundtrip"]);
        for target in targets {
            assert!(files::root().join("tools/fuzz/seeds").join(target).is_dir());
        }
    }
}
