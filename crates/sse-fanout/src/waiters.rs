//! Places and wakers of the subscriptions.
//!
//! Wakes each waiting subscription once, however many events are sent before it is polled.

use std::{task::Waker, time::Duration};

use crate::history::Place;

/// Subscriptions by key; a key is reused once its subscription is dropped.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    slots: Vec<Slot>,
    free: Vec<Key>,
    /// Number of slots with a waker.
    waiting: usize,
}

/// Key of a subscription.
pub(crate) type Key = usize;

#[derive(Debug, Default)]
struct Slot {
    /// `None` if the slot is free.
    place: Option<Place>,
    begun: Begun,
    waker: Option<Waker>,
    /// A keep-alive has to be sent.
    keep_alive: bool,
}

/// End of the events, and the time, when a subscription began. Earlier events cannot make it late.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Begun {
    pub(crate) end: Place,
    pub(crate) at: Duration,
}

impl Waiters {
    pub(crate) fn insert(&mut self, place: Place, begun: Begun) -> Key {
        let slot = Slot { place: Some(place), begun, ..Slot::default() };
        if let Some(key) = self.free.pop() {
            self.slots[key] = slot;
            key
        } else {
            self.slots.push(slot);
            self.slots.len() - 1
        }
    }

    /// Removes a subscription. Returns its waker, to be dropped outside the lock: it may own a
    /// task.
    pub(crate) fn remove(&mut self, key: Key) -> Option<Waker> {
        let slot = std::mem::take(&mut self.slots[key]);
        self.waiting -= usize::from(slot.waker.is_some());
        self.free.push(key);
        slot.waker
    }

    pub(crate) fn place(&self, key: Key) -> Option<Place> {
        self.slots[key].place
    }

    pub(crate) fn begun(&self, key: Key) -> Begun {
        self.slots[key].begun
    }

    pub(crate) fn move_to(&mut self, key: Key, place: Place) {
        self.slots[key].place = Some(place);
    }

    /// Returns `true` if a keep-alive has to be sent, and clears that.
    pub(crate) fn take_keep_alive(&mut self, key: Key) -> bool {
        std::mem::take(&mut self.slots[key].keep_alive)
    }

    /// Stores the waker of a subscription. Returns the previous one, to be dropped outside the
    /// lock.
    pub(crate) fn wait(&mut self, key: Key, waker: &Waker) -> Option<Waker> {
        let known = &mut self.slots[key].waker;
        if known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            return None;
        }
        self.waiting += usize::from(known.is_none());
        known.replace(waker.clone())
    }

    /// Moves the wakers of all waiting subscriptions to `wakers`.
    pub(crate) fn take_wakers(&mut self, wakers: &mut Vec<Waker>) {
        if self.waiting > 0 {
            wakers.extend(self.slots.iter_mut().filter_map(|slot| slot.waker.take()));
            self.waiting = 0;
        }
    }

    /// Requests a keep-alive on every connection.
    pub(crate) fn keep_alive(&mut self) {
        for slot in &mut self.slots {
            slot.keep_alive = slot.place.is_some();
        }
    }

    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        self.slots.iter().filter_map(|slot| slot.place)
    }
}
