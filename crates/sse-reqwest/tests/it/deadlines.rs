//! Silences in, disconnects out.
//!
//! The clock is the test's: a silence is as long as the test says.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use http_body::Frame;
use sse_reqwest::{
    ClientSseSession, Deadline, EndReason, IdleTimeout, Limits, SessionState, SseConfig, SseError,
    SseErrorOutcome,
};

use crate::support::{
    Reply, ScriptedServer, TestClock, data, failure, open, reach, rest_of_data, run, sse,
};

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Lets the time pass of a session that must not yield anything meanwhile.
async fn pass(session: &mut ClientSseSession, clock: &TestClock, time: Duration) {
    reach(session, SessionState::Open).await;
    clock.advance(time);
}

#[track_caller]
fn check(error: &SseError, deadline: Deadline) {
    assert_eq!(error.deadline(), Some(deadline));
    assert!(error.is_timeout() && error.is_retryable());
    assert_eq!((error.deadline() == Some(Deadline::Idle)), deadline == Deadline::Idle);
    assert!(!error.is_transport() && !error.is_truncated());
}

#[test]
fn a_head_that_does_not_come_is_an_error() {
    run(async {
        let clock = TestClock::manual();
        let server = ScriptedServer::start([Reply::nothing()]).await;
        let config = SseConfig::new().head_timeout(secs(30)).clock(clock.clone());
        let client = sse(config);
        let mut opening = client.sse_session(server.url("/"));
        tokio::select! {
            opened = &mut opening => panic!("{opened:?}"),
            () = server.requested(1) => clock.advance(secs(29)),
        }
        tokio::select! {
            biased;
            opened = &mut opening => panic!("{opened:?}"),
            () = std::future::ready(()) => clock.advance(secs(1)),
        }
        check(&opening.await.unwrap_err(), Deadline::Head);
        server.closed_by_client(1).await;
        assert_eq!(clock.running(), 0);
    });
}

#[test]
fn each_attempt_has_its_time_for_the_head() {
    run(async {
        let clock = TestClock::skipping();
        let replies = [Reply::events("data: 1\n\n"), Reply::nothing(), Reply::nothing()];
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::new().max_reconnection_attempts(2).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        drop(session);
        let config = SseConfig::new()
            .max_reconnection_attempts(1)
            .retry_first_connection(true)
            .head_timeout(secs(30))
            .clock(clock.clone());
        let miss_both = async {
            for asked in [1, 3] {
                clock.asked_for(asked).await;
                clock.advance(secs(30));
            }
        };
        let client = sse(config);
        let (opened, ()) = tokio::join!(client.sse_session(server.url("/")), miss_both);
        let error = opened.unwrap_err();
        assert!(error.outcome() == Some(SseErrorOutcome::Exhausted));
        check(&error, Deadline::Head);
        assert_eq!(clock.asked(), [secs(30), secs(3), secs(30)]);
    });
}

#[test]
fn a_first_byte_that_does_not_come_is_a_disconnect() {
    run(async {
        let clock = TestClock::manual();
        let server = ScriptedServer::start([Reply::events("").hang()]).await;
        let config = SseConfig::new().first_byte_timeout(secs(5)).idle_timeout(secs(1));
        let mut session = open(config.clock(clock.clone()), server.url("/")).await;
        pass(&mut session, &clock, secs(4)).await;
        pass(&mut session, &clock, secs(1)).await;
        check(&failure(&mut session).await, Deadline::FirstByte);
        server.closed_by_client(1).await;
    });
}

#[test]
fn after_the_first_byte_its_deadline_is_past() {
    run(async {
        let clock = TestClock::manual();
        let reply = Reply::events(":\n").pause().send("data: 1\n\n");
        let server = ScriptedServer::start([reply]).await;
        let config = SseConfig::new().first_byte_timeout(secs(5)).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        while session.last_activity().is_none() {
            pass(&mut session, &clock, Duration::ZERO).await;
            tokio::task::yield_now().await;
        }
        pass(&mut session, &clock, secs(3600)).await;
        reach(&mut session, SessionState::Open).await;
        server.go_on();
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
    });
}

#[test]
fn a_silence_is_a_disconnect_to_reconnect_after() {
    run(async {
        let clock = TestClock::manual();
        let replies = [Reply::events("id: 7\ndata: 1\n\n").hang(), Reply::status(204)];
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::new().max_reconnection_attempts(1).idle_timeout(secs(60));
        let mut session = open(config.clock(clock.clone()), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        pass(&mut session, &clock, secs(59)).await;
        pass(&mut session, &clock, secs(1)).await;
        reach(&mut session, SessionState::Waiting).await;
        server.closed_by_client(1).await;
        clock.advance(secs(3));
        assert!(session.next().await.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
        assert_eq!(server.last_event_ids(), [None, Some("7".to_owned())]);
    });
}

#[test]
fn any_byte_ends_a_silence() {
    run(async {
        let clock = TestClock::manual();
        let pieces = [":\n", ":\n", "d", "ata: 1\n", "\n"];
        let reply = pieces.iter().fold(Reply::events(""), |reply, piece| reply.pause().send(piece));
        let server = ScriptedServer::start([reply.hang()]).await;
        let config = SseConfig::new().idle_timeout(secs(10)).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        for _ in &pieces[1..] {
            pass(&mut session, &clock, secs(9)).await;
            server.go_on();
            // Until the byte is there.
            while session.last_activity() != Some(Duration::ZERO) {
                reach(&mut session, SessionState::Open).await;
                tokio::task::yield_now().await;
            }
        }
        server.go_on();
        assert_eq!(data(&mut session).await, "1");
        pass(&mut session, &clock, secs(10)).await;
        check(&failure(&mut session).await, Deadline::Idle);
    });
}

#[test]
fn a_slow_consumer_is_no_idle_server() {
    run(async {
        let clock = TestClock::manual();
        let reply = Reply::events("data: 1\n\n").pause().send("data: 2\n\n").hang();
        let server = ScriptedServer::start([reply]).await;
        let config = SseConfig::new().idle_timeout(secs(10)).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        // The consumer is away, and nobody reads.
        clock.advance(secs(3600));
        server.go_on();
        assert_eq!(data(&mut session).await, "2");
        // It is away again, now after it has begun to wait.
        pass(&mut session, &clock, secs(9)).await;
        pass(&mut session, &clock, secs(1)).await;
        check(&failure(&mut session).await, Deadline::Idle);
    });
}

/// A body that brings an event when it is looked at for the third time.
struct Late {
    looks: u32,
}

impl http_body::Body for Late {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.looks += 1;
        if self.looks == 3 {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"data: 1\n\n")))));
        }
        Poll::Pending
    }
}

#[test]
fn a_runtime_that_was_held_up_is_no_idle_server() {
    run(async {
        let clock = TestClock::manual();
        let config = SseConfig::new().idle_timeout(secs(10)).clock(clock.clone());
        let client = sse(config).send_with(|_| async {
            let body = reqwest::Body::wrap(Late { looks: 0 });
            let response = http::Response::builder();
            response.header("content-type", "text/event-stream").body(body).map(Into::into)
        });
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        pass(&mut session, &clock, secs(10)).await;
        // What reads the socket runs only now, after the time is up.
        assert_eq!(data(&mut session).await, "1");
        pass(&mut session, &clock, secs(10)).await;
        check(&failure(&mut session).await, Deadline::Idle);
    });
}

#[test]
fn the_timer_is_no_more_than_one() {
    run(async {
        let clock = TestClock::manual();
        let pieces = vec!["data\n\n"; 50];
        let reply = pieces.iter().fold(Reply::events(""), |reply, piece| reply.pause().send(piece));
        let server = ScriptedServer::start([reply.hang()]).await;
        let config = SseConfig::new().idle_timeout(secs(10)).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        for _ in pieces {
            reach(&mut session, SessionState::Open).await;
            server.go_on();
            data(&mut session).await;
        }
        reach(&mut session, SessionState::Open).await;
        assert_eq!((clock.asked().len(), clock.running()), (1, 1));
        drop(session);
        assert_eq!(clock.running(), 0);
    });
}

/// Takes comments that come at these distances, and tells after how long a silence the session is
/// idle, if it is within an hour.
fn idle_after(comments_after: &[u64]) -> Option<u64> {
    run(async {
        let clock = TestClock::manual();
        let reply = comments_after
            .iter()
            .fold(Reply::events(""), |reply, _| reply.pause().send(": alive\n\n"))
            .hang();
        let server = ScriptedServer::start([reply]).await;
        let config = SseConfig::new().idle_timeout(IdleTimeout::auto()).show_comment_events(true);
        let mut session = open(config.clock(clock.clone()), server.url("/")).await;
        for &gap in comments_after {
            pass(&mut session, &clock, secs(gap)).await;
            server.go_on();
            data(&mut session).await;
        }
        let mut silent = 0;
        while silent < 3600 {
            pass(&mut session, &clock, secs(1)).await;
            silent += 1;
            // The first look lets others run, the second one counts.
            assert!(session.next().now_or_never().is_none());
            if let Some(end) = session.next().now_or_never() {
                check(&end.unwrap().unwrap_err(), Deadline::Idle);
                return Some(silent);
            }
        }
        None
    })
}

#[test]
fn auto_learns_how_often_a_server_sends_comments() {
    assert_eq!(idle_after(&[0, 15, 15, 15]), Some(45));
    assert_eq!(idle_after(&[0, 15, 30, 15]), Some(90));
    assert_eq!(idle_after(&[0, 1, 1, 1]), Some(10));
}

#[test]
fn auto_never_fires_at_a_server_that_sends_few_comments_or_none() {
    assert_eq!(idle_after(&[]), None);
    assert_eq!(idle_after(&[0, 15, 15]), None);
}

/// Takes chunks that come at these distances, and returns after how long a silence the session is
/// idle, if it is within an hour.
fn idle_after_chunks(config: SseConfig, chunks: &[(u64, &'static str)]) -> Option<u64> {
    run(async {
        let clock = TestClock::manual();
        let reply = chunks
            .iter()
            .fold(Reply::events(""), |reply, (_, chunk)| reply.pause().send(chunk))
            .hang();
        let server = ScriptedServer::start([reply]).await;
        let config = config.idle_timeout(IdleTimeout::auto()).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        for (gap, _) in chunks {
            pass(&mut session, &clock, secs(*gap)).await;
            server.go_on();
            receive(&mut session).await;
        }
        silence(&mut session, &clock).await
    })
}

/// Polls until bytes were received just now, and drops the events.
async fn receive(session: &mut ClientSseSession) {
    while session.last_activity() != Some(Duration::ZERO) {
        let _ = session.next().now_or_never();
        tokio::task::yield_now().await;
    }
    while session.next().now_or_never().is_some() {}
}

/// Lets time pass until the session is idle; `None` if it is not within an hour.
async fn silence(session: &mut ClientSseSession, clock: &TestClock) -> Option<u64> {
    for silent in 1..=3600 {
        pass(session, clock, secs(1)).await;
        // The first look lets others run, the second one counts.
        assert!(session.next().now_or_never().is_none());
        if let Some(end) = session.next().now_or_never() {
            check(&end.unwrap().unwrap_err(), Deadline::Idle);
            return Some(silent);
        }
    }
    None
}

#[test]
fn auto_counts_a_comment_when_its_line_ends() {
    let one_line = [(0, ":\n"), (15, ":\n"), (15, ": alive\r"), (15, ":\n")];
    assert_eq!(idle_after_chunks(SseConfig::new(), &one_line), Some(45));
    // Within an event, and between its fields.
    let within = [(0, "data: 1\n:\n"), (15, "id: 1\n:\n"), (15, ":\n"), (15, ":\n")];
    assert_eq!(idle_after_chunks(SseConfig::new(), &within), Some(45));
    let unfinished = [(0, ":"), (15, "still"), (15, " the"), (15, " same")];
    assert_eq!(idle_after_chunks(SseConfig::new(), &unfinished), None);
}

#[test]
fn auto_counts_several_comments_at_once_as_one() {
    let start = ":\n:\n:\n:\n: padding\n\n: padding\n\n";
    assert_eq!(idle_after_chunks(SseConfig::new(), &[(0, start)]), None);
    let then = [(0, start), (15, ":\n\n"), (15, ":\n\n"), (15, ":\n\n")];
    assert_eq!(idle_after_chunks(SseConfig::new(), &then), Some(45));
}

/// What tRPC, Anthropic and Gradio send, with data and without, and webpack-hot-middleware.
#[test]
fn keep_alive_events_are_what_auto_learns_from() {
    let config = || {
        SseConfig::new().keep_alive_events(|event| {
            matches!(event.event_type(), "ping" | "heartbeat") || event.data() == "\u{1f493}"
        })
    };
    for event in [
        "event: ping\ndata: \n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event: heartbeat\n\n",
        "data: \u{1f493}\n\n",
    ] {
        let events = [(0, event), (15, event), (15, event), (15, event)];
        assert_eq!(idle_after_chunks(config(), &events), Some(45), "{event}");
        assert_eq!(idle_after_chunks(SseConfig::new(), &events), None, "{event}");
        let hidden = config().filter_event_types(|_| false);
        assert_eq!(idle_after_chunks(hidden, &events), Some(45), "{event}");
    }
    let others = [(0, "data: 1\n\n"); 4];
    assert_eq!(idle_after_chunks(config(), &others), None);
    // Both kinds are one interval.
    let ping = "event: ping\ndata\n\n";
    let mixed = [(0, ":\n"), (15, ping), (15, ":\n\n"), (15, ping)];
    assert_eq!(idle_after_chunks(config(), &mixed), Some(45));
}

#[test]
fn keep_alive_events_are_yielded_and_change_nothing_else() {
    run(async {
        let body = "event: ping\nid: 1\ndata: 1\n\nevent: ping\nid: 2\n\nid: 3\ndata: 3\n\n";
        for idle in [IdleTimeout::auto(), IdleTimeout::off()] {
            let server = ScriptedServer::start([Reply::events(body)]).await;
            let config = SseConfig::new().idle_timeout(idle).keep_alive_events(move |event| {
                // It is called for `auto` only.
                assert_eq!(idle, IdleTimeout::auto());
                event.event_type() == "ping"
            });
            let mut session =
                open(config.stop_after(|it| it.id() == Some("2")), server.url("/")).await;
            // What has no data is hidden, and is no terminal event.
            assert_eq!(rest_of_data(&mut session).await, ["1", "3"]);
            assert_eq!(session.end_evidence().unwrap().messages(), 2);
        }
    });
}

#[test]
fn auto_remembers_the_interval_when_the_session_reconnects() {
    run(async {
        let clock = TestClock::manual();
        let comment = |reply: Reply| reply.pause().send(":\n\n");
        let taught = (0..4).fold(Reply::events(""), |reply, _| comment(reply)).pause();
        let replies = [taught, Reply::events("").hang(), comment(Reply::events("")).hang()];
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::new()
            .max_reconnection_attempts(9)
            .idle_timeout(IdleTimeout::auto())
            .clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        for gap in [0, 15, 15, 15] {
            pass(&mut session, &clock, secs(gap)).await;
            server.go_on();
            receive(&mut session).await;
        }
        server.go_on(); // the first connection ends
        reach(&mut session, SessionState::Waiting).await;
        clock.advance(secs(3));
        reach(&mut session, SessionState::Open).await;
        // Silent from its head on.
        assert_eq!(disconnected_after(&mut session, &clock).await, 45);
        clock.advance(secs(3));
        reach(&mut session, SessionState::Open).await;
        server.go_on();
        receive(&mut session).await;
        // The server may send less often than before.
        assert_eq!(disconnected_after(&mut session, &clock).await, 90);
    });
}

/// Lets time pass until the session has disconnected, and returns how long that took.
async fn disconnected_after(session: &mut ClientSseSession, clock: &TestClock) -> u64 {
    for silent in 1..=3600 {
        pass(session, clock, secs(1)).await;
        for _ in 0..3 {
            assert!(session.next().now_or_never().is_none());
        }
        if session.state() == SessionState::Waiting {
            return silent;
        }
    }
    0
}

#[test]
fn show_comment_events_without_a_blank_line_never_exceeds_the_limits() {
    run(async {
        let limits = Limits::default().max_event_bytes(1000);
        let reply = Reply::events(":\n".repeat(10_000)).send("data: 1\n\n");
        let server = ScriptedServer::start([reply]).await;
        let config = SseConfig::new().limits(limits).show_comment_events(true);
        let mut session = open(config.idle_timeout(IdleTimeout::auto()), server.url("/")).await;
        assert_eq!(rest_of_data(&mut session).await, ["1"]);
    });
}

#[test]
fn without_a_deadline_nothing_is_timed() {
    run(async {
        let clock = TestClock::manual();
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").hang()]).await;
        let mut session = open(SseConfig::new().clock(clock.clone()), server.url("/")).await;
        assert_eq!(data(&mut session).await, "1");
        pass(&mut session, &clock, secs(36_000)).await;
        reach(&mut session, SessionState::Open).await;
        assert!(clock.asked().is_empty());
        assert_eq!(session.last_activity(), Some(secs(36_000)));
    });
}
