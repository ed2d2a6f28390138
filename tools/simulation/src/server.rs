//! Model server: plans how it responds to a request.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use http::Uri;
use sse_session::{BodyEnd, TransportErrorKind};

use crate::{
    chance::Chance,
    exchange::{End, Exchange, ExchangeState, Head, KeepAlives, Step},
    feed::{Feed, ServerResume},
    wire::Wire,
};

/// Profile of the server of one life: the probability of each of its faults.
#[derive(Debug)]
pub(crate) struct ServerProfile {
    refuses: usize,
    unauthorized: usize,
    redirects: usize,
    fails: usize,
    is_weird: bool,
    pauses: usize,
}

impl ServerProfile {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        Self {
            refuses: chance.pick(&[0, 5, 20, 50]),
            unauthorized: chance.pick(&[0, 0, 20]),
            redirects: chance.pick(&[0, 0, 20, 90]),
            fails: chance.pick(&[0, 10, 30, 70]),
            is_weird: chance.percent(12),
            pauses: chance.pick(&[0, 100, 3000, 12000]),
        }
    }

    /// Plans the response to a request with this last event ID. `is_late` says that the life is to
    /// end.
    pub(crate) fn plan(
        &self,
        chance: &mut Chance,
        feed: &mut Feed,
        request: (Uri, bool, String),
        timer: u64,
        is_late: bool,
    ) -> Exchange {
        let (uri, is_post, last_event_id) = request;
        let head = if is_late { Head::NoContent } else { self.head(chance, &uri) };
        let mut wire = Wire::default();
        if matches!(head, Head::Stream { .. }) {
            wire = self.stream(chance, feed, &last_event_id);
        } else if !matches!(head, Head::Error(_) | Head::Panic) {
            wire.bytes = vec![b'x'; chance.pick(&[0, 10, 300])];
            if chance.percent(2) {
                wire.bytes = vec![b'x'; 70_000];
            }
        }
        let is_stream = matches!(head, Head::Stream { .. });
        let end = self.end(chance, is_stream, is_late);
        let is_cut = matches!(end, End::Error(_)) || (is_stream && chance.percent(20));
        if is_cut && !wire.bytes.is_empty() {
            wire.bytes.truncate(chance.below(wire.bytes.len() + 1));
        }
        let steps = self.steps(chance, &wire.bytes);
        let is_restarted = feed.resume != ServerResume::Exact && chance.percent(10);
        let delay = match chance.below(12) {
            0 if !is_late => Some(chance.millis_below(20_000)),
            1 if self.is_weird && !is_late => None,
            _ => Some(chance.millis_below(50)),
        };
        Exchange {
            timer,
            uri,
            is_post,
            state: ExchangeState::Sending,
            ready_at: delay,
            head,
            is_restarted,
            steps,
            end,
            blocks: wire.blocks,
            mark: wire.mark,
            start_id: String::new(),
            last_id: None,
            delivered: 0,
            parsed: 0,
            messages: 0,
            keep_alives: KeepAlives::default(),
            comment_ends: wire.comment_ends,
            lines: wire.lines,
            first_read: None,
            last_byte: None,
            waiting_since: None,
            wakes_at: None,
            responded_at: Duration::ZERO,
        }
    }

    fn head(&self, chance: &mut Chance, uri: &Uri) -> Head {
        use TransportErrorKind::{
            Closed, Connect, ConnectTimeout, FrameLimit, HeadLimit, InvalidRequest,
            ProxyUnauthorized, Redirect, Reset, Tls, Truncated,
        };
        if chance.percent(self.fails / 3) {
            let usual = [Connect, ConnectTimeout, Reset, FrameLimit, Closed, Truncated];
            let kind = if chance.percent(95) {
                chance.pick(&usual)
            } else {
                chance.pick(&[Redirect, InvalidRequest, Tls, ProxyUnauthorized, HeadLimit])
            };
            return Head::Error(kind);
        }
        if chance.percent(self.redirects) {
            let code = chance.pick(&[301, 302, 303, 307, 308, 307, 308]);
            let location = self.location(chance, uri);
            return Head::Redirect { code, location };
        }
        if chance.percent(self.unauthorized) {
            return Head::Status { code: chance.pick(&[401, 401, 403]), retry_after: None };
        }
        if chance.percent(self.refuses) {
            let code = match chance.below(10) {
                0 => chance.pick(&[201, 304, 400, 403, 404]),
                _ => chance.pick(&[503, 503, 500, 429, 408]),
            };
            let retry_after = chance.percent(50).then(|| chance.pick(&[0, 1, 3, 20, 100]));
            return Head::Status { code, retry_after };
        }
        if self.is_weird && chance.percent(10) {
            return if chance.percent(50) { Head::Panic } else { Head::NoContent };
        }
        let regular_end = chance.pick(&[
            BodyEnd::LastChunk,
            BodyEnd::LengthReached,
            BodyEnd::EndStream,
            BodyEnd::CloseDelimited,
        ]);
        let content_type = match chance.below(60) {
            0 => None,
            1 => Some("text/html"),
            2..=9 => Some("Text/Event-Stream; charset=utf-8"),
            _ => Some("text/event-stream"),
        };
        Head::Stream { regular_end, content_type, is_encoded: chance.percent(1) }
    }

    fn location(&self, chance: &mut Chance, uri: &Uri) -> Option<&'static str> {
        let is_https = uri.scheme_str() == Some("https");
        match chance.below(40) {
            0 => None,
            1 => Some("http://in valid/"),
            2 => Some("ftp://a.example/"),
            3 if is_https => Some("http://a.example/"),
            4..=9 => Some("https://b.example/events"),
            10..=12 => Some("https://a.example/moved"),
            13..=16 if !is_https => Some("http://b.example:8080/events"),
            17..=20 => Some("moved?x=1#fragment"),
            _ => Some("/moved"),
        }
    }

    fn stream(&self, chance: &mut Chance, feed: &mut Feed, last_event_id: &str) -> Wire {
        let position = feed.position(last_event_id);
        let left = feed.items.len() - position.min(feed.items.len());
        if left == 0 || chance.percent(8) {
            let count = chance.below(7);
            return Wire::comments(chance, count);
        }
        let count = if chance.percent(25) { left } else { 1 + chance.below(left.min(12)) };
        feed.live = position + count;
        Wire::new(chance, feed, position, count)
    }

    fn end(&self, chance: &mut Chance, is_stream: bool, is_late: bool) -> End {
        use TransportErrorKind::{Decode, Other, Reset, Timeout, Truncated};
        if is_late {
            return End::Regular;
        }
        if self.is_weird && chance.percent(20) {
            return chance.pick(&[End::EmptyFrames, End::Panic, End::Silence]);
        }
        if chance.percent(self.fails) {
            return End::Error(chance.pick(&[Truncated, Reset, Decode, Other, Timeout]));
        }
        match chance.below(10) {
            0..=1 if is_stream => End::Silence,
            0 => End::Silence,
            _ => End::Regular,
        }
    }

    fn steps(&self, chance: &mut Chance, bytes: &[u8]) -> VecDeque<Step> {
        let mut steps = VecDeque::new();
        let largest = chance.pick(&[1, 7, 40, 1000, 100_000]);
        let largest = if bytes.len() > 2000 { largest.max(500) } else { largest };
        let pauses = if chance.percent(50) { self.pauses } else { 0 };
        let pause = |chance: &mut Chance| match pauses {
            0 => Duration::ZERO,
            _ if chance.percent(60) => Duration::ZERO,
            pauses => chance.millis_below(pauses),
        };
        let mut rest = Bytes::copy_from_slice(bytes);
        while !rest.is_empty() {
            let len = (1 + chance.below(largest)).min(rest.len());
            if chance.percent(3) {
                steps.push_back(Step::Chunk(pause(chance), Bytes::new()));
            }
            steps.push_back(Step::Chunk(pause(chance), rest.split_to(len)));
        }
        if chance.percent(3) {
            steps.push_back(Step::Trailers);
        }
        steps
    }
}
