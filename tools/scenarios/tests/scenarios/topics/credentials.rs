//! Scenarios of credentials that expire.

use std::future::ready;

use http::{HeaderMap, header::AUTHORIZATION};
use sse_session::{BoxError, SseConfig};
use sse_test::Reply;

use crate::{
    check::check,
    scenario::{Scenario, get, post, reconnecting},
};

fn refreshing(config: SseConfig) -> SseConfig {
    config.refresh_credentials(|_| {
        let token = HeaderMap::from_iter([(AUTHORIZATION, "Bearer new".parse().unwrap())]);
        ready(Ok::<_, BoxError>(token))
    })
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("a 401 opens nothing", |_| vec![Reply::unauthorized()])
            .config(reconnecting)
            .expect(
                "not opened: Status 401
            GET /
            ",
            ),
        Scenario::new("`refresh_credentials` after a 401", |_| {
            vec![Reply::unauthorized(), Reply::messages(["1"])]
        })
        .request(|origin| {
            let mut request = get(origin);
            request.headers_mut().insert(AUTHORIZATION, "Bearer old".parse().unwrap());
            request
        })
        .config(refreshing)
        .headers(&["authorization"])
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /, authorization: Bearer old
            GET /, authorization: Bearer new
            ",
        ),
        Scenario::new("`refresh_credentials_on`: a 403 asks for credentials", |_| {
            vec![Reply::status(403), Reply::messages(["1"])]
        })
        .request(post)
        .config(|config| {
            refreshing(config).refresh_credentials_on(|rejection| rejection.is_status())
        })
        .headers(&["authorization"])
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            POST /, body question
            POST /, authorization: Bearer new, body question
            ",
        ),
        Scenario::new("`refresh_credentials` when reconnecting, and for what follows", |_| {
            vec![
                Reply::events("id: 1\ndata: 1\n\n"),
                Reply::unauthorized(),
                Reply::events("id: 2\ndata: 2\n\n"),
                Reply::status(204),
            ]
        })
        .config(|config| refreshing(reconnecting(config)))
        .headers(&["authorization"])
        .expect(
            "open 200
            event #1: 1
            disconnected StreamEnded retryable, again at once
            disconnected Status 401, again at once
            open 200
            event #2: 2
            disconnected StreamEnded retryable, again at once
            closed NoContent
            end LastChunk after 1 messages
            GET /
            GET /, last-event-id: 1
            GET /, last-event-id: 1, authorization: Bearer new
            GET /, last-event-id: 2, authorization: Bearer new
            ",
        ),
        Scenario::new("`refresh_credentials` repeats a POST, which was not accepted", |_| {
            vec![Reply::unauthorized(), Reply::messages(["1"])]
        })
        .request(post)
        .config(refreshing)
        .headers(&["authorization"])
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            POST /, body question
            POST /, authorization: Bearer new, body question
            ",
        ),
        Scenario::new("`max_refreshes` in a row", |_| vec![Reply::unauthorized(); 9])
            .config(|config| refreshing(config).max_refreshes(2))
            .headers(&["authorization"])
            .expect(
                "not opened: Status 401
            GET /
            GET /, authorization: Bearer new
            GET /, authorization: Bearer new
            ",
            ),
        Scenario::new("`refresh_credentials` that fails", |_| vec![Reply::unauthorized()])
            .config(|config| {
                config
                    .refresh_credentials(|_| ready(Err::<HeaderMap, BoxError>("logged out".into())))
            })
            .expect(
                "not opened: CredentialsRefresh retryable
            GET /
            ",
            ),
        Scenario::new("refreshed credentials are not sent to another origin", |other| {
            vec![Reply::unauthorized(), Reply::redirect(307, format!("{other}/feed"))]
        })
        .other(|| vec![Reply::messages(["1"])])
        .config(refreshing)
        .headers(&["authorization"])
        .expect(
            "open 200
            event: 1
            closed StreamEnded
            end LastChunk after 1 messages
            GET /
            GET /, authorization: Bearer new
            other: GET /feed
            ",
        ),
    ]
}

#[test]
fn credentials_over_every_transport() {
    check(&scenarios());
}
