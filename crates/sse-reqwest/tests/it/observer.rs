//! Observers: the notifications of a session, in the order in which things happen.

use std::{
    mem,
    sync::{Arc, Mutex},
    time::Duration,
};

use sse_reqwest::{
    Call, EndReason, ExcessPolicy, Limits, ServerSentEvent, SessionObserver, Skipped, SseConfig,
    SseError, SseErrorKind,
};

use crate::support::{
    Reply, ScriptedServer, TestClock, data, http, open, reconnecting, rest, run, sse,
};

/// Observer that records its notifications in a few words.
#[derive(Default)]
struct Notes {
    told: Mutex<Vec<String>>,
}

impl Notes {
    fn note(&self, words: String) {
        self.told.lock().unwrap().push(words);
    }

    fn take(&self) -> Vec<String> {
        mem::take(&mut self.told.lock().unwrap())
    }
}

impl SessionObserver for Notes {
    fn on_connecting(&self, url: &http::Uri, attempt: u32) {
        assert!(url.query().is_none() && !url.to_string().contains('@'));
        self.note(format!("connecting {} {attempt}", url.path()));
    }

    fn on_open(&self, call: &Call) {
        self.note(format!("open {}", call.response().status().as_u16()));
    }

    fn on_connection_closed(&self, _call: &Call) {
        self.note("connection closed".to_owned());
    }

    fn on_bytes(&self, count: usize) {
        self.note(format!("{count} bytes"));
    }

    fn on_event(&self, event: &ServerSentEvent) {
        self.note(format!("event {}", event.data()));
    }

    fn on_skipped(&self, skipped: &Skipped) {
        self.note(format!("skipped {}", skipped.count()));
    }

    fn on_disconnect(&self, cause: &SseError, delay: Duration) {
        let what = if cause.kind() == SseErrorKind::StreamEnded {
            "ended".to_owned()
        } else {
            kind(cause)
        };
        self.note(format!("disconnected {what} {}", delay.as_millis()));
    }

    fn on_failed(&self, error: &SseError) {
        self.note(format!("failed {}", kind(error)));
    }

    fn on_closed(&self, reason: EndReason) {
        self.note(format!("closed {reason:?}"));
    }
}

fn kind(error: &SseError) -> String {
    match error.status() {
        Some(status) => status.as_u16().to_string(),
        None if error.kind() == SseErrorKind::ReconnectRequested => "asked".to_owned(),
        None => "other".to_owned(),
    }
}

fn noted(config: SseConfig) -> (Arc<Notes>, SseConfig) {
    let notes = Arc::new(Notes::default());
    (notes.clone(), config.observer(notes))
}

#[track_caller]
fn check(config: SseConfig, replies: &[Reply], expected: &[&str]) {
    let (notes, config) = noted(config.clock(TestClock::skipping()));
    run(async {
        let server = ScriptedServer::start(replies.to_vec()).await;
        if let Ok(mut session) = sse(config).sse_session(server.url("/e?q")).await {
            rest(&mut session).await;
        }
    });
    assert_eq!(notes.take(), expected);
}

#[test]
fn observers_see_a_session_of_two_connections_from_start_to_end() {
    check(
        reconnecting(5),
        &[
            Reply::events("retry: 700\ndata: 1\n\n"),
            Reply::status(500),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ],
        &[
            "connecting /e 0",
            "open 200",
            "20 bytes",
            "event 1",
            "connection closed",
            "disconnected ended 700",
            "connecting /e 1",
            "disconnected 500 700",
            "connecting /e 2",
            "open 200",
            "9 bytes",
            "event 2",
            "connection closed",
            "disconnected ended 700",
            "connecting /e 1",
            "closed NoContent",
        ],
    );
}

#[test]
fn observers_see_no_request_of_a_session_that_begins_with_a_response() {
    let told = |reply: Reply| {
        let (notes, config) = noted(reconnecting(1).clock(TestClock::skipping()));
        run(async {
            let server = ScriptedServer::start([reply, Reply::status(204)]).await;
            let response = http().get(server.url("/e?q")).send().await.unwrap();
            let request = sse(config).response(response).resume_request(server.url("/r"));
            if let Ok(mut session) = request.sse_session().await {
                rest(&mut session).await;
            }
        });
        notes.take()
    };
    assert_eq!(
        told(Reply::events("data: 1\n\n")),
        [
            "open 200",
            "9 bytes",
            "event 1",
            "connection closed",
            "disconnected ended 0",
            "connecting /r 1",
            "closed NoContent",
        ]
    );
    assert_eq!(told(Reply::status(404)), ["failed 404", "closed Failed"]);
}

#[test]
fn observers_see_a_failure_before_the_end() {
    check(
        SseConfig::new(),
        &[Reply::status(404)],
        &["connecting /e 0", "failed 404", "closed Failed"],
    );
}

#[test]
fn observers_see_the_terminal_event_before_the_end() {
    let config = SseConfig::new().stop_after(|event| event.data() == "end");
    check(
        config,
        &[Reply::events("data: end\n\ndata: never\n\n")],
        &[
            "connecting /e 0",
            "open 200",
            "24 bytes",
            "event end",
            "connection closed",
            "closed Stopped",
        ],
    );
}

#[test]
fn observers_see_the_bytes_of_hidden_events_but_not_the_events() {
    check(
        SseConfig::new().filter_event_types(|name| name == "shown"),
        &[Reply::events("data: 1\n\n: comment\n\n")],
        &["connecting /e 0", "open 200", "20 bytes", "connection closed", "closed StreamEnded"],
    );
}

#[test]
fn observers_see_skipped_events() {
    let limits = Limits::default().max_event_bytes(64).excess_policy(ExcessPolicy::Skip);
    check(
        SseConfig::new().limits(limits),
        &[Reply::events(format!("data: {}\n\ndata: 1\n\n", "x".repeat(99)))],
        &[
            "connecting /e 0",
            "open 200",
            "116 bytes",
            "event 1",
            "skipped 1",
            "connection closed",
            "closed StreamEnded",
        ],
    );
}

#[test]
fn on_connection_closed_precedes_on_disconnect_and_on_failed() {
    for (attempts, expected) in [
        (1, ["event 1", "connection closed", "disconnected other 0"]),
        (0, ["connection closed", "failed other", "closed Failed"]),
    ] {
        let (notes, config) = noted(reconnecting(attempts));
        run(async {
            let replies = [Reply::events("data: 1\n\n").cut(), Reply::status(204)];
            let server = ScriptedServer::start(replies).await;
            rest(&mut open(config, server.url("/e")).await).await;
        });
        let notes = notes.take();
        assert!(notes.windows(3).any(|window| window == expected), "{notes:?}");
    }
}

#[test]
fn on_closed_is_called_when_a_session_is_dropped() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::events("data: 1\n\n").hang()]).await;
        let (notes, config) = noted(SseConfig::new());
        let mut session = open(config, server.url("/e")).await;
        assert_eq!(data(&mut session).await, "1");
        notes.take();
        drop(session);
        assert_eq!(notes.take(), ["connection closed", "closed Closed"]);
    });
}

#[test]
fn observer_of_a_request_is_added_and_clear_observers_removes_all() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::status(404); 2]).await;
        let (of_all, config) = noted(SseConfig::new());
        let of_one = Arc::new(Notes::default());
        let client = sse(config);
        let request = client.request(server.url("/e"));
        let request = request.configure(|config| config.observer(of_one.clone()));
        request.sse_session().await.unwrap_err();
        let told = of_all.take();
        assert_eq!(told, ["connecting /e 0", "failed 404", "closed Failed"]);
        assert_eq!(of_one.take(), told);
        let request = client.request(server.url("/e")).configure(SseConfig::clear_observers);
        request.sse_session().await.unwrap_err();
        assert!(of_all.take().is_empty());
    });
}

#[test]
fn observers_see_the_end_once() {
    run(async {
        let server = ScriptedServer::start(vec![Reply::events("data: 1\n\n").hang()]).await;
        let (notes, config) = noted(SseConfig::new());
        let mut session = open(config, server.url("/e")).await;
        notes.take();
        session.close();
        assert_eq!(notes.take(), ["connection closed", "closed Closed"]);
        assert!(session.next().await.is_none());
        drop(session);
        assert!(notes.take().is_empty());
    });
}

#[test]
fn observers_see_nothing_of_a_session_that_was_never_polled() {
    run(async {
        let server = ScriptedServer::start(Vec::new()).await;
        let (notes, config) = noted(SseConfig::new());
        drop(sse(config).sse_session(server.url("/e")));
        assert!(notes.take().is_empty());
    });
}

#[test]
fn observers_see_an_abandoned_connection_as_a_disconnect() {
    run(async {
        let replies = vec![Reply::events("data: 1\n\n").hang(), Reply::events("data: 2\n\n")];
        let server = ScriptedServer::start(replies).await;
        let (notes, config) = noted(reconnecting(1));
        let mut session = open(config, server.url("/e")).await;
        assert_eq!(data(&mut session).await, "1");
        notes.take();
        session.handle().reconnect_now();
        assert_eq!(data(&mut session).await, "2");
        let expected = [
            "connection closed",
            "disconnected asked 0",
            "connecting /e 1",
            "open 200",
            "9 bytes",
            "event 2",
        ];
        assert_eq!(notes.take(), expected);
    });
}

#[test]
fn on_failed_is_called_for_a_request_that_cannot_be_made() {
    run(async {
        let (notes, config) = noted(SseConfig::new());
        let request = sse(config).request_factory(|_| async { Err("no token") });
        request.sse_session().await.unwrap_err();
        assert_eq!(notes.take(), ["failed other", "closed Failed"]);
    });
}
