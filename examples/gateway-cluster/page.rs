//! Sizes of the pages in which the history is read.
//!
//! Responsible for bounding them in bytes: an engine counts only events. The number of events is
//! derived from the sizes of those that were read before, and is halved when a page takes too long.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::engine::{EngineError, Result, Stored};

/// Number of events to read at once. Clones share what they have learned.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageSize {
    /// Size of the largest recent event, or 0 before the first.
    largest: Arc<AtomicUsize>,
}

impl PageSize {
    /// Returns how many events make about this many bytes: at least 1, and `most` at most.
    pub(crate) fn limit(&self, bytes: usize, most: usize) -> usize {
        match self.largest.load(Ordering::Relaxed) {
            0 => FIRST.min(most),
            largest => (bytes / largest).clamp(1, most),
        }
    }

    /// Learns from the result of a read.
    pub(crate) fn learn(&self, read: &Result<Vec<Stored>>) {
        let known = self.largest.load(Ordering::Relaxed);
        let largest = match read {
            Ok(events) => match events.iter().map(size).max() {
                // Slowly smaller again: large events rarely come alone.
                Some(largest) => largest.max(known - known / 8),
                None => return,
            },
            Err(EngineError::Unreachable(_)) => (known * 2).min(LARGEST),
            Err(_) => return,
        };
        self.largest.store(largest, Ordering::Relaxed);
    }
}

/// Keeps the first events of a page, up to this many bytes, but at least one.
pub(crate) fn cut(events: &mut Vec<Stored>, bytes: usize) {
    let mut sum = 0;
    let fits = |event: &&Stored| {
        sum += size(event);
        sum <= bytes
    };
    let count = events.iter().take_while(fits).count().max(1);
    events.truncate(count);
}

fn size(event: &Stored) -> usize {
    event.data.len() + event.event.len() + event.last_upstream_id.len() + 1
}

/// Number of events in the first page, when nothing is known of their sizes.
const FIRST: usize = 8;

/// Bound of what timeouts make of the size: with it, every page is a single event.
const LARGEST: usize = 1024 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::{PageSize, cut};
    use crate::engine::{EngineError, Stored};

    #[test]
    fn page_size_follows_the_sizes_of_events_and_is_halved_by_a_timeout() {
        let page = PageSize::default();
        let events = |count: usize, bytes: usize| {
            let event = Stored {
                number: 1,
                event: String::new(),
                data: "x".repeat(bytes - 1),
                upstream_id: String::new(),
                last_upstream_id: String::new(),
            };
            vec![event; count]
        };
        assert_eq!(page.limit(1000, 64), 8);
        page.learn(&Ok(events(2, 100)));
        assert_eq!(page.limit(1000, 64), 10);
        page.learn(&Err(EngineError::Unreachable("too slow".to_owned())));
        assert_eq!(page.limit(1000, 64), 5);
        page.learn(&Ok(events(1, 5000)));
        assert_eq!(page.limit(1000, 64), 1);
        for _ in 0..100 {
            page.learn(&Ok(events(1, 10)));
        }
        assert_eq!(page.limit(1000, 64), 64);
        for (bytes, kept) in [(1000, 3), (299, 2), (10, 1)] {
            let mut page = events(3, 100);
            cut(&mut page, bytes);
            assert_eq!(page.len(), kept, "{bytes}");
        }
    }
}
