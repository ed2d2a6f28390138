//! Counts the instructions of a session per event over each transport, and measures the memory of
//! idle sessions.

use super::{
    client::BoxError,
    coding::Coding,
    coding_instructions::count,
    contestants::{Contestant, OURS_DIRECT, OURS_HYPER, OURS_UREQ},
    job::Job,
    process::Server,
    runtime::Runtime,
    turn::hold_in_turn,
};
use crate::{
    contest::OURS,
    report::{head, table_row},
    workloads::OF_SESSIONS,
};

/// Contestants, with their names in the tables.
const TRANSPORTS: [(&str, &str); 4] = [
    (OURS, "reqwest"),
    (OURS_HYPER, "hyper-util"),
    (OURS_DIRECT, "sse-direct"),
    (OURS_UREQ, "ureq"),
];

/// Number of idle sessions.
const SESSIONS: usize = 1000;

/// Counts the workloads that the option allows, and returns the section about them.
pub fn section(only: Option<&str>) -> Result<String, BoxError> {
    let server = Server::start()?;
    let mut text = ABOUT.to_owned();
    text += &head("stream", TRANSPORTS.iter().map(|(_, transport)| (*transport).to_owned()));
    let is_chosen = |name: &&str| only.is_none_or(|only| only == *name);
    let chosen: Vec<_> = OF_SESSIONS.into_iter().filter(is_chosen).collect();
    if chosen.is_empty() {
        return Err("nothing to measure by these options".into());
    }
    for workload in chosen {
        let mut row = Vec::new();
        for (contestant, _) in TRANSPORTS {
            let found = count(&server, contestant, workload, Coding::Identity)?;
            row.push(found.map_or("-".to_owned(), |it| format!("{it:.0}")));
        }
        eprintln!("{workload}");
        text += &table_row(workload, row.into_iter());
    }
    text += MEMORY;
    text += &head("transport", ["KiB".to_owned()].into_iter());
    for (contestant, transport) in TRANSPORTS {
        let contestant = Contestant::find(contestant).ok_or("no such contestant")?;
        let workload = "openai".to_owned();
        let (coding, sessions) = (Coding::Identity, SESSIONS);
        let job = Job::Hold { sessions, workload, coding, offered: 1, taken: 1, pad: 0 };
        let (resident, _) = hold_in_turn(contestant, &job, Runtime::default(), &server)?;
        text += &table_row(transport, [format!("{:.1}", resident / 1024.0)].into_iter());
    }
    Ok(text)
}

const ABOUT: &str = "\
## Transports

Instructions per event of a session over each transport, counted by callgrind: those of the client's
whole process outside of the system, over a loopback socket to which the server writes 16 KiB at a time.
They are counted of a stream and of one twice as long, and their difference is divided by the difference
of the events. All clients have their defaults, without TLS and content codings. The session over ureq
is a blocking one. To count them again:

    cargo xtask bench -- instructions --form transports --doc docs/PERFORMANCE.md

";

const MEMORY: &str = "
Resident memory of each of 1000 idle sessions that have taken one event of 330 B, in one run: a run
differs from the next by up to a KiB. A blocking session also needs a thread, whose stack is not counted.

";
