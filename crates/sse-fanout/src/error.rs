//! Error of a subscription.

use std::fmt;

/// Error of a [`Subscription`](crate::Subscription), after which it ends.
///
/// A server that passes it on ends the response as a failed one, so that a client knows that it has
/// to reconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SubscriptionError {
    /// The subscription was read too slowly: an unread event was removed, or it exceeds
    /// `max_behind_bytes` or `max_age`.
    #[non_exhaustive]
    TooSlow {
        /// Bytes of the events that were not read.
        behind_bytes: u64,
    },
    /// The source of the events has failed: see
    /// [`Broadcaster::abort`](crate::Broadcaster::abort).
    Aborted,
}

impl fmt::Display for SubscriptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooSlow { behind_bytes } => {
                write!(f, "subscription is too slow: {behind_bytes} bytes behind")
            }
            Self::Aborted => f.write_str("source of the events has failed"),
        }
    }
}

impl std::error::Error for SubscriptionError {}
