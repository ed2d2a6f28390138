//! Checks that are only cargo commands: formatting, lints, tests, documentation.

use crate::{
    files,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
    workspace::{self, Crate},
};

/// Checks that rustfmt would change nothing.
pub(crate) fn fmt() -> Outcome {
    if !has("fmt") {
        return Ok(missing("rustfmt", "rustfmt"));
    }
    Cmd::cargo("fmt --all --check").run()?;
    for outside in ["tools/bench", "tools/fuzz", "tools/public-api", "tools/wasm-bindgen"] {
        Cmd::cargo(&format!("fmt --manifest-path {outside}/Cargo.toml --check")).run()?;
    }
    Ok(Done::Passed)
}

/// Checks that clippy has no warning, whichever features are on: all, the default ones, none, and
/// each alone. Tests are included with all features and with none. The fuzz targets are checked
/// too, which no other task compiles without nightly.
pub(crate) fn clippy() -> Outcome {
    if let Some(missing) = missing_clippy() {
        return Ok(missing);
    }
    Cmd::cargo("clippy --workspace --all-targets --all-features -- -D warnings").run()?;
    for Crate { name, features, .. } in with_features()? {
        // Tests are checked with all features and with none, which is where their conditions
        // differ.
        Cmd::cargo(&format!("clippy --package {name} -- -D warnings")).run()?;
        let none = format!("clippy --package {name} --no-default-features");
        Cmd::cargo(&format!("{none} --all-targets -- -D warnings")).run()?;
        // The dependencies of tests would turn on features that users of one do not have.
        for feature in features {
            Cmd::cargo(&format!("{none} --features {feature} -- -D warnings")).run()?;
        }
    }
    // In the directory of the workspace, where some of the dependencies are built already.
    let fuzz = Cmd::cargo("clippy --locked --all-targets --manifest-path tools/fuzz/Cargo.toml");
    // Nothing is linked, so libFuzzer need not be compiled.
    let fuzz = fuzz.env("CUSTOM_LIBFUZZER_PATH", "./none");
    fuzz.arg("--target-dir").arg(&files::built("")).arg("--").arg("-Dwarnings").run()?;
    Ok(Done::Passed)
}

/// Returns the skip of a check that needs clippy, if this machine lacks it.
pub(crate) fn missing_clippy() -> Option<Done> {
    (!has("clippy")).then(|| missing("clippy", "rust-clippy"))
}

/// Runs tests and doctests with all features, and with none; with none on fewer random inputs.
///
/// What they test with the default features is tested with all features too. Examples are not built
/// here, because [`programs`] builds them as users do.
pub(crate) fn test() -> Outcome {
    Cmd::cargo(&format!("{ALL_TESTS} --lib --bins --tests")).run()?;
    Cmd::cargo(&format!("{ALL_TESTS} --doc")).run()?;
    // Without `std` if no feature is on, which any of the others would enable.
    let core = workspace::core_name()?;
    fewer_inputs(Cmd::cargo(&format!("test --package {core} --no-default-features"))).run()?;
    // One build of these enables the features of each that another one asks for. A build of each
    // would compile most dependencies once more; clippy compiles each by itself.
    let others = with_features()?.filter(|it| it.name != core);
    let test = Cmd::cargo("test --no-default-features");
    fewer_inputs(others.fold(test, |cmd, it| cmd.arg("--package").arg(&it.name))).run()?;
    Ok(Done::Passed)
}

/// Lets properties be tried on fewer inputs than they ask for, unless the environment says how
/// many.
fn fewer_inputs(test: Cmd) -> Cmd {
    [("PROPTEST_CASES", "256"), ("BODIES", "1000"), ("CUTS", "5000")]
        .into_iter()
        .filter(|(name, _)| std::env::var_os(name).is_none())
        .fold(test, |test, (name, count)| test.env(name, count))
}

/// Runs one test target of a package of the workspace, in the build of [`test()`].
pub(crate) fn test_target(name: &str) -> Cmd {
    Cmd::cargo(&format!("{ALL_TESTS} --test {name}"))
}

const ALL_TESTS: &str = "test --workspace --all-features";

/// Builds the examples and the programs of the tools.
///
/// One build for every task that runs one of them: cargo selects the features of dependencies by
/// what is built, so that a build of fewer programs compiles some dependencies again.
pub(crate) fn programs() -> Result<(), Failure> {
    Cmd::cargo("build --examples --bins").run()
}

/// Builds the documentation, in which a warning is an error.
pub(crate) fn doc() -> Outcome {
    Cmd::cargo("doc --workspace --no-deps --all-features")
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()?;
    Ok(Done::Passed)
}

/// Returns the crates that have features to leave out.
///
/// They are checked one by one, because one build of several crates enables the features that any
/// of them asks for.
fn with_features() -> Result<impl Iterator<Item = Crate>, Failure> {
    Ok(workspace::published()?.into_iter().filter(|package| !package.features.is_empty()))
}

/// Returns `true` if cargo has this subcommand, which not every installation of Rust includes.
fn has(subcommand: &str) -> bool {
    Cmd::cargo(&format!("{subcommand} --version")).succeeds()
}

fn missing(component: &str, debian: &str) -> Done {
    let remedy = format!("`rustup component add {component}`, or Debian's {debian}");
    Done::skipped(format!("no {component}"), remedy)
}
