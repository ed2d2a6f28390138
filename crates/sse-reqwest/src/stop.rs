//! An event in, whether it is the last one out.
//!
//! The body of a response may end for many reasons, so that its end says little: many servers mark
//! theirs with an event of its own.

use std::sync::Arc;

use sse_core::ServerSentEvent;

use crate::threads::{MaybeSendSync, Shared};

/// What becomes of the event that a session [stops on](crate::SseConfig::stop_after).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Terminal {
    /// It is given out, as the last one.
    Delivered,
    /// It is not.
    Withheld,
}

/// Which event ends a session, and whether one must.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    pub(crate) on: Option<StopOn>,
    pub(crate) expectation: Expectation,
}

#[derive(Debug, Clone)]
pub(crate) struct StopOn {
    terminal: Terminal,
    predicate: Shared<dyn EventPredicate>,
}

/// What a session must have come to before its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Expectation {
    #[default]
    Nothing,
    Terminal,
}

pub(crate) trait EventPredicate: Fn(&ServerSentEvent) -> bool + MaybeSendSync {}

impl<F: Fn(&ServerSentEvent) -> bool + MaybeSendSync> EventPredicate for F {}

impl StopOn {
    pub(crate) fn new(terminal: Terminal, predicate: impl EventPredicate + 'static) -> Self {
        Self { terminal, predicate: Shared(Arc::new(predicate)) }
    }
}

impl Stop {
    pub(crate) fn is_set(&self) -> bool {
        self.on.is_some()
    }

    /// What becomes of the event, if it is the last one.
    pub(crate) fn at(&self, event: &ServerSentEvent) -> Option<Terminal> {
        self.on.as_ref().filter(|on| (on.predicate.0)(event)).map(|on| on.terminal)
    }
}
