//! Timings of a connection: how long its request has waited for the head, the first byte and the
//! first event, and the intervals between its events.
//!
//! They are differences of times that the session already has: no event reads the clock.

use std::{
    num::NonZeroU64,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Times of one request and its connection, measured by the [clock](crate::SseConfig::clock) of the
/// session from the moment at which the request is sent.
///
/// Returned by [`Call::timings`](crate::Call::timings) and
/// [`SseError::timings`](crate::SseError::timings), for the connection of that call or error. The
/// times include redirects that the session follows, but neither the factory that makes the request
/// nor the wait before it. If a session [begins with a response](crate::SseClient::response), the
/// times begin with the session, and [`to_head`](Self::to_head) is unknown.
///
/// A session reads only while it is polled: bytes and events count when they are read, and all
/// events of a chunk at the same time. A slow consumer therefore makes the times longer.
///
/// ```
/// use std::time::Duration;
///
/// use sse_session::{BlockingClient, SseConfig};
///
/// # fn main() -> Result<(), sse_session::SseError> {
/// # let send = |_: http::Request<bytes::Bytes>| {
/// #     let body = "data: 1\n\ndata: 2\n\n".as_bytes();
/// #     http::Response::builder().header("content-type", "text/event-stream").body(body)
/// # };
/// let config = SseConfig::new().measure_event_intervals(true);
/// let client = BlockingClient::new(send, config);
/// let mut session = client.sse_session("http://example.org/")?;
/// let head = session.call().timings().to_head();
/// assert!(head.is_some() && session.call().timings().to_first_event().is_none());
///
/// assert_eq!(session.by_ref().count(), 2);
/// let timings = session.call().timings();
/// assert!(timings.to_head() <= timings.to_first_byte());
/// assert!(timings.to_first_byte() <= timings.to_first_event());
/// assert!(timings.to_first_event() <= timings.to_end());
///
/// // Both events were in one chunk.
/// let intervals = timings.event_intervals().expect("they are measured");
/// assert_eq!((intervals.count(), intervals.longest()), (1, Duration::ZERO));
/// # Ok(())
/// # }
/// ```
///
/// # OpenTelemetry
///
/// For a request to a language model, [`to_first_event`](Self::to_first_event) is the span
/// attribute `gen_ai.response.time_to_first_chunk` of the [semantic
/// conventions](https://github.com/open-telemetry/semantic-conventions-genai), in seconds.
/// [`AnswerTimings`](crate::AnswerTimings#opentelemetry) lists the metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    to_head: Option<Duration>,
    to_first_byte: Option<Duration>,
    to_first_event: Option<Duration>,
    to_end: Option<Duration>,
    event_intervals: Option<Intervals>,
}

impl Timings {
    /// Returns the time until the head of the response was received; `None` before that, and if the
    /// session began with a response.
    #[must_use]
    pub fn to_head(&self) -> Option<Duration> {
        self.to_head
    }

    /// Returns the time until the first byte of the body was read, whatever it is part of; `None`
    /// before that.
    #[must_use]
    pub fn to_first_byte(&self) -> Option<Duration> {
        self.to_first_byte
    }

    /// Returns the time until the session had read the whole first event with data that it yields;
    /// `None` before that. Hidden events and events without data do not count.
    #[must_use]
    pub fn to_first_event(&self) -> Option<Duration> {
        self.to_first_event
    }

    /// Returns the time until the connection ended, or was abandoned, or the attempt to make it
    /// failed; `None` before that.
    #[must_use]
    pub fn to_end(&self) -> Option<Duration> {
        self.to_end
    }

    /// Returns the intervals between the events with data that the session has yielded over this
    /// connection; `None` unless
    /// [`measure_event_intervals`](crate::SseConfig::measure_event_intervals) is set.
    #[must_use]
    pub fn event_intervals(&self) -> Option<Intervals> {
        self.event_intervals
    }
}

/// Intervals between events, in the order in which the events were read: their number, sum and
/// maximum. Events of the same chunk have an interval of zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Intervals {
    count: u64,
    total: Duration,
    longest: Duration,
}

impl Intervals {
    /// Returns the number of intervals: that of the events, less one.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the sum of all intervals: the time from the first event to the last one.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.total
    }

    /// Returns the longest interval, or zero without an interval.
    #[must_use]
    pub fn longest(&self) -> Duration {
        self.longest
    }

    /// Returns the mean of all intervals, or `None` without an interval.
    #[must_use]
    pub fn mean(&self) -> Option<Duration> {
        let mean = self.total.as_nanos().checked_div(self.count.into())?;
        // A mean does not exceed the total.
        u64::try_from(mean).ok().map(Duration::from_nanos)
    }

    pub(crate) fn add(&mut self, interval: Duration) {
        self.count += 1;
        self.total = self.total.saturating_add(interval);
        self.longest = self.longest.max(interval);
    }
}

/// Record of the times of one request and its connection. Clones share it, so that every holder of
/// the heads of a connection sees its later times too.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stopwatch {
    record: Arc<Mutex<Record>>,
}

#[derive(Debug, Default)]
struct Record {
    started_at: Duration,
    to_head: Elapsed,
    to_first_byte: Elapsed,
    to_first_event: Elapsed,
    to_end: Elapsed,
    /// Present if intervals are measured, which is rare.
    events: Option<Box<Events>>,
}

/// Time since the start, if it is known, in the eight bytes that a session keeps for it: one more
/// than its nanoseconds.
#[derive(Debug, Default, Clone, Copy)]
struct Elapsed(Option<NonZeroU64>);

#[derive(Debug, Default)]
struct Events {
    last_at: Option<Duration>,
    intervals: Intervals,
}

impl Elapsed {
    /// Sets the time, unless it is known.
    fn set(&mut self, elapsed: Duration) {
        let nanos = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
        self.0 = self.0.or(NonZeroU64::new(nanos.saturating_add(1)));
    }

    fn get(self) -> Option<Duration> {
        self.0.map(|it| Duration::from_nanos(it.get() - 1))
    }
}

impl Stopwatch {
    /// Starts with a request, or with the response that a session begins with.
    pub(crate) fn start(now: Duration, measures_intervals: bool) -> Self {
        let events = measures_intervals.then(Box::default);
        let record = Record { started_at: now, events, ..Record::default() };
        Self { record: Arc::new(Mutex::new(record)) }
    }

    /// Takes note of the head of the response.
    pub(crate) fn head(&self, now: Duration) {
        self.record().first(now, |record| &mut record.to_head);
    }

    /// Takes note of bytes of the body, of which the first count.
    pub(crate) fn bytes(&self, now: Duration) {
        self.record().first(now, |record| &mut record.to_first_byte);
    }

    /// Takes note of an event that is yielded, and was read at this time. Returns `true` if it is
    /// the first one.
    pub(crate) fn event(&self, now: Duration) -> bool {
        let mut record = self.record();
        if let Some(Events { last_at, intervals }) = record.events.as_deref_mut() {
            if let Some(last) = last_at.replace(now) {
                intervals.add(now.saturating_sub(last));
            }
        }
        let is_first = record.to_first_event.get().is_none();
        record.first(now, |record| &mut record.to_first_event);
        is_first
    }

    /// Takes note of the end of the connection, or of the attempt to make it.
    pub(crate) fn end(&self, now: Duration) {
        self.record().first(now, |record| &mut record.to_end);
    }

    pub(crate) fn timings(&self) -> Timings {
        let record = self.record();
        Timings {
            to_head: record.to_head.get(),
            to_first_byte: record.to_first_byte.get(),
            to_first_event: record.to_first_event.get(),
            to_end: record.to_end.get(),
            event_intervals: record.events.as_ref().map(|events| events.intervals),
        }
    }

    pub(crate) fn started_at(&self) -> Duration {
        self.record().started_at
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    /// Sets a time, unless it is known.
    fn first(&mut self, now: Duration, of: impl FnOnce(&mut Self) -> &mut Elapsed) {
        let elapsed = now.saturating_sub(self.started_at);
        of(self).set(elapsed);
    }
}
