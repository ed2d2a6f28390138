//! Property: after a session was stopped at any moment, nothing follows.
//!
//! The server's script, the client's steps and the way to stop are random. After the stop, no event
//! is yielded, no request is made, no sleep is left running, and the server sees every connection
//! closed.

use std::{future::poll_fn, pin::Pin, task::Poll, time::Duration};

use futures_util::{FutureExt as _, Stream as _};
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any, prop_oneof},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use sse_reqwest::{ClientSseSession, EndReason, OpenSession, ReconnectPolicy, SseConfig};

use crate::support::{Reply, ScriptedServer, TestClock, run, sse};

const SECOND: Duration = Duration::from_secs(1);

/// Step of a session before it is stopped.
#[derive(Debug, Clone, Copy)]
enum Step {
    Poll,
    /// The server and the task that reads the socket run.
    LetOthersRun,
    /// This many seconds pass.
    Pass(u8),
    /// The server ends a pause.
    GoOn,
    ReconnectNow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Drop,
    Close,
    CloseByHandle,
}

enum Client {
    Opening(OpenSession),
    Open(Box<ClientSseSession>),
    Over,
}

fn any_reply() -> impl Strategy<Value = Reply> {
    let body = vec(
        prop_oneof![
            Just("data: 1\n\n"),
            Just("id: 1\ndata: 2\n\ndata: 3\n\n"),
            Just(": alive\n\n"),
            Just("retry: 1000\n\n"),
            Just("id: 2\ndata: cut o"),
        ],
        0..3,
    );
    let start = prop_oneof![
        4 => Just(Reply::events("")),
        1 => Just(Reply::events("").pause_before_head()),
        1 => Just(Reply::events("").pause_within_head()),
        1 => Just(Reply::status(503)),
        1 => Just(Reply::status(429).retry_after(SECOND)),
        1 => Just(Reply::unauthorized()),
        1 => Just(Reply::nothing()),
    ];
    let paused = any::<bool>();
    let end = 0..6;
    (start, body, paused, end).prop_map(|(start, body, paused, end)| {
        let reply = body.iter().fold(start, |reply, piece| reply.send(piece));
        let reply = if paused { reply.pause() } else { reply };
        match end {
            0 => reply,
            1 => reply.cut(),
            2 => reply.reset(),
            3 => reply.half_close(),
            _ => reply.hang(),
        }
    })
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Poll),
        6 => Just(Step::LetOthersRun),
        2 => (0_u8..12).prop_map(Step::Pass),
        2 => Just(Step::GoOn),
        1 => Just(Step::ReconnectNow),
    ]
}

fn any_stop() -> impl Strategy<Value = Stop> {
    prop_oneof![Just(Stop::Drop), Just(Stop::Close), Just(Stop::CloseByHandle)]
}

async fn let_others_run() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

impl Client {
    /// Polls once.
    async fn poll(&mut self) {
        *self = match std::mem::replace(self, Self::Over) {
            Self::Opening(mut opening) => match (&mut opening).now_or_never_here().await {
                None => Self::Opening(opening),
                Some(Ok(session)) => Self::Open(Box::new(session)),
                Some(Err(_)) => Self::Over,
            },
            Self::Open(mut session) => {
                let _ = poll_fn(|cx| Poll::Ready(Pin::new(&mut *session).poll_next(cx))).await;
                Self::Open(session)
            }
            Self::Over => Self::Over,
        }
    }

    fn reconnect_now(&self) {
        if let Self::Open(session) = self {
            session.handle().reconnect_now();
        }
    }
}

/// Polls a future once, with the waker of the test.
trait NowOrNeverHere: Future + Unpin + Sized {
    async fn now_or_never_here(mut self) -> Option<Self::Output> {
        poll_fn(|cx| match Pin::new(&mut self).poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }
}

impl<F: Future + Unpin> NowOrNeverHere for F {}

/// Plays a script, stops, and checks what follows.
async fn play(replies: Vec<Reply>, steps: Vec<Step>, stop: Stop) {
    let clock = TestClock::manual();
    let server = ScriptedServer::start(replies).await;
    let config = SseConfig::new()
        .reconnect(ReconnectPolicy::fixed(SECOND).jitter(0.5))
        .retry_first_connection(true)
        .head_timeout(9 * SECOND)
        .idle_timeout(9 * SECOND)
        .refresh_credentials(|_| std::future::pending::<Result<_, std::io::Error>>())
        .clock(clock.clone());
    let mut client = Client::Opening(sse(config).sse_session(server.url("/")));
    for step in steps {
        match step {
            Step::Poll => client.poll().await,
            Step::LetOthersRun => let_others_run().await,
            Step::Pass(secs) => clock.advance(SECOND * u32::from(secs)),
            Step::GoOn => server.go_on(),
            Step::ReconnectNow => client.reconnect_now(),
        }
    }
    let stopped = match (client, stop) {
        (Client::Open(mut session), Stop::Close) => {
            session.close();
            Some(session)
        }
        (Client::Open(mut session), Stop::CloseByHandle) => {
            let had_ended = session.end_reason().is_some();
            session.handle().close();
            let next = session.next().now_or_never();
            assert!(matches!(next, Some(None)), "{next:?} after a close, ended: {had_ended}");
            Some(session)
        }
        (client, _) => {
            drop(client);
            None
        }
    };
    assert_eq!(clock.running(), 0);
    let requests = server.count_requests().await;
    clock.advance(3600 * SECOND);
    let_others_run().await;
    if let Some(mut session) = stopped {
        assert!(matches!(session.next().now_or_never(), Some(None)));
        let reason = session.end_reason().unwrap();
        assert!(matches!(reason, EndReason::Closed | EndReason::NoContent | EndReason::Failed));
        let_others_run().await;
    }
    assert_eq!(server.count_requests().await, requests);
    let connections: std::collections::BTreeSet<_> =
        server.requests().iter().map(|request| request.connection).collect();
    for connection in connections {
        server.closed(connection).await;
    }
}

#[test]
fn nothing_follows_close_or_drop_at_any_moment() {
    let config = Config { cases: 150, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let scripts = (vec(any_reply(), 0..5), vec(any_step(), 0..40), any_stop());
    TestRunner::new_with_rng(config, rng)
        .run(&scripts, |(replies, steps, stop)| {
            run(play(replies, steps, stop));
            Ok(())
        })
        .unwrap();
}
