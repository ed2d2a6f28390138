//! Scenarios of events that are too large.

use sse_session::{ExcessPolicy, Limits};
use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Scenario, reconnecting},
};

fn large(field: &str) -> String {
    format!("{field}: {}\n\n", "x".repeat(100))
}

fn small() -> Limits {
    Limits::default().max_event_bytes(64).max_id_bytes(8).max_event_type_bytes(8)
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("an event above `max_event_bytes` ends the session", |_| {
            vec![Reply::events(format!("id: 1\ndata: 1\n\n{}data: 3\n\n", large("data")))]
        })
        .config(|config| reconnecting(config).limits(small()))
        .expect(
            "open 200
            event #1: 1
            failed LimitExceeded (event exceeds 64 bytes at byte 70 of the event stream)
            end Abandoned after 1 messages
            GET /
            ",
        ),
        Scenario::new("`ExcessPolicy::Skip`: it is dropped and reported", |_| {
            vec![Reply::events(format!("data: 1\n\n{}data: 3\n\n", large("data")))]
        })
        .config(|config| config.limits(small().excess_policy(ExcessPolicy::Skip)))
        .expect(
            "open 200
            event: 1
            event: 3
            skipped 1: event exceeds 64 bytes at byte 64 of the event stream
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
        ),
        Scenario::new("`max_id_bytes`", |_| {
            vec![Reply::events(format!("data: 1\n\nid: {}\ndata: 2\n\n", "x".repeat(9)))]
        })
        .config(|config| config.limits(small()))
        .expect(
            "open 200
            event: 1
            failed LimitExceeded (id exceeds 8 bytes at byte 21 of the event stream)
            end Abandoned after 1 messages
            GET /
            ",
        ),
        Scenario::new("`max_event_type_bytes`", |_| {
            vec![Reply::events(format!("data: 1\n\nevent: {}\ndata: 2\n\n", "x".repeat(9)))]
        })
        .config(|config| config.limits(small()))
        .expect(
            "open 200
            event: 1
            failed LimitExceeded (event type exceeds 8 bytes at byte 24 of the event stream)
            end Abandoned after 1 messages
            GET /
            ",
        ),
        Scenario::new("a line without end", |_| {
            vec![Reply::events("data: 1\n\ndata: ").repeat("x".repeat(1000))]
        })
        .config(|config| config.limits(small()))
        .expect(
            "open 200
            event: 1
            failed LimitExceeded (event exceeds 64 bytes at byte 64 of the event stream)
            end Abandoned after 1 messages
            GET /
            ",
        ),
    ]
}

#[test]
fn limits_over_every_transport() {
    check(&scenarios());
}
