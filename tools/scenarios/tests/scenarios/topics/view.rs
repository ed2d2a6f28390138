//! Scenarios of what a session shows, and of terminal events.

use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Scenario, post, reconnecting},
};

const KINDS: &str = ": ping\n\nretry: 2000\n\nid: 1\n\nevent: price\ndata: 1\n\n: c\ndata: 2\n\n";

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("blocks without data are hidden", |_| vec![Reply::events(KINDS)]).expect(
            "open 200
            event price: 1
            event: 2
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
        ),
        Scenario::new("`show_comment_events`", |_| vec![Reply::events(KINDS)])
            .config(|config| config.show_comment_events(true))
            .expect(
                "open 200
            event, comment ping
            event price: 1
            event: 2, comment c
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
            ),
        Scenario::new("`show_retry_events`", |_| vec![Reply::events(KINDS)])
            .config(|config| config.show_retry_events(true))
            .expect(
                "open 200
            event, retry 2s
            event price: 1
            event: 2
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
            ),
        Scenario::new("`show_dataless_events`", |_| vec![Reply::events(KINDS)])
            .config(|config| config.show_dataless_events(true))
            .expect(
                "open 200
            event #1
            event price: 1
            event: 2
            closed StreamEnded
            end LastChunk after 2 messages
            GET /
            ",
            ),
        Scenario::new("`filter_event_types` hides an event and keeps its ID", |_| {
            vec![
                Reply::events("id: 1\ndata: 1\n\nid: 2\nevent: noise\ndata: 2\n\n"),
                Reply::status(204),
            ]
        })
        .config(|config| reconnecting(config).filter_event_types(|it| it == "message"))
        .expect(
            "open 200
            event #1: 1
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 2 messages
            GET /
            GET /, last-event-id: 2
            ",
        ),
        Scenario::new("`stop_after` yields the terminal event", |_| {
            vec![Reply::events("data: 1\n\nevent: done\ndata: 2\n\ndata: 3\n\n").hang()]
        })
        .config(|config| reconnecting(config).stop_after(|event| event.event_type() == "done"))
        .expect(
            "open 200
            event: 1
            event done: 2
            closed Stopped
            end Abandoned after 2 messages
            GET /
            ",
        ),
        Scenario::new("`stop_before` does not", |_| {
            vec![Reply::events("data: 1\n\ndata: [DONE]\n\ndata: 3\n\n").hang()]
        })
        .config(|config| reconnecting(config).stop_before(|event| event.data() == "[DONE]"))
        .expect(
            "open 200
            event: 1
            closed Stopped
            end Abandoned after 2 messages
            GET /
            ",
        ),
        Scenario::new("`expect_terminal`: an answer that ends without it is incomplete", |_| {
            vec![Reply::messages(["1", "2"])]
        })
        .request(post)
        .config(|config| config.stop_before(|event| event.data() == "[DONE]").expect_terminal(true))
        .expect(
            "open 200
            event: 1
            event: 2
            failed StreamEnded retryable, Incomplete after 2 events
            end LastChunk after 2 messages
            POST /, body question
            ",
        ),
        Scenario::new("`expect_terminal`: an answer that is cut is incomplete", |_| {
            vec![Reply::messages(["1"]).send("data: [DO").cut()]
        })
        .request(post)
        .config(|config| config.stop_before(|event| event.data() == "[DONE]").expect_terminal(true))
        .expect(
            "open 200
            event: 1
            failed Disconnected truncated retryable, Incomplete after 1 events
            end Truncated after 1 messages
            POST /, body question
            ",
        ),
    ]
}

#[test]
fn view_over_every_transport() {
    check(&scenarios());
}
