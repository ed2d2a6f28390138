//! Scenarios of last event IDs.

use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Act, Scenario, When, get, reconnecting},
};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("the last event ID is sent on each reconnection", |_| {
            vec![
                Reply::events("id: 1\ndata: one\n\n"),
                Reply::events("data: no id\n\n"),
                Reply::events("id: 2\ndata: two\n\nid: 3\ndata: half").cut(),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #1: one
            disconnected StreamEnded retryable, again at once
            open 200
            event: no id
            disconnected StreamEnded retryable, again at once
            open 200
            event #2: two
            disconnected Disconnected truncated retryable, again at once
            closed NoContent
            end Truncated after 1 messages
            GET /
            GET /, last-event-id: 1
            GET /, last-event-id: 1
            GET /, last-event-id: 2
            ",
        ),
        Scenario::new("a `Last-Event-ID` header of the response is a gap if it differs", |_| {
            vec![
                Reply::events("id: 1\ndata: one\n\n"),
                Reply::events("id: 2\ndata: two\n\n").header("last-event-id", "1"),
                Reply::events("id: 8\ndata: eight\n\n").header("last-event-id", "7"),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #1: one
            disconnected StreamEnded retryable, again at once
            open 200
            event #2: two
            disconnected StreamEnded retryable, again at once
            open 200
            gap between 2 and 7
            event #8: eight
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /, last-event-id: 1
            GET /, last-event-id: 2
            GET /, last-event-id: 8
            ",
        ),
        Scenario::new("an empty ID removes the header", |_| {
            vec![
                Reply::events("id: 1\ndata: one\n\n"),
                Reply::events("id\ndata: two\n\n"),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #1: one
            disconnected StreamEnded retryable, again at once
            open 200
            event #: two
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /, last-event-id: 1
            GET /
            ",
        ),
        Scenario::new("`last_event_id` is sent first", |_| {
            vec![Reply::events("id: 8\ndata: 8\n\n"), Reply::status(204)]
        })
        .config(|config| reconnecting(config).last_event_id("7"))
        .expect(
            "open 200
            event #8: 8
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /, last-event-id: 7
            GET /, last-event-id: 8
            ",
        ),
        Scenario::new("a `Last-Event-ID` header of the caller is sent first", |_| {
            vec![Reply::events("id: 8\ndata: 8\n\n"), Reply::status(204)]
        })
        .request(|origin| {
            let mut request = get(origin);
            request.headers_mut().insert("last-event-id", "7".parse().unwrap());
            request
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #8: 8
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /, last-event-id: 7
            GET /, last-event-id: 8
            ",
        ),
        Scenario::new("an ID outside ASCII is sent as UTF-8", |_| {
            vec![Reply::events("id: été-🚀\ndata: 1\n\n"), Reply::status(204)]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #été-🚀: 1
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /, last-event-id: été-🚀
            ",
        ),
        Scenario::new("an ID that no header can carry is reported and left out", |_| {
            vec![
                Reply::events("id: a\u{1}b\ndata: 1\n\n"),
                Reply::events("id: 2\ndata: 2\n\n"),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .expect(
            r"open 200
            event #a\u{1}b: 1
            disconnected StreamEnded retryable, again at once, unsendable a\u{1}b
            open 200
            event #2: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            GET /, last-event-id: 2
            ",
        ),
        Scenario::new("an ID of nothing but a tab is reported and left out", |_| {
            vec![Reply::events("id: \t\ndata: 1\n\n"), Reply::status(204)]
        })
        .config(reconnecting)
        .expect(
            r"open 200
            event #\t: 1
            disconnected StreamEnded retryable, again at once, unsendable \t
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            ",
        ),
        Scenario::new(
            "`replace_last_event_id` forgets the ID of a server that was restarted",
            |_| {
                vec![
                    Reply::events("id: 7\ndata: 1\n\n"),
                    Reply::status(410),
                    Reply::events("data: 2\n\n"),
                    Reply::status(204),
                ]
            },
        )
        .config(|config| {
            let config = reconnecting(config).retry_statuses(|status| status == 410);
            config.replace_last_event_id(|head, _| (head.status() == 410).then(String::new))
        })
        .expect(
            "open 200
            event #7: 1
            disconnected StreamEnded retryable, again at once
            disconnected Status 410 retryable, again at once
            open 200
            event: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /, last-event-id: 7
            GET /
            GET /
            ",
        ),
        Scenario::new("an ID with spaces around it is sent without them", |_| {
            vec![Reply::events("id:  7 \ndata: 1\n\n"), Reply::status(204)]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event # 7 : 1
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /, last-event-id: 7
            ",
        ),
        Scenario::new("an ID above 4 KiB is left out", |_| {
            let id = "7".repeat(4097);
            vec![Reply::events(format!("id: {id}\ndata: 1\n\n")), Reply::status(204)]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #(4097 bytes): 1
            disconnected StreamEnded retryable, again at once, unsendable (4097 bytes)
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            ",
        ),
        Scenario::new("a `last_event_id` that no header can carry is an error", |_| Vec::new())
            .config(|config| config.last_event_id("a\nb"))
            .expect(
                "not opened: InvalidRequest
            ",
            ),
        Scenario::new("an ID with NUL is ignored", |_| {
            vec![Reply::events("id: 1\ndata: 1\n\nid: 2\0\ndata: 2\n\n"), Reply::status(204)]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #1: 1
            event: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 2 messages
            GET /
            GET /, last-event-id: 1
            ",
        ),
        Scenario::new("`send_last_event_id(false)`", |_| {
            vec![Reply::events("id: 1\ndata: 1\n\n"), Reply::status(204)]
        })
        .config(|config| reconnecting(config).send_last_event_id(false))
        .expect(
            "open 200
            event #1: 1
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /
            ",
        ),
        Scenario::new("`acknowledge_events`: what was not acknowledged is requested again", |_| {
            vec![
                Reply::events("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n").pause().cut(),
                Reply::events("id: 2\ndata: 2 again\n\n"),
                Reply::status(204),
            ]
        })
        .config(|config| reconnecting(config).acknowledge_events(true))
        .when(When::Line("event #1: 1"), Act::Acknowledge)
        .when(When::Line("event #2: 2"), Act::GoOn)
        .when(When::Line("event #2: 2 again"), Act::Acknowledge)
        .expect(
            "open 200
            event #1: 1
            event #2: 2
            disconnected Disconnected truncated retryable, again at once
            open 200
            event #2: 2 again
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /, last-event-id: 1
            GET /, last-event-id: 2
            ",
        ),
    ]
}

#[test]
fn ids_over_every_transport() {
    check(&scenarios());
}
