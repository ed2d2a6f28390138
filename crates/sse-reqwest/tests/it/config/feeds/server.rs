//! Feed of numbered events, whose server gives the replies of real servers in a random order.
//!
//! Checks when requests come and which events arrive. A reply is a list of stages. At each of them
//! it waits until the client has received what was sent, and simulated time passes.

use std::{collections::VecDeque, time::Duration};

use sse_reqwest::{ServerSentEvent, SessionState};

use super::chance::Chance;
use crate::support::{Reply, Seen, TestClock};

pub(super) const HOUR: Duration = Duration::from_secs(60 * 60);
const SECOND: Duration = Duration::from_secs(1);

/// Time from the last poll of the client to bytes for which it waits.
const LOOK: Duration = Duration::from_millis(100);

/// Place at which a reply waits.
#[derive(Debug)]
struct Stage {
    /// State of the session, and number of events of the connection that it has yielded by then.
    state: SessionState,
    yielded: usize,
    time: Duration,
    /// `false` if the reply stops here.
    goes_on: bool,
}

/// Server of a feed, and what its client has received.
#[derive(Debug)]
pub(super) struct Feed {
    chance: Chance,
    clock: TestClock,
    end: Duration,
    is_http2: bool,
    stages: VecDeque<Stage>,
    /// Number of events that the current connection has yielded.
    yielded: usize,
    requests: usize,
    /// Number of replies of each kind.
    played: [usize; KINDS as usize],
    /// Time at which the last reply ended.
    ended: Duration,
    /// `retry` and `Retry-After` that apply to the next request.
    retry: Duration,
    retry_after: Duration,
    /// Number of failed attempts in a row.
    failed: u32,
    /// Last number that was sent, and last one that was received.
    received: u64,
}

const KINDS: u64 = 24;

impl Feed {
    pub(super) fn new(seed: u64, clock: TestClock, end: Duration, is_http2: bool) -> Self {
        Self {
            chance: Chance::new(seed),
            clock,
            end,
            is_http2,
            stages: VecDeque::new(),
            yielded: 0,
            requests: 0,
            played: [0; KINDS as usize],
            ended: Duration::ZERO,
            retry: Duration::ZERO,
            retry_after: Duration::ZERO,
            failed: 0,
            received: 0,
        }
    }

    /// Records that the connection has ended: no stage follows.
    pub(super) fn disconnected(&mut self) {
        self.stages.clear();
    }

    /// Checks an event: each number comes once, in order.
    pub(super) fn received(&mut self, event: &ServerSentEvent) {
        self.yielded += 1;
        if event.data() == "same" {
            return; // its ID is that of another event
        }
        if let Some(id) = event.id() {
            assert_eq!(id.parse(), Ok(self.received + 1), "request {}", self.requests);
            self.received += 1;
        }
    }

    /// Lets time pass if the client is at the place where the reply waits for it. Returns `true` if
    /// the reply continues.
    pub(super) fn time_passes(&mut self, state: SessionState) -> bool {
        let Some(stage) = self.stages.front_mut() else {
            return false;
        };
        assert!(self.yielded <= stage.yielded, "{stage:?}");
        if (state, self.yielded) != (stage.state, stage.yielded) {
            return false;
        }
        if stage.goes_on && stage.time > LOOK {
            // Polls the client shortly before, so that it observes that the bytes come later.
            self.clock.advance(stage.time - LOOK);
            stage.time = LOOK;
            return false;
        }
        self.clock.advance(stage.time);
        self.ended = self.clock.now();
        let goes_on = stage.goes_on;
        if goes_on {
            self.stages.pop_front();
        }
        goes_on
    }

    /// Checks that the weeks have passed, and with all kinds of replies.
    pub(super) fn check_all(&self) {
        assert!(self.clock.now() >= self.end);
        println!("{} requests, {} events, {:?}", self.requests, self.received, self.played);
        assert!(self.received > 500, "{} events", self.received);
        assert!(self.played.iter().all(|&count| count > 0), "{:?}", self.played);
    }

    /// Checks a request, and makes the reply to it.
    pub(super) fn answer(&mut self, request: &Seen) -> Reply {
        self.check_time();
        let last = request.last_event_id().map_or(0, |id| id.parse().unwrap());
        assert_eq!(last, self.received, "request {}", self.requests);
        self.requests += 1;
        self.stages.clear();
        self.yielded = 0;
        self.ended = self.clock.now();
        self.retry_after = Duration::ZERO;
        if self.ended >= self.end {
            return Reply::status(204);
        }
        let kind = match self.requests {
            1 => 0, // the server is down when the client starts
            2 => 1, // shows how often it sends keep-alives
            _ => self.chance.within(0, KINDS),
        };
        self.played[kind as usize] += 1;
        self.reply(kind)
    }

    /// Checks that the client reconnects at the time that was requested, and backs off from
    /// failures.
    fn check_time(&self) {
        if self.requests == 0 {
            return;
        }
        let waited = self.clock.now() - self.ended;
        let asked = self.retry.max(self.retry_after).min(HOUR);
        let backoff = self.failed.checked_sub(1).map_or(0, |n| 2_u32.pow(n.min(6)).min(40));
        let context = format!("request {}: {waited:?}, asked for {asked:?}", self.requests);
        assert!(waited >= asked, "too early, {context}");
        assert!(waited >= backoff * SECOND, "no backoff after {}, {context}", self.failed);
        assert!(waited <= (asked + 6 * SECOND).max(60 * SECOND), "too late, {context}");
    }

    fn reply(&mut self, kind: u64) -> Reply {
        self.failed += 1; // unless it sends an event stream with an event
        match kind {
            0 => {
                let seconds = [1, 120, 1800, 3 * 3600][self.chance.within(0, 4) as usize];
                self.retry_after = seconds * SECOND;
                Reply::status(503).retry_after(self.retry_after)
            }
            2 => Reply::status(429),
            3 => Reply::status(403).header("content-type", "text/html").send("maintenance"),
            4 => Reply::status(404),
            5 => Reply::status(409).send("only one stream"),
            6 => Reply::status(200).header("content-type", "text/html").send("<p>log in"),
            7 => Reply::empty(),
            8 => {
                let silence = self.chance.within(1, 200) * 1000;
                self.wait_for_head(Duration::from_millis(silence), true);
                Reply::not_found_after_silence()
            }
            9 => {
                self.wait_for_head(60 * SECOND, false);
                Reply::events("").pause_before_head()
            }
            _ => {
                self.failed = 0;
                self.stream(kind)
            }
        }
    }

    /// Makes the reply of an event stream with at least one event.
    fn stream(&mut self, kind: u64) -> Reply {
        let milliseconds = [50, 1000, 30_000, 600_000, 3_600_000, 7_200_000, 99_000_000_000];
        let retry = milliseconds[self.chance.within(0, 7) as usize];
        self.retry = Duration::from_millis(retry).max(Duration::from_millis(100));
        let next = self.received + 1;
        let count = self.chance.within(1, 6) as usize;
        let events: Vec<_> =
            (next..).take(count).map(|n| format!("id: {n}\ndata: event {n}\n\n")).collect();
        let retry = format!("retry: {retry}\n\n");
        let body = retry.clone() + &events.concat();
        // Somewhere after the first event.
        let somewhere =
            self.chance.within((retry.len() + events[0].len()) as u64, body.len() as u64 + 1);
        let somewhere = &body[..somewhere as usize];
        match kind {
            1 | 10 => {
                let forms = [
                    "data:\n\n",
                    "event: ping\ndata: \n\n",
                    "event: ping\ndata: {\"type\": \"ping\"}\n\n",
                    "event: heartbeat\ndata: 1\n\n",
                    "event: keep-alive\ndata: {}\n\n",
                ];
                let form = forms[self.chance.within(0, 5) as usize];
                let beats = if kind == 1 { 5 } else { self.chance.within(1, 9) as usize };
                (0..beats).for_each(|beat| self.wait(count + beat, true));
                Reply::keep_alive_events(body, form, beats)
            }
            11 => Reply::failure_without_sign(body),
            12 => Reply::failure_as_event(body, None),
            // The server skips the next event.
            13 => Reply::failure_as_event(body, Some(&(next + count as u64).to_string())),
            14 => Reply::failure_as_text(body, "Internal Server Error"),
            15 => Reply::cut_hidden_by_proxy(somewhere),
            16 if !self.is_http2 => Reply::cut_as_malformed_chunk(somewhere),
            16 => Reply::cut_hidden_by_proxy(somewhere),
            17 => {
                let silence = self.chance.within(1, 299) * 1000;
                self.wait_for_head(Duration::from_millis(silence), true);
                Reply::head_with_first_event(body)
            }
            18 => {
                (0..count).for_each(|yielded| self.wait(yielded, true));
                let mut events = events;
                events[0] = body[..retry.len()].to_owned() + &events[0];
                Reply::with_late_tails(events, 3)
            }
            19 => {
                let id = (next + count as u64 - 1).to_string();
                let same = format!("id: {id}\ndata: same\n\n");
                Reply::failure_without_sign(body).send(same.repeat(2))
            }
            #[cfg(feature = "gzip")]
            23 => Reply::compressed_without_flush(sse_test::ContentCoding::Gzip, body),
            #[cfg(not(feature = "gzip"))]
            23 => Reply::failure_without_sign(body),
            20 => Reply::events(somewhere).cut(),
            21 => {
                self.wait(count, true);
                self.reset(body)
            }
            _ => {
                self.wait(count, false);
                Reply::events(body).hang()
            }
        }
    }

    #[cfg(feature = "http2")]
    fn reset(&mut self, body: String) -> Reply {
        match self.chance.within(0, 3) {
            _ if !self.is_http2 => Reply::events(body).pause().reset(),
            0 => Reply::failure_as_no_error(body),
            1 => Reply::failure_as_status_code(body, 503),
            _ => Reply::events(body).pause().reset(),
        }
    }

    #[cfg(not(feature = "http2"))]
    fn reset(&mut self, body: String) -> Reply {
        Reply::events(body).pause().reset()
    }

    fn wait_for_head(&mut self, time: Duration, goes_on: bool) {
        let state = SessionState::Connecting;
        self.stages.push_back(Stage { state, yielded: 0, time, goes_on });
    }

    /// Adds a stage of an open session. Shorter than half of the idle timeout.
    fn wait(&mut self, yielded: usize, goes_on: bool) {
        let time = self.chance.within(15, 21) as u32 * SECOND;
        self.stages.push_back(Stage { state: SessionState::Open, yielded, time, goes_on });
    }
}
