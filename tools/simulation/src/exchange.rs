//! Exchange: one request and its response, as the model server has planned it and as it went.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use http::Uri;
use sse_session::{BodyEnd, TransportErrorKind};

use crate::wire::{Block, Line};

/// Request and response.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) timer: u64,
    pub(crate) uri: Uri,
    pub(crate) is_post: bool,
    pub(crate) state: ExchangeState,
    /// Time at which the head, or the next step of the body, is available; `None` means never.
    pub(crate) ready_at: Option<Duration>,
    pub(crate) head: Head,
    /// The head of the response says that the server has forgotten its events.
    pub(crate) is_restarted: bool,
    pub(crate) steps: VecDeque<Step>,
    pub(crate) end: End,
    pub(crate) blocks: Vec<Block>,
    /// Length of what precedes the first line that is not empty.
    pub(crate) mark: usize,
    /// Last event ID from which the session resumes.
    pub(crate) start_id: String,
    /// Last event ID that was received.
    pub(crate) last_id: Option<String>,
    pub(crate) delivered: usize,
    /// Number of blocks that the session has parsed.
    pub(crate) parsed: usize,
    pub(crate) messages: u64,
    pub(crate) keep_alives: KeepAlives,
    /// Numbers of bytes after which the line of each comment is complete.
    pub(crate) comment_ends: Vec<usize>,
    /// Lines that are not empty.
    pub(crate) lines: Vec<Line>,
    pub(crate) first_read: Option<Duration>,
    pub(crate) last_byte: Option<Duration>,
    pub(crate) waiting_since: Option<Duration>,
    /// Time at which the body wakes the session that has polled it.
    pub(crate) wakes_at: Option<Duration>,
    pub(crate) responded_at: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExchangeState {
    Sending,
    /// The response was accepted, and its body is open.
    Open,
    /// The response was rejected, and its body is open.
    Rejecting,
    /// The body has ended, and is still held.
    Ended,
    Over,
}

/// Head of a response, or none.
#[derive(Debug, Clone)]
pub(crate) enum Head {
    Stream { regular_end: BodyEnd, content_type: Option<&'static str>, is_encoded: bool },
    Status { code: u16, retry_after: Option<u64> },
    Redirect { code: u16, location: Option<&'static str> },
    NoContent,
    Error(TransportErrorKind),
    Panic,
}

#[derive(Debug)]
pub(crate) enum Step {
    /// Bytes, after a pause.
    Chunk(Duration, Bytes),
    Trailers,
}

/// End of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Regular,
    Error(TransportErrorKind),
    Silence,
    /// Empty frames without end, each of which takes a little time.
    EmptyFrames,
    Panic,
}

/// Gaps between the keep-alives of a connection, and the limit learned from earlier connections.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KeepAlives {
    learned: LearnedLimit,
    last: Option<Duration>,
    has_any: bool,
    /// Time of the last bytes, if the session was there when they came.
    witnessed: Option<Duration>,
    /// Time of the last bytes that it waited for, or of the head.
    awaited: Option<Duration>,
    /// Time from which bytes count as awaited.
    awaited_from: Option<Duration>,
    /// Time of the last look at the body.
    looked: Duration,
    /// Time at which bytes have woken the session since then.
    woken: Option<Duration>,
}

/// Limit of silence learned from keep-alives.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LearnedLimit {
    limit: Option<Duration>,
    /// Gaps since then.
    gaps: u32,
    longest: Duration,
}

impl KeepAlives {
    pub(crate) fn new(learned: LearnedLimit) -> Self {
        Self { learned, ..Self::default() }
    }

    /// Takes note of the head.
    pub(crate) fn head(&mut self, now: Duration) {
        (self.witnessed, self.awaited, self.looked) = (Some(now), Some(now), now);
    }

    /// Takes note that bytes have woken the session, which looks at them at some time.
    pub(crate) fn wake(&mut self, now: Duration) {
        self.woken.get_or_insert(now);
    }

    /// Takes note that the session has found no bytes.
    pub(crate) fn wait(&mut self, now: Duration) {
        if self.look(now) {
            self.awaited_from.get_or_insert(now + Duration::from_millis(1));
        } else {
            self.awaited_from = Some(now + Duration::from_millis(10));
        }
    }

    /// Takes note of bytes, for which the session may have waited.
    fn bytes(&mut self, now: Duration) {
        let is_there = self.look(now);
        if self.awaited_from.take().is_some_and(|from| from <= now) && is_there {
            self.awaited = Some(now);
        }
        self.witnessed = self.awaited.filter(|&then| is_at_once(then, now)).map(|_| now);
    }

    /// Returns `true` if the session looks when it is woken, or has looked just before.
    fn look(&mut self, now: Duration) -> bool {
        let has_looked = is_at_once(self.looked, now);
        self.looked = now;
        self.woken.take().is_some_and(|then| is_at_once(then, now)) || has_looked
    }

    fn add(&mut self) {
        self.has_any = true;
        match (self.last, self.witnessed) {
            (Some(last), Some(at)) if at - last < Duration::from_secs(1) => {}
            (Some(last), Some(at)) => {
                self.last = Some(at);
                self.learned.gaps += 1;
                self.learned.longest = self.learned.longest.max(at - last);
            }
            (_, at) => self.last = at,
        }
    }

    /// Returns the silence that is too long for an automatic idle timeout.
    pub(crate) fn limit(&self) -> Option<Duration> {
        let LearnedLimit { limit, gaps, longest } = self.learned;
        let own = (longest * 3).max(Duration::from_secs(10));
        if gaps >= 3 { Some(own) } else { limit.map(|limit| limit.max(own)) }
    }

    /// Returns what the next connection begins with.
    pub(crate) fn next(&self, is_expired: bool) -> LearnedLimit {
        let limit = self.limit();
        if self.learned.gaps >= 3 {
            return LearnedLimit { limit, ..LearnedLimit::default() };
        }
        if !(is_expired && self.has_any) {
            return LearnedLimit { limit, ..self.learned };
        }
        let half_an_hour = Duration::from_secs(1800);
        let doubled = |limit: Duration| (limit * 2).min(limit.max(half_an_hour));
        LearnedLimit { limit: limit.map(doubled), ..LearnedLimit::default() }
    }
}

fn is_at_once(then: Duration, now: Duration) -> bool {
    now - then < Duration::from_secs(1)
}

impl Exchange {
    /// Returns the number of blocks that are complete in the bytes delivered.
    pub(crate) fn complete(&self) -> usize {
        self.blocks.partition_point(|block| block.end <= self.delivered)
    }

    /// Returns the number of bytes delivered that belong to complete blocks, or precede the first.
    pub(crate) fn settled(&self) -> usize {
        let last = self.complete().checked_sub(1).and_then(|last| self.blocks.get(last));
        last.map_or(self.mark, |block| block.next).min(self.delivered)
    }

    /// Returns `true` if the bytes delivered end within a line.
    pub(crate) fn is_in_line(&self) -> bool {
        self.lines.iter().any(|line| line.start < self.delivered && self.delivered < line.end)
    }

    /// Returns `true` if whole lines of an event were delivered, and not the blank line after them.
    pub(crate) fn has_unfinished_event(&self) -> bool {
        let settled = self.settled();
        let is_pending = |line: &Line| line.start >= settled && line.end <= self.delivered;
        self.lines.iter().any(|line| line.is_of_event && is_pending(line))
    }

    /// Returns `true` if a line with an unknown name was delivered, or the start of one.
    pub(crate) fn has_unknown_line(&self) -> bool {
        let is_delivered = |start| start < self.delivered;
        self.blocks.iter().filter_map(|block| block.unknown_line).any(is_delivered)
    }

    /// Takes note of bytes that were delivered, and of the keep-alives that end in them.
    /// Events of this type are keep-alives too.
    pub(crate) fn deliver(&mut self, len: usize, keep_alive: Option<&str>, now: Duration) {
        if len > 0 {
            self.keep_alives.bytes(now);
        }
        let new = self.delivered + 1..=self.delivered + len;
        self.delivered += len;
        let is_new = |block: &Block| new.contains(&block.end) && !block.item.is_huge;
        let is_keep_alive = |block: &Block| keep_alive.is_some() && block.item.event == keep_alive;
        if self.comment_ends.iter().any(|end| new.contains(end))
            || self.blocks.iter().any(|block| is_new(block) && is_keep_alive(block))
        {
            self.keep_alives.add();
        }
    }

    pub(crate) fn is_in_flight(&self) -> bool {
        self.state != ExchangeState::Over
    }
}
