//! Engine in the memory of this process: one gateway, and the tests, which can also make it lose or
//! refuse things.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use crate::{
    engine::{
        Acquired, Appended, Batch, EngineError, LONGEST_WAIT, Renewed, Result, Seen, Stored, Term,
    },
    place::{Place, random_name},
};

/// Engine in memory. A clone is the same engine.
#[derive(Debug, Clone)]
pub(crate) struct MemoryEngine {
    state: Arc<Mutex<State>>,
    appended: Arc<Notify>,
    lease: Duration,
}

#[derive(Debug)]
struct State {
    place: Place,
    events: VecDeque<Stored>,
    history: usize,
    holder: Option<(String, Instant)>,
    epoch: u64,
    token: String,
    seq: u64,
    last_upstream_id: String,
    /// Numbers of events by their upstream IDs.
    ids: HashMap<String, u64>,
    /// Error of every call, while it is set.
    failure: Option<EngineError>,
    /// Number of events that are removed after each read, as if others came meanwhile.
    #[cfg(test)]
    forgets: usize,
    #[cfg(test)]
    is_hidden: bool,
}

impl MemoryEngine {
    pub(crate) fn new(history: usize, lease: Duration) -> Self {
        let state = Arc::new(Mutex::new(State::new(history)));
        Self { state, appended: Arc::default(), lease }
    }

    /// Forgets everything, as an engine that is restarted empty.
    #[cfg(test)]
    pub(crate) fn restart_empty(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = State::new(state.history);
    }

    /// Makes every call fail, until `None` is set.
    #[cfg(test)]
    pub(crate) fn fail_with(&self, failure: Option<EngineError>) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).failure = failure;
    }

    /// Hides all events from reads, as a connection to another server does.
    #[cfg(test)]
    pub(crate) fn hide(&self, is_hidden: bool) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).is_hidden = is_hidden;
    }

    /// Removes this many events after each read.
    #[cfg(test)]
    pub(crate) fn forget_after_each_read(&self, count: usize) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).forgets = count;
    }

    fn state(&self) -> Result<MutexGuard<'_, State>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match &state.failure {
            None => Ok(state),
            Some(failure) => Err(failure.clone()),
        }
    }

    pub(crate) fn acquire(&self, owner: &str, seen: &Seen) -> Result<Acquired> {
        let mut state = self.state()?;
        if let Some((holder, until)) = &state.holder {
            let remaining = until.saturating_duration_since(Instant::now());
            if holder != owner && !remaining.is_zero() {
                return Ok(Acquired::Other(remaining));
            }
        }
        let is_started = state.check(seen);
        state.holder = Some((owner.to_owned(), Instant::now() + self.lease));
        state.epoch += 1;
        state.token = random_name();
        state.seq = 0;
        Ok(Acquired::Held(Term {
            epoch: state.epoch,
            token: state.token.clone(),
            place: state.place.clone(),
            last_upstream_id: state.last_upstream_id.clone(),
            is_started,
        }))
    }

    pub(crate) fn renew(&self, owner: &str, token: &str) -> Result<Renewed> {
        let mut state = self.state()?;
        if state.token.is_empty() {
            return Ok(Renewed::Lost);
        }
        let now = Instant::now();
        let is_held = state.holder.as_ref().is_some_and(|(it, until)| it == owner && *until > now);
        if !is_held || state.token != token {
            return Ok(Renewed::Other);
        }
        state.holder = Some((owner.to_owned(), now + self.lease));
        Ok(Renewed::Held)
    }

    pub(crate) fn release(&self, owner: &str) -> Result<()> {
        let mut state = self.state()?;
        if state.holder.as_ref().is_some_and(|(it, _)| it == owner) {
            state.holder = None;
        }
        Ok(())
    }

    pub(crate) fn append(&self, batch: &Batch<'_>) -> Result<Appended> {
        let mut state = self.state()?;
        let term = batch.term;
        let is_current = term.epoch == state.epoch && term.token == state.token;
        if !is_current || term.place.generation != state.place.generation {
            return Ok(Appended::Refused);
        }
        let mut duplicates = 0;
        if batch.seq != state.seq {
            for event in batch.events {
                duplicates += u64::from(!state.push(event, batch.began));
            }
            state.seq = batch.seq;
        }
        let count = state.place.number;
        drop(state);
        self.appended.notify_waiters();
        Ok(Appended::Stored { count, duplicates })
    }

    pub(crate) fn check(&self, seen: &Seen) -> Result<Place> {
        let mut state = self.state()?;
        state.check(seen);
        Ok(state.place.clone())
    }

    pub(crate) fn read(&self, after: &Place, limit: usize) -> Result<Vec<Stored>> {
        #[cfg_attr(not(test), expect(unused_mut))]
        let mut state = self.state()?;
        if after.generation != state.place.generation {
            return Ok(Vec::new());
        }
        #[cfg(test)]
        if state.is_hidden {
            return Ok(Vec::new());
        }
        let from = state.events.partition_point(|event| event.number <= after.number);
        let events = state.events.range(from..).take(limit).cloned().collect();
        #[cfg(test)]
        for _ in 0..state.forgets {
            // The newest one stays, as in Redis.
            if state.events.len() > 1 {
                state.events.pop_front();
            }
        }
        Ok(events)
    }

    pub(crate) async fn wait(&self, after: &Place, limit: usize) -> Result<Vec<Stored>> {
        let appended = self.appended.notified();
        let events = self.read(after, limit)?;
        if events.is_empty() {
            let _ = tokio::time::timeout(LONGEST_WAIT, appended).await;
            return self.read(after, limit);
        }
        Ok(events)
    }
}

impl State {
    fn new(history: usize) -> Self {
        Self {
            place: Place::new(random_name(), 0),
            events: VecDeque::new(),
            history,
            holder: None,
            epoch: 0,
            token: String::new(),
            seq: 0,
            last_upstream_id: String::new(),
            ids: HashMap::new(),
            failure: None,
            #[cfg(test)]
            forgets: 0,
            #[cfg(test)]
            is_hidden: false,
        }
    }

    /// Stores an event. Returns `false` if it is a duplicate.
    fn push(&mut self, event: &Stored, began: u64) -> bool {
        self.last_upstream_id.clone_from(&event.last_upstream_id);
        if self.ids.get(&event.upstream_id).is_some_and(|&number| number <= began) {
            return false;
        }
        self.place.number += 1;
        let number = self.place.number;
        if !event.upstream_id.is_empty() {
            self.ids.insert(event.upstream_id.clone(), number);
        }
        self.events.push_back(Stored { number, ..event.clone() });
        if self.events.len() > self.history {
            let oldest = self.events.pop_front();
            // The ID may be that of a later event too.
            if let Some(oldest) =
                oldest.filter(|it| self.ids.get(&it.upstream_id) == Some(&it.number))
            {
                self.ids.remove(&oldest.upstream_id);
            }
        }
        true
    }

    /// Starts a generation if an event that was seen is not there any more. Returns `true` if it
    /// has.
    ///
    /// A history that is new because it was lost has nothing yet. The upstream continues where it
    /// was seen last.
    fn check(&mut self, seen: &Seen) -> bool {
        let is_new = self.epoch == 0 && self.place.number == 0;
        if is_new && self.last_upstream_id.is_empty() {
            self.last_upstream_id.clone_from(&seen.last_upstream_id);
        }
        let went_back =
            seen.place.generation == self.place.generation && seen.place.number > self.place.number;
        if went_back {
            self.last_upstream_id.clone_from(&seen.last_upstream_id);
            self.place = Place::new(random_name(), 0);
            self.events.clear();
            self.ids.clear();
            self.epoch += 1;
        }
        went_back || (is_new && !seen.place.generation.is_empty())
    }
}
