//! Options of reconnection: which requests the server receives.

use sse_test::{Reply, ScriptedServer};

use crate::program::{ssecat, ssecat_at};

/// Returns a reply that is cut in the middle of an event.
fn cut() -> Reply {
    Reply::events("id: 1\ndata: 1\n\nid: 2\ndata: 2").cut()
}

#[tokio::test]
async fn reconnect_resumes_after_the_last_event() {
    let replies = [cut(), Reply::events("id: 2\ndata: 2\n\n"), Reply::status(204)];
    let (finished, server) = ssecat_at(replies, &["-r", "--wait", "0.001", "--data-only"]).await;
    assert_eq!((finished.code, finished.stdout.as_str()), (Some(0), "1\n2\n"));
    let ids = server.last_event_ids();
    assert_eq!(ids, [None, Some("1".to_owned()), Some("2".to_owned())]);
    let end = "* server has no more events (204 No Content)\n";
    assert!(finished.stderr.ends_with(end), "{finished:?}");
}

#[tokio::test]
async fn silent_omits_the_note_of_a_204() {
    for silent in ["-s", "-sS"] {
        let (finished, _) = ssecat_at([Reply::status(204)], &[silent]).await;
        assert_eq!((finished.code, finished.stderr.as_str()), (Some(0), ""));
    }
}

#[tokio::test]
async fn reconnection_options_decide_if_the_request_is_repeated() {
    let ended = || Reply::events("data: 1\n\n");
    let busy = || Reply::status(503);
    let on = ["--attempts", "1", "--wait", "0.001"];
    let cases: [(&str, Reply, &[&str], usize, i32); 12] = [
        ("off", cut(), &[], 1, 18),
        ("on", cut(), &on, 2, 0),
        ("first connection", busy(), &on, 1, 22),
        ("--retry-first", busy(), &["--retry-first", "--wait", "0.001"], 2, 0),
        ("regular end", ended(), &on, 2, 0),
        ("--clean-end finish", ended(), &[&on[..], &["--clean-end", "finish"]].concat(), 1, 0),
        ("POST", cut(), &[&on[..], &["-d", "a"]].concat(), 1, 18),
        (
            "POST from the beginning",
            cut(),
            &[&on[..], &["-da", "--resume", "from-beginning"]].concat(),
            2,
            0,
        ),
        ("POST with an ID", cut(), &[&on[..], &["-da", "--resume", "id-seen"]].concat(), 2, 0),
        (
            "POST with an event",
            cut(),
            &[&on[..], &["-da", "--resume", "nothing-delivered"]].concat(),
            1,
            18,
        ),
        ("never", cut(), &[&on[..], &["--resume", "never"]].concat(), 1, 18),
        ("--max-outage", cut(), &["--max-outage", "0"], 1, 18),
    ];
    for (name, reply, args, requests, code) in cases {
        let (finished, server) = ssecat_at([reply, Reply::status(204)], args).await;
        assert_eq!(finished.code, Some(code), "{name}: {finished:?}");
        assert_eq!(server.count_requests().await, requests, "{name}");
    }
}

#[tokio::test]
async fn browser_ends_at_a_rejected_request() {
    // `retry` replaces the wait of 3 s. It counts as 100 ms if it is shorter.
    let replies = || [Reply::events("retry: 1\n\n"), Reply::status(503), Reply::status(204)];
    let (finished, server) = ssecat_at(replies(), &["--browser"]).await;
    assert_eq!((finished.code, server.count_requests().await), (Some(22), 2));
    let (finished, server) = ssecat_at(replies(), &["-r", "--wait", "0.001"]).await;
    assert_eq!((finished.code, server.count_requests().await), (Some(0), 3));
}

#[tokio::test]
async fn attempts_exhausted_reports_the_last_failure() {
    let server = ScriptedServer::start([cut(), Reply::status(502), Reply::status(503)]).await;
    let args = ["--attempts", "2", "--wait", "0.001", &server.url("/")];
    let finished = ssecat(&args).await;
    assert_eq!(finished.code, Some(22));
    assert!(finished.stderr.contains("reconnection stopped: 2 attempts failed in a row"));
    assert!(finished.stderr.contains("caused by: unexpected status 503"), "{finished:?}");
}
