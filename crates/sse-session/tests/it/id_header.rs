//! Last event IDs that are not sent as they were received, and those that the caller replaces.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{HeaderValue, Response, StatusCode};
use sse_session::{Resume, SessionEvent, SseConfig};

use crate::support::{Frames, Reply, Script, broken, events, read, run, status};

fn reconnecting() -> SseConfig {
    SseConfig::new().max_reconnection_attempts(3).reconnection_time(Duration::ZERO)
}

/// Returns the IDs that were sent, as their bytes.
fn sent(script: &Script) -> Vec<Option<String>> {
    let id = |value: &HeaderValue| String::from_utf8(value.as_bytes().to_vec()).unwrap();
    script.requests().iter().map(|it| it.headers().get("last-event-id").map(id)).collect()
}

fn ids<const N: usize>(ids: [Option<&str>; N]) -> Vec<Option<String>> {
    ids.map(|id| id.map(str::to_owned)).into()
}

#[test]
fn last_event_id_is_sent_without_spaces_and_tabs_at_its_ends() {
    for (id, expected, is_reported) in [
        (" a b\t", Some("a b"), false),
        ("\t\u{2026} ", Some("\u{2026}"), false),
        ("  ", None, true),
        ("\t", None, true),
    ] {
        run(async {
            // The space after the colon is not part of the ID.
            let body: &str = Box::leak(format!("id: {id}\ndata: 1\n\n").into());
            let replies = [Reply::Response(events(&[body])), Reply::Response(status(204))];
            let script = Script::new(replies);
            let client = script.client(reconnecting());
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            session.next().await.unwrap().unwrap();
            assert_eq!(session.last_event_id(), id);
            let step = session.lifecycle().next().await.unwrap().unwrap();
            let SessionEvent::Disconnected { unsendable_id, .. } = step else { panic!("{step:?}") };
            assert_eq!(unsendable_id.is_some(), is_reported, "{id:?}");
            read(&mut session).await;
            assert_eq!(sent(&script), ids([None, expected]), "{id:?}");
        });
    }
}

#[test]
fn last_event_id_to_start_from_is_sent_without_spaces_at_its_ends() {
    run(async {
        let script = Script::new([Reply::Response(events(&["data: 1\n\n"]))]);
        let client = script.client(SseConfig::new().last_event_id("\t7 "));
        client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(sent(&script), ids([Some("7")]));
    });
}

/// A program stores the ID of a session, and starts with it.
#[test]
fn last_event_id_of_spaces_that_was_stored_is_none_to_start_from() {
    run(async {
        let replies = ["id:  \ndata: 1\n\n", "data: 2\n\n"];
        let script = Script::new(replies.map(|body| Reply::Response(events(&[body]))));
        let mut session = script.client(SseConfig::new()).sse_session("http://localhost/").await;
        read(session.as_mut().unwrap()).await;
        let stored = session.unwrap().last_event_id().to_owned();
        assert_eq!(stored, " ");
        let client = script.client(SseConfig::new().last_event_id(stored));
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(session.last_event_id(), "");
        assert_eq!(read(&mut session).await.0, ["2"]);
        assert_eq!(sent(&script), ids([None, None]));
    });
}

#[test]
fn resume_if_id_seen_does_not_count_an_id_of_spaces() {
    run(async {
        let lost = broken(events(&["id:   \ndata: 1\n\n"]), std::io::ErrorKind::ConnectionReset);
        let script = Script::new([Reply::Response(lost)]);
        let client = script.client(reconnecting().resume(Resume::IfIdSeen));
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert!(read(&mut session).await.1.is_some());
        assert_eq!(script.requests().len(), 1);
    });
}

/// Returns an event stream of a server whose epoch is this.
fn of_epoch(epoch: &str, body: &'static str) -> Reply {
    let mut response = events(&[body]);
    response.headers_mut().insert("x-epoch", epoch.parse().unwrap());
    Reply::Response(response)
}

/// Forgets the ID when the server is another one than before.
fn forgetting(config: SseConfig) -> SseConfig {
    let last = Arc::new(Mutex::new(None));
    config.replace_last_event_id(move |head, _| {
        let epoch = head.headers().get("x-epoch")?.clone();
        let before = last.lock().unwrap().replace(epoch.clone());
        before.is_some_and(|before| before != epoch).then(String::new)
    })
}

#[test]
fn replace_last_event_id_forgets_the_id_of_a_server_that_was_restarted() {
    run(async {
        let script = Script::new([
            of_epoch("1", "id: 70\ndata: 1\n\n"),
            of_epoch("1", "data: 2\n\n"),
            of_epoch("2", "data: 3\n\n"),
            of_epoch("2", "id: 1\ndata: 4\n\n"),
            Reply::Response(status(204)),
        ]);
        let client = script.client(forgetting(reconnecting()));
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1", "2", "3", "4"]);
        assert_eq!(sent(&script), ids([None, Some("70"), Some("70"), None, Some("1")]));
    });
}

#[test]
fn replace_last_event_id_is_asked_about_rejections_before_the_request_is_repeated() {
    let gone = || Reply::Response(status(410));
    for resume in [Resume::FromBeginning, Resume::IfIdSeen] {
        run(async {
            let script = Script::new([
                Reply::Response(events(&["id: 7\ndata: 1\n\n"])),
                gone(),
                Reply::Response(events(&["data: 2\n\n"])),
                Reply::Response(status(204)),
            ]);
            let config = reconnecting()
                .resume(resume)
                .retry_statuses(|status| status == StatusCode::GONE)
                .replace_last_event_id(|head, id| {
                    (head.status() == StatusCode::GONE && id == "7").then(String::new)
                });
            let client = script.client(config);
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            let (data, error) = read(&mut session).await;
            if resume == Resume::FromBeginning {
                assert_eq!((data.len(), error.is_none()), (2, true));
                assert_eq!(sent(&script), ids([None, Some("7"), None, None]));
            } else {
                // The session has lost the ID to resume from.
                assert_eq!(error.unwrap().status(), Some(StatusCode::GONE));
                assert_eq!(sent(&script), ids([None, Some("7")]));
            }
            assert_eq!(session.last_event_id(), "");
        });
    }
}

#[test]
fn replace_last_event_id_may_take_the_id_from_a_header() {
    run(async {
        let at = |id: &'static str| {
            let mut response: Response<Frames> = events(&[": hi\n\n"]);
            response.headers_mut().insert("last-event-id", HeaderValue::from_static(id));
            Reply::Response(response)
        };
        let script = Script::new([at("a"), at("b"), Reply::Response(status(204))]);
        let config = reconnecting().replace_last_event_id(|head, _| {
            Some(head.headers().get("last-event-id")?.to_str().ok()?.to_owned())
        });
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        assert_eq!(session.last_event_id(), "a");
        read(&mut session).await;
        assert_eq!(sent(&script), ids([None, Some("a"), Some("b")]));
    });
}

#[test]
fn replace_last_event_id_outlives_acknowledgments_of_earlier_events() {
    run(async {
        let script = Script::new([
            of_epoch("1", "id: 70\ndata: 1\n\nid: 71\ndata: 2\n\n"),
            of_epoch("2", "data: 3\n\nid: 1\ndata: 4\n\n"),
            Reply::Response(status(204)),
        ]);
        let client = script.client(forgetting(reconnecting().acknowledge_events(true)));
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        session.next().await.unwrap().unwrap();
        session.acknowledge(session.ack_token());
        session.next().await.unwrap().unwrap();
        let second = session.ack_token();
        assert_eq!(session.next().await.unwrap().unwrap().data(), "3");
        assert_eq!(session.last_event_id(), "");
        session.acknowledge(second);
        assert_eq!(session.last_event_id(), "");
        session.next().await.unwrap().unwrap();
        session.acknowledge(session.ack_token());
        assert_eq!(session.last_event_id(), "1");
        read(&mut session).await;
        assert_eq!(sent(&script), ids([None, Some("70"), Some("1")]));
    });
}

#[test]
fn set_last_event_id_takes_effect_within_a_connection_until_the_next_id() {
    for acknowledges in [false, true] {
        run(async {
            let body = ["id: 7\ndata: 1\n\ndata: 2\n\nid: ", "8\ndata: 3\n\n"];
            let script = Script::new([
                Reply::Response(events(&body)),
                Reply::Response(events(&["data: 4\n\n"])),
                Reply::Response(status(204)),
            ]);
            let client = script.client(reconnecting().acknowledge_events(acknowledges));
            let mut session = client.sse_session("http://localhost/").await.unwrap();
            session.next().await.unwrap().unwrap();
            session.acknowledge(session.ack_token());
            session.next().await.unwrap().unwrap();
            session.set_last_event_id("");
            assert_eq!(session.last_event_id(), "");
            session.acknowledge(session.ack_token());
            assert_eq!(session.last_event_id(), "");
            assert_eq!(session.next().await.unwrap().unwrap().data(), "3");
            session.acknowledge(session.ack_token());
            assert_eq!(session.last_event_id(), "8");
            session.set_last_event_id("mine");
            read(&mut session).await;
            assert_eq!(sent(&script), ids([None, Some("mine"), Some("mine")]));
        });
    }
}
