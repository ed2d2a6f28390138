//! Arrivals: when the bytes of a connection came, as opposed to when its consumer read them.

use std::time::Duration;

/// Times at which bytes have arrived, as far as their reader knows them.
#[derive(Debug)]
pub(super) struct Arrivals {
    /// Arrival of the last chunk. `None` if it may have waited for its reader.
    known: Option<Duration>,
    /// Arrival of the last chunk that was awaited, or of the head.
    last_awaited: Option<Duration>,
    /// Time from which a chunk is awaited, if the session waits for one.
    awaited_from: Option<Duration>,
    /// Time of the last read, or of the last attempt at one.
    last_poll: Duration,
    /// Time at which the transport had something since then.
    woken: Option<Duration>,
    /// Number of bytes up to the last chunk.
    bytes: u64,
}

impl Arrivals {
    /// Creates the arrivals of a connection whose head has arrived now.
    pub(super) fn new(now: Duration) -> Self {
        Self {
            known: Some(now),
            last_awaited: Some(now),
            awaited_from: None,
            last_poll: now,
            woken: None,
            bytes: 0,
        }
    }

    /// Returns when the last chunk has arrived; `None` if it may have waited for its reader.
    pub(super) fn known(&self) -> Option<Duration> {
        self.known
    }

    /// Takes note that the transport had something at this time, which is read next.
    pub(super) fn woken(&mut self, at: Duration) {
        self.woken = Some(at);
    }

    /// Takes note that no byte is available.
    pub(super) fn waiting(&mut self, now: Duration) {
        if self.is_read_at_once(now) {
            self.awaited_from.get_or_insert(now.saturating_add(SHORTEST_WAIT));
        } else {
            // The reader was away. If its thread was blocked, bytes may be there that the runtime
            // has not read yet.
            self.awaited_from = Some(now.saturating_add(CATCHING_UP));
        }
        self.last_poll = now;
        self.woken = None;
    }

    /// Takes the number of bytes received so far, and when the last of them were read.
    pub(super) fn received(&mut self, bytes: u64, now: Duration) {
        if bytes == self.bytes {
            return;
        }
        self.bytes = bytes;
        let was_waiting = self.awaited_from.take().is_some_and(|from| now >= from);
        if was_waiting && self.is_read_at_once(now) {
            self.last_awaited = Some(now);
        }
        // It has arrived after the awaited chunk before it, or after the head. One that follows
        // from this would not: a reader that is slow may be ever further behind.
        let is_near = |awaited| now.saturating_sub(awaited) < SHORTEST_GAP;
        self.known = self.last_awaited.is_some_and(is_near).then_some(now);
        self.last_poll = now;
        self.woken = None;
    }

    /// Returns `true` if what is read now has not waited for long: the transport has woken the
    /// reader just before, or the reader has looked just before.
    fn is_read_at_once(&self, now: Duration) -> bool {
        let since = self.woken.map_or(self.last_poll, |woken| woken.max(self.last_poll));
        now.saturating_sub(since) < SHORTEST_GAP
    }
}

/// Shortest wait for bytes that were not there before. A read that blocks never takes no time.
const SHORTEST_WAIT: Duration = Duration::from_millis(1);

/// Time in which a runtime that was blocked reads what is there.
const CATCHING_UP: Duration = Duration::from_millis(10);

/// Keep-alives that are closer together count as one.
pub(super) const SHORTEST_GAP: Duration = Duration::from_secs(1);
