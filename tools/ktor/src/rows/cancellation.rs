//! Rows about canceling, in each state of a session.
//!
//! With Ktor, the coroutine is canceled; here, the future is dropped.

use std::time::Duration;

use sse_test::Reply;

use crate::row::{Row, Shows, Step};

pub(super) fn rows() -> Vec<Row> {
    let one = || Reply::events("data: 1\n\n");
    vec![
        Row::new("has not accepted the connection", [])
            .shows(Shows::Connecting)
            .departs("what is canceled is not sent"),
        Row::new("has not answered", [Reply::nothing()])
            .steps([Step::Requests(1), Step::Cancel])
            .shows(Shows::Closes(0))
            .departs("dropping closes"),
        Row::new("has sent an event", [one().hang()])
            .steps([Step::Events(1), Step::Cancel])
            .shows(Shows::Closes(0))
            .same("dropping closes"),
        Row::new("has ended, and the client waits 3 s to reconnect", [one()])
            .wants(|it| (it.attempts, it.wait) = (1, 3000))
            .steps([Step::Events(1), Step::Wait(Duration::from_secs(1)), Step::Cancel])
            .shows(Shows::NoRequest)
            .departs("what is canceled is not sent"),
        Row::new("has not answered a reconnection", [one(), Reply::nothing()])
            .reconnects(1)
            .steps([Step::Requests(2), Step::Cancel])
            .shows(Shows::Closes(1))
            .departs("dropping closes"),
        Row::new("has sent an event after a reconnection", [one(), one().hang()])
            .reconnects(1)
            .steps([Step::Events(2), Step::Cancel])
            .shows(Shows::Closes(1))
            .departs("dropping closes"),
    ]
}
