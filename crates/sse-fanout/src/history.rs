//! History: the last events, in a ring that is bounded by their number and by their bytes.
//!
//! The events of the last call that sent some are kept in addition, however many they are, so that
//! a subscription that has read everything before can read them.
//!
//! Finds the place after an ID, and removes the oldest events. A place remains comparable after its
//! event was removed.

use std::{
    collections::{HashMap, VecDeque},
    ops::Range,
    time::Duration,
};

use sse_core::EncodedEvent;

/// Place in the stream of all events, between two of them.
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
    /// Place before the events that were last sent.
    last_sent: Place,
    end: Place,
    /// Places to resume at, by the IDs of the events that are kept.
    after: HashMap<Box<str>, Spot>,
    /// The last ID that was removed. A client that resumes after it misses no event.
    before_first: Option<(Box<str>, Spot)>,
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

/// Place at which a client resumes after an ID.
#[derive(Debug, Clone, Copy)]
struct Spot {
    /// Place after the last event that has the ID.
    place: Place,
    /// Several events had the ID, so it does not tell which of them was received.
    is_repeated: bool,
}

impl Place {
    fn after(self, event: &EncodedEvent) -> Self {
        let bytes = self.bytes + event.as_bytes().len() as u64;
        Self { events: self.events + 1, bytes }
    }
}

impl History {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let (kept, after) = (VecDeque::new(), HashMap::new());
        let [first, last_sent, end] = [Place::default(); 3];
        Self { kept, first, last_sent, end, after, before_first: None, bounds }
    }

    /// Appends events, and removes the oldest ones before them that exceed the bounds.
    pub(crate) fn push(&mut self, events: Vec<EncodedEvent>, sent_at: Duration) {
        self.last_sent = self.end;
        for event in events {
            self.end = self.end.after(&event);
            if let Some(id) = event.id().filter(|id| !id.is_empty()) {
                let is_repeated = self.after.contains_key(id);
                self.after.insert(id.into(), Spot { place: self.end, is_repeated });
            }
            self.kept.push_back(Kept { event, sent_at });
        }
        while self.exceeds_bounds() {
            self.remove_oldest();
        }
    }

    fn exceeds_bounds(&self) -> bool {
        let Place { events, bytes } = self.last_sent;
        events.saturating_sub(self.first.events) > self.bounds.events as u64
            || bytes.saturating_sub(self.first.bytes) > self.bounds.bytes as u64
    }

    fn remove_oldest(&mut self) {
        let Some(Kept { event, .. }) = self.kept.pop_front() else { return };
        self.first = self.first.after(&event);
        let Some(id) = event.id().filter(|id| !id.is_empty()) else { return };
        let has_later = self.after.get(id).is_some_and(|spot| spot.place > self.first);
        if !has_later {
            self.before_first = self.after.remove_entry(id);
        }
    }

    /// Returns the place before the oldest event that is kept.
    pub(crate) fn first(&self) -> Place {
        self.first
    }

    /// Returns the place before the next event that will be sent.
    pub(crate) fn end(&self) -> Place {
        self.end
    }

    /// Returns the place after the event with this ID, unless several events had it, or an event
    /// after it was removed.
    pub(crate) fn place_after(&self, id: &str) -> Option<Place> {
        let gone = self.before_first.as_ref().filter(|(before, _)| **before == *id);
        let spot = self.after.get(id).or(gone.map(|(_, spot)| spot))?;
        (spot.place >= self.first && !spot.is_repeated).then_some(spot.place)
    }

    /// Returns the ID of the oldest event that is kept and has one.
    pub(crate) fn oldest_id(&self) -> Option<&str> {
        self.kept.iter().find_map(|kept| kept.event.id().filter(|id| !id.is_empty()))
    }

    /// Returns the place after as many events from `place` on as fit into `max_bytes`, or after one
    /// that is longer.
    pub(crate) fn batch_end(&self, place: Place, max_bytes: usize) -> Place {
        let mut end = place;
        for event in self.events(place..self.end) {
            let next = end.after(event);
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

    /// Returns the bytes from a place to the events that were last sent, which no subscription can
    /// be late with.
    pub(crate) fn overdue_bytes(&self, place: Place) -> u64 {
        self.last_sent.bytes.saturating_sub(place.bytes)
    }

    /// Returns the bytes from a place to the end.
    pub(crate) fn bytes_behind(&self, place: Place) -> u64 {
        self.end.bytes - place.bytes
    }

    /// Returns when the event after a place was sent, if it is kept.
    pub(crate) fn sent_at(&self, place: Place) -> Option<Duration> {
        let is_kept = place >= self.first;
        self.kept.get(self.index(place)).filter(|_| is_kept).map(|kept| kept.sent_at)
    }

    /// Returns the index of the event after a place; the first one for a place that was removed.
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

    /// Number of events that were sent up to the one with this ID.
    fn after(history: &History, id: &str) -> Option<u64> {
        history.place_after(id).map(|place| place.events)
    }

    /// Sends each of these events by itself.
    fn send(history: &mut History, ids: &[Option<&str>]) -> Result<(), BuildError> {
        for id in ids {
            history.push(vec![event(*id)?], Duration::ZERO);
        }
        Ok(())
    }

    #[test]
    fn an_id_can_be_resumed_after_as_long_as_no_event_after_it_was_removed()
    -> Result<(), BuildError> {
        let mut history = History::new(Bounds { events: 1, bytes: usize::MAX });
        send(&mut history, &[Some("1"), Some("2"), Some("3")])?;
        // "1" was removed, and nothing after it.
        let places = ["0", "1", "2", "3", ""].map(|id| after(&history, id));
        assert_eq!(places, [None, Some(1), Some(2), Some(3), None]);
        send(&mut history, &[None])?;
        let places = ["1", "2", "3"].map(|id| after(&history, id));
        assert_eq!(places, [None, Some(2), Some(3)]);
        send(&mut history, &[None, None])?;
        assert_eq!(after(&history, "3"), None);
        assert_eq!((history.first().events, history.end().events), (4, 6));
        Ok(())
    }

    #[test]
    fn an_id_that_was_repeated_is_not_resumed_after() -> Result<(), BuildError> {
        let mut history = History::new(Bounds { events: 2, bytes: usize::MAX });
        send(&mut history, &[Some("a"), Some("b"), Some("a"), Some("c")])?;
        // A client that has "a" may have missed "b".
        assert_eq!(["a", "b", "c"].map(|id| after(&history, id)), [None, Some(2), Some(4)]);
        send(&mut history, &[Some("d"), Some("e")])?;
        assert_eq!(["a", "c"].map(|id| after(&history, id)), [None, Some(4)]);
        Ok(())
    }

    #[test]
    fn the_events_that_were_last_sent_are_kept_beside_the_bounds() -> Result<(), BuildError> {
        let len = event(None)?.as_bytes().len();
        let mut history = History::new(Bounds { events: usize::MAX, bytes: 2 * len });
        send(&mut history, &[None; 5])?;
        let first = history.first();
        assert_eq!((first.events, history.bytes_behind(first)), (2, 3 * len as u64));
        assert_eq!(history.overdue_bytes(first), 2 * len as u64);
        assert_eq!([1, 2 * len].map(|max| history.batch_end(first, max).events), [3, 4]);
        assert_eq!(history.bytes_behind(history.batch_end(first, 1)), 2 * len as u64);
        let mut history = History::new(Bounds { events: 0, bytes: 0 });
        history.push(vec![event(Some("1"))?, event(Some("2"))?], Duration::ZERO);
        let places = [history.first(), history.end()].map(|place| place.events);
        assert_eq!((places, after(&history, "1")), ([0, 2], Some(1)));
        Ok(())
    }
}
