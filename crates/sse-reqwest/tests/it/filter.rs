//! Filters: which blocks are shown.
//!
//! The effects of a hidden block are tested in `id_header` and `policy/wait`.

use std::time::Duration;

use sse_reqwest::{SseClient, SseConfig, SseRequest};

use crate::support::{Reply, ScriptedServer, open, reconnecting, rest, rest_of_data, run, sse};

/// Heartbeats before and after an ID, which Ktor shows by mistake; one of each other block; a
/// comment beside data.
const BODY: &str = "data: 1\n\n: beat\n\nid: 7\ndata: 2\n\n: beat\n\nretry: 150\n\nid: 8\n\n\
    event: none\n\n: beat\nid: 9\nretry: 160\n\n: beside\ndata: 3\n\n";

/// Returns each event of a session: its data, or else which fields it has, with the comments.
async fn shown(request: SseRequest) -> Vec<String> {
    let mut session = request.sse_session().await.unwrap();
    let (events, error) = rest(&mut session).await;
    assert!(error.is_none(), "{error:?}");
    let line = |event: &sse_reqwest::ServerSentEvent| {
        let retry = event.retry().map(|time| time.as_millis().to_string());
        let fields = [
            ("data=", event.has_data().then(|| event.data().to_owned())),
            ("id=", event.id().map(str::to_owned)),
            ("event=", event.event().map(str::to_owned)),
            ("retry=", retry),
            (":", event.comments().map(str::to_owned)),
        ];
        let there = fields.into_iter().filter_map(|(name, value)| Some(name.to_owned() + &value?));
        there.collect::<Vec<_>>().join(" ")
    };
    events.iter().map(line).collect()
}

/// Makes a request of a client with this configuration, and with this change for the one request.
fn shown_by(config: SseConfig, change: fn(SseConfig) -> SseConfig) -> Vec<String> {
    run(async {
        let server = ScriptedServer::start([Reply::events(BODY)]).await;
        shown(sse(config).request(server.url("/")).configure(change)).await
    })
}

const DATA: [&str; 3] = ["data=1", "data=2 id=7", "data=3"];

#[test]
fn blocks_without_data_are_hidden_after_an_id_too() {
    assert_eq!(shown_by(SseConfig::new(), |config| config), DATA);
}

#[test]
fn show_comment_events_shows_comments_beside_data_too() {
    let shown = shown_by(SseConfig::new().show_comment_events(true), |config| config);
    let expected =
        ["data=1", ":beat", "data=2 id=7", ":beat", "id=9 retry=160 :beat", "data=3 :beside"];
    assert_eq!(shown, expected);
}

#[test]
fn show_retry_events_shows_blocks_with_only_a_retry() {
    let shown = shown_by(SseConfig::new().show_retry_events(true), |config| config);
    assert_eq!(shown, ["data=1", "data=2 id=7", "retry=150", "id=9 retry=160", "data=3"]);
}

#[test]
fn show_dataless_events_shows_blocks_with_only_an_id_or_a_type() {
    let shown = shown_by(SseConfig::new().show_dataless_events(true), |config| config);
    assert_eq!(shown, ["data=1", "data=2 id=7", "id=8", "event=none", "id=9 retry=160", "data=3"]);
}

#[test]
fn configure_may_show_events_that_the_client_hides() {
    type Change = fn(SseConfig) -> SseConfig;
    let switches: [(Change, usize); 3] = [
        (|config| config.show_comment_events(true), 6),
        (|config| config.show_retry_events(true), 5),
        (|config| config.show_dataless_events(true), 6),
    ];
    for (show, count) in switches {
        assert_eq!(shown_by(SseConfig::new(), show).len(), count);
    }
}

#[test]
fn a_request_has_the_options_of_ktors_calls_in_one_call_each() {
    run(async {
        let server = ScriptedServer::start([Reply::events(BODY), Reply::events(BODY)]).await;
        let client = sse(SseConfig::new().show_retry_events(true));
        let comments = client.request(server.url("/")).show_comment_events(true);
        assert_eq!(shown(comments.show_retry_events(false)).await.len(), 6);
        let request = client.request(server.url("/")).reconnection_time(Duration::from_secs(9));
        let request = request.configure(|config| config.max_reconnection_attempts(1));
        let session = request.sse_session().await.unwrap();
        assert_eq!(session.reconnection_time(), Duration::from_secs(9));
    });
}

#[test]
fn configure_may_hide_events_that_the_client_shows() {
    let comments = SseConfig::new().show_comment_events(true);
    assert_eq!(shown_by(comments, |config| config.show_comment_events(false)), DATA);
    let retry = SseConfig::new().show_retry_events(true);
    assert_eq!(shown_by(retry, |config| config.show_retry_events(false)), DATA);
    let dataless = SseConfig::new().show_dataless_events(true);
    assert_eq!(shown_by(dataless, |config| config.show_dataless_events(false)), DATA);
}

/// A hundred blocks, every other one a comment.
fn heartbeats() -> Reply {
    let pairs = (0..50).map(|number| format!(": {number}\n\ndata: {number}\n\n"));
    Reply::events(pairs.collect::<String>())
}

async fn count(client: &SseClient, url: String, change: fn(SseConfig) -> SseConfig) -> usize {
    shown(client.request(url).configure(change)).await.len()
}

#[test]
fn without_show_comment_events_blocks_of_comments_are_hidden() {
    run(async {
        let server = ScriptedServer::start([heartbeats()]).await;
        assert_eq!(count(&sse(SseConfig::new()), server.url("/"), |config| config).await, 50);
    });
}

#[test]
fn configure_changes_show_comment_events_for_one_request_only() {
    run(async {
        let server = ScriptedServer::start([heartbeats(), heartbeats(), heartbeats()]).await;
        let client = sse(SseConfig::new().show_comment_events(true));
        assert_eq!(count(&client, server.url("/"), |config| config).await, 100);
        let hide: fn(SseConfig) -> SseConfig = |config| config.show_comment_events(false);
        assert_eq!(count(&client, server.url("/"), hide).await, 50);
        assert_eq!(count(&client, server.url("/"), |config| config).await, 100);
    });
}

#[test]
fn show_comment_events_keeps_the_order_of_comments_and_events() {
    run(async {
        let server = ScriptedServer::start([heartbeats()]).await;
        let client = sse(SseConfig::new().show_comment_events(true));
        let shown = shown(client.request(server.url("/"))).await;
        for (index, pair) in shown.chunks(2).enumerate() {
            assert_eq!(pair, [format!(":{index}"), format!("data={index}")]);
        }
    });
}

#[test]
fn filter_event_types_shows_only_accepted_types() {
    run(async {
        let body =
            "event: add\ndata: 1\n\nevent: noise\ndata: 2\n\ndata: 3\n\nevent:add\ndata: 4\n\n";
        for (wanted, expected) in
            [("add", vec!["1", "4"]), ("message", vec!["3"]), ("other", vec![])]
        {
            let server = ScriptedServer::start([Reply::events(body)]).await;
            let config = SseConfig::new().filter_event_types(move |name| name == wanted);
            let mut session = open(config, server.url("/")).await;
            assert_eq!(rest_of_data(&mut session).await, expected);
        }
    });
}

#[test]
fn filter_event_types_hides_events_that_still_move_the_id() {
    run(async {
        let noise = "id: 7\nevent: noise\ndata\n\n";
        // Each connection yields something, so that no two attempts fail in a row.
        let replies = vec![Reply::events(noise); 5];
        let server = ScriptedServer::start(replies.into_iter().chain([Reply::status(204)])).await;
        let config = reconnecting(1).filter_event_types(|name| name == "wanted");
        let mut session = open(config, server.url("/")).await;
        assert!(rest_of_data(&mut session).await.is_empty());
        assert_eq!(session.last_event_id(), "7");
        assert_eq!(server.count_requests().await, 6);
        assert!(server.last_event_ids()[1..].iter().all(|id| id.as_deref() == Some("7")));
    });
}
