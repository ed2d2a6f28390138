//! Invariants of sessions, each with its name, and their violations.

use std::fmt;

macro_rules! invariants {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Property that holds in every life of a session.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Invariant {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Invariant {
            /// All invariants, each with its description.
            pub const ALL: &[(Self, &str)] = &[$((Self::$name, concat!($($doc),+)),)+];
        }
    };
}

invariants! {
    /// A session yields the visible events of the bytes it has received, unchanged and in order.
    EventsAsSent,
    /// No event is lost, and no acknowledged one is doubled, if the server resumes by ID.
    ResumedWithoutGap,
    /// No request follows the end of a session, and no event either.
    NothingAfterEnd,
    /// A session reads nothing after its terminal event, and does not yield what precedes it twice.
    StopsAtTerminalEvent,
    /// A session never comes back earlier than the server and the policy say.
    NotTooEarly,
    /// A session comes back as soon as its wait is over, and reports the wait that it makes.
    NotTooLate,
    /// A session has at most one connection, or attempt to make one, at a time.
    OneConnection,
    /// Attempts and outage stay within the policy, and requests are repeated only where allowed.
    WithinPolicy,
    /// The last event ID is that of the events yielded or acknowledged, never one ahead.
    LastEventId,
    /// Credentials are never sent to another origin.
    CredentialsStay,
    /// Redirects are followed to their location, at most 10 in a row, never from https to http.
    Redirects,
    /// No wait lasts longer than its deadline.
    DeadlinesFire,
    /// No connection is abandoned before its deadline, or without a reason.
    NotAbandoned,
    /// An error is the last item.
    ErrorIsLast,
    /// The reason and the error at the end are what the server and the user did.
    EndAsHappened,
    /// The evidence of an end is what the server sent and how it ended.
    EvidenceAsHappened,
    /// History, rejected bodies and limits stay within their bounds.
    MemoryWithinLimits,
    /// Every life ends or makes progress.
    Progress,
    /// A command, a byte and a timer wake the task that polls the session.
    Wakes,
    /// Observers see each connection opened and closed once, and the end once.
    ObserversPaired,
    /// A body is not polled after its end.
    BodyNotPolledAfterEnd,
    /// A panic of a body reaches the caller, and leaves no connection behind.
    PanicsContained,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Violation of an invariant, with what was observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Invariant that does not hold.
    pub invariant: Invariant,
    /// Observation that contradicts the invariant.
    pub observed: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.observed)
    }
}
