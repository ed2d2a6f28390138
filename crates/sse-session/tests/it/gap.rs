//! Gaps that the `Last-Event-ID` header of a response shows: `SessionEvent::Gap` and
//! `SessionObserver::on_gap`.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{HeaderValue, Response};
use sse_session::{
    Call, Gap, ServerSentEvent, SessionEvent, SessionObserver, SessionRequest, SseClient,
    SseConfig, SseRequest,
};

use crate::support::{Frames, Reply, Script, events, read, run, status};

#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn add(&self, step: impl Into<String>) {
        self.0.lock().unwrap().push(step.into());
    }
}

impl SessionObserver for Log {
    fn on_open(&self, _: &Call) {
        self.add("open");
    }

    fn on_gap(&self, gap: &Gap) {
        self.add(format!("gap {} {}", gap.requested_id(), gap.resumed_after_id()));
    }

    fn on_event(&self, event: &ServerSentEvent) {
        self.add(event.data());
    }
}

fn resuming_after(id: &'static str, body: &'static str) -> Reply {
    let mut response: Response<Frames> = events(&[body]);
    response.headers_mut().insert("last-event-id", HeaderValue::from_static(id));
    Reply::Response(response)
}

fn reconnecting() -> SseConfig {
    SseConfig::new().max_reconnection_attempts(1).reconnection_time(Duration::ZERO)
}

/// Returns what the lifecycle and the observers of a session show, which must agree.
fn life(
    config: SseConfig,
    replies: Vec<Reply>,
    make: impl FnOnce(&SseClient) -> SseRequest,
) -> Vec<String> {
    run(async {
        let log = Arc::new(Log::default());
        let script = Script::new(replies.into_iter().chain([Reply::Response(status(204))]));
        let client = script.client(config.observer(log.clone()));
        let mut session = make(&client).sse_session().await.unwrap();
        let mut steps = vec!["open".to_owned()];
        let mut life = session.lifecycle();
        while let Some(step) = life.next().await {
            match step.unwrap() {
                SessionEvent::Open(_) => steps.push("open".to_owned()),
                SessionEvent::Gap(gap) => {
                    let (requested, resumed) = (gap.requested_id(), gap.resumed_after_id());
                    steps.push(format!("gap {requested} {resumed}"));
                }
                SessionEvent::Event(event) => steps.push(event.data().to_owned()),
                _ => {}
            }
        }
        assert_eq!(*log.0.lock().unwrap(), steps);
        steps
    })
}

fn plain(client: &SseClient) -> SseRequest {
    client.request("http://localhost/")
}

#[test]
fn gap_of_a_reconnection_is_reported_before_its_first_event() {
    let replies = vec![
        resuming_after("0", "id: 1\ndata: a\n\n"),
        resuming_after("1", "id: 2\ndata: b\n\n"),
        resuming_after("7", "id: 8\ndata: c\n\n"),
    ];
    let steps = life(reconnecting(), replies, plain);
    assert_eq!(steps, ["open", "a", "open", "b", "open", "gap 2 7", "c"]);
}

#[test]
fn gap_of_the_first_connection_is_the_first_item_of_the_lifecycle() {
    let config = SseConfig::new().last_event_id("3");
    let steps = life(config.clone(), vec![resuming_after("9", "data: a\n\n")], plain);
    assert_eq!(steps, ["open", "gap 3 9", "a"]);
    // The server has nothing to send, and says so.
    let steps = life(config, vec![resuming_after("9", "")], plain);
    assert_eq!(steps, ["open", "gap 3 9"]);
}

#[test]
fn no_gap_is_reported_if_no_id_was_requested() {
    let steps = life(SseConfig::new(), vec![resuming_after("9", "data: a\n\n")], plain);
    assert_eq!(steps, ["open", "a"]);
    let config = reconnecting().send_last_event_id(false);
    let replies =
        vec![resuming_after("0", "id: 1\ndata: a\n\n"), resuming_after("9", "id: 1\ndata: a\n\n")];
    assert_eq!(life(config, replies, plain), ["open", "a", "open", "a"]);
}

#[test]
fn gap_is_found_where_a_request_factory_sends_the_id_in_another_way() {
    let config = reconnecting().send_last_event_id(false);
    let replies =
        vec![resuming_after("0", "id: 1\ndata: a\n\n"), resuming_after("9", "id: 10\ndata: b\n\n")];
    let steps = life(config, replies, |client| {
        client.request_factory(async |context| {
            let uri = format!("http://localhost/?lastEventID={}", context.last_event_id());
            Ok::<_, http::uri::InvalidUri>(SessionRequest::get(uri.parse()?))
        })
    });
    assert_eq!(steps, ["open", "a", "open", "gap 1 9", "b"]);
}

#[test]
fn gap_does_not_disturb_a_reader_of_events() {
    run(async {
        let script = Script::new([
            resuming_after("9", "id: 10\ndata: a\n\n"),
            resuming_after("20", "id: 21\ndata: b\n\n"),
            Reply::Response(status(204)),
        ]);
        let config = reconnecting().last_event_id("3");
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["a", "b"]);
        assert_eq!(session.last_event_id(), "21");
    });
}
