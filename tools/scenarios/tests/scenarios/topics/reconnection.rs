//! Scenarios of reconnection: waits, attempts, and their limits.

use std::time::Duration;

use sse_session::{CleanEnd, ReconnectDecision, ReconnectPolicy, SseConfig};
use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Act, Scenario, When, reconnecting},
};

const HOUR: Duration = Duration::from_secs(3600);

fn cuts(count: usize) -> Vec<Reply> {
    vec![Reply::events("").cut(); count]
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("no reconnection by default", |_| vec![Reply::messages(["1"]).cut()]).expect(
            "open 200
            event: 1
            failed Disconnected truncated retryable
            end Truncated after 1 messages
            GET /
            ",
        ),
        Scenario::new("`max_reconnection_attempts`, and 3 s between them", |_| cuts(9))
            .config(|config| config.max_reconnection_attempts(2))
            .expect(
                "open 200
            disconnected Disconnected truncated retryable, again in 3s
            open 200
            disconnected Disconnected truncated retryable, again in 3s
            open 200
            failed Disconnected truncated retryable, Exhausted
            end Truncated after 0 messages
            GET /
            GET /
            GET /
            ",
            ),
        Scenario::new("`retry` changes the waits, at least 100 ms", |_| {
            vec![
                Reply::events("retry: 1500\n\ndata: 1\n\n"),
                Reply::events("retry: 5\ndata: 2\n\n"),
                Reply::events("retry: soon\ndata: 3\n\n"),
                Reply::status(204),
            ]
        })
        .config(|config| config.max_reconnection_attempts(2))
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again in 1.5s
            open 200
            event: 2, retry 5ms
            disconnected StreamEnded retryable, again in 100ms
            open 200
            event: 3
            disconnected StreamEnded retryable, again in 100ms
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            GET /
            GET /
            ",
        ),
        Scenario::new("`exponential`, without jitter: waits grow to `max_delay`", |_| cuts(9))
            .config(|config| {
                config.reconnect(
                    ReconnectPolicy::exponential()
                        .jitter(0.0)
                        .max_delay(Duration::from_secs(10))
                        .max_attempts(5),
                )
            })
            .expect(
                "open 200
            disconnected Disconnected truncated retryable, again in 1s
            open 200
            disconnected Disconnected truncated retryable, again in 2s
            open 200
            disconnected Disconnected truncated retryable, again in 4s
            open 200
            disconnected Disconnected truncated retryable, again in 8s
            open 200
            disconnected Disconnected truncated retryable, again in 10s
            open 200
            failed Disconnected truncated retryable, Exhausted
            end Truncated after 0 messages
            GET /
            GET /
            GET /
            GET /
            GET /
            GET /
            ",
            ),
        Scenario::new("`jitter` adds up to a share of the wait", |_| cuts(3))
            .config(|config| {
                let policy = ReconnectPolicy::exponential().jitter(0.5).max_attempts(2);
                config.reconnect(policy).randomness(|| 0.5)
            })
            .expect(
                "open 200
            disconnected Disconnected truncated retryable, again in 1.25s
            open 200
            disconnected Disconnected truncated retryable, again in 2.5s
            open 200
            failed Disconnected truncated retryable, Exhausted
            end Truncated after 0 messages
            GET /
            GET /
            GET /
            ",
            ),
        Scenario::new("`healthy_after`: the waits start again after a long connection", |_| {
            let mut replies = cuts(2);
            replies.push(Reply::messages(["1"]).pause().cut());
            replies.push(Reply::status(204));
            replies
        })
        .config(|config| config.reconnect(ReconnectPolicy::exponential().jitter(0.0)))
        .when(When::Silence("event: 1"), Act::Advance(HOUR))
        .when(When::Silence("event: 1"), Act::GoOn)
        .expect(
            "open 200
            disconnected Disconnected truncated retryable, again in 1s
            open 200
            disconnected Disconnected truncated retryable, again in 2s
            open 200
            event: 1
            disconnected Disconnected truncated retryable, again in 1s
            closed NoContent
            end Truncated after 1 messages
            GET /
            GET /
            GET /
            GET /
            ",
        ),
        Scenario::new("a fraction of a second in `Retry-After` is rounded up", |_| {
            vec![
                Reply::messages(["1"]),
                Reply::status(503).header("retry-after", "299.997"),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            disconnected Status 503 retryable, Retry-After 300s, again in 300s
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            GET /
            ",
        ),
        Scenario::new("`max_outage` ends a session before a wait that is too long", |_| {
            vec![Reply::messages(["1"]), Reply::status(503).retry_after(HOUR)]
        })
        .config(|config| {
            let policy = ReconnectPolicy::exponential().jitter(0.0);
            config.reconnect(policy.max_outage(Duration::from_secs(60)))
        })
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again in 1s
            failed Status 503 retryable, Retry-After 3600s, Exhausted
            end LastChunk after 1 messages
            GET /
            GET /
            ",
        ),
        Scenario::new("`custom`: a policy of the caller decides", |_| {
            vec![Reply::messages(["1"]).cut(), Reply::status(500)]
        })
        .config(|config| {
            config.reconnect(ReconnectPolicy::custom(|disconnect| {
                match disconnect.cause().status() {
                    Some(_) => ReconnectDecision::Stop("the server is broken".into()),
                    None => ReconnectDecision::After(Duration::from_secs(9)),
                }
            }))
        })
        .expect(
            "open 200
            event: 1
            disconnected Disconnected truncated retryable, again in 9s
            failed Status 500 retryable, Exhausted
            end Truncated after 1 messages
            GET /
            GET /
            ",
        ),
        Scenario::new("`retry_first_connection`", |_| {
            vec![Reply::status(503), Reply::raw("").cut(), Reply::messages(["1"])]
        })
        .config(|config| {
            reconnecting(config).retry_first_connection(true).clean_end(CleanEnd::Finish)
        })
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            GET /
            GET /
            ",
        ),
        Scenario::new("`strict_whatwg` reconnects after every end, and stops at a status", |_| {
            vec![
                Reply::messages(["1"]),
                Reply::messages(["2"]).cut(),
                Reply::raw("").cut(),
                Reply::status(500),
            ]
        })
        .config(|_| SseConfig::strict_whatwg())
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again in 3s
            open 200
            event: 2
            disconnected Disconnected truncated retryable, again in 3s
            disconnected NoResponse unanswered retryable, again in 3s
            failed Status 500
            end Truncated after 1 messages
            GET /
            GET /
            GET /
            GET /
            ",
        ),
    ]
}

#[test]
fn reconnection_over_every_transport() {
    check(&scenarios());
}
