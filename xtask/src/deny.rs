//! Checks the dependencies with cargo-deny, by the rules of `deny.toml`.

use crate::{
    outcome::{Done, Outcome},
    run::Cmd,
};

/// Checks licenses, bans and sources, then known vulnerabilities if their database can be fetched.
pub(crate) fn deny() -> Outcome {
    if !Cmd::cargo("deny --version").succeeds() {
        let remedy = "`cargo install --locked cargo-deny`";
        return Ok(Done::skipped("no cargo-deny", remedy));
    }
    Cmd::cargo("deny --locked check licenses bans sources").run()?;
    if !Cmd::cargo("deny fetch db").succeeds() {
        let offline = Done::skipped("no database of advisories", "needs the network");
        return Ok(Done::from_parts([Done::Passed, offline]));
    }
    Cmd::cargo("deny --locked check --disable-fetch advisories").run()?;
    Ok(Done::Passed)
}
