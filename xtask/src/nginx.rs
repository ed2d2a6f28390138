//! Sessions through nginx, where it is installed.
//!
//! Finds it, and runs the tests that need it. What is tested is beside sse-reqwest.

use crate::{
    run::{Cmd, Failure},
    tasks::{Done, Outcome},
};

pub(crate) fn nginx() -> Outcome {
    let Some(program) = find()? else {
        let why = "there is no nginx here that these tests can use; Debian's is `nginx-light`";
        return Ok(Done::Skipped(why.to_owned()));
    };
    Cmd::cargo("test --package sse-reqwest --all-features --test nginx")
        .env("NGINX_PROGRAM", program)
        .run()?;
    Ok(Done::Passed)
}

/// Debian has it where only the paths of administrators lead.
fn find() -> Result<Option<&'static str>, Failure> {
    if !cfg!(unix) {
        return Ok(None);
    }
    for program in ["nginx", "/usr/sbin/nginx"] {
        if Cmd::new(program, "-v").stdout()?.is_some() {
            return Ok(Some(program));
        }
    }
    Ok(None)
}
