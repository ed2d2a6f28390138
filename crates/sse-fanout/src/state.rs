//! State that a broadcaster and its subscriptions share, protected by one lock.
//!
//! Every transition of a subscription is in [`State::next`]. The only user code that is called
//! while the state is locked is the `clone` of wakers.

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Waker,
    time::Duration,
};

use sse_core::{EncodedEvent, EncodedEvents};

use crate::{
    counts::Counts,
    error::SubscriptionError,
    history::{History, Place},
    options::Options,
    waiters::{Begun, Key, Waiters},
};

pub(crate) struct Shared {
    state: Mutex<State>,
    pub(crate) options: Options,
}

pub(crate) struct State {
    pub(crate) history: History,
    pub(crate) waiters: Waiters,
    pub(crate) end: End,
    pub(crate) counts: Counts,
    /// The events that were last joined, for other subscriptions that wait for the same range.
    last_batch: (Range<Place>, EncodedEvents),
}

/// State of the source of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Open,
    /// The events have ended; subscriptions end once they have read them.
    Closed,
    /// The source has failed; subscriptions fail once they have read what there is.
    Aborted,
}

/// Result of polling a subscription.
pub(crate) enum Next {
    Batch(EncodedEvents),
    /// The events as they are, for a subscription with a filter.
    Events(Vec<EncodedEvent>),
    KeepAlive,
    Failed(SubscriptionError),
    Ended,
    /// Nothing yet. An earlier waker is to be dropped outside the lock.
    Waiting(Option<Waker>),
}

impl Shared {
    pub(crate) fn new(options: Options) -> Self {
        let state = State {
            history: History::new(options.bounds),
            waiters: Waiters::default(),
            end: End::Open,
            counts: Counts::default(),
            last_batch: Default::default(),
        };
        Self { state: Mutex::new(state), options }
    }

    /// Locks the state. A panic elsewhere leaves it consistent: no step is interrupted by code that
    /// may panic.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, and then wakes all subscriptions, outside the lock.
    pub(crate) fn change_and_wake(&self, change: impl FnOnce(&mut State)) {
        let mut wakers = Vec::new();
        let mut state = self.lock();
        change(&mut state);
        state.waiters.take_wakers(&mut wakers);
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Ends the events, unless they have ended already.
    pub(crate) fn end(&self, end: End) {
        self.change_and_wake(|state| {
            if state.end == End::Open {
                state.end = end;
            }
        });
    }
}

impl State {
    /// Decides what a subscription receives, and moves it past that.
    ///
    /// `now` is the time by the clock of the options, which is user code.
    pub(crate) fn next(
        &mut self,
        key: Key,
        options: &Options,
        now: Duration,
        has_filter: bool,
        waker: &Waker,
    ) -> Next {
        let Some(place) = self.waiters.place(key) else { return Next::Ended };
        if self.is_too_slow(place, self.waiters.begun(key), options, now) {
            self.counts.too_slow += 1;
            let behind_bytes = self.history.bytes_behind(place);
            return Next::Failed(SubscriptionError::TooSlow { behind_bytes });
        }
        if place < self.history.end() {
            let end = self.history.batch_end(place, MAX_BATCH_BYTES);
            self.waiters.move_to(key, end);
            return if has_filter {
                Next::Events(self.history.events(place..end).cloned().collect())
            } else {
                // Events keep the connection alive.
                self.waiters.take_keep_alive(key);
                Next::Batch(self.joined(place..end))
            };
        }
        match self.end {
            End::Closed => Next::Ended,
            End::Aborted => Next::Failed(SubscriptionError::Aborted),
            End::Open if self.waiters.take_keep_alive(key) => Next::KeepAlive,
            End::Open => Next::Waiting(self.waiters.wait(key, waker)),
        }
    }

    /// Returns `true` if a subscription has read everything that there will be.
    pub(crate) fn is_over(&self, key: Key) -> bool {
        self.end == End::Closed && self.waiters.place(key).is_none_or(|it| it == self.history.end())
    }

    /// Returns the events that a subscription has not read, if no others will come.
    pub(crate) fn unread_to_the_end(&self, key: Key) -> Option<Vec<EncodedEvent>> {
        let place = self.waiters.place(key).filter(|_| self.end == End::Closed)?;
        Some(self.history.events(place..self.history.end()).cloned().collect())
    }

    /// Returns `true` if an event was removed that was not read, or if the unread bytes since the
    /// subscription began exceed a limit or are too old.
    fn is_too_slow(&self, place: Place, begun: Begun, options: &Options, now: Duration) -> bool {
        let overdue = self.history.overdue_bytes(place.max(begun.end));
        let is_late = options.max_age.is_some_and(|max| {
            let sent_at = self.history.sent_at(place);
            sent_at.is_some_and(|sent_at| now.saturating_sub(sent_at.max(begun.at)) > max)
        });
        place < self.history.first() || overdue > options.max_behind_bytes || is_late
    }

    /// Appends events that were sent, unless the events have ended.
    pub(crate) fn send(&mut self, events: Vec<EncodedEvent>, now: Duration) {
        if self.end != End::Open || events.is_empty() {
            return;
        }
        self.counts.sent += events.len() as u64;
        self.history.push(events, now);
        if self.last_batch.0.start < self.history.first() {
            // No subscription can need it again.
            self.last_batch = Default::default();
        }
    }

    /// Returns the events of a range, joined. Subscriptions that need the same range share the
    /// bytes.
    fn joined(&mut self, range: Range<Place>) -> EncodedEvents {
        if self.last_batch.0 != range {
            let events = self.history.events(range.clone()).collect::<EncodedEvents>();
            self.last_batch = (range, events);
        }
        self.last_batch.1.clone()
    }
}

/// Maximum length that is joined, unless a single event is longer. About the size of one write of a
/// server to a socket.
const MAX_BATCH_BYTES: usize = 16 * 1024;
