//! Rejected responses: which end a session, and which its policy decides about.

use http::{Response, StatusCode};
use sse_session::{ReconnectDecision, ReconnectPolicy, SseConfig, SseErrorKind};
use sse_test::TestClock;

use crate::support::{Frames, Reply, Script, events, read, run, status};

/// Returns a response with this content type, such as a login page.
fn page(content_type: &str) -> Response<Frames> {
    let mut response = events(&["data: not an event\n\n"]);
    response.headers_mut().insert("content-type", content_type.parse().unwrap());
    response
}

/// Reads a session over an event stream, these rejections, and another event stream. Returns the
/// data of its events, the kind of its error, and its number of requests.
async fn lived(
    rejections: Vec<Response<Frames>>,
    config: SseConfig,
) -> (Vec<String>, Option<SseErrorKind>, usize) {
    let last = [events(&["data: 2\n\n"]), status(204)];
    let responses = [events(&["data: 1\n\n"])].into_iter().chain(rejections).chain(last);
    let script = Script::new(responses.map(Reply::Response));
    let client = script.client(config.clock(TestClock::skipping()));
    let mut session = client.sse_session("http://localhost/").await.unwrap();
    let (data, error) = read(&mut session).await;
    (data, error.map(|error| error.kind()), script.requests().len())
}

fn outage() -> Vec<Response<Frames>> {
    vec![page("text/html"), status(404), status(403)]
}

#[test]
fn a_page_or_a_404_during_a_reconnection_is_final_by_default() {
    run(async {
        let policies =
            [ReconnectPolicy::exponential(), ReconnectPolicy::fixed(std::time::Duration::ZERO)];
        for policy in policies {
            let config = SseConfig::new().reconnect(policy);
            let (data, kind, requests) = lived(outage(), config).await;
            assert_eq!((data.len(), kind, requests), (1, Some(SseErrorKind::ContentType), 2));
        }
    });
}

#[test]
fn retry_rejections_takes_a_session_over_a_page_and_a_404() {
    run(async {
        let config = SseConfig::new().reconnect(ReconnectPolicy::exponential());
        let config = config.retry_rejections(|status, headers| {
            status == 404 || status == 403 || headers["content-type"] == "text/html"
        });
        let (data, kind, requests) = lived(outage(), config).await;
        assert_eq!((data, kind, requests), (vec!["1".to_owned(), "2".to_owned()], None, 6));
    });
}

#[test]
fn retry_rejected_reconnections_does_not_apply_before_the_session_was_open() {
    run(async {
        let config = || {
            SseConfig::new()
                .reconnect(ReconnectPolicy::exponential())
                .retry_first_connection(true)
                .retry_rejected_reconnections(|status, _| status != 401)
        };
        let (data, kind, requests) = lived(outage(), config()).await;
        assert_eq!((data, kind, requests), (vec!["1".to_owned(), "2".to_owned()], None, 6));
        let (data, kind, requests) = lived(vec![status(404), status(401)], config()).await;
        assert_eq!((data.len(), kind, requests), (1, Some(SseErrorKind::Status), 3));
        for (first, kind) in [
            (page("text/html"), SseErrorKind::ContentType),
            (status(403), SseErrorKind::Status),
            (status(404), SseErrorKind::Status),
        ] {
            // Rejections that are retried by default are retried.
            let script = Script::new([status(503), first].map(Reply::Response));
            let client = script.client(config().clock(TestClock::skipping()));
            let error = client.sse_session("http://localhost/").await.unwrap_err();
            assert_eq!((error.kind(), script.requests().len()), (kind, 2));
        }
    });
}

#[test]
fn retry_rejections_and_retry_statuses_replace_retry_rejected_reconnections() {
    run(async {
        let config = || {
            SseConfig::new()
                .reconnect(ReconnectPolicy::exponential())
                .retry_rejected_reconnections(|_, _| true)
        };
        for config in [config().retry_rejections(|_, _| false), config().retry_statuses(|_| false)]
        {
            let (data, kind, requests) = lived(vec![status(404)], config).await;
            assert_eq!((data.len(), kind, requests), (1, Some(SseErrorKind::Status), 2));
        }
    });
}

#[test]
fn a_custom_policy_is_asked_about_rejections_once_the_session_was_open() {
    run(async {
        let policy = || {
            ReconnectPolicy::custom(|disconnect| {
                if disconnect.cause().status() == Some(StatusCode::FORBIDDEN) {
                    return ReconnectDecision::Stop("forbidden".into());
                }
                ReconnectDecision::After(std::time::Duration::ZERO)
            })
        };
        let (data, kind, requests) = lived(outage(), SseConfig::new().reconnect(policy())).await;
        assert_eq!((data.len(), kind, requests), (1, Some(SseErrorKind::Status), 4));
        // The first response is not left to it: the URL may be wrong.
        let script = Script::new([Reply::Response(status(404))]);
        let client = script.client(SseConfig::new().reconnect(policy()));
        let error = client.sse_session("http://localhost/").await.unwrap_err();
        assert_eq!((error.kind(), script.requests().len()), (SseErrorKind::Status, 1));
    });
}

#[test]
fn accept_statuses_and_accept_missing_content_type_open_a_session() {
    run(async {
        let mut created = events(&["data: 1\n\n"]);
        *created.status_mut() = StatusCode::CREATED;
        created.headers_mut().remove("content-type");
        let script = Script::new([Reply::Response(created)]);
        let config = SseConfig::new()
            .accept_statuses(|status| status.is_success())
            .accept_missing_content_type(true);
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1"]);
    });
}
