//! Scenarios over HTTP/2.

use std::time::Duration;

use sse_session::CleanEnd;
use sse_test::{Http2Error, Reply};

use crate::{
    check::check,
    scenario::{Act, Scenario, Server, When, post, reconnecting},
    transport::Over,
};

const TEN: Duration = Duration::from_secs(10);

fn scenario(name: &'static str, replies: fn(&str) -> Vec<Reply>) -> Scenario {
    Scenario::new(name, replies)
        .server(Server::Http2)
        .cannot(Over::Direct, "HTTP/1.1 only")
        .cannot(Over::Ureq, "HTTP/1.1 only")
}

/// Returns a scenario in which something happens once the first event was read.
fn after_one(name: &'static str, replies: fn(&str) -> Vec<Reply>) -> Scenario {
    scenario(name, replies).when(When::Line("event: 1"), Act::GoOn)
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        scenario("HTTP/2: an ID with spaces around it is sent without them", |_| {
            vec![Reply::events("id:  7 \t\ndata: 1\n\n"), Reply::status(204)]
        })
        .config(reconnecting)
        .expect(
            r"open 200
            event # 7 \t: 1
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end EndStream after 1 messages
            GET / HTTP/2
            GET / HTTP/2, last-event-id: 7
            ",
        ),
        scenario("HTTP/2: a session reconnects and resumes", |_| {
            vec![
                Reply::redirect(307, "/feed"),
                Reply::events("id: 1\ndata: 1\n\nid: 2\ndata: 2\n\n"),
                Reply::status(503),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event #1: 1
            event #2: 2
            disconnected StreamEnded retryable, again at once
            disconnected Status 503 retryable, again at once
            closed NoContent
            end EndStream after 2 messages
            GET / HTTP/2
            GET /feed HTTP/2
            GET / HTTP/2, last-event-id: 2
            GET / HTTP/2, last-event-id: 2
            ",
        ),
        scenario("HTTP/2: a POST sends its body", |_| vec![Reply::messages(["1"])])
            .request(post)
            .expect(
                "open 200
            event: 1
            closed StreamEnded
            end EndStream after 1 messages
            POST / HTTP/2, body question
            ",
            ),
        after_one("HTTP/2: RST_STREAM", |_| {
            vec![Reply::messages(["1"]).pause().reset_stream(Http2Error::InternalError)]
        })
        .expect(
            "open 200
            event: 1
            failed Disconnected reset retryable
            end Reset after 1 messages
            GET / HTTP/2
            ",
        ),
        after_one("HTTP/2: RST_STREAM with NO_ERROR", |_| {
            vec![Reply::messages(["1"]).pause().reset_stream(Http2Error::NoError)]
        })
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end EndStream after 1 messages
            GET / HTTP/2
            ",
        ),
        after_one("HTTP/2: GOAWAY with an error", |_| {
            vec![Reply::messages(["1"]).pause().go_away_with(Http2Error::InternalError)]
        })
        .expect(
            "open 200
            event: 1
            failed Disconnected truncated retryable
            end Truncated after 1 messages
            GET / HTTP/2
            ",
        ),
        after_one("HTTP/2: the connection is closed", |_| {
            vec![Reply::messages(["1"]).pause().cut()]
        })
        .expect(
            "open 200
            event: 1
            failed Disconnected truncated retryable
            end Truncated after 1 messages
            GET / HTTP/2
            ",
        ),
        after_one("HTTP/2: a disconnect to reconnect after", |_| {
            vec![
                Reply::messages(["1"]).pause().reset_stream(Http2Error::EnhanceYourCalm),
                Reply::messages(["2"]),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .expect(
            "open 200
            event: 1
            disconnected Disconnected reset retryable, again at once
            open 200
            event: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end EndStream after 1 messages
            GET / HTTP/2
            GET / HTTP/2
            GET / HTTP/2
            ",
        ),
        scenario("HTTP/2: the next request uses the same connection, after a reset too", |_| {
            vec![
                Reply::messages(["1"]),
                Reply::status(503),
                Reply::messages(["2"]).pause().reset_stream(Http2Error::Cancel),
                Reply::status(204),
            ]
        })
        .config(reconnecting)
        .when(When::Line("event: 2"), Act::GoOn)
        .show_connections()
        .expect(
            "open 200
            event: 1
            disconnected StreamEnded retryable, again at once
            disconnected Status 503 retryable, again at once
            open 200
            event: 2
            disconnected Disconnected reset retryable, again at once
            closed NoContent
            end Reset after 1 messages
            GET / over connection 0 HTTP/2
            GET / over connection 0 HTTP/2
            GET / over connection 0 HTTP/2
            GET / over connection 0 HTTP/2
            ",
        ),
        scenario("HTTP/2: GOAWAY without an error, and the next request uses another", |_| {
            vec![Reply::messages(["1"]).go_away().send("data: 2\n\n"), Reply::status(204)]
        })
        .config(reconnecting)
        .show_connections()
        .expect(
            "open 200
            event: 1
            event: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end EndStream after 2 messages
            GET / over connection 0 HTTP/2
            GET / over connection 1 HTTP/2
            ",
        ),
        scenario("HTTP/2: after a silence, a client made by the factory is used", |_| {
            vec![Reply::messages(["1"]).hang(), Reply::messages(["2"]), Reply::status(204)]
        })
        .config(|config| reconnecting(config).idle_timeout(TEN))
        .when(When::Silence("event: 1"), Act::Advance(TEN))
        .show_connections()
        .expect(
            "open 200
            event: 1
            disconnected Deadline retryable Idle, again at once
            open 200
            event: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end EndStream after 1 messages
            GET / over connection 0 HTTP/2
            GET / over connection 1 HTTP/2
            GET / over connection 1 HTTP/2
            ",
        ),
        scenario("HTTP/2: `reconnect_now` uses one as well", |_| {
            vec![Reply::messages(["1"]).hang(), Reply::status(204)]
        })
        .config(reconnecting)
        .when(When::Silence("event: 1"), Act::ReconnectNow)
        .show_connections()
        .expect(
            "open 200
            event: 1
            disconnected ReconnectRequested, again at once
            closed NoContent
            end Abandoned after 1 messages
            GET / over connection 0 HTTP/2
            GET / over connection 1 HTTP/2
            ",
        ),
        scenario("HTTP/2: `head_timeout`", |_| vec![Reply::nothing(), Reply::messages(["1"])])
            .config(|config| {
                let config = reconnecting(config).clean_end(CleanEnd::Finish);
                config.retry_first_connection(true).head_timeout(TEN)
            })
            .when(When::Requests(1), Act::Advance(TEN))
            .show_connections()
            .expect(
                "open 200
            event: 1
            closed StreamEnded
            end EndStream after 1 messages
            GET / over connection 0 HTTP/2
            GET / over connection 1 HTTP/2
            ",
            ),
    ]
}

#[test]
fn http2_over_every_transport() {
    check(&scenarios());
}
