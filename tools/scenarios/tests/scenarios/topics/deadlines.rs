//! Scenarios of deadlines.

use std::time::Duration;

use sse_session::IdleTimeout;
use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Act, Scenario, When, reconnecting},
};

/// Limit of the head, which ureq measures in real time.
const HEAD: Duration = Duration::from_secs(1);
const TEN: Duration = Duration::from_secs(10);

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("`head_timeout`", |_| vec![Reply::nothing()])
            .config(|config| config.head_timeout(HEAD))
            .when(When::Requests(1), Act::Advance(HEAD))
            .expect(
                "not opened: Deadline retryable Head
            GET /
            ",
            ),
        Scenario::new("`head_timeout` when reconnecting is a failed attempt", |_| {
            vec![Reply::messages(["1"]), Reply::nothing(), Reply::status(204)]
        })
        .config(|config| reconnecting(config).head_timeout(HEAD))
        .when(When::Requests(2), Act::Advance(HEAD))
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            disconnected Deadline retryable Head, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            GET /
            ",
        ),
        Scenario::new("`first_byte_timeout`", |_| vec![Reply::events("").hang()])
            .config(|config| config.first_byte_timeout(TEN))
            .when(When::Silence("open 200"), Act::Advance(TEN))
            .expect(
                "open 200
            failed Deadline retryable FirstByte
            end Abandoned after 0 messages
            GET /
            ",
            ),
        Scenario::new("`idle_timeout`", |_| vec![Reply::messages(["1"]).hang()])
            .config(|config| config.idle_timeout(TEN))
            .when(When::Silence("event: 1"), Act::Advance(TEN))
            .expect(
                "open 200
            event: 1
            failed Deadline retryable Idle
            end Abandoned after 1 messages
            GET /
            ",
            ),
        Scenario::new("`idle_timeout` is a disconnect to reconnect after", |_| {
            vec![Reply::events("id: 1\ndata: 1\n\nid: 2").hang(), Reply::status(204)]
        })
        .config(|config| reconnecting(config).idle_timeout(TEN))
        .when(When::Silence("event #1: 1"), Act::Advance(TEN))
        .expect(
            "open 200
            event #1: 1
            disconnected Deadline retryable Idle, again at once
            closed NoContent
            end Abandoned after 1 messages
            GET /
            GET /, last-event-id: 1
            ",
        ),
        Scenario::new("a slow reader does not make its server idle", |_| {
            vec![Reply::messages(["1", "2"])]
        })
        .config(|config| config.idle_timeout(TEN))
        .when(When::Line("event: 1"), Act::Advance(TEN))
        .expect(
            "open 200
            event: 1
            event: 2
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
        ),
        Scenario::new("`IdleTimeout::auto` does not limit a server without comments", |_| {
            vec![Reply::messages(["1"]).pause().send("data: 2\n\n")]
        })
        .config(|config| config.idle_timeout(IdleTimeout::auto()))
        .when(When::Silence("event: 1"), Act::Advance(Duration::from_secs(3600)))
        .when(When::Silence("event: 1"), Act::GoOn)
        .expect(
            "open 200
            event: 1
            event: 2
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
        ),
    ]
}

#[test]
fn deadlines_over_every_transport() {
    check(&scenarios());
}
