//! `feed`: every event once, over disconnects and restarts.

use std::{fs, path::PathBuf, process};

use sse_test::{Reply, ScriptedServer};

use super::{run, stderr, stdout};

/// File for the last event ID, which is removed in the end.
struct Stored(PathBuf);

impl Stored {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("sse-examples-{}-{name}", process::id())))
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn feed_resumes_after_a_disconnect_and_after_a_restart() {
    let file = Stored::new("resumes");
    let server = ScriptedServer::start([
        Reply::events("id: 1\ndata: one\n\nid: 2\ndata: tw").cut(),
        Reply::events("id: 2\ndata: two\n\n"),
        Reply::status(204),
        Reply::events("id: 3\ndata: three\n\n"),
        Reply::status(204),
    ])
    .await;
    let first = run("feed", &[file.path(), &server.url("/")]).await;
    assert_eq!(stdout(&first), "one\ntwo\nended: Some(NoContent)\n", "{}", stderr(&first));
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "2");

    let second = run("feed", &[file.path(), &server.url("/")]).await;
    assert_eq!(stdout(&second), "three\nended: Some(NoContent)\n", "{}", stderr(&second));
    let ids = [None, Some("1"), Some("2"), Some("2"), Some("3")];
    assert_eq!(server.last_event_ids(), ids.map(|id| id.map(str::to_owned)));
}

#[tokio::test]
async fn feed_shows_why_it_was_rejected() {
    let file = Stored::new("rejected");
    let not_found = Reply::status(404).header("content-type", "text/plain");
    let server = ScriptedServer::start([not_found.send("no such feed")]).await;
    let output = run("feed", &[file.path(), &server.url("/")]).await;
    assert_eq!(output.status.code(), Some(1));
    for expected in ["no such feed\n", "404 Not Found"] {
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}
