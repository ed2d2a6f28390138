//! Timeouts: limits of a session that a blocking transport makes effective.

use std::{io::ErrorKind, time::Duration};

use sse_session::{BodyEnd, Deadline, IdleTimeout, SseConfig};
use sse_test::TestClock;

use super::support::{Piece, Reply, Script, after, data, end, fails, read, run, status, stream};

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Read that waits for this time, and then fails.
fn waits(clock: &TestClock, time: Duration, kind: ErrorKind) -> Piece {
    let clock = clock.clone();
    after(move || clock.advance(time), kind)
}

fn late(clock: &TestClock, time: Duration, reply: Reply) -> Reply {
    let clock = clock.clone();
    Box::new(move || {
        clock.advance(time);
        reply()
    })
}

#[test]
fn idle_timeout_expires_at_the_read_that_would_block_and_makes_it_too_long() {
    run(|| {
        let clock = TestClock::manual();
        let silent = || waits(&clock, secs(4), ErrorKind::WouldBlock);
        let pieces =
            [data("data: 1\n\n"), silent(), silent(), data(":\n"), silent(), silent(), silent()];
        let script = Script::new([stream(pieces)]);
        let config = SseConfig::new().idle_timeout(secs(10)).clock(clock.clone());
        let mut session = script.open(config).unwrap();
        assert_eq!(session.next().unwrap().unwrap().data(), "1");
        clock.advance(secs(100)); // A slow consumer does not make its server idle.
        let error = session.next().unwrap().unwrap_err();
        assert_eq!(error.deadline(), Some(Deadline::Idle));
        let evidence = session.end_evidence().unwrap();
        assert_eq!(evidence.body_end(), BodyEnd::Abandoned);
        assert_eq!(evidence.since_last_byte(), Some(secs(12)));
        assert_eq!(script.timeouts(), [(None, Some(secs(10)))]);
    });
}

#[test]
fn first_byte_timeout_is_judged_by_itself() {
    run(|| {
        let clock = TestClock::manual();
        let pieces = [waits(&clock, secs(5), ErrorKind::WouldBlock)];
        let script = Script::new([stream(pieces)]);
        let config = SseConfig::new().first_byte_timeout(secs(5)).idle_timeout(secs(60));
        let error = read(&mut script.open(config.clock(clock)).unwrap()).1.unwrap();
        assert_eq!(error.deadline(), Some(Deadline::FirstByte));
        assert_eq!(script.timeouts(), [(None, Some(secs(5)))]);
    });
}

#[test]
fn idle_timeout_auto_asks_for_a_read_timeout_of_ten_seconds() {
    run(|| {
        let script = Script::new([stream([])]);
        script.open(SseConfig::new().idle_timeout(IdleTimeout::auto())).unwrap();
        assert_eq!(script.timeouts(), [(None, Some(secs(10)))]);
    });
}

#[test]
fn idle_timeout_auto_learns_from_reads_that_block() {
    run(|| {
        let clock = TestClock::manual();
        let silent = |time| waits(&clock, secs(time), ErrorKind::WouldBlock);
        let keep_alives = [0, 15, 15, 15].map(|gap| [silent(gap), data(":\n\n")]);
        let end = [silent(44), silent(1)];
        let script = Script::new([stream(keep_alives.into_iter().flatten().chain(end))]);
        let config = SseConfig::new().idle_timeout(IdleTimeout::auto()).clock(clock.clone());
        let mut session = script.open(config).unwrap();
        let error = session.next().unwrap().unwrap_err();
        assert_eq!(error.deadline(), Some(Deadline::Idle));
        assert_eq!(session.end_evidence().unwrap().since_last_byte(), Some(secs(45)));
    });
}

#[test]
fn a_timeout_of_the_transport_after_a_deadline_is_that_deadline() {
    run(|| {
        for (time, deadline) in [(9, None), (10, Some(Deadline::Idle))] {
            let clock = TestClock::manual();
            let script = Script::new([stream([waits(&clock, secs(time), ErrorKind::TimedOut)])]);
            let config = SseConfig::new().idle_timeout(secs(10)).clock(clock);
            let error = read(&mut script.open(config).unwrap()).1.unwrap();
            assert!(error.is_timeout());
            assert_eq!(error.deadline(), deadline);
        }
    });
}

#[test]
fn head_timeout_is_the_deadline_if_the_request_fails_after_it() {
    run(|| {
        for (time, kind, deadline, is_timeout) in [
            (4, ErrorKind::TimedOut, None, true),
            (4, ErrorKind::ConnectionRefused, None, false),
            (5, ErrorKind::TimedOut, Some(Deadline::Head), true),
            (5, ErrorKind::ConnectionRefused, Some(Deadline::Head), true),
        ] {
            let clock = TestClock::manual();
            let script =
                Script::new([late(&clock, secs(time), Box::new(move || Err(kind.into())))]);
            let error =
                script.open(SseConfig::new().head_timeout(secs(5)).clock(clock)).unwrap_err();
            assert_eq!((error.deadline(), error.is_timeout()), (deadline, is_timeout));
            assert_eq!(script.timeouts(), [(Some(secs(5)), None)]);
        }
    });
}

#[test]
fn head_timeout_does_not_reject_a_response_that_a_transport_returns_late() {
    run(|| {
        let clock = TestClock::manual();
        let script = Script::new([late(&clock, secs(6), stream([data("data: 1\n\n")]))]);
        let config = SseConfig::new().head_timeout(secs(5)).clock(clock);
        assert_eq!(read(&mut script.open(config).unwrap()).0, ["1"]);
    });
}

#[test]
fn head_timeout_limits_redirects_together() {
    run(|| {
        let clock = TestClock::manual();
        let redirect = || status(307, Some(("location", "/")), []);
        let replies = [late(&clock, secs(2), redirect()), late(&clock, secs(2), redirect()), end()];
        let script = Script::new(replies);
        script.open(SseConfig::new().head_timeout(secs(5)).clock(clock)).unwrap();
        let left: Vec<_> = script.timeouts().iter().map(|it| it.0.unwrap().as_secs()).collect();
        assert_eq!(left, [5, 3, 1]);
    });
}

#[test]
fn a_rejected_body_that_would_block_is_read_for_five_seconds() {
    run(|| {
        let clock = TestClock::manual();
        let silent = || waits(&clock, secs(3), ErrorKind::WouldBlock);
        let pieces = [data("too "), silent(), data("busy"), silent(), data("never read")];
        let script = Script::new([status(503, None, pieces)]);
        let error = script.open(SseConfig::new().clock(clock)).unwrap_err();
        assert_eq!(error.body_text().unwrap(), "too busy");
    });
}

#[test]
fn a_read_that_was_interrupted_or_would_block_is_made_again() {
    run(|| {
        let pieces = [
            fails(ErrorKind::Interrupted),
            data("data:"),
            fails(ErrorKind::WouldBlock),
            fails(ErrorKind::Interrupted),
            data(" 1\n\n"),
            fails(ErrorKind::WouldBlock),
        ];
        let mut session = Script::new([stream(pieces)]).open(SseConfig::new()).unwrap();
        assert_eq!(read(&mut session).0, ["1"]);
        assert_eq!(session.end_evidence().unwrap().body_end(), BodyEnd::LastChunk);
    });
}
