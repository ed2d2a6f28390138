//! Times of a connection, or of a request that led to none, as a text and as JSON.

use std::time::Duration;

use serde::Serialize;
use sse_reqwest::{Intervals, Timings};

/// Times in milliseconds.
#[derive(Serialize)]
pub(super) struct Times {
    #[serde(skip_serializing_if = "Option::is_none")]
    to_head_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_first_byte_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_first_event_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_end_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_intervals: Option<EventIntervals>,
}

#[derive(Serialize)]
struct EventIntervals {
    count: u64,
    mean_ms: f64,
    longest_ms: f64,
}

impl Times {
    pub(super) fn new(timings: &Timings) -> Self {
        Self {
            to_head_ms: timings.to_head().map(millis),
            to_first_byte_ms: timings.to_first_byte().map(millis),
            to_first_event_ms: timings.to_first_event().map(millis),
            to_end_ms: timings.to_end().map(millis),
            event_intervals: timings.event_intervals().and_then(|intervals| {
                let mean_ms = millis(intervals.mean()?);
                let (count, longest_ms) = (intervals.count(), millis(intervals.longest()));
                Some(EventIntervals { count, mean_ms, longest_ms })
            }),
        }
    }
}

/// Returns milliseconds, to the microsecond.
fn millis(time: Duration) -> f64 {
    time.as_micros() as f64 / 1e3
}

/// Returns the line that describes times to a person.
pub(super) fn line(timings: &Timings) -> String {
    let times = [
        ("head", timings.to_head()),
        ("first byte", timings.to_first_byte()),
        ("first event", timings.to_first_event()),
        ("end", timings.to_end()),
    ];
    let times = times
        .into_iter()
        .filter_map(|(what, time)| Some(format!("{what} after {:.3} s", time?.as_secs_f64())));
    let times = times.collect::<Vec<_>>().join(", ");
    let intervals = timings.event_intervals().as_ref().and_then(between).unwrap_or_default();
    format!("times: {times}{intervals}")
}

fn between(intervals: &Intervals) -> Option<String> {
    let (mean, longest) = (intervals.mean()?.as_secs_f64(), intervals.longest().as_secs_f64());
    Some(format!("; between events {mean:.3} s on average, {longest:.3} s at most"))
}
