//! The connection cases of the web-platform-tests, with data of our own and the same results.
//!
//! If a case ends with an open stream, ours ends with a 204; if it measures a time, ours checks
//! what was requested of the clock. Redirects, rejected responses and URLs that cannot be used are
//! in `redirects`, `acceptance` and `error`; canceling is in `closing`. Behavior that only a
//! browser has (CORS, cookies, windows, event listeners) is left out.

use sse_reqwest::{EndReason, SseConfig};

use crate::support::{Reply, ScriptedServer, TestClock, open, run};

struct Case<'a> {
    /// Bodies of consecutive connections.
    bodies: &'a [&'a str],
    /// Reply after them.
    end: Reply,
    /// Type and data of each event, and the last event ID after it.
    events: &'a [(&'a str, &'a str, &'a str)],
    /// Headers of every request.
    ids: &'a [Option<&'a str>],
    waits_ms: &'a [u64],
}

#[track_caller]
fn check(case: &Case<'_>) {
    let (events, ids, waits, end) = run(async {
        let clock = TestClock::skipping();
        let replies = case.bodies.iter().map(Reply::events).chain([case.end.clone()]);
        let server = ScriptedServer::start(replies).await;
        let config = SseConfig::new().max_reconnection_attempts(3).clock(clock.clone());
        let mut session = open(config, server.url("/")).await;
        let mut events = Vec::new();
        while let Some(Ok(event)) = session.next().await {
            let id = session.last_event_id().to_owned();
            events.push((event.event_type().to_owned(), event.data().to_owned(), id));
        }
        (events, server.last_event_ids(), clock.asked(), session.end_reason())
    });
    let events: Vec<_> = events.iter().map(|(t, data, id)| (&**t, &**data, &**id)).collect();
    assert_eq!(events, case.events);
    assert_eq!(ids.iter().map(Option::as_deref).collect::<Vec<_>>(), case.ids);
    let waits: Vec<_> = waits.iter().map(|wait| wait.as_millis()).collect();
    assert_eq!(waits, case.waits_ms.iter().map(|&ms| u128::from(ms)).collect::<Vec<_>>());
    assert!(matches!(end, Some(EndReason::NoContent | EndReason::Failed)), "{end:?}");
}

/// Creates a case that ends with a 204.
fn case<'a>(
    bodies: &'a [&'a str],
    events: &'a [(&'a str, &'a str, &'a str)],
    ids: &'a [Option<&'a str>],
    waits_ms: &'a [u64],
) -> Case<'a> {
    Case { bodies, end: Reply::status(204), events, ids, waits_ms }
}

#[test]
fn eventsource_close_reconnect_fail() {
    check(&case(
        &["retry: 2\ndata: opened\n\n", "data: reconnected\n\n"],
        &[("message", "opened", ""), ("message", "reconnected", "")],
        &[None, None, None],
        // The shortest wait that a server can request.
        &[100, 100],
    ));
}

#[test]
fn eventsource_reconnect() {
    check(&case(
        &["retry: 2\n", "data: data\n\n"],
        &[("message", "data", "")],
        &[None; 3],
        &[100; 2],
    ));
    check(&case(
        &["retry: 2\ndata: ok\n\n", "data: data\n\n"],
        &[("message", "ok", ""), ("message", "data", "")],
        &[None; 3],
        &[100; 2],
    ));
}

#[test]
fn format_field_id() {
    let dots = "\u{2026}";
    check(&case(
        &["id: \u{2026}\nretry: 200\ndata: hello\n\n", "data: \u{2026}\n\n", "data: \u{2026}\n\n"],
        &[("message", "hello", dots), ("message", dots, dots), ("message", dots, dots)],
        &[None, Some(dots), Some(dots), Some(dots)],
        &[200; 3],
    ));
}

#[test]
fn format_field_id_null() {
    for id in ["\0\0", "x\0", "\0x", "x\0x", " \0"] {
        let body = format!("id: {id}\nretry: 200\ndata: hello\n\n");
        let hello = ("message", "hello", "");
        check(&case(&[&body, &body], &[hello; 2], &[None; 3], &[200; 2]));
    }
}

#[test]
fn format_data_before_final_empty_line() {
    let body = "retry:1000\ndata:test1\n\nid:test\ndata:test2\n";
    check(&case(&[body, body], &[("message", "test1", ""); 2], &[None; 3], &[1000; 2]));
}

#[test]
fn format_field_retry() {
    let x = [("message", "x", "")];
    check(&case(&["retry:03000\ndata:x\n\n\n"], &x, &[None; 2], &[3000]));
    check(&case(&["retry:3000\nretry:1000x\ndata:x\n\n\n"], &x, &[None; 2], &[3000]));
    check(&case(&["retry:1000\nretry:5000x\ndata:x\n\n\n"], &x, &[None; 2], &[1000]));
}

#[test]
fn eventsource_cross_origin_preflight_ids() {
    for id in ["abc", "e5p3n<3k0k0s", &"a".repeat(400)] {
        let first = format!("id: {id}\nretry: 200\ndata: safe\n\n");
        check(&case(
            &[&first, "event: success\ndata: got it\n\n"],
            &[("message", "safe", id), ("success", "got it", id)],
            &[None, Some(id), Some(id)],
            &[200; 2],
        ));
    }
}

#[test]
fn request_credentials_ids_then_another_content_type() {
    check(&Case {
        bodies: &["id: 1\nretry: 200\ndata: first\n\n", "id: 2\ndata: second\n\n"],
        end: Reply::status(200).header("content-type", "stop").send("data: 2\n\n"),
        events: &[("message", "first", "1"), ("message", "second", "2")],
        ids: &[None, Some("1"), Some("2")],
        // The last one is the deadline for the body of the rejected response.
        waits_ms: &[200, 200, 5000],
    });
}
