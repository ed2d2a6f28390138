//! A browser's timers.

use std::time::{Duration, SystemTime};

use gloo_timers::future::TimeoutFuture;
use web_time::web::SystemTimeExt as _;

use super::NoTimer;
use crate::threads::BoxFuture;

/// A `performance.now()`.
pub(crate) type Instant = web_time::Instant;

/// Waits, by one `setTimeout` after the other.
pub(crate) fn sleep_for(duration: Duration) -> BoxFuture<Result<(), NoTimer>> {
    Box::pin(async move {
        let mut left = duration;
        while !left.is_zero() {
            let piece = left.min(LONGEST_TIMEOUT);
            TimeoutFuture::new(whole_millis(piece)).await;
            left -= piece;
        }
        Ok(())
    })
}

/// Longest `setTimeout`: browsers count its milliseconds in an `i32`, and a longer one expires at
/// once.
const LONGEST_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

/// Rounds up, so that a wait is never too short.
fn whole_millis(piece: Duration) -> u32 {
    u32::try_from(piece.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX as u32)
}

pub(crate) fn wall_time() -> SystemTime {
    web_time::SystemTime::now().to_std()
}
