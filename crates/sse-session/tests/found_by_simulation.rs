//! Regression tests of defects that the simulation has found.
//!
//! Each runs a session over a transport in memory, in a time that moves when nothing else happens.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test fails by panicking

use std::{
    collections::VecDeque,
    io,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use sse_session::{
    BodyEnd, BoxFuture, Clock, ReconnectPolicy, SendContext, SessionEvent, SessionRequest,
    SseClient, SseConfig, SseErrorKind, SseErrorOutcome, Transport,
};

/// Response of the scripted server.
#[derive(Debug, Clone, Copy)]
enum Reply {
    /// Status 200, this text, and then silence.
    Silent(&'static str),
    /// This text, and then the end of the body.
    Ends(&'static str),
    /// This status, and empty frames without end, each of which takes a second.
    EmptyFrames(u16),
    Refused,
    /// No response.
    Nothing,
}

/// Server and clock of one test.
#[derive(Debug, Default)]
struct World {
    millis: AtomicU64,
    replies: Mutex<VecDeque<Reply>>,
    /// Second and last event ID of each request.
    requests: Mutex<Vec<(u64, String)>>,
    timers: Mutex<Vec<u64>>,
}

impl World {
    fn new(replies: &[Reply]) -> Arc<Self> {
        let replies = Mutex::new(replies.iter().copied().collect());
        Arc::new(Self { replies, ..Self::default() })
    }

    fn seconds(&self) -> u64 {
        self.millis.load(SeqCst) / 1000
    }

    fn pass(&self, seconds: u64) {
        self.millis.fetch_add(1000 * seconds, SeqCst);
    }

    fn request_times(&self) -> Vec<u64> {
        self.requests.lock().unwrap().iter().map(|(at, _)| *at).collect()
    }

    /// Runs a future. When it waits, time moves to the next timer.
    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(woken.clone());
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return value;
            }
            if !woken.0.swap(false, SeqCst) {
                let mut timers = self.timers.lock().unwrap();
                let now = self.millis.load(SeqCst);
                timers.retain(|at| *at > now);
                let next = timers.iter().min().expect("nothing will happen");
                self.millis.store(*next, SeqCst);
            }
        }
    }
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

#[derive(Debug)]
struct TestClock(Arc<World>);

impl Clock for TestClock {
    fn now(&self) -> Duration {
        Duration::from_millis(self.0.millis.load(SeqCst))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<()> {
        let world = self.0.clone();
        let until = world.millis.load(SeqCst) + duration.as_millis() as u64;
        Box::pin(std::future::poll_fn(move |_| {
            if world.millis.load(SeqCst) >= until {
                return Poll::Ready(());
            }
            world.timers.lock().unwrap().push(until);
            Poll::Pending
        }))
    }
}

struct TestTransport(Arc<World>);

impl Transport for TestTransport {
    type Body = TestBody;
    type Error = io::Error;

    async fn send(
        &self,
        request: Request<Bytes>,
        _context: SendContext,
    ) -> Result<Response<TestBody>, io::Error> {
        let id = request.headers().get("last-event-id");
        let id = id.map_or("", |id| id.to_str().unwrap()).to_owned();
        self.0.requests.lock().unwrap().push((self.0.seconds(), id));
        let reply = self.0.replies.lock().unwrap().pop_front().unwrap_or(Reply::Refused);
        let (status, text) = match reply {
            Reply::Silent(text) | Reply::Ends(text) => (200, text),
            Reply::EmptyFrames(status) => (status, ""),
            Reply::Refused => return Err(io::ErrorKind::ConnectionRefused.into()),
            Reply::Nothing => std::future::pending().await,
        };
        let body = TestBody { reply, text, world: self.0.clone() };
        let builder = Response::builder().status(status);
        Ok(builder.header("content-type", "text/event-stream").body(body).unwrap())
    }
}

struct TestBody {
    reply: Reply,
    text: &'static str,
    world: Arc<World>,
}

impl Body for TestBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let text = std::mem::take(&mut self.text);
        match self.reply {
            _ if !text.is_empty() => Poll::Ready(Some(Ok(Frame::data(text.into())))),
            Reply::Ends(_) => Poll::Ready(None),
            Reply::EmptyFrames(_) => {
                self.world.pass(1);
                assert!(self.world.seconds() < 1000, "empty frames are read without end");
                Poll::Ready(Some(Ok(Frame::data(Bytes::new()))))
            }
            _ => Poll::Pending,
        }
    }
}

fn client(world: &Arc<World>, configure: impl FnOnce(SseConfig) -> SseConfig) -> SseClient {
    let config = SseConfig::new().clock(TestClock(world.clone()));
    SseClient::new(TestTransport(world.clone()), configure(config))
}

fn once_a_second() -> ReconnectPolicy {
    ReconnectPolicy::fixed(SECOND)
}

#[test]
fn idle_timeout_starts_again_with_each_connection() {
    let world = World::new(&[Reply::Silent(""); 2]);
    let policy = once_a_second().healthy_after(100 * SECOND).max_attempts(1);
    let client = client(&world, |it| it.reconnect(policy).idle_timeout(5 * SECOND));
    world.run(async {
        let mut session = client.sse_session(URI).await.unwrap();
        let error = session.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::Deadline);
    });
    assert_eq!((world.request_times(), world.seconds()), (vec![0, 6], 11));
}

#[test]
fn end_evidence_covers_ends_by_the_caller_and_by_the_terminal_event() {
    for (stops_before, stops_after) in [(false, false), (true, false), (false, true)] {
        let world = World::new(&[Reply::Silent("data: 1\n\ndata: end\n\n")]);
        let client = client(&world, |it| {
            it.stop_before(move |event| stops_before && event.data() == "end")
                .stop_after(move |event| stops_after && event.data() == "end")
        });
        world.run(async {
            let mut session = client.sse_session(URI).await.unwrap();
            session.next().await.unwrap().unwrap();
            assert_eq!(session.end_evidence(), None);
            world.pass(3);
            let is_stopped = stops_before || stops_after;
            if is_stopped {
                while session.next().await.is_some() {}
            } else {
                session.close();
            }
            let evidence = session.end_evidence().unwrap();
            assert_eq!(evidence.body_end(), BodyEnd::Abandoned);
            assert_eq!((evidence.bytes(), evidence.messages()), (20, 1 + u64::from(is_stopped)));
            assert_eq!(evidence.since_last_byte(), Some(3 * SECOND));
        });
    }
}

#[test]
fn healthy_after_zero_does_not_reset_attempts_without_a_connection() {
    let world = World::new(&[Reply::Ends("")]);
    let policy = once_a_second().healthy_after(Duration::ZERO).max_attempts(2);
    let client = client(&world, |it| it.reconnect(policy));
    world.run(async {
        let mut session = client.sse_session(URI).await.unwrap();
        let error = session.next().await.unwrap().unwrap_err();
        assert_eq!(error.outcome(), Some(SseErrorOutcome::Exhausted));
    });
    assert_eq!(world.request_times(), [0, 1, 2]);
}

#[test]
fn deadlines_apply_to_a_body_that_is_always_ready_with_empty_frames() {
    for (status, kind) in [(200, SseErrorKind::Deadline), (404, SseErrorKind::Status)] {
        let world = World::new(&[Reply::EmptyFrames(status)]);
        let client = client(&world, |it| it.idle_timeout(5 * SECOND));
        let error = world.run(async {
            match client.sse_session(URI).await {
                Ok(mut session) => session.next().await.unwrap().unwrap_err(),
                Err(error) => error,
            }
        });
        assert_eq!(error.kind(), kind);
        assert!(world.seconds() < 10, "{}", world.seconds());
    }
}

#[test]
fn acknowledge_events_after_a_disconnect_counts_for_good() {
    let events = Reply::Ends("id: 1\ndata: 1\n\n");
    let world = World::new(&[events, Reply::Ends(": comment\n\n"), events]);
    let client = client(&world, |it| {
        it.reconnect(once_a_second()).acknowledge_events(true).show_comment_events(true)
    });
    world.run(async {
        let mut session = client.sse_session(URI).await.unwrap();
        session.next().await.unwrap().unwrap();
        let token = session.ack_token();
        let disconnected = session.lifecycle().next().await.unwrap().unwrap();
        assert!(matches!(disconnected, SessionEvent::Disconnected { .. }));
        session.acknowledge(token);
        session.next().await.unwrap().unwrap();
        session.acknowledge(session.ack_token());
        assert_eq!(session.last_event_id(), "1");
        session.next().await.unwrap().unwrap();
    });
    let ids: Vec<_> = world.requests.lock().unwrap().iter().map(|(_, id)| id.clone()).collect();
    assert_eq!(ids, ["", "1", "1"]);
}

#[test]
fn head_timeout_starts_when_the_session_waits_for_the_head() {
    let world = World::new(&[Reply::Ends(""), Reply::Nothing]);
    let policy = once_a_second().max_attempts(1);
    let client = client(&world, |it| it.reconnect(policy).head_timeout(5 * SECOND));
    world.run(async {
        let mut session = client.sse_session(URI).await.unwrap();
        let mut life = session.lifecycle();
        while !matches!(life.next().await.unwrap().unwrap(), SessionEvent::Connecting) {}
        world.pass(20);
        let error = life.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), SseErrorKind::Deadline);
    });
    assert_eq!((world.request_times(), world.seconds()), (vec![0, 21], 26));
}

#[test]
fn lifecycle_shows_connecting_once_for_a_request_of_a_factory() {
    let world = World::new(&[Reply::Ends("")]);
    let client = client(&world, |it| it.reconnect(once_a_second().max_attempts(1)));
    let make = |_| async { Ok::<_, io::Error>(SessionRequest::get(URI.parse().unwrap())) };
    world.run(async {
        let mut session = client.request_factory(make).sse_session().await.unwrap();
        let mut life = session.lifecycle();
        let mut connecting = 0;
        while let Some(Ok(event)) = life.next().await {
            connecting += u32::from(matches!(event, SessionEvent::Connecting));
        }
        assert_eq!(connecting, 1);
    });
}

const URI: &str = "http://localhost/";

const SECOND: Duration = Duration::from_secs(1);
