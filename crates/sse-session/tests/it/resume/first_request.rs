//! First requests of sessions whose connection ends before the head of a response.

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Uri};
use sse_session::{Capabilities, Resume, SessionObserver, SseConfig, SseError, SseErrorKind};

use crate::support::{Reply, Script, events, read, redirect, run, status};

fn closed() -> Reply {
    Reply::Error(ErrorKind::UnexpectedEof.into())
}

fn stream() -> Reply {
    Reply::Response(events(&["data: 1\n\n"]))
}

/// Opens a session with a request of this method. Returns what the transport was asked for, and the
/// error if the session did not open.
async fn opened(script: &Script, method: &str, config: SseConfig) -> (Vec<(u32, bool)>, Opened) {
    let request = Request::builder().method(method).uri("http://localhost/");
    let request = request.body(Bytes::from("q")).unwrap();
    let opened = script.client(config).sse_session(request).await;
    (script.contexts(), opened.map(drop))
}

type Opened = Result<(), SseError>;

#[test]
fn a_first_request_that_is_unanswered_is_repeated_once_over_a_fresh_connection() {
    run(async {
        for kind in [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset, ErrorKind::BrokenPipe] {
            let script = Script::new([Reply::Error(kind.into()), stream()]);
            let (contexts, opened) = opened(&script, "GET", SseConfig::new()).await;
            assert!(opened.is_ok(), "{opened:?}");
            assert_eq!(contexts, [(0, false), (0, true)]);
            assert!(script.requests().iter().all(|request| request.body() == "q"));
        }
    });
}

#[test]
fn a_server_that_always_closes_leaves_a_request_unanswered_after_one_repetition() {
    run(async {
        let script = Script::new([closed(), closed()]);
        let (contexts, opened) = opened(&script, "GET", SseConfig::new()).await;
        let error = opened.unwrap_err();
        assert_eq!(contexts.len(), 2);
        assert_eq!(error.kind(), SseErrorKind::NoResponse);
        assert!(error.is_unanswered() && error.is_retryable() && error.is_transport());
        assert!(!error.is_truncated() && !error.is_connect() && !error.is_timeout());
        assert_eq!(error.to_string(), "no response: connection closed (http://localhost/)");
        let script = Script::new([closed(), Reply::Error(ErrorKind::ConnectionReset.into())]);
        let error = script.client(SseConfig::new()).sse_session("http://localhost/").await;
        let error = error.unwrap_err();
        assert!(error.is_unanswered() && error.is_reset());
    });
}

#[test]
fn an_unanswered_first_request_is_repeated_only_if_its_method_is_idempotent() {
    for (method, requests) in
        [("GET", 2), ("HEAD", 2), ("QUERY", 2), ("REPORT", 2), ("PUT", 2), ("DELETE", 2)]
            .into_iter()
            .chain([("POST", 1), ("PATCH", 1), ("UNKNOWN", 1)])
    {
        run(async {
            let script = Script::new([closed(), stream()]);
            let (contexts, opened) = opened(&script, method, SseConfig::new()).await;
            assert_eq!(contexts.len(), requests, "{method}");
            assert_eq!(opened.is_ok(), requests == 2, "{method}");
        });
    }
    // `resume` allows the repetition of a POST, but only a policy asks for one.
    run(async {
        let config = SseConfig::new().resume(Resume::FromBeginning).max_reconnection_attempts(0);
        let script = Script::new([closed()]);
        assert_eq!(opened(&script, "POST", config).await.0.len(), 1);
    });
}

#[test]
fn resume_never_and_connects_each_time_repeat_no_first_request() {
    run(async {
        let never = SseConfig::new().resume(Resume::Never);
        let script = Script::new([closed()]);
        assert!(opened(&script, "GET", never).await.1.unwrap_err().is_unanswered());
        let each_time = Capabilities::new().connects_each_time(true);
        let script = Script::new([closed()]).capabilities(each_time);
        assert!(opened(&script, "GET", SseConfig::new()).await.1.unwrap_err().is_unanswered());
    });
}

#[test]
fn other_failures_of_a_first_request_are_reported_at_once() {
    run(async {
        for kind in [ErrorKind::ConnectionRefused, ErrorKind::TimedOut, ErrorKind::Other] {
            let script = Script::new([Reply::Error(kind.into())]);
            let (contexts, opened) = opened(&script, "GET", SseConfig::new()).await;
            assert!(!opened.unwrap_err().is_unanswered());
            assert_eq!(contexts.len(), 1, "{kind}");
        }
    });
}

#[test]
fn after_the_repetition_of_an_unanswered_request_the_policy_decides() {
    run(async {
        let config = SseConfig::new()
            .max_reconnection_attempts(2)
            .reconnection_time(Duration::ZERO)
            .retry_first_connection(true);
        let script = Script::new([closed(), closed(), closed(), closed()]);
        let (contexts, opened) = opened(&script, "GET", config.clone()).await;
        assert_eq!(contexts, [(0, false), (0, true), (1, false), (2, false)]);
        assert!(opened.unwrap_err().is_unanswered());
        // A reconnection is an attempt of the policy's: it is not repeated.
        let end = Reply::Response(status(204));
        let script = Script::new([stream(), closed(), end]);
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        assert!(read(&mut session).await.1.is_none());
        assert_eq!(script.contexts(), [(0, false), (1, false), (2, false)]);
    });
}

#[test]
fn an_unanswered_first_request_is_repeated_from_its_own_url() {
    run(async {
        let away = || redirect(307, "/away");
        let script = Script::new([away(), closed(), away(), stream()]);
        let client = script.client(SseConfig::new());
        client.sse_session("http://localhost/").await.unwrap();
        let paths: Vec<_> = script.requests().iter().map(|it| it.uri().path().to_owned()).collect();
        assert_eq!(paths, ["/", "/away", "/", "/away"]);
    });
}

#[derive(Default)]
struct Calls(Mutex<Vec<String>>);

impl SessionObserver for Calls {
    fn on_connecting(&self, _uri: &Uri, attempt: u32) {
        self.0.lock().unwrap().push(format!("connecting {attempt}"));
    }

    fn on_disconnect(&self, cause: &SseError, delay: Duration) {
        self.0.lock().unwrap().push(format!("{} {delay:?}", cause.is_unanswered()));
    }
}

#[test]
fn observers_are_notified_of_an_unanswered_first_request() {
    run(async {
        let calls = Arc::new(Calls::default());
        let script = Script::new([closed(), stream()]);
        opened(&script, "GET", SseConfig::new().observer(calls.clone())).await.1.unwrap();
        assert_eq!(*calls.0.lock().unwrap(), ["connecting 0", "true 0ns", "connecting 0"]);
    });
}
