//! Scenarios of regular ends: the waits after them, and what ends a session.

use std::time::Duration;

use sse_session::{CleanEnd, ReconnectPolicy};
use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Scenario, reconnecting},
};

const HOUR: Duration = Duration::from_secs(3600);

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("`retry` is the wait after a regular end, which no policy counts", |_| {
            let mut replies = vec![Reply::events("id: 1\nretry: 500\n\n"); 3];
            replies.push(Reply::status(204));
            replies
        })
        .config(|config| {
            let policy = ReconnectPolicy::exponential().max_attempts(1);
            config.reconnect(policy).randomness(|| 1.0)
        })
        .expect(
            "open 200
            disconnected StreamEnded retryable, again in 550ms
            open 200
            disconnected StreamEnded retryable, again in 550ms
            open 200
            disconnected StreamEnded retryable, again in 550ms
            closed NoContent
            end LastChunk after 0 messages
            GET /
            GET /, last-event-id: 1
            GET /, last-event-id: 1
            GET /, last-event-id: 1
            ",
        ),
        Scenario::new("`max_restarts` ends a session that has no ID to resume from", |_| {
            vec![Reply::messages(["1"]); 3]
        })
        .config(|config| config.reconnect(ReconnectPolicy::fixed(HOUR).max_restarts(1)))
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again in 3600s
            open 200
            event: 1
            failed StreamEnded retryable, Exhausted
            end LastChunk after 1 messages
            GET /
            GET /
            ",
        ),
        Scenario::new("`finish_on_empty_reconnection`", |_| {
            vec![Reply::events("id: 1\ndata: 1\n\n"), Reply::events("")]
        })
        .config(|config| reconnecting(config).finish_on_empty_reconnection(true))
        .expect(
            "open 200
            event #1: 1
            disconnected StreamEnded retryable, again at once
            open 200
            closed StreamEnded
            end LastChunk after 0 messages
            GET /
            GET /, last-event-id: 1
            ",
        ),
        Scenario::new("`CleanEnd::Finish`: a regular end ends the session", |_| {
            vec![Reply::messages(["1"]).cut(), Reply::messages(["2"])]
        })
        .config(|config| reconnecting(config).clean_end(CleanEnd::Finish))
        .expect(
            "open 200
            event: 1
            disconnected Disconnected truncated retryable, again at once
            open 200
            event: 2
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            GET /
            ",
        ),
    ]
}

#[test]
fn regular_ends_over_every_transport() {
    check(&scenarios());
}
