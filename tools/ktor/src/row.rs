//! Row of the table, as data: what the server sends, what the client is asked for, and what of the
//! outcome is shown.

use std::time::Duration;

use sse_test::Reply;

use crate::wanted::Wanted;

/// Script of a server, and the way to compare the clients.
#[derive(Debug)]
pub(crate) struct Row {
    /// Description of what the server sends, for the table.
    pub(crate) name: &'static str,
    pub(crate) wanted: Wanted,
    /// Replies in their order. To further requests the server responds with 204.
    pub(crate) replies: Vec<Reply>,
    pub(crate) steps: Vec<Step>,
    pub(crate) shows: Shows,
    /// Number of times that the row is played, which is more than 1 if an outcome is random.
    pub(crate) runs: usize,
    pub(crate) relation: Relation,
    pub(crate) reason: &'static str,
}

/// Action of the tool while the client reads. Afterward it waits for the end of the session.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// Waits for this number of events; not for long.
    Events(usize),
    /// Waits for this number of requests.
    Requests(usize),
    /// Lets the server go on.
    GoOn,
    /// Waits this long.
    Wait(Duration),
    /// Stops the server.
    Stop,
    Cancel,
}

/// Part of an outcome that the table shows, and that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// Data of the events, and the end.
    Data,
    /// All fields of the events, and the end.
    Fields,
    /// Data, the end, and the `Last-Event-ID` of each request.
    Ids,
    /// Data, the end, and the number of requests.
    Requests,
    /// Value of these headers of the first request.
    Headers(&'static [&'static str]),
    /// Number of requests, which is large if it exceeds this number.
    Flood(usize),
    /// Times in milliseconds, of which the table names the one that is closest to that between the
    /// first two requests.
    Wait(&'static [u64]),
    /// Number of events at the first [`Step::GoOn`].
    HeldBack,
    /// The end of the connection with this number, after a cancellation.
    Closes(usize),
    /// Further requests after a cancellation.
    NoRequest,
    /// The request on a connection that is accepted only after a cancellation.
    Connecting,
}

/// Relation of ours to Ktor's outcome, which the tool checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// Equal to that of both of Ktor's engines; only the texts of errors differ.
    Same,
    /// Different from at least one of Ktor's engines.
    Departs,
}

impl Row {
    pub(crate) fn new(name: &'static str, replies: impl Into<Vec<Reply>>) -> Self {
        Self {
            name,
            wanted: Wanted::default(),
            replies: replies.into(),
            steps: Vec::new(),
            shows: Shows::Data,
            runs: 1,
            relation: Relation::Same,
            reason: "",
        }
    }

    /// Turns reconnection on, with a short wait.
    pub(crate) fn reconnects(self, attempts: u32) -> Self {
        self.wants(|it| (it.attempts, it.wait) = (attempts, 100))
    }

    pub(crate) fn wants(mut self, change: impl FnOnce(&mut Wanted)) -> Self {
        change(&mut self.wanted);
        self
    }

    pub(crate) fn steps(self, steps: impl Into<Vec<Step>>) -> Self {
        Self { steps: steps.into(), ..self }
    }

    pub(crate) fn shows(self, shows: Shows) -> Self {
        Self { shows, ..self }
    }

    /// Plays the row that many times, because an outcome of Ktor's is random.
    pub(crate) fn runs(self, runs: usize) -> Self {
        Self { runs, ..self }
    }

    /// Ours does the same.
    pub(crate) fn same(self, reason: &'static str) -> Self {
        Self { relation: Relation::Same, reason, ..self }
    }

    /// Ours does something else, for this reason.
    pub(crate) fn departs(self, reason: &'static str) -> Self {
        Self { relation: Relation::Departs, reason, ..self }
    }
}
