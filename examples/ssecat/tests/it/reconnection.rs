//! The options of reconnection, by the requests that the server sees.

use sse_test::{Reply, ScriptedServer};

use crate::program::{ssecat, ssecat_at};

/// A connection that is lost in the middle of an event.
fn lost() -> Reply {
    Reply::events("id: 1\ndata: 1\n\nid: 2\ndata: 2").cut()
}

#[tokio::test]
async fn it_goes_on_after_the_last_event() {
    let replies = [lost(), Reply::events("id: 2\ndata: 2\n\n"), Reply::status(204)];
    let (finished, server) = ssecat_at(replies, &["-r", "--wait", "0.001", "--data-only"]).await;
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(0), "1\n2\n"));
    let ids = server.last_event_ids();
    assert_eq!(ids, [None, Some("1".to_owned()), Some("2".to_owned())]);
    let end = "* the server has nothing (more) to send (204 No Content)\n";
    assert!(finished.stderr.ends_with(end), "{finished:?}");
}

#[tokio::test]
async fn who_wants_no_notes_is_not_told_of_a_204_either() {
    for silent in ["-s", "-sS"] {
        let (finished, _) = ssecat_at([Reply::status(204)], &[silent]).await;
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
    }
}

#[tokio::test]
async fn whether_a_request_is_repeated_can_be_chosen() {
    let ended = || Reply::events("data: 1\n\n");
    let busy = || Reply::status(503);
    let on = ["--attempts", "1", "--wait", "0.001"];
    let cases: [(&str, Reply, &[&str], usize, i32); 12] = [
        ("off", lost(), &[], 1, 18),
        ("on", lost(), &on, 2, 0),
        ("the first", busy(), &on, 1, 22),
        ("the first too", busy(), &["--retry-first", "--wait", "0.001"], 2, 0),
        ("a regular end", ended(), &on, 2, 0),
        (
            "a regular end that is meant",
            ended(),
            &[&on[..], &["--clean-end", "finish"]].concat(),
            1,
            0,
        ),
        ("a POST", lost(), &[&on[..], &["-d", "a"]].concat(), 1, 18),
        ("a POST, always", lost(), &[&on[..], &["-da", "--resume", "always"]].concat(), 2, 0),
        ("a POST with an ID", lost(), &[&on[..], &["-da", "--resume", "id-seen"]].concat(), 2, 0),
        (
            "a POST with an event",
            lost(),
            &[&on[..], &["-da", "--resume", "nothing-delivered"]].concat(),
            1,
            18,
        ),
        ("never", lost(), &[&on[..], &["--resume", "never"]].concat(), 1, 18),
        ("no time", lost(), &["--max-outage", "0"], 1, 18),
    ];
    for (name, reply, args, requests, code) in cases {
        let (finished, server) = ssecat_at([reply, Reply::status(204)], args).await;
        assert_eq!(finished.code, Some(code), "{name}: {finished:?}");
        assert_eq!(server.count_requests().await, requests, "{name}");
    }
}

#[tokio::test]
async fn a_browser_takes_a_refusal_for_the_end() {
    // A browser waits as long as the server says, which is 100 ms at least.
    let replies = || [Reply::events("retry: 1\n\n"), Reply::status(503), Reply::status(204)];
    let (finished, server) = ssecat_at(replies(), &["--browser"]).await;
    assert_eq!((finished.code, server.count_requests().await), (Some(22), 2));
    let (finished, server) = ssecat_at(replies(), &["-r", "--wait", "0.001"]).await;
    assert_eq!((finished.code, server.count_requests().await), (Some(0), 3));
}

#[tokio::test]
async fn when_attempts_are_used_up_the_last_failure_is_told() {
    let server = ScriptedServer::start([lost(), Reply::status(502), Reply::status(503)]).await;
    let args = ["--attempts", "2", "--wait", "0.001", &server.url("/")];
    let finished = ssecat(&args).await;
    assert_eq!(finished.code, Some(22));
    assert!(finished.stderr.contains("gave up reconnecting (failed attempts in a row: 2)"));
    assert!(finished.stderr.contains("because: the server answered 503"), "{finished:?}");
}
