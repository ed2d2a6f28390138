//! Terminal events: which event ends a session, and whether one must.
//!
//! The body of a response may end for many reasons, so its end proves little. Many servers
//! therefore mark the end of an event stream with an event.

use std::sync::Arc;

use sse_core::ServerSentEvent;

use crate::threads::{MaybeSendSync, Shared};

/// The predicates that end a session, and whether one of them must.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    before: Option<Shared<dyn EventPredicate>>,
    after: Option<Shared<dyn EventPredicate>>,
    /// If `true`, a session that ends in another way has failed.
    pub(crate) expect_terminal: bool,
}

/// Position of the end of a session, relative to its terminal event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopAt {
    /// The terminal event is not yielded.
    Before,
    /// The terminal event is the last one that is yielded.
    After,
}

pub(crate) trait EventPredicate: Fn(&ServerSentEvent) -> bool + MaybeSendSync {}

impl<F: Fn(&ServerSentEvent) -> bool + MaybeSendSync> EventPredicate for F {}

impl Stop {
    pub(crate) fn set_before(&mut self, predicate: impl EventPredicate + 'static) {
        self.before = Some(Shared(Arc::new(predicate)));
    }

    pub(crate) fn set_after(&mut self, predicate: impl EventPredicate + 'static) {
        self.after = Some(Shared(Arc::new(predicate)));
    }

    pub(crate) fn is_set(&self) -> bool {
        self.before.is_some() || self.after.is_some()
    }

    /// Returns where the session ends, if this event is a terminal one.
    pub(crate) fn at(&self, event: &ServerSentEvent) -> Option<StopAt> {
        let holds = |predicate: &Option<Shared<dyn EventPredicate>>| {
            predicate.as_ref().is_some_and(|predicate| (predicate.0)(event))
        };
        if holds(&self.before) {
            Some(StopAt::Before)
        } else if holds(&self.after) {
            Some(StopAt::After)
        } else {
            None
        }
    }
}
