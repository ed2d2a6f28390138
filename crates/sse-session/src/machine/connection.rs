//! Connection: the bytes of one response body, on their way to events.
//!
//! Responsible for decoding and parsing; knows nothing of other connections.

use std::time::Duration;

use bytes::Bytes;
use sse_core::{EventRef, LimitExceeded, Parser, ServerSentEvent, Taken};

use crate::{
    body_end::{BodyEnd, EndEvidence, EndFacts},
    coding::{DecodeError, Decoded, Decoder},
    deadlines::{Deadline, Deadlines},
    keep_alives::{KeepAlives, LearnedLimit},
    transport_error::TransportErrorKind,
};

/// State of a response whose body is an event stream.
#[derive(Debug)]
pub(crate) struct Connection {
    /// Bytes that were received and decoded, and are not parsed yet.
    chunk: Bytes,
    /// Present if the body has a content coding.
    decoder: Option<Box<Decoder>>,
    /// Time at which the body was first read. A consumer that starts late does not make a
    /// connection last longer.
    first_read: Option<Duration>,
    last_byte: Option<Duration>,
    /// Time since when the session has waited for a byte. The time that its consumer takes does not
    /// count.
    waiting_since: Option<Duration>,
    bytes: u64,
    /// If `true`, every byte so far belongs to line ends, or to a byte order mark.
    is_blank: bool,
    /// Number of bytes in a content coding.
    coded_bytes: u64,
    /// Number of bytes of the whole body, if the session has to check it.
    length: Option<u64>,
    /// Number of events with data.
    pub(crate) messages: u64,
    /// Present if the idle timeout learns from them.
    keep_alives: Option<Box<KeepAlives>>,
    regular_end: BodyEnd,
    /// If `true`, the body has ended, and its last event is completed.
    is_finished: bool,
}

impl Connection {
    pub(crate) fn new(
        regular_end: BodyEnd,
        decoder: Option<Box<Decoder>>,
        keep_alives: Option<Box<KeepAlives>>,
    ) -> Self {
        Self {
            chunk: Bytes::new(),
            decoder,
            first_read: None,
            last_byte: None,
            waiting_since: None,
            bytes: 0,
            is_blank: true,
            coded_bytes: 0,
            length: None,
            messages: 0,
            keep_alives,
            regular_end,
            is_finished: false,
        }
    }

    /// Sets the number of bytes without which the body is not whole.
    pub(crate) fn with_length(self, length: Option<u64>) -> Self {
        Self { length, ..self }
    }

    pub(crate) fn reading(&mut self, now: Duration) {
        self.first_read.get_or_insert(now);
    }

    pub(crate) fn waiting(&mut self, now: Duration) {
        self.waiting_since.get_or_insert(now);
        if let Some(keep_alives) = &mut self.keep_alives {
            keep_alives.waiting(now);
        }
    }

    /// Takes note of when the bytes arrived that are read next, as far as a wake shows it.
    pub(crate) fn woken(&mut self, at: Duration) {
        if let Some(keep_alives) = &mut self.keep_alives {
            keep_alives.woken(at);
        }
    }

    /// Returns how long the body has been read.
    pub(crate) fn lived(&self, now: Duration) -> Duration {
        self.first_read.map_or(Duration::ZERO, |then| now.saturating_sub(then))
    }

    /// Returns the time of the last byte; `None` if no byte was received.
    pub(crate) fn last_byte(&self) -> Option<Duration> {
        self.last_byte
    }

    /// Returns what was received, given how the body ended, and the error of the transport if there
    /// was one. A regular end proves what the head of the response promised.
    pub(crate) fn evidence(
        &self,
        body_end: Option<BodyEnd>,
        error: Option<TransportErrorKind>,
        parser: &Parser,
        now: Duration,
    ) -> EndEvidence {
        let body_end = body_end.filter(|_| !self.is_finished);
        let facts = EndFacts {
            body_end: body_end.unwrap_or(self.regular_end),
            bytes: self.bytes,
            messages: self.messages,
            since_last_byte: self.last_byte.map(|then| now.saturating_sub(then)),
        };
        EndEvidence::new(facts, error, parser)
    }

    /// Completes the event that the parser has begun, at the regular end of the body. Returns
    /// `false` if no event has begun, or if HTTP does not show that the body is whole.
    pub(crate) fn finish(&mut self, parser: &Parser) -> bool {
        let is_possible = self.regular_end.is_framed() && parser.has_unfinished_event();
        if self.is_finished || !is_possible {
            return false;
        }
        self.is_finished = true;
        // After a CR, the first LF belongs to it.
        self.chunk = Bytes::from_static(b"\n\n");
        true
    }

    /// Returns `true` if the body has ended, and the rest that is left to parse was added to it.
    pub(crate) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// Returns the bytes that are not parsed yet.
    #[inline(always)]
    pub(crate) fn unread(&self) -> &Bytes {
        &self.chunk
    }

    /// Returns `true` if the body has brought nothing but line ends so far, with which some servers
    /// begin every stream.
    pub(crate) fn is_blank(&self) -> bool {
        self.is_blank
    }

    /// Adds a chunk, once all before it is parsed.
    #[inline(always)] // on the fast path: see `Driver::poll_step`
    pub(crate) fn chunk(&mut self, chunk: Bytes, now: Duration) {
        if !chunk.is_empty() {
            self.last_byte = Some(now);
            self.waiting_since = None;
        }
        if let Some(decoder) = &mut self.decoder {
            self.coded_bytes += chunk.len() as u64;
            return decoder.push(chunk);
        }
        self.bytes += chunk.len() as u64;
        self.is_blank = self.is_blank && is_blank(&chunk);
        self.chunk = chunk;
    }

    /// Returns `true` if the body has a content coding.
    #[inline(always)]
    pub(crate) fn is_coded(&self) -> bool {
        self.decoder.is_some()
    }

    /// Decodes a piece of the last chunk, once all before it is parsed. Returns the number of its
    /// bytes, which may be 0, or `None` once the chunk is decoded.
    pub(crate) fn decode(&mut self) -> Result<Option<usize>, DecodeError> {
        let Some(decoder) = &mut self.decoder else {
            return Ok(None);
        };
        self.chunk = match decoder.next()? {
            Decoded::Bytes(bytes) => bytes,
            Decoded::Nothing => Bytes::new(),
            Decoded::NeedsInput => return Ok(None),
        };
        self.bytes += self.chunk.len() as u64;
        self.is_blank = self.is_blank && is_blank(&self.chunk);
        Ok(Some(self.chunk.len()))
    }

    /// Returns `true` if the body can end here. It cannot inside a stream of its content coding.
    pub(crate) fn is_complete(&self) -> bool {
        self.decoder.as_ref().is_none_or(|decoder| decoder.is_complete())
    }

    /// Returns `true` if bytes of the body are missing at its end.
    pub(crate) fn is_short(&self) -> bool {
        self.length.is_some_and(|length| self.received() < length)
    }

    /// Returns the number of bytes that the transport has brought.
    fn received(&self) -> u64 {
        if self.is_coded() { self.coded_bytes } else { self.bytes }
    }

    /// Takes the next event, with a parser that returns messages only; `None` if none is complete.
    #[inline(always)] // on the fast path: see `Driver::poll_step`
    pub(crate) fn next_message(
        &mut self,
        parser: &mut Parser,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let found = parser.next(&mut self.chunk);
        self.release_chunk(found.is_err());
        if let Ok(Some(_)) = found {
            self.messages += 1;
        }
        found
    }

    /// Takes the next block, and makes an event of it only if `keep` returns `true`.
    pub(crate) fn next_if(
        &mut self,
        parser: &mut Parser,
        keep: impl FnOnce(&EventRef<'_>) -> bool,
    ) -> Result<Option<Taken>, LimitExceeded> {
        let Self { chunk, messages, .. } = self;
        let taken = parser.next_if(chunk, |event| {
            *messages += u64::from(event.has_data());
            keep(event)
        });
        self.release_chunk(taken.is_err());
        taken
    }

    /// Takes note of the last chunk and its comments, if the session learns from keep-alives.
    pub(crate) fn count_comments(&mut self, parser: &Parser) {
        let (bytes, now) = (self.received(), self.last_byte.unwrap_or_default());
        if let Some(keep_alives) = &mut self.keep_alives {
            keep_alives.received(bytes, now);
            keep_alives.comments(parser.comment_lines());
        }
    }

    /// Takes note that an event of the last chunk was a keep-alive.
    pub(crate) fn keep_alive(&mut self) {
        if let Some(keep_alives) = &mut self.keep_alives {
            keep_alives.keep_alive();
        }
    }

    /// Returns `true` if the session learns from keep-alives.
    #[inline(always)]
    pub(crate) fn learns(&self) -> bool {
        self.keep_alives.is_some()
    }

    /// Returns the limit learned from keep-alives, if the session learns one. `is_expired` is
    /// `true` if the connection was silent for too long.
    pub(crate) fn learned(&self, is_expired: bool) -> Option<LearnedLimit> {
        self.keep_alives.as_ref().map(|keep_alives| keep_alives.learned(is_expired))
    }

    /// Drops the chunk when nothing of it is left, as an empty slice would keep hyper from reusing
    /// its buffer. A chunk in which a limit was exceeded counts as read: the history shows it.
    #[inline(always)]
    fn release_chunk(&mut self, is_refused: bool) {
        if is_refused || self.chunk.is_empty() {
            self.chunk = Bytes::new();
        }
    }

    /// Returns the limit of the current silence, or `None` if it has no limit.
    #[inline(always)]
    fn silence(&self, deadlines: &Deadlines) -> Option<(Duration, Deadline)> {
        let learned = || self.keep_alives.as_ref()?.longest_silence();
        deadlines.silence(self.last_byte.is_some(), learned)
    }

    /// Returns `true` if silence is limited.
    #[inline(always)]
    pub(crate) fn has_deadline(&self, deadlines: &Deadlines) -> bool {
        self.silence(deadlines).is_some()
    }

    /// Returns when the current silence will have lasted too long.
    pub(crate) fn deadline(&self, deadlines: &Deadlines) -> Option<(Duration, Deadline)> {
        let since = self.waiting_since?;
        let (limit, deadline) = self.silence(deadlines)?;
        Some((since.saturating_add(limit), deadline))
    }
}

/// Returns `true` if no byte belongs to a line that is not empty.
fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| b"\r\n\xef\xbb\xbf".contains(byte))
}
