//! tokio's timer.

use std::time::Duration;

use crate::threads::BoxFuture;

/// Time of tokio, which a test can pause.
pub(crate) type Instant = tokio::time::Instant;

/// Waits. Needs a runtime with its timer enabled.
pub(crate) fn sleep(duration: Duration) -> BoxFuture<()> {
    Box::pin(tokio::time::sleep(duration))
}
