//! What the upstream has told of late: events in, and out again to whoever asks what follows a
//! place.
//!
//! Pure data, bounded by a number of events and of bytes, that all browsers share: a browser is no
//! more than its [`Place`]. Waits for nothing and sends nothing.

use std::collections::VecDeque;

use sse_core::{BuildError, ServerSentEvent};

/// The events of the upstream, under IDs of the gateway's own.
///
/// What an upstream calls its events may be missing or come twice, and says nothing of where in
/// this history an event stands. So each event gets `RUN-NUMBER` for an ID. The number counts from
/// 1; the run is another one each time the gateway is started, so that an ID of an earlier run is
/// not taken for one of this.
#[derive(Debug)]
pub(crate) struct History {
    run: String,
    bounds: Bounds,
    kept: VecDeque<ServerSentEvent>,
    kept_bytes: usize,
    /// How many events have left again; the first that is kept has the next number.
    gone: u64,
    types: Vec<String>,
    stage: Stage,
}

/// How much is kept. The newest event is kept though it may be larger.
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
    /// More may come.
    Live,
    /// The upstream has no more.
    Ended,
    /// The gateway shuts down.
    Closed,
}

/// How far a browser has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It has seen nothing yet, and is shown all that is kept.
    Start,
    /// It has seen the event with this number.
    After(u64),
    /// It names an event that this run does not know.
    Elsewhere,
}

/// What comes after a place.
#[derive(Debug, PartialEq)]
pub(crate) enum Next<'a> {
    Event(&'a ServerSentEvent),
    /// So many events have left before they were seen; `None` if nobody knows how many.
    Missed(Option<u64>),
    /// Nothing, yet.
    Nothing,
    /// Nothing, ever.
    End,
}

impl History {
    pub(crate) fn new(run: String, bounds: Bounds) -> Self {
        Self {
            run,
            bounds,
            kept: VecDeque::new(),
            kept_bytes: 0,
            gone: 0,
            types: Vec::new(),
            stage: Stage::Live,
        }
    }

    /// Takes up an event. It is copied, so that it does not hold the chunk that it came in.
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
            self.gone += 1;
        }
        Ok(())
    }

    /// Notes that the upstream has no more: browsers get what they have not seen yet, and the end.
    pub(crate) fn end(&mut self) {
        if self.stage == Stage::Live {
            self.stage = Stage::Ended;
        }
    }

    /// Notes that the gateway shuts down: browsers get the end at once.
    pub(crate) fn close(&mut self) {
        self.stage = Stage::Closed;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }

    /// The place that a `Last-Event-ID` names.
    pub(crate) fn place(&self, last_event_id: Option<&str>) -> Place {
        let Some(id) = last_event_id.filter(|id| !id.is_empty()) else { return Place::Start };
        let number = id.strip_prefix(&self.run).and_then(|rest| rest.strip_prefix('-'));
        match number.and_then(|number| number.parse().ok()) {
            Some(number) if (1..=self.last()).contains(&number) => Place::After(number),
            _ => Place::Elsewhere,
        }
    }

    /// What comes after a place, which is moved behind it.
    pub(crate) fn next(&self, place: &mut Place) -> Next<'_> {
        if self.stage == Stage::Closed {
            return Next::End;
        }
        let seen = match *place {
            Place::Start => self.gone,
            Place::After(seen) if seen >= self.gone => seen,
            Place::After(seen) => {
                *place = Place::After(self.gone);
                return Next::Missed(Some(self.gone - seen));
            }
            Place::Elsewhere => {
                *place = Place::Start;
                return Next::Missed(None);
            }
        };
        let index = usize::try_from(seen - self.gone).unwrap_or(usize::MAX);
        match (self.kept.get(index), self.stage) {
            (Some(event), _) => {
                *place = Place::After(seen + 1);
                Next::Event(event)
            }
            (None, Stage::Live) => Next::Nothing,
            (None, Stage::Ended | Stage::Closed) => Next::End,
        }
    }

    /// Whether a browser at this place has seen all that there will ever be.
    pub(crate) fn is_over_for(&self, place: Place) -> bool {
        self.stage == Stage::Ended && place == Place::After(self.last())
    }

    /// The event types so far, in the order in which they came.
    pub(crate) fn types(&self) -> &[String] {
        &self.types
    }

    /// The number of the newest event.
    fn last(&self) -> u64 {
        self.gone + self.kept.len() as u64
    }
}

/// No upstream means to have more; one that makes up types for ever must not fill our memory.
const MAX_TYPES: usize = 256;

fn size(event: &ServerSentEvent) -> usize {
    event.data().len() + event.event_type().len() + event.id().map_or(0, str::len)
}
