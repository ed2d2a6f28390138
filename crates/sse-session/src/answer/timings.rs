//! Timings of an answer: from its first request, over all attempts.

use std::time::Duration;

use crate::timings::{Intervals, Stopwatch, Timings};

/// Times of an answer, measured by the [clock](crate::SseConfig::clock) of its session from the
/// first request, all attempts and waits included.
///
/// They describe the text that counts. After a [restart](crate::AnswerPart::Restarted), all times
/// but the start are unknown again until the next attempt has its own; if the server has begun the
/// text again by itself, only the times of deltas are. A connection that resumes adds the times
/// that the connections before it in the same attempt did not have.
///
/// As with the [timings of a connection](Timings), events count when they are read.
///
/// ```
/// use sse_session::{Answer, SseError};
///
/// async fn print(mut answer: Answer<String>) -> Result<(), SseError> {
///     println!("{}", answer.concat().await?);
///     let timings = answer.timings();
///     if let (Some(first), Some(whole)) = (timings.to_first_delta(), timings.to_end()) {
///         println!("first token after {first:.2?}, whole after {whole:.2?}");
///     }
///     Ok(())
/// }
/// ```
///
/// # OpenTelemetry
///
/// The [semantic conventions](https://github.com/open-telemetry/semantic-conventions-genai) of
/// generative AI (in their current state of development) have these names, in seconds. In version
/// 1.41 of the general conventions, of which they were a part, the metrics begin with
/// `gen_ai.client.operation.`.
///
/// | time | name |
/// |---|---|
/// | [`to_first_event`](Self::to_first_event) | span attribute `gen_ai.response.time_to_first_chunk`, metric `gen_ai.client.inference.time_to_first_chunk` |
/// | [`to_end`](Self::to_end) | metric `gen_ai.client.inference.duration` |
///
/// A chunk is an event there, also one without text. The time to the first token is only a metric
/// of servers, for which no event needs to be on its way; [`to_first_delta`](Self::to_first_delta)
/// is what the client sees of it. The metric `gen_ai.client.inference.time_per_output_chunk` has
/// each interval between two chunks, which [`delta_intervals`](Self::delta_intervals) sums up:
/// record it where your program receives the parts of the answer. With the feature `tracing`, the
/// span of each connection of an answer has the attribute, measured from its own request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnswerTimings {
    to_head: Option<Duration>,
    to_first_byte: Option<Duration>,
    to_first_event: Option<Duration>,
    to_first_delta: Option<Duration>,
    to_end: Option<Duration>,
    delta_intervals: Intervals,
}

impl AnswerTimings {
    /// Returns the time until the head of an event stream was received; `None` before that.
    #[must_use]
    pub fn to_head(&self) -> Option<Duration> {
        self.to_head
    }

    /// Returns the time until the first byte of the body was read; `None` before that.
    #[must_use]
    pub fn to_first_byte(&self) -> Option<Duration> {
        self.to_first_byte
    }

    /// Returns the time until the first event with data was read, whatever its judgment; `None`
    /// before that.
    #[must_use]
    pub fn to_first_event(&self) -> Option<Duration> {
        self.to_first_event
    }

    /// Returns the time until the first delta was read, which is the first token of a language
    /// model; `None` before that.
    #[must_use]
    pub fn to_first_delta(&self) -> Option<Duration> {
        self.to_first_delta
    }

    /// Returns the time until the answer was whole, or failed; `None` before that.
    #[must_use]
    pub fn to_end(&self) -> Option<Duration> {
        self.to_end
    }

    /// Returns the intervals between the deltas.
    #[must_use]
    pub fn delta_intervals(&self) -> Intervals {
        self.delta_intervals
    }
}

/// Record of the times of an answer, all by its clock.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) started_at: Option<Duration>,
    /// Records of the connections of the current attempt: the first one, and those that resumed it.
    connections: Vec<Stopwatch>,
    deltas: Deltas,
    ended_at: Option<Duration>,
}

#[derive(Debug, Default)]
struct Deltas {
    first_at: Option<Duration>,
    last_at: Option<Duration>,
    intervals: Intervals,
}

impl Times {
    /// Takes note of a connection.
    pub(super) fn opened(&mut self, stopwatch: &Stopwatch) {
        // A connection without an event is followed by another.
        if self.connections.last().is_none_or(|last| last.timings().to_first_event().is_none()) {
            self.connections.push(stopwatch.clone());
        }
    }

    /// Takes note of a delta that was read at this time.
    pub(super) fn delta(&mut self, at: Duration) {
        let Deltas { first_at, last_at, intervals } = &mut self.deltas;
        first_at.get_or_insert(at);
        if let Some(last) = last_at.replace(at) {
            intervals.add(at.saturating_sub(last));
        }
    }

    /// Forgets the deltas so far, which are void.
    pub(super) fn begun_again(&mut self) {
        self.deltas = Deltas::default();
    }

    /// Forgets the last attempt, which another follows.
    pub(super) fn restarted(&mut self) {
        self.connections.clear();
        self.begun_again();
    }

    pub(super) fn ended(&mut self, at: Duration) {
        self.ended_at.get_or_insert(at);
    }

    pub(super) fn timings(&self) -> AnswerTimings {
        let Some(start) = self.started_at else {
            return AnswerTimings::default();
        };
        let since = |at: Option<Duration>| at.map(|at| at.saturating_sub(start));
        let of_connection = |time: fn(&Timings) -> Option<Duration>| {
            let at = self.connections.iter().find_map(|stopwatch| {
                Some(stopwatch.started_at().saturating_add(time(&stopwatch.timings())?))
            });
            since(at)
        };
        AnswerTimings {
            to_head: of_connection(Timings::to_head),
            to_first_byte: of_connection(Timings::to_first_byte),
            to_first_event: of_connection(Timings::to_first_event),
            to_first_delta: since(self.deltas.first_at),
            to_end: since(self.ended_at),
            delta_intervals: self.deltas.intervals,
        }
    }
}
