//! The last events, in a ring that is bounded by their number and by their bytes.
//!
//! Responsible for finding the place after an ID, and for letting the oldest events go. A place
//! stays valid for comparison when the event there is gone.

use std::{
    collections::{HashMap, VecDeque},
    ops::Range,
    time::Duration,
};

use sse_core::EncodedEvent;

/// A place in the stream of all events, between two of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// Number of events that were sent before it.
    events: u64,
    /// Bytes of those events.
    bytes: u64,
}

#[derive(Debug)]
pub(crate) struct History {
    kept: VecDeque<Kept>,
    first: Place,
    end: Place,
    /// Where to resume after an ID: behind the last event that has it.
    after: HashMap<Box<str>, Place>,
    /// The last ID that was let go of. To resume right behind it, no event is missing.
    before_first: Option<(Box<str>, Place)>,
    bounds: Bounds,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

#[derive(Debug)]
struct Kept {
    event: EncodedEvent,
    sent_at: Duration,
}

impl Place {
    fn behind(self, event: &EncodedEvent) -> Self {
        let bytes = self.bytes + event.as_bytes().len() as u64;
        Self { events: self.events + 1, bytes }
    }
}

impl History {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let (kept, after) = (VecDeque::new(), HashMap::new());
        let (first, end) = (Place::default(), Place::default());
        Self { kept, first, end, after, before_first: None, bounds }
    }

    /// Appends an event, and lets go of the oldest ones that exceed the bounds. The last event is
    /// always kept.
    pub(crate) fn push(&mut self, event: EncodedEvent, sent_at: Duration) {
        self.end = self.end.behind(&event);
        if let Some(id) = event.id().filter(|id| !id.is_empty()) {
            self.after.insert(id.into(), self.end);
        }
        self.kept.push_back(Kept { event, sent_at });
        while self.kept.len() > 1 && self.exceeds_bounds() {
            self.let_go();
        }
    }

    fn exceeds_bounds(&self) -> bool {
        self.kept.len() > self.bounds.events
            || self.bytes_behind(self.first) > self.bounds.bytes as u64
    }

    fn let_go(&mut self) {
        let Some(Kept { event, .. }) = self.kept.pop_front() else { return };
        self.first = self.first.behind(&event);
        let Some(id) = event.id().filter(|id| !id.is_empty()) else { return };
        let has_later = self.after.get(id).is_some_and(|place| *place > self.first);
        if !has_later {
            self.before_first = self.after.remove_entry(id);
        }
    }

    /// The place before the oldest event that is kept.
    pub(crate) fn first(&self) -> Place {
        self.first
    }

    /// The place before the next event that will be sent.
    pub(crate) fn end(&self) -> Place {
        self.end
    }

    /// Returns the place behind the last event with this ID, unless an event behind it is gone.
    pub(crate) fn place_after(&self, id: &str) -> Option<Place> {
        let gone = self.before_first.as_ref().filter(|(before, _)| **before == *id);
        let place = self.after.get(id).copied().or(gone.map(|(_, place)| *place))?;
        (place >= self.first).then_some(place)
    }

    /// Returns the place behind as many events from `place` on as are `max_bytes` long together, or
    /// behind one that is longer.
    pub(crate) fn batch_end(&self, place: Place, max_bytes: usize) -> Place {
        let mut end = place;
        for event in self.events(place..self.end) {
            let next = end.behind(event);
            if end > place && next.bytes - place.bytes > max_bytes as u64 {
                break;
            }
            end = next;
        }
        end
    }

    /// Returns the events of a range of places that are kept.
    pub(crate) fn events(&self, range: Range<Place>) -> impl Iterator<Item = &EncodedEvent> {
        self.kept.range(self.index(range.start)..self.index(range.end)).map(|kept| &kept.event)
    }

    /// Returns the bytes from a place to the end.
    pub(crate) fn bytes_behind(&self, place: Place) -> u64 {
        self.end.bytes - place.bytes
    }

    /// Returns when the event behind a place was sent, if it is kept.
    pub(crate) fn sent_at(&self, place: Place) -> Option<Duration> {
        let is_kept = place >= self.first;
        self.kept.get(self.index(place)).filter(|_| is_kept).map(|kept| kept.sent_at)
    }

    /// Index of the event behind a place; that of a place that is gone is the first.
    fn index(&self, place: Place) -> usize {
        place.events.saturating_sub(self.first.events) as usize
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sse_core::{BuildError, EncodedEvent, ServerSentEvent};

    use super::{Bounds, History};

    fn event(id: Option<&str>) -> Result<EncodedEvent, BuildError> {
        let event = ServerSentEvent::builder().data("x");
        let event = if let Some(id) = id { event.id(id) } else { event };
        event.build().map(EncodedEvent::from)
    }

    /// How many events were sent up to the one with this ID.
    fn after(history: &History, id: &str) -> Option<u64> {
        history.place_after(id).map(|place| place.events)
    }

    #[test]
    fn an_id_can_be_resumed_after_as_long_as_no_event_behind_it_is_gone() -> Result<(), BuildError>
    {
        let mut history = History::new(Bounds { events: 2, bytes: usize::MAX });
        for id in ["1", "2", "3"] {
            history.push(event(Some(id))?, Duration::ZERO);
        }
        // "1" is gone, and nothing behind it.
        let places = ["0", "1", "2", "3", ""].map(|id| after(&history, id));
        assert_eq!(places, [None, Some(1), Some(2), Some(3), None]);
        history.push(event(None)?, Duration::ZERO);
        let places = ["1", "2", "3"].map(|id| after(&history, id));
        assert_eq!(places, [None, Some(2), Some(3)]);
        history.push(event(None)?, Duration::ZERO);
        history.push(event(None)?, Duration::ZERO);
        assert_eq!(after(&history, "3"), None);
        assert_eq!((history.first().events, history.end().events), (4, 6));
        Ok(())
    }

    #[test]
    fn the_last_event_with_an_id_is_the_one_resumed_after() -> Result<(), BuildError> {
        let mut history = History::new(Bounds { events: 2, bytes: usize::MAX });
        for id in ["a", "a", "a"] {
            history.push(event(Some(id))?, Duration::ZERO);
        }
        assert_eq!(after(&history, "a"), Some(3));
        Ok(())
    }

    #[test]
    fn the_bound_of_bytes_holds_but_for_the_last_event() -> Result<(), BuildError> {
        let len = event(None)?.as_bytes().len();
        let mut history = History::new(Bounds { events: usize::MAX, bytes: 2 * len });
        for _ in 0..5 {
            history.push(event(None)?, Duration::ZERO);
        }
        let first = history.first();
        assert_eq!((first.events, history.bytes_behind(first)), (3, 2 * len as u64));
        assert_eq!([1, 2 * len].map(|max| history.batch_end(first, max).events), [4, 5]);
        assert_eq!(history.bytes_behind(history.batch_end(first, 1)), len as u64);
        let mut history = History::new(Bounds { events: 0, bytes: 0 });
        history.push(event(Some("1"))?, Duration::ZERO);
        let places = [history.first(), history.end()].map(|place| place.events);
        assert_eq!((places, after(&history, "1")), ([0, 1], Some(1)));
        Ok(())
    }
}
