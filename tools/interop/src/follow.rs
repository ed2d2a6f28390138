//! Follows a session and counts its numbered events.

use std::{fmt, time::Duration};

use sse_reqwest::{EndReason, SessionEvent, SseRequest};
use tokio::time::timeout;

use crate::{
    error::{Result, ScenarioError},
    form::{Form, Item},
    payload::Seen,
    progress::Progress,
};

/// Result of a session.
#[derive(Debug)]
pub(crate) struct Tally {
    seen: Seen,
    connections: u64,
}

/// Follows a session to its terminal event. Fails if an event was lost or received twice.
pub(crate) async fn follow(request: SseRequest, seen: Seen, progress: &Progress) -> Result<Tally> {
    follow_form(request, &Form::PLAIN, seen, progress).await?.checked()
}

/// Follows a session whose events have this form to its terminal event.
pub(crate) async fn follow_form(
    request: SseRequest,
    form: &Form,
    seen: Seen,
    progress: &Progress,
) -> Result<Tally> {
    let mut tally = Tally::of(seen, 0);
    let mut session = match timeout(IDLE_LIMIT, request.sse_session()).await {
        Ok(session) => session?,
        Err(_) => {
            return Err(ScenarioError::failed(format!("no connection within {IDLE_LIMIT:?}")));
        }
    };
    let handle = session.handle();
    progress.opened(session.call(), &handle);
    loop {
        let step = timeout(IDLE_LIMIT, session.lifecycle().next()).await;
        tally.connections = session.connections();
        match step {
            Ok(Some(Ok(SessionEvent::Event(event)))) => match form.read(&event) {
                Item::Ticks(payloads) => {
                    payloads.iter().for_each(|it| progress.received(tally.seen.take(it)));
                }
                Item::Control => {}
                Item::End => break,
                Item::Other => {
                    let (event_type, data) = (event.event_type(), event.data());
                    let what = format!("event of type {event_type} after {tally}: {data:.200}");
                    return Err(ScenarioError::failed(what));
                }
            },
            Ok(Some(Ok(SessionEvent::Open(call)))) => progress.opened(&call, &handle),
            Ok(Some(Ok(SessionEvent::Disconnected { cause, .. }))) => progress.disconnected(&cause),
            Ok(Some(Ok(_))) => {}
            Ok(Some(Err(error))) => {
                return Err(ScenarioError::during(&format!("after {tally}"))(error));
            }
            Ok(None) if form.may_end_silently() && session.end_reason() == REGULAR => break,
            Ok(None) => {
                let why = session.end_reason();
                return Err(ScenarioError::failed(format!(
                    "ended too early ({why:?}), after {tally}"
                )));
            }
            Err(_) => {
                let state = session.state();
                let why =
                    format!("no step within {IDLE_LIMIT:?}, in state {state:?}, after {tally}");
                return Err(ScenarioError::failed(why));
            }
        }
    }
    Ok(tally)
}

const REGULAR: Option<EndReason> = Some(EndReason::StreamEnded);

/// Longest time between two steps of a session. Every scenario is faster.
pub(crate) const IDLE_LIMIT: Duration = Duration::from_secs(20);

impl Tally {
    pub(crate) fn of(seen: Seen, connections: u64) -> Self {
        Self { seen, connections }
    }

    /// Fails if an event was lost, received twice, or differs from what was sent.
    pub(crate) fn checked(self) -> Result<Self> {
        if self.seen.lost() == 0 && self.seen.twice() == 0 && self.seen.wrong().is_empty() {
            return Ok(self);
        }
        Err(ScenarioError::failed(format!("{self}\n{}", self.seen.wrong().join("\n"))))
    }

    /// Fails if an event was lost or differs from what was sent, or if a different number of events
    /// was received twice.
    pub(crate) fn checked_with_twice(self, twice: u64) -> Result<Self> {
        if twice == 0 {
            return self.checked();
        }
        if self.seen.lost() == 0 && self.seen.twice() == twice && !self.seen.is_changed() {
            return Ok(self);
        }
        let wrong = self.seen.wrong().join("\n");
        Err(ScenarioError::failed(format!("{self}: expected {twice} events twice\n{wrong}")))
    }

    /// Fails if there was more than one connection.
    pub(crate) fn with_one_connection(self) -> Result<Self> {
        if self.connections == 1 {
            return Ok(self);
        }
        Err(ScenarioError::failed(format!("{self}: expected one connection")))
    }

    /// Fails if there were fewer connections than the scenario was to cause.
    pub(crate) fn with_connections(self, at_least: u64) -> Result<Self> {
        if self.connections >= at_least {
            return Ok(self);
        }
        Err(ScenarioError::failed(format!("{self}: expected at least {at_least} connections")))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (total, lost, twice) = (self.seen.total(), self.seen.lost(), self.seen.twice());
        let connections = self.connections;
        write!(f, "events {total:4}  connections {connections:2}  lost {lost}  twice {twice}")
    }
}
