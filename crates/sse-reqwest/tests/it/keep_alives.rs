//! Keep-alives: the idle timeout that `IdleTimeout::auto` learns from them.
//!
//! The test moves the clock, and so decides how long a silence is.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake},
    time::Duration,
};

use futures_util::FutureExt as _;
use sse_reqwest::{ClientSseSession, Deadline, IdleTimeout, Limits, SessionState, SseConfig};

use crate::{
    deadlines::{self, check, secs},
    support::{Reply, ScriptedServer, TestClock, data, open, reach, rest_of_data, run},
};

/// Lets time pass in which the session is polled, so that what comes then has not come before.
async fn pass(session: &mut ClientSseSession, clock: &TestClock, time: Duration) {
    let last = time.min(Duration::from_millis(100));
    deadlines::pass(session, clock, time - last).await;
    deadlines::pass(session, clock, last).await;
}

/// Takes comments at these distances, and returns the silence after which the session is idle, if
/// that is within an hour.
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
            deadlines::pass(&mut session, &clock, secs(1)).await;
            silent += 1;
            // The first poll lets others run, the second one counts.
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

/// Takes chunks at these distances, and returns the silence after which the session is idle, if
/// that is within an hour.
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

/// Returns the time until the session is idle, or `None` if it is not within an hour.
async fn silence(session: &mut ClientSseSession, clock: &TestClock) -> Option<u64> {
    for silent in 1..=3600 {
        deadlines::pass(session, clock, secs(1)).await;
        // The first poll lets others run, the second one counts.
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

/// Keep-alives that tRPC, Anthropic and Gradio send, with data and without, and
/// webpack-hot-middleware.
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
            // A block without data is hidden, and is not a terminal event.
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
        let learned = (0..4).fold(Reply::events(""), |reply, _| comment(reply)).pause();
        let silent = || Reply::events("").hang();
        let replies = [learned, silent(), comment(Reply::events("")).hang(), silent()];
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
        assert_eq!(disconnected_after(&mut session, &clock).await, 45);
        clock.advance(secs(3));
        reach(&mut session, SessionState::Open).await;
        // It has sent a keep-alive, and may send them less often than before.
        assert_eq!(disconnected_after(&mut session, &clock).await, 90);
    });
}

#[test]
fn auto_is_not_doubled_by_connections_without_a_keep_alive() {
    run(async {
        let clock = TestClock::manual();
        let comment = |reply: Reply| reply.pause().send(":\n\n");
        let learned = (0..4).fold(Reply::events(""), |reply, _| comment(reply)).pause();
        let mute = || Reply::events("").hang();
        let event = Reply::events("").pause().send("data: 1\n\n").hang();
        let replies = [learned, mute(), mute(), mute(), event, mute()];
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
        for has_event in [false, false, false, true, false] {
            clock.advance(secs(3));
            reach(&mut session, SessionState::Open).await;
            if has_event {
                server.go_on();
                receive(&mut session).await;
            }
            assert_eq!(disconnected_after(&mut session, &clock).await, 45);
        }
    });
}

#[test]
fn auto_adds_up_the_gaps_of_connections_that_are_short() {
    run(async {
        let clock = TestClock::manual();
        let comment = |reply: Reply| reply.pause().send(":\n\n");
        let short = || comment(comment(Reply::events(""))).pause();
        let replies = [short(), short(), short(), Reply::events("").hang()];
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::new()
            .max_reconnection_attempts(9)
            .idle_timeout(IdleTimeout::auto())
            .clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        for _ in 0..3 {
            for gap in [0, 15] {
                pass(&mut session, &clock, secs(gap)).await;
                server.go_on();
                receive(&mut session).await;
            }
            server.go_on(); // the connection ends
            reach(&mut session, SessionState::Waiting).await;
            clock.advance(secs(3));
            reach(&mut session, SessionState::Open).await;
        }
        assert_eq!(disconnected_after(&mut session, &clock).await, 45);
    });
}

#[test]
fn auto_does_not_learn_from_a_consumer_that_is_away() {
    run(async {
        let clock = TestClock::manual();
        let chunks = [":\n\n", ":\ndata: 1\n\n", ":\n\n", ":\n\n", ":\n\n", ":\n\n"];
        let reply =
            chunks.iter().fold(Reply::events(""), |reply, chunk| reply.pause().send(chunk)).hang();
        let server = ScriptedServer::start([reply]).await;
        let config = SseConfig::new().idle_timeout(IdleTimeout::auto()).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        server.go_on();
        receive(&mut session).await;
        pass(&mut session, &clock, secs(15)).await;
        server.go_on();
        assert_eq!(data(&mut session).await, "1");
        // The session waits for nothing, as its consumer does something else.
        clock.advance(secs(600));
        for gap in [0, 15, 15, 15] {
            pass(&mut session, &clock, secs(gap)).await;
            server.go_on();
            receive(&mut session).await;
        }
        assert_eq!(silence(&mut session, &clock).await, Some(45));
    });
}

/// Sets a flag when it is woken.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Polls a future of `next` once, as a branch of `select!` may, and drops it. Then bytes come.
async fn miss_bytes(session: &mut ClientSseSession, server: &ScriptedServer) {
    let flag = Arc::<Flag>::default();
    let polled = pin!(session.next()).poll(&mut Context::from_waker(&flag.clone().into()));
    assert!(polled.is_pending());
    server.go_on();
    while !flag.0.load(Ordering::Relaxed) {
        tokio::task::yield_now().await;
    }
}

#[test]
fn auto_does_not_learn_from_a_consumer_that_is_away_after_it_has_found_nothing() {
    for is_runtime_blocked in [false, true] {
        run(async {
            let clock = TestClock::manual();
            let reply =
                (0..6).fold(Reply::events(""), |reply, _| reply.pause().send(":\n\n")).hang();
            let server = ScriptedServer::start([reply]).await;
            let config = SseConfig::new().idle_timeout(IdleTimeout::auto()).clock(clock.clone());
            let mut session = open(config, server.url("/")).await;
            for gap in [0, 15] {
                pass(&mut session, &clock, secs(gap)).await;
                server.go_on();
                receive(&mut session).await;
            }
            if is_runtime_blocked {
                assert!(session.next().now_or_never().is_none());
                clock.advance(secs(600));
                // The runtime has not yet read what has come.
                assert!(session.next().now_or_never().is_none());
                server.go_on();
            } else {
                miss_bytes(&mut session, &server).await;
                clock.advance(secs(600));
            }
            receive(&mut session).await;
            for gap in [15, 15, 15] {
                pass(&mut session, &clock, secs(gap)).await;
                server.go_on();
                receive(&mut session).await;
            }
            assert_eq!(silence(&mut session, &clock).await, Some(45));
        });
    }
}

/// Lets time pass until the session has disconnected, and returns how long that took.
async fn disconnected_after(session: &mut ClientSseSession, clock: &TestClock) -> u64 {
    for silent in 1..=3600 {
        deadlines::pass(session, clock, secs(1)).await;
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
