//! Record of what a session received last, for diagnosis.
//!
//! Keeps bytes or events, and returns them as text. Nothing in a session depends on it.

use std::collections::VecDeque;

use sse_core::ServerSentEvent;

/// Policy of what a session keeps of the bytes or events that it receives, for
/// [`history`](crate::ClientSseSession::history) and for errors.
///
/// It never keeps more than [`max_bytes`](Self::max_bytes).
///
/// ```
/// use sse_session::{BufferPolicy, SseConfig};
///
/// let config = SseConfig::new().buffer_policy(BufferPolicy::last_lines(20).max_bytes(4096));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BufferPolicy {
    keep: Keep,
    max_bytes: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Nothing,
    Events(usize),
    Lines(usize),
}

impl BufferPolicy {
    /// Keeps nothing. This is the default.
    #[must_use]
    pub const fn off() -> Self {
        Self::new(Keep::Nothing)
    }

    /// Keeps the last event that was yielded, in its wire format.
    #[must_use]
    pub const fn last_event() -> Self {
        Self::last_events(1)
    }

    /// Keeps the last `count` events that were yielded, in their wire format.
    #[must_use]
    pub const fn last_events(count: usize) -> Self {
        Self::new(Keep::Events(count))
    }

    /// Keeps the last `count` lines that were received, unchanged, including comments, blank lines
    /// and the lines of an incomplete event.
    #[must_use]
    pub const fn last_lines(count: usize) -> Self {
        Self::new(Keep::Lines(count))
    }

    /// Keeps everything that was received, unchanged, up to [`max_bytes`](Self::max_bytes).
    #[must_use]
    pub const fn all() -> Self {
        Self::new(Keep::Lines(usize::MAX))
    }

    /// Sets how many bytes are kept at most. The oldest are dropped first.
    ///
    /// Defaults to 64 KiB.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    const fn new(keep: Keep) -> Self {
        Self { keep, max_bytes: 64 * 1024 }
    }
}

impl Default for BufferPolicy {
    fn default() -> Self {
        Self::off()
    }
}

/// Record that a [`BufferPolicy`] asks for.
#[derive(Debug, Clone)]
pub(crate) struct History {
    policy: BufferPolicy,
    bytes: VecDeque<u8>,
    events: VecDeque<String>,
    /// Total length of the events.
    events_size: usize,
}

impl History {
    /// Creates an empty record; `None` if the policy keeps nothing.
    pub(crate) fn asked_for(policy: BufferPolicy) -> Option<Self> {
        let (bytes, events) = (VecDeque::new(), VecDeque::new());
        (policy.keep != Keep::Nothing).then_some(Self { policy, bytes, events, events_size: 0 })
    }

    /// Records bytes that were received.
    pub(crate) fn record_bytes(&mut self, bytes: &[u8]) {
        if let Keep::Lines(1..) = self.policy.keep {
            let max = self.policy.max_bytes;
            let end = &bytes[bytes.len().saturating_sub(max)..];
            let excess = (self.bytes.len() + end.len()).saturating_sub(max);
            self.bytes.drain(..excess);
            self.bytes.extend(end);
        }
    }

    /// Takes note of the end of a connection: the next bytes begin another line.
    pub(crate) fn end_connection(&mut self) {
        if self.bytes.back().is_some_and(|last| !matches!(last, b'\r' | b'\n')) {
            self.record_bytes(b"\n");
        }
    }

    /// Records an event that is yielded.
    pub(crate) fn record_event(&mut self, event: &ServerSentEvent) {
        let Keep::Events(count @ 1..) = self.policy.keep else {
            return;
        };
        let mut text = event.to_string();
        keep_end(&mut text, self.policy.max_bytes);
        self.events_size += text.len();
        self.events.push_back(text);
        while self.events.len() > count || self.events_size > self.policy.max_bytes {
            self.events_size -= self.events.pop_front().map_or(0, |oldest| oldest.len());
        }
    }

    /// Returns the record, with ill-formed UTF-8 replaced.
    pub(crate) fn text(&self) -> String {
        match self.policy.keep {
            Keep::Nothing => String::new(),
            Keep::Events(_) => self.events.iter().map(String::as_str).collect(),
            Keep::Lines(count) => {
                let bytes: Vec<u8> = self.bytes.iter().copied().collect();
                String::from_utf8_lossy(last_lines(&bytes, count)).into_owned()
            }
        }
    }
}

/// Drops the start of a text that is too long, and releases its memory.
fn keep_end(text: &mut String, max_bytes: usize) {
    let mut start = text.len().saturating_sub(max_bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    if start > 0 {
        *text = text[start..].to_owned();
    }
}

/// Returns the last `count` lines of `bytes`, the last of which may be incomplete.
fn last_lines(bytes: &[u8], count: usize) -> &[u8] {
    let mut start = bytes.len();
    for _ in 0..count {
        let Some(before_end) = without_line_end(&bytes[..start]) else {
            return bytes;
        };
        start = before_end
            .iter()
            .rposition(|byte| matches!(byte, b'\r' | b'\n'))
            .map_or(0, |line_end| line_end + 1);
    }
    &bytes[start..]
}

/// Returns the bytes without the line end at their end; `None` if there are none.
fn without_line_end(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [] => None,
        [before @ .., b'\r', b'\n'] | [before @ .., b'\r' | b'\n'] => Some(before),
        unfinished => Some(unfinished),
    }
}

#[cfg(test)]
mod tests {
    use sse_core::ServerSentEvent;

    use super::{BufferPolicy, History};

    #[track_caller]
    fn check_lines(policy: BufferPolicy, read: &[&str], expected: &str) {
        let mut history = History::asked_for(policy).unwrap();
        read.iter().for_each(|bytes| history.record_bytes(bytes.as_bytes()));
        assert_eq!(history.text(), expected);
    }

    #[test]
    fn lines_are_kept_as_they_came() {
        let read = ["data: 1\r", "\n\r\n: c\rdata: 2\n", "\ndata"];
        check_lines(BufferPolicy::last_lines(0), &read, "");
        check_lines(BufferPolicy::last_lines(1), &read, "data");
        check_lines(BufferPolicy::last_lines(3), &read, "data: 2\n\ndata");
        check_lines(BufferPolicy::last_lines(4), &read, ": c\rdata: 2\n\ndata");
        check_lines(BufferPolicy::all(), &read, "data: 1\r\n\r\n: c\rdata: 2\n\ndata");
        check_lines(BufferPolicy::all(), &[], "");
    }

    #[test]
    fn a_line_that_a_connection_leaves_open_is_not_continued_by_the_next() {
        let mut history = History::asked_for(BufferPolicy::last_lines(2)).unwrap();
        history.end_connection();
        history.record_bytes(b"data: ha");
        history.end_connection();
        history.record_bytes(b": welcome\n");
        history.end_connection();
        assert_eq!(history.text(), "data: ha\n: welcome\n");
    }

    #[test]
    fn max_bytes_of_a_buffer_limits_its_memory() {
        let long = "x".repeat(1 << 20);
        let event = ServerSentEvent::builder().data(&long).build().unwrap();
        let mut history = History::asked_for(BufferPolicy::last_events(9).max_bytes(100)).unwrap();
        history.record_event(&event);
        assert_eq!(history.text().len(), 100);
        assert!(history.events.iter().map(String::capacity).sum::<usize>() <= 100);
        let mut history = History::asked_for(BufferPolicy::all().max_bytes(100)).unwrap();
        history.record_bytes(long.as_bytes());
        assert!(history.bytes.capacity() <= 200);
    }

    #[test]
    fn max_bytes_of_a_buffer_keeps_the_newest() {
        check_lines(BufferPolicy::all().max_bytes(6), &["data: 1\n", "data: 2\n"], "ta: 2\n");
        check_lines(BufferPolicy::last_lines(9).max_bytes(0), &["data: 1\n"], "");
    }

    #[track_caller]
    fn check_events(policy: BufferPolicy, count: usize, expected: &str) {
        let mut history = History::asked_for(policy).unwrap();
        for number in 1..=count {
            let event = ServerSentEvent::builder().data(number.to_string()).build().unwrap();
            history.record_event(&event);
            history.record_bytes(b"not asked for\n");
        }
        assert_eq!(history.text(), expected);
    }

    #[test]
    fn events_are_kept_in_their_wire_format() {
        check_events(BufferPolicy::last_event(), 3, "data: 3\n\n");
        check_events(BufferPolicy::last_events(2), 3, "data: 2\n\ndata: 3\n\n");
        check_events(BufferPolicy::last_events(9), 2, "data: 1\n\ndata: 2\n\n");
        check_events(BufferPolicy::last_events(0), 2, "");
        check_events(BufferPolicy::last_events(9).max_bytes(18), 3, "data: 2\n\ndata: 3\n\n");
        check_events(BufferPolicy::last_events(9).max_bytes(17), 3, "data: 3\n\n");
        check_events(BufferPolicy::last_events(9).max_bytes(4), 3, " 3\n\n");
    }

    #[test]
    fn off_keeps_nothing() {
        assert!(History::asked_for(BufferPolicy::off()).is_none());
    }
}
