//! Outputs of the machine: what a driver has to do, and when it is needed again.

use std::time::Duration;

use super::outgoing::Outgoing;
use crate::{context::RequestContext, error::SseError, factory::Factory};

/// Next action of a driver.
pub(crate) enum Action {
    /// Send this request, and report its [response](super::Machine::response) or its
    /// [failure](super::Machine::failed).
    Send(Box<Outgoing>),
    /// Report the response that the session begins with.
    TakeResponse,
    /// Call the factory, and report what it has [made](super::Machine::made).
    Make(Factory, RequestContext),
    /// Call the caller's function with this rejected response, and report the credentials that it
    /// has [refreshed](super::Machine::refreshed).
    Refresh(SseError),
    /// Read the body, and report [chunks](super::Machine::chunk), its [end](super::Machine::end) or
    /// a [failure](super::Machine::failed).
    Read,
    /// Wait for the outcome of the last action, or for the [wakeup](super::Machine::wakeup).
    Wait,
    /// Nothing: the session has ended.
    End,
}

/// Operation that a session needs its driver to continue. Any other must be canceled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    None,
    Making,
    Refreshing,
    Connecting,
    Reading,
    Waiting,
}

/// Time at which a driver calls [`Machine::time`](super::Machine::time), unless something else
/// happens before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wakeup {
    pub(crate) at: Duration,
    /// If `false`, it is the wait between two attempts.
    pub(crate) is_deadline: bool,
}
