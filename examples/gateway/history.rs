//! History of the upstream: keeps its newest events, and returns the event after a position.
//!
//! Plain data, bounded in number and in bytes, and shared by all browsers. A browser is represented
//! by its [`Position`] in it. Does no I/O.

use std::collections::VecDeque;

use sse_core::{BuildError, ServerSentEvent};

/// Newest events of the upstream, under IDs of the gateway's own.
///
/// IDs of the upstream may be missing or repeated, and do not say where in this history an event
/// is. Each event therefore gets the ID `RUN-NUMBER`. The number counts from 1. The run is
/// different each time the gateway starts, so that IDs of an earlier run are recognized.
#[derive(Debug)]
pub(crate) struct History {
    run: String,
    bounds: Bounds,
    kept: VecDeque<ServerSentEvent>,
    kept_bytes: usize,
    /// Number of events that have been removed. The oldest kept event has the next number.
    removed: u64,
    types: Vec<String>,
    stage: Stage,
}

/// Limits of the history. The newest event is kept even if it exceeds them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { events: 1000, bytes: 16 * 1024 * 1024 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The upstream may send more events.
    Live,
    /// The upstream has no more events.
    Ended,
    /// The gateway is shutting down.
    Closed,
}

/// Position of a browser in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    /// Before the oldest kept event: the browser has received nothing yet.
    Start,
    /// After the event with this number.
    After(u64),
    /// After an event that this run does not know.
    Unknown,
}

/// Result of asking for the event after a position.
#[derive(Debug, PartialEq)]
pub(crate) enum Next<'a> {
    Event(&'a ServerSentEvent),
    /// This number of events was removed before the browser received them; `None` if the number is
    /// unknown.
    Missed(Option<u64>),
    /// No event yet.
    Pending,
    /// No further event will follow.
    End,
}

impl History {
    pub(crate) fn new(run: String, bounds: Bounds) -> Self {
        Self {
            run,
            bounds,
            kept: VecDeque::new(),
            kept_bytes: 0,
            removed: 0,
            types: Vec::new(),
            stage: Stage::Live,
        }
    }

    /// Adds a copy of an event. A copy, as the event itself would keep its whole chunk in memory.
    pub(crate) fn push(&mut self, event: &ServerSentEvent) -> Result<(), BuildError> {
        let id = format!("{}-{}", self.run, self.last() + 1);
        let mut copy = ServerSentEvent::builder().id(id).data(event.data());
        if let Some(event_type) = event.event() {
            copy = copy.event(event_type);
        }
        let copy = copy.build()?;
        let is_known = |types: &[String]| types.iter().any(|it| it == event.event_type());
        if self.types.len() < MAX_TYPES && !is_known(&self.types) {
            self.types.push(event.event_type().to_owned());
        }
        self.kept_bytes += size(&copy);
        self.kept.push_back(copy);
        while self.kept.len() > self.bounds.events.max(1)
            || (self.kept_bytes > self.bounds.bytes && self.kept.len() > 1)
        {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.kept_bytes -= size(&oldest);
            self.removed += 1;
        }
        Ok(())
    }

    /// Marks the history as complete: browsers receive the remaining events, and the end.
    pub(crate) fn end(&mut self) {
        if self.stage == Stage::Live {
            self.stage = Stage::Ended;
        }
    }

    /// Marks the gateway as shutting down: browsers receive the end at once.
    pub(crate) fn close(&mut self) {
        self.stage = Stage::Closed;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }

    /// Returns the position after the event that a `Last-Event-ID` names.
    pub(crate) fn position(&self, last_event_id: Option<&str>) -> Position {
        let Some(id) = last_event_id.filter(|id| !id.is_empty()) else { return Position::Start };
        let number = id.strip_prefix(&self.run).and_then(|rest| rest.strip_prefix('-'));
        match number.and_then(|number| number.parse().ok()) {
            Some(number) if (1..=self.last()).contains(&number) => Position::After(number),
            _ => Position::Unknown,
        }
    }

    /// Returns the event after a position, and advances the position.
    pub(crate) fn next(&self, position: &mut Position) -> Next<'_> {
        if self.stage == Stage::Closed {
            return Next::End;
        }
        let seen = match *position {
            Position::Start => self.removed,
            Position::After(seen) if seen >= self.removed => seen,
            Position::After(seen) => {
                *position = Position::After(self.removed);
                return Next::Missed(Some(self.removed - seen));
            }
            Position::Unknown => {
                *position = Position::Start;
                return Next::Missed(None);
            }
        };
        let index = usize::try_from(seen - self.removed).unwrap_or(usize::MAX);
        match (self.kept.get(index), self.stage) {
            (Some(event), _) => {
                *position = Position::After(seen + 1);
                Next::Event(event)
            }
            (None, Stage::Live) => Next::Pending,
            (None, Stage::Ended | Stage::Closed) => Next::End,
        }
    }

    /// Returns `true` if no event will ever follow this position.
    pub(crate) fn is_over_at(&self, position: Position) -> bool {
        self.stage == Stage::Ended && position == Position::After(self.last())
    }

    /// Returns the event types so far, in the order of their first events.
    pub(crate) fn types(&self) -> &[String] {
        &self.types
    }

    /// Returns the number of the newest event.
    fn last(&self) -> u64 {
        self.removed + self.kept.len() as u64
    }
}

/// Number of event types that are remembered. It bounds the memory that an upstream can make the
/// gateway use with ever new types.
const MAX_TYPES: usize = 256;

fn size(event: &ServerSentEvent) -> usize {
    event.data().len() + event.event_type().len() + event.id().map_or(0, str::len)
}
