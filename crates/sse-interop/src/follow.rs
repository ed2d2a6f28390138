//! A session in, a tally of its numbered events out.

use std::{fmt, time::Duration};

use sse_reqwest::{SessionEvent, SseRequest};
use tokio::time::timeout;

use crate::{
    payload::{END, Seen},
    progress::Progress,
    trouble::{Result, Trouble},
};

/// What came of a session.
#[derive(Debug)]
pub(crate) struct Tally {
    seen: Seen,
    connections: u64,
}

/// Follows a session to the event that ends it, before which all that is to be seen has to come.
pub(crate) async fn follow(request: SseRequest, seen: Seen, progress: &Progress) -> Result<Tally> {
    let mut tally = Tally::of(seen, 0);
    let mut session = match timeout(PATIENCE, request.sse_session()).await {
        Ok(session) => session?,
        Err(_) => return Err(Trouble::failed(format!("no connection within {PATIENCE:?}"))),
    };
    let handle = session.handle();
    progress.opened(session.call(), &handle);
    loop {
        let step = timeout(PATIENCE, session.lifecycle().next()).await;
        tally.connections = session.connections();
        match step {
            Ok(Some(Ok(SessionEvent::Event(event)))) if event.event_type() == END => break,
            Ok(Some(Ok(SessionEvent::Event(event)))) => {
                let number = tally.seen.take(event.data());
                progress.came_to(number);
            }
            Ok(Some(Ok(SessionEvent::Open(call)))) => progress.opened(&call, &handle),
            Ok(Some(Ok(SessionEvent::Disconnected { cause, .. }))) => progress.lost(&cause),
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(error))) => {
                return Err(Trouble::during(&format!("after {tally}"))(error));
            }
            Ok(None) => {
                let why = session.end_reason();
                return Err(Trouble::failed(format!("ended too early ({why:?}), after {tally}")));
            }
            Err(_) => {
                let state = session.state();
                let why = format!("nothing within {PATIENCE:?}, in state {state:?}, after {tally}");
                return Err(Trouble::failed(why));
            }
        }
    }
    tally.judged()
}

/// No scenario leaves a session without anything for so long.
const PATIENCE: Duration = Duration::from_secs(20);

impl Tally {
    pub(crate) fn of(seen: Seen, connections: u64) -> Self {
        Self { seen, connections }
    }

    /// An error, if something was lost, or came twice, or was not what was sent.
    pub(crate) fn judged(self) -> Result<Self> {
        if self.seen.lost() == 0 && self.seen.twice() == 0 && self.seen.wrong().is_empty() {
            return Ok(self);
        }
        Err(Trouble::failed(format!("{self}\n{}", self.seen.wrong().join("\n"))))
    }

    /// An error, if there were fewer connections than a scenario meant to bring about.
    pub(crate) fn with_connections(self, at_least: u64) -> Result<Self> {
        if self.connections >= at_least {
            return Ok(self);
        }
        Err(Trouble::failed(format!("{self}: expected {at_least} connections at least")))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (total, lost, twice) = (self.seen.total(), self.seen.lost(), self.seen.twice());
        let connections = self.connections;
        write!(f, "events {total:4}  connections {connections:2}  lost {lost}  twice {twice}")
    }
}
