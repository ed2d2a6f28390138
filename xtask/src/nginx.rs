//! Runs the tests of sse-reqwest that need nginx, if it is installed.

use crate::{
    cargo,
    outcome::{Done, Failure, Outcome},
    run::Cmd,
};

/// Runs sessions through nginx.
pub(crate) fn nginx() -> Outcome {
    if !cfg!(unix) {
        return Ok(Done::skipped("no Unix sockets", "runs on Linux and macOS"));
    }
    let Some(program) = find()? else {
        return Ok(Done::skipped("no nginx", "Debian's is nginx-light"));
    };
    cargo::test_target("nginx").env("NGINX_PROGRAM", program).run()?;
    Ok(Done::Passed)
}

/// Returns the command of the installed nginx. Debian installs it outside a user's `PATH`.
fn find() -> Result<Option<&'static str>, Failure> {
    for program in ["nginx", "/usr/sbin/nginx"] {
        if Cmd::new(program, "-v").stdout()?.is_some() {
            return Ok(Some(program));
        }
    }
    Ok(None)
}
