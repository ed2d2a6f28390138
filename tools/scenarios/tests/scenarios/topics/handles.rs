//! Scenarios of handles, which control a session from outside.

use std::time::Duration;

use sse_session::SseConfig;
use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Act, Scenario, When, post, reconnecting},
};

fn patient(config: SseConfig) -> SseConfig {
    config.max_reconnection_attempts(1).reconnection_time(Duration::from_secs(3600))
}

const WAITS: &str = "disconnected Disconnected truncated retryable, again in 3600s";

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("`close` after an event: no event follows", |_| {
            vec![Reply::messages(["1", "2"]).hang()]
        })
        .when(When::Line("event: 1"), Act::Close)
        .expect(
            "open 200
            event: 1
            closed Closed
            end Abandoned after 1 messages
            GET /
            ",
        ),
        Scenario::new("`close` in a silence", |_| vec![Reply::messages(["1"]).hang()])
            .when(When::Silence("event: 1"), Act::Close)
            .expect(
                "open 200
            event: 1
            closed Closed
            end Abandoned after 1 messages
            GET /
            ",
            ),
        Scenario::new("`close` while the session waits", |_| vec![Reply::messages(["1"]).cut()])
            .manual_clock()
            .config(patient)
            .when(When::Line(WAITS), Act::Close)
            .expect(
                "open 200
            event: 1
            disconnected Disconnected truncated retryable, again in 3600s
            closed Closed
            end Truncated after 1 messages
            GET /
            ",
            ),
        Scenario::new("`reconnect_now` in a silence", |_| {
            vec![Reply::events("id: 1\ndata: 1\n\n").hang(), Reply::status(204)]
        })
        .config(reconnecting)
        .when(When::Silence("event #1: 1"), Act::ReconnectNow)
        .expect(
            "open 200
            event #1: 1
            disconnected ReconnectRequested, again at once
            closed NoContent
            end Abandoned after 1 messages
            GET /
            GET /, last-event-id: 1
            ",
        ),
        Scenario::new("`reconnect_now` while the session waits", |_| {
            vec![Reply::messages(["1"]).cut(), Reply::status(204)]
        })
        .manual_clock()
        .config(patient)
        .when(When::Line(WAITS), Act::ReconnectNow)
        .expect(
            "open 200
            event: 1
            disconnected Disconnected truncated retryable, again in 3600s
            closed NoContent
            end Truncated after 1 messages
            GET /
            GET /
            ",
        ),
        Scenario::new("`reconnect_now` repeats a request without a policy, and a POST", |_| {
            vec![Reply::messages(["1"]).hang(), Reply::messages(["2"])]
        })
        .request(post)
        .when(When::Silence("event: 1"), Act::ReconnectNow)
        .expect(
            "open 200
            event: 1
            disconnected ReconnectRequested, again at once
            open 200
            event: 2
            closed StreamEnded
            end LastChunk after 1 messages
            POST /, body question
            POST /, body question
            ",
        ),
        Scenario::new("`close` before the session is open", |_| {
            vec![Reply::status(503), Reply::status(204)]
        })
        .manual_clock()
        .config(|config| patient(config).retry_first_connection(true))
        .when(When::Requests(1), Act::Close)
        .expect(
            "not opened: Closed
            GET /
            ",
        ),
    ]
}

#[test]
fn handles_over_every_transport() {
    check(&scenarios());
}
