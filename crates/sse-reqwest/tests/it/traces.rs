//! Sessions in, the spans and events that a subscriber sees out.

use std::{
    fmt::Debug,
    mem,
    sync::{Arc, Mutex},
};

use sse_reqwest::{RequestBuilderExt as _, SseConfig};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::with_default,
};

use crate::support::{Reply, ScriptedServer, TestClock, http, reconnecting, rest, run};

/// Keeps what sse-reqwest tells it: each event after the names of the spans that it is in.
#[derive(Clone, Default)]
struct Capture {
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// The ID of a span is its place here, counted from one.
    spans: Vec<Span>,
    /// Those that are entered, the innermost last.
    entered: Vec<Id>,
    events: Vec<String>,
}

struct Span {
    path: String,
    fields: String,
}

impl Seen {
    fn path(&self, span: Option<&Id>) -> String {
        span.map_or_else(String::new, |id| self.spans[id.into_u64() as usize - 1].path.clone())
    }
}

impl Subscriber for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("sse_reqwest")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut seen = self.seen.lock().unwrap();
        let path = format!("{}{}/", seen.path(span.parent()), span.metadata().name());
        let mut fields = Words::default();
        span.record(&mut fields);
        seen.spans.push(Span { path, fields: fields.0 });
        Id::from_u64(seen.spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Words::default();
        values.record(&mut fields);
        self.seen.lock().unwrap().spans[span.into_u64() as usize - 1].fields += &fields.0;
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut words = Words::default();
        event.record(&mut words);
        let mut seen = self.seen.lock().unwrap();
        let current = seen.entered.last().filter(|_| event.is_contextual());
        let path = seen.path(event.parent().or(current));
        let level = event.metadata().level();
        seen.events.push(format!("{level} {path}{}", words.0));
    }

    fn enter(&self, span: &Id) {
        self.seen.lock().unwrap().entered.push(span.clone());
    }

    fn exit(&self, _span: &Id) {
        self.seen.lock().unwrap().entered.pop();
    }
}

#[derive(Default)]
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 += &match field.name() {
            "message" => format!(" {value:?}"),
            name => format!(" {name}={value:?}"),
        };
    }
}

/// What is seen of a session with these replies: the spans with their fields, and the events.
fn trace(config: SseConfig, replies: &[Reply]) -> (Vec<String>, Vec<String>) {
    let capture = Capture::default();
    with_default(capture.clone(), || {
        run(async {
            let server = ScriptedServer::start(replies.to_vec()).await;
            let url = server.url("/e?token=hunter2").replace("http://", "http://hunter2@");
            let request = http().get(url).header("authorization", "hunter2");
            let config = config.clock(TestClock::skipping());
            if let Ok(mut session) = request.with_sse_config(config).sse_session().await {
                rest(&mut session).await;
            }
        });
    });
    let seen = mem::take(&mut *capture.seen.lock().unwrap());
    let spans = seen.spans.into_iter().map(|span| span.path + &without_port(&span.fields));
    (spans.collect(), seen.events.iter().map(|event| without_port(event)).collect())
}

/// The port is another one each time.
fn without_port(text: &str) -> String {
    let mut pieces = text.split("127.0.0.1:");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| {
        text + "HOST" + piece.trim_start_matches(|c: char| c.is_ascii_digit())
    })
}

fn replies() -> Vec<Reply> {
    vec![
        Reply::events("retry: 700\nevent: e\nid: i\ndata: hunter2\n\n"),
        Reply::status(500).header("x-token", "hunter2").send("hunter2"),
        Reply::status(404),
    ]
}

#[test]
fn a_session_has_a_span_and_each_of_its_connections_one_in_it() {
    let (spans, _) = trace(reconnecting(5), &replies());
    assert_eq!(
        spans,
        [
            "sse_session/ url=\"http://HOST/e\" url=\"http://HOST/e\" url=\"http://HOST/e\"",
            "sse_session/sse_connection/ url=\"http://HOST/e\" attempt=0 status=200 \
             version=HTTP/1.1",
            "sse_session/sse_connection/ url=\"http://HOST/e\" attempt=1",
            "sse_session/sse_connection/ url=\"http://HOST/e\" attempt=2",
        ]
    );
}

#[test]
fn each_transition_is_an_event_in_its_connection_and_none_shows_secrets() {
    let (spans, events) = trace(reconnecting(5), &replies());
    let at = "sse_session/sse_connection/";
    assert_eq!(
        events,
        [
            format!("DEBUG {at} connecting"),
            format!("DEBUG {at} open status=200 version=HTTP/1.1"),
            format!("TRACE {at} event bytes=7"),
            format!(
                "INFO {at} lost cause=the server ended the event stream (http://HOST/e) \
                 delay=700ms"
            ),
            format!("DEBUG {at} connecting"),
            format!(
                "INFO {at} lost cause=the server answered 500 Internal Server Error \
                 (http://HOST/e) delay=700ms"
            ),
            format!("DEBUG {at} connecting"),
            format!("WARN {at} failed error=the server answered 404 Not Found (http://HOST/e)"),
            "DEBUG sse_session/ closed reason=Failed".to_owned(),
        ]
    );
    for text in spans.iter().chain(&events) {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn payloads_are_shown_where_they_are_asked_for() {
    let (_, events) = trace(SseConfig::new().trace_payloads(), &replies());
    let expected = "TRACE sse_session/sse_connection/ event bytes=7 event_type=\"e\" id=\"i\" \
                    data=\"hunter2\"";
    assert!(events.iter().any(|event| event == expected), "{events:?}");
}

#[test]
fn what_sends_a_request_does_so_in_the_span_of_its_connection() {
    let capture = Capture::default();
    with_default(capture.clone(), || {
        run(async {
            let config = SseConfig::new().send_with(|_request| async {
                tracing::event!(target: "sse_reqwest_user", Level::INFO, "sending");
                Err("no network")
            });
            let request = http().get("http://127.0.0.1/").with_sse_config(config);
            request.sse_session().await.unwrap_err();
        });
    });
    let seen = mem::take(&mut *capture.seen.lock().unwrap());
    let expected = "INFO sse_session/sse_connection/ sending";
    assert!(seen.events.iter().any(|event| event == expected), "{:?}", seen.events);
}
