//! Handles: a session is closed, and made to reconnect, from other threads.

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex, OnceLock, mpsc},
    thread,
    time::Duration,
};

use sse_session::{
    EndReason, ReconnectPolicy, SessionHandle, SessionObserver, SseConfig, SseError, SseErrorKind,
};

use sse_test::TestClock;

use super::support::{Reply, Script, after, data, end, fails, read, run, stream};

const HOUR: Duration = Duration::from_secs(3600);

/// Observer that says when a session has disconnected, and waits.
struct Waits(Mutex<mpsc::Sender<Duration>>);

impl SessionObserver for Waits {
    fn on_disconnect(&self, _: &SseError, delay: Duration) {
        self.0.lock().unwrap().send(delay).unwrap();
    }
}

/// Configuration of a session that waits for an hour, and what says that it does.
fn patient() -> (SseConfig, mpsc::Receiver<Duration>) {
    let (waits, waiting) = mpsc::channel();
    let config = SseConfig::new().reconnect(ReconnectPolicy::fixed(HOUR));
    (config.observer(Arc::new(Waits(Mutex::new(waits)))), waiting)
}

fn one() -> Reply {
    stream([data("data: 1\n\n")])
}

#[test]
fn handle_close_ends_a_wait_at_once() {
    run(|| {
        let (config, waiting) = patient();
        let mut session = Script::new([one()]).open(config).unwrap();
        let handle = session.handle();
        let closer = thread::spawn(move || {
            assert_eq!(waiting.recv(), Ok(HOUR));
            handle.close();
        });
        let (seen, error) = read(&mut session);
        assert!(seen == ["1"] && error.is_none());
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
        closer.join().unwrap();
    });
}

#[test]
fn handle_close_comes_before_a_deadline_that_the_same_read_has_missed() {
    run(|| {
        let clock = TestClock::manual();
        let handle = Arc::new(OnceLock::<SessionHandle>::new());
        let (its_handle, its_clock) = (handle.clone(), clock.clone());
        let read_times_out = after(
            move || {
                its_handle.get().unwrap().close();
                its_clock.advance(HOUR);
            },
            ErrorKind::WouldBlock,
        );
        let reply = stream([data("data: 1\n\n"), read_times_out]);
        let config = SseConfig::new().idle_timeout(HOUR).clock(clock);
        let mut session = Script::new([reply]).open(config).unwrap();
        assert!(handle.set(session.handle()).is_ok());
        let (seen, error) = read(&mut session);
        assert!(seen == ["1"] && error.is_none(), "{error:?}");
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
    });
}

#[test]
fn handle_reconnect_now_ends_a_wait_at_once() {
    run(|| {
        let (config, waiting) = patient();
        let mut session = Script::new([one(), one(), end()]).open(config).unwrap();
        let handle = session.handle();
        let watcher = thread::spawn(move || {
            for delay in waiting {
                assert_eq!(delay, HOUR);
                handle.reconnect_now();
            }
        });
        assert_eq!(read(&mut session).0, ["1", "1"]);
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
        drop(session);
        watcher.join().unwrap();
    });
}

#[test]
fn handle_closes_a_session_that_is_not_open_yet() {
    run(|| {
        let refused: Reply = Box::new(|| Err(ErrorKind::ConnectionRefused.into()));
        let (config, waiting) = patient();
        let client = Script::new([refused]).client(config.retry_first_connection(true));
        let opening = client.request("http://localhost/").prepare();
        let handle = opening.handle();
        let closer = thread::spawn(move || {
            waiting.recv().unwrap();
            handle.close();
        });
        assert_eq!(opening.open().unwrap_err().kind(), SseErrorKind::Closed);
        closer.join().unwrap();
    });
}

/// Opens a session whose first connection gets a command while a read blocks.
fn commanded(
    command: fn(&SessionHandle),
    then: Option<ErrorKind>,
) -> (Vec<String>, Option<SseError>, Option<EndReason>) {
    let handle = Arc::new(OnceLock::<SessionHandle>::new());
    let given = handle.clone();
    let act = move || command(given.get().unwrap());
    let read_again = match then {
        Some(kind) => vec![after(act, kind), data("data: never read\n\n")],
        None => vec![Box::new(move || {
            act();
            Ok(bytes::Bytes::new()) // the end
        }) as super::support::Piece],
    };
    let first = stream(std::iter::once(data("data: 1\n\n")).chain(read_again));
    let script = Script::new([first, stream([data("data: 2\n\n")]), end()]);
    let mut session = script.open(SseConfig::new()).unwrap();
    handle.set(session.handle()).unwrap();
    let (seen, error) = read(&mut session);
    (seen, error, session.end_reason())
}

#[test]
fn handle_close_takes_effect_when_a_read_returns_whatever_it_returns() {
    run(|| {
        let kinds = [ErrorKind::WouldBlock, ErrorKind::Interrupted, ErrorKind::NotConnected];
        for then in kinds.map(Some).into_iter().chain([None]) {
            let (seen, error, reason) = commanded(SessionHandle::close, then);
            assert_eq!((seen, reason), (vec!["1".into()], Some(EndReason::Closed)), "{then:?}");
            assert!(error.is_none());
        }
    });
}

#[test]
fn handle_reconnect_now_takes_effect_when_a_read_returns() {
    run(|| {
        for then in [ErrorKind::WouldBlock, ErrorKind::ConnectionReset] {
            let (seen, _, reason) = commanded(SessionHandle::reconnect_now, Some(then));
            assert_eq!(seen, ["1", "2"]);
            assert_eq!(reason, Some(EndReason::StreamEnded));
        }
    });
}

#[test]
fn close_by_the_caller_abandons_the_connection_and_drops_its_body() {
    struct Dropped(Arc<OnceLock<()>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(()).unwrap();
        }
    }
    run(|| {
        let dropped = Arc::new(OnceLock::new());
        let guard = Dropped(dropped.clone());
        let never = after(move || drop(guard), ErrorKind::Other);
        let mut session =
            Script::new([stream([data("data: 1\n\n"), never])]).open(SseConfig::new()).unwrap();
        session.next().unwrap().unwrap();
        assert!(dropped.get().is_none());
        session.close();
        assert!(dropped.get().is_some());
        assert!(session.next().is_none());
        assert_eq!(session.end_reason(), Some(EndReason::Closed));
    });
}

#[test]
fn without_a_command_an_error_of_a_read_is_an_error() {
    run(|| {
        let script = Script::new([stream([fails(ErrorKind::NotConnected)])]);
        let mut session = script.open(SseConfig::new()).unwrap();
        let _handle = session.handle();
        assert!(read(&mut session).1.unwrap().is_transport());
    });
}
