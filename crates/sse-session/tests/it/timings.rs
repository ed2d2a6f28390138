//! Timings of connections and answers: `Call::timings`, `SseError::timings`, `Answer::timings` and
//! `measure_event_intervals`, on a clock that the server moves.

mod answers; // timings of answers, from the first request over all attempts
mod observers; // timings as observers see them

use std::{
    collections::VecDeque,
    io::{self, ErrorKind, Read},
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use http::{Request, Response, Version};
use sse_session::{
    BlockingClient, ClientSseSession, SessionRequest, SseClient, SseConfig, SseErrorKind,
    StreamBody, Timings,
};
use sse_test::TestClock;

use crate::support::run;

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Chunk of a body after this number of seconds.
type Chunk = (u64, &'static str);

/// Response of a server, of which each part takes its time.
#[derive(Clone, Copy)]
struct Reply {
    status: u16,
    head: u64,
    chunks: &'static [Chunk],
    end: (u64, Option<ErrorKind>),
}

/// Event stream whose head takes this number of seconds.
fn stream(head: u64, chunks: &'static [Chunk]) -> Reply {
    Reply { status: 200, head, chunks, end: (1, None) }
}

impl Reply {
    fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    fn cut(self) -> Self {
        Self { end: (1, Some(ErrorKind::ConnectionReset)), ..self }
    }

    /// Fails before its head.
    fn refused(self) -> Self {
        Self { status: 0, ..self }
    }

    fn response<B>(self, clock: &TestClock, body: B) -> io::Result<Response<B>> {
        clock.advance(secs(self.head));
        if self.status == 0 {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        let response = Response::builder()
            .status(self.status)
            .version(Version::HTTP_11)
            .header("content-type", "text/event-stream")
            .header("transfer-encoding", "chunked")
            .header("location", "/elsewhere");
        response.body(body).map_err(io::Error::other)
    }

    /// Returns the chunks, each of which moves the clock.
    fn chunks(
        self,
        clock: &TestClock,
    ) -> impl Iterator<Item = io::Result<&'static str>> + Send + 'static {
        let clock = clock.clone();
        let end = self.end.1.map(|kind| (self.end.0, Err(kind.into())));
        let chunks = self.chunks.iter().map(|&(after, text)| (after, Ok(text)));
        // An end without an error takes its time too.
        let end = end.unwrap_or((self.end.0, Ok("")));
        chunks.chain([end]).map(move |(after, chunk)| {
            clock.advance(secs(after));
            chunk
        })
    }
}

/// Server that has a reply for each request.
#[derive(Clone)]
struct Server {
    clock: TestClock,
    replies: Arc<Mutex<VecDeque<Reply>>>,
}

type Body = StreamBody<BoxStream<'static, io::Result<Bytes>>>;

impl Server {
    fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies = Arc::new(Mutex::new(replies.into_iter().collect()));
        Self { clock: TestClock::skipping(), replies }
    }

    fn next(&self) -> Reply {
        self.replies.lock().unwrap().pop_front().expect("a request without a reply")
    }

    fn respond(&self, reply: Reply) -> io::Result<Response<Body>> {
        let chunks = stream::iter(reply.chunks(&self.clock)).map(|it| Ok(Bytes::from(it?)));
        reply.response(&self.clock, StreamBody::new(chunks.boxed()))
    }

    fn config(&self) -> SseConfig {
        SseConfig::new().clock(self.clock.clone()).randomness(|| 0.0)
    }

    fn client(&self, config: SseConfig) -> SseClient {
        let server = self.clone();
        let send = move |_: Request<Bytes>| {
            let server = server.clone();
            async move { server.respond(server.next()) }
        };
        SseClient::new(send, config)
    }

    async fn open(&self, config: SseConfig) -> ClientSseSession {
        self.client(config).sse_session("http://localhost/").await.unwrap()
    }

    fn blocking(&self, config: SseConfig) -> BlockingClient {
        let server = self.clone();
        let send = move |_: Request<Bytes>| {
            let reply = server.next();
            let chunks = Box::new(reply.chunks(&server.clock));
            reply.response(&server.clock, Chunks { chunks, rest: "" })
        };
        BlockingClient::new(send, config)
    }
}

/// Body of a blocking transport.
struct Chunks {
    chunks: Box<dyn Iterator<Item = io::Result<&'static str>> + Send>,
    rest: &'static str,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            self.rest = self.chunks.next().transpose()?.unwrap_or_default();
        }
        let mut rest = self.rest.as_bytes();
        let count = rest.read(buffer)?;
        self.rest = &self.rest[count..];
        Ok(count)
    }
}

/// Returns the times to the head, to the first byte, to the first event and to the end, in seconds.
fn shown(timings: Timings) -> [Option<u64>; 4] {
    let times =
        [timings.to_head(), timings.to_first_byte(), timings.to_first_event(), timings.to_end()];
    times.map(|time| time.map(|time| time.as_secs()))
}

/// Reads to the end, whatever it is.
async fn rest(session: &mut ClientSseSession) {
    while let Some(Ok(_)) = session.next().await {}
}

/// Head after 3 s, first byte after 5 s, first event after 7 s, the others 2 s apart.
const USUAL: &[Chunk] =
    &[(2, ": hi\n\n"), (2, "data: 1\n\n"), (2, "data: 2\n\n"), (2, "data: 3\n\n")];

#[test]
fn timings_of_a_call_are_known_as_soon_as_they_are_measured() {
    run(async {
        let server = Server::new([stream(3, USUAL)]);
        let mut session = server.open(server.config()).await;
        let call = session.call().clone();
        assert_eq!(shown(call.timings()), [Some(3), None, None, None]);
        session.next().await.unwrap().unwrap();
        assert_eq!(shown(call.timings()), [Some(3), Some(5), Some(7), None]);
        rest(&mut session).await;
        assert_eq!(shown(call.timings()), [Some(3), Some(5), Some(7), Some(12)]);
        assert_eq!(call.timings(), session.call().timings());
        assert_eq!(call.timings().event_intervals(), None);
    });
}

#[test]
fn timings_of_a_blocking_session_are_the_same() {
    let server = Server::new([stream(3, USUAL)]);
    let config = server.config().measure_event_intervals(true);
    let mut session = server.blocking(config).sse_session("http://localhost/").unwrap();
    assert_eq!(session.by_ref().count(), 3);
    let timings = session.call().timings();
    assert_eq!(shown(timings), [Some(3), Some(5), Some(7), Some(12)]);
    let intervals = timings.event_intervals().unwrap();
    assert_eq!((intervals.count(), intervals.longest()), (2, secs(2)));
}

#[test]
fn measure_event_intervals_has_their_number_sum_maximum_and_mean() {
    run(async {
        let chunks: &[Chunk] =
            &[(1, "data: 1\n\n"), (2, "data: 2\n\ndata: 3\n\n: hi\n\n"), (7, "data: 4\n\n")];
        let server = Server::new([stream(0, chunks)]);
        let mut session = server.open(server.config().measure_event_intervals(true)).await;
        let intervals = session.call().timings().event_intervals().unwrap();
        assert_eq!((intervals.count(), intervals.mean()), (0, None));
        session.next().await.unwrap().unwrap();
        session.next().await.unwrap().unwrap();
        let intervals = session.call().timings().event_intervals().unwrap();
        assert_eq!((intervals.count(), intervals.total()), (1, secs(2)));
        rest(&mut session).await;
        let intervals = session.call().timings().event_intervals().unwrap();
        assert_eq!((intervals.count(), intervals.total()), (3, secs(9)));
        assert_eq!((intervals.longest(), intervals.mean()), (secs(7), Some(secs(3))));
    });
}

#[test]
fn to_first_event_counts_neither_hidden_events_nor_those_without_data() {
    run(async {
        let chunks: &[Chunk] = &[
            (1, ": hi\n\n"),
            (1, "id: 1\n\n"),
            (1, "event: ping\ndata: 1\n\n"),
            (1, "data: 2\n\n"),
            (1, "data: 3\n\n"),
        ];
        let server = Server::new([stream(1, chunks)]);
        let config = server.config().filter_event_types(|name| name != "ping");
        let config = config.show_comment_events(true).show_dataless_events(true);
        let mut session = server.open(config.measure_event_intervals(true)).await;
        session.next().await.unwrap().unwrap();
        assert_eq!(shown(session.call().timings()), [Some(1), Some(2), None, None]);
        rest(&mut session).await;
        assert_eq!(shown(session.call().timings()), [Some(1), Some(2), Some(5), Some(7)]);
        assert_eq!(session.call().timings().event_intervals().unwrap().count(), 1);
    });
}

#[test]
fn to_first_byte_is_that_of_a_blank_line_too_and_to_first_event_that_of_the_last_byte() {
    run(async {
        let chunks: &[Chunk] = &[(1, "\n"), (1, "\n"), (1, "data: 1\n"), (1, "\n")];
        let server = Server::new([stream(1, chunks)]);
        let mut session = server.open(server.config()).await;
        rest(&mut session).await;
        assert_eq!(shown(session.call().timings()), [Some(1), Some(2), Some(5), Some(6)]);
    });
}

#[test]
fn timings_without_an_event_or_a_byte_are_unknown() {
    run(async {
        for (chunks, first_byte, end) in [(&[][..], None, 4), (&[(2, ": hi\n\n")], Some(5), 6)] {
            let server = Server::new([stream(3, chunks)]);
            let mut session = server.open(server.config().measure_event_intervals(true)).await;
            assert!(session.next().await.is_none());
            let timings = session.call().timings();
            assert_eq!(shown(timings), [Some(3), first_byte, None, Some(end)]);
            assert_eq!(timings.event_intervals().unwrap().count(), 0);
        }
    });
}

#[test]
fn timings_of_a_reconnection_begin_with_its_request() {
    run(async {
        let first = stream(3, USUAL).cut();
        let second = stream(10, &[(5, "data: 4\n\n"), (1, "data: 5\n\n")]);
        let server = Server::new([first, second, stream(4, &[]).status(204)]);
        let config = server.config().max_reconnection_attempts(2).measure_event_intervals(true);
        let mut session = server.open(config).await;
        let first = session.call().clone();
        for _ in 0..3 {
            session.next().await.unwrap().unwrap();
        }
        let before = server.clock.now();
        session.next().await.unwrap().unwrap();
        // The wait is over three seconds long.
        assert_eq!(server.clock.now() - before, secs(1 + 3 + 10 + 5));
        assert_eq!(shown(first.timings()), [Some(3), Some(5), Some(7), Some(12)]);
        assert_eq!(shown(session.call().timings()), [Some(10), Some(15), Some(15), None]);
        session.next().await.unwrap().unwrap();
        // The time between two connections is not an interval between events.
        let intervals = session.call().timings().event_intervals().unwrap();
        assert_eq!((intervals.count(), intervals.longest()), (1, secs(1)));
        rest(&mut session).await;
        assert_eq!(shown(session.call().timings()), [Some(4), None, None, Some(4)]);
    });
}

#[test]
fn timings_of_an_error_are_those_of_the_request_that_failed() {
    run(async {
        let rejected = stream(3, &[(2, "no such feed"), (2, "!")]).status(404);
        let refused = stream(3, &[]).refused();
        for (reply, expected) in
            [(rejected, [Some(3), Some(5), None, Some(8)]), (refused, [None, None, None, Some(3)])]
        {
            let server = Server::new([reply]);
            let opening = server.client(server.config()).sse_session("http://localhost/");
            let error = opening.await.unwrap_err();
            assert_eq!(shown(error.timings().unwrap()), expected);
        }

        let server = Server::new([stream(3, USUAL).cut()]);
        let mut session = server.open(server.config()).await;
        for _ in 0..3 {
            session.next().await.unwrap().unwrap();
        }
        let error = session.next().await.unwrap().unwrap_err();
        assert_eq!(error.timings(), Some(session.call().timings()));
        assert_eq!(shown(error.timings().unwrap()), [Some(3), Some(5), Some(7), Some(12)]);
    });
}

#[test]
fn timings_of_an_error_are_unknown_if_no_request_was_sent() {
    run(async {
        let server = Server::new([stream(1, USUAL).cut()]);
        let config = server.config().max_reconnection_attempts(1);
        let request = server.client(config).request_factory(|context| async move {
            match context.attempt() {
                0 => Ok(SessionRequest::get("http://localhost/".parse().unwrap())),
                _ => Err("no token"),
            }
        });
        let mut session = request.sse_session().await.unwrap();
        for _ in 0..3 {
            session.next().await.unwrap().unwrap();
        }
        let error = session.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::RequestFactory);
        assert_eq!(error.timings(), None);
        assert_eq!(shown(session.call().timings()), [Some(1), Some(3), Some(5), Some(10)]);
    });
}

#[test]
fn timings_include_redirects() {
    run(async {
        let server = Server::new([stream(2, &[]).status(307), stream(3, &[(4, "data: 1\n\n")])]);
        let mut session = server.open(server.config()).await;
        rest(&mut session).await;
        assert_eq!(shown(session.call().timings()), [Some(5), Some(9), Some(9), Some(10)]);
    });
}

#[test]
fn timings_of_a_session_that_begins_with_a_response_have_no_head() {
    run(async {
        let server = Server::new([]);
        let response = server.respond(stream(3, USUAL)).unwrap();
        let request = server.client(server.config()).response(response);
        server.clock.advance(secs(100));
        let mut session = request.sse_session().await.unwrap();
        rest(&mut session).await;
        assert_eq!(shown(session.call().timings()), [None, Some(2), Some(4), Some(9)]);
    });
}

#[test]
fn to_end_is_known_of_a_session_that_its_caller_closes_or_its_terminal_event_ends() {
    run(async {
        let server = Server::new([stream(3, USUAL)]);
        let mut session = server.open(server.config()).await;
        server.clock.advance(secs(60));
        session.close();
        server.clock.advance(secs(60));
        assert_eq!(shown(session.call().timings()), [Some(3), None, None, Some(63)]);

        for (config, expected) in [
            (SseConfig::new().stop_after(|event| event.data() == "1"), Some(7)),
            (SseConfig::new().stop_before(|event| event.data() == "1"), None),
        ] {
            let server = Server::new([stream(3, USUAL)]);
            let mut session = server.open(config.clock(server.clock.clone())).await;
            rest(&mut session).await;
            assert_eq!(shown(session.call().timings()), [Some(3), Some(5), expected, Some(7)]);
        }
    });
}
