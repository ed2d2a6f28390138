//! Spans and events of sessions, as a subscriber sees them.

use std::{cell::RefCell, fmt::Debug, sync::Once, time::Duration};

use sse_reqwest::{IdleTimeout, Judgment, RequestBuilderExt as _, ResponseExt as _, SseConfig};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::set_global_default,
};

use crate::support::{Reply, ScriptedServer, TestClock, http, reconnecting, rest, run};

/// Subscriber that records what sse-reqwest emits on a thread that captures: each event after the
/// names of the spans that it is in.
///
/// Installed for the whole process: `tracing` caches which subscribers are interested in what, and
/// a subscriber of one thread may be forgotten when another thread comes by first.
struct Capture;

thread_local! {
    static SEEN: RefCell<Option<Seen>> = const { RefCell::new(None) };
}

/// Trace of a test, on its thread.
fn capture(test: impl FnOnce()) -> Seen {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| set_global_default(Capture).unwrap());
    SEEN.set(Some(Seen::default()));
    test();
    SEEN.take().unwrap()
}

#[derive(Default)]
struct Seen {
    /// The ID of a span is its index here, counted from one.
    spans: Vec<Span>,
    /// Spans that are entered, the innermost last.
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

impl Capture {
    /// Does nothing on a thread that does not capture.
    fn with<T>(note: impl FnOnce(&mut Seen) -> T) -> Option<T> {
        SEEN.with_borrow_mut(|seen| seen.as_mut().map(note))
    }
}

impl Subscriber for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        ["sse_session", "sse_reqwest"].iter().any(|it| metadata.target().starts_with(it))
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = Self::with(|seen| {
            let path = format!("{}{}/", seen.path(span.parent()), span.metadata().name());
            let mut fields = Words::default();
            span.record(&mut fields);
            seen.spans.push(Span { path, fields: fields.0 });
            seen.spans.len() as u64
        });
        Id::from_u64(id.unwrap_or(u64::MAX))
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut fields = Words::default();
        values.record(&mut fields);
        Self::with(|seen| seen.spans[span.into_u64() as usize - 1].fields += &fields.0);
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut words = Words::default();
        event.record(&mut words);
        let level = event.metadata().level();
        Self::with(|seen| {
            let current = seen.entered.last().filter(|_| event.is_contextual());
            let path = seen.path(event.parent().or(current));
            seen.events.push(format!("{level} {path}{}", words.0));
        });
    }

    fn enter(&self, span: &Id) {
        Self::with(|seen| seen.entered.push(span.clone()));
    }

    fn exit(&self, _span: &Id) {
        Self::with(|seen| seen.entered.pop());
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

/// Returns the trace of a session with these replies: the spans with their fields, and the events.
fn trace(config: SseConfig, replies: &[Reply]) -> (Vec<String>, Vec<String>) {
    let seen = capture(|| {
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
    let spans = seen.spans.into_iter().map(|span| span.path + &without_port(&span.fields));
    (spans.collect(), seen.events.iter().map(|event| without_port(event)).collect())
}

/// The port is different each time.
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
            "sse_session/ url=\"http://HOST/e\"",
            "sse_session/sse_connection/ url=\"http://HOST/e\" attempt=0 status=200 \
             version=HTTP/1.1 time_to_head=0.0 time_to_first_byte=0.0 time_to_first_event=0.0 \
             duration=0.0",
            "sse_session/sse_connection/ url=\"http://HOST/e\" attempt=1 status=500 \
             time_to_head=0.0 time_to_first_byte=0.0 duration=0.0",
            "sse_session/sse_connection/ url=\"http://HOST/e\" attempt=2 status=404 \
             time_to_head=0.0 duration=0.0",
        ]
    );
}

/// They are attributes of the requests of language models, and no others.
#[test]
fn span_of_an_answer_has_the_time_to_first_chunk_as_opentelemetry_names_it() {
    let seen = capture(|| {
        run(async {
            let server = ScriptedServer::start([Reply::messages(["one", "end"])]).await;
            let config =
                SseConfig::new().clock(TestClock::skipping()).measure_event_intervals(true);
            let request = http().post(server.url("/e")).with_sse_config(config);
            let mut answer = request.answer(|event| match event.data() {
                "end" => Judgment::Whole(None),
                data => Judgment::Delta(data.to_owned()),
            });
            assert_eq!(answer.concat().await.unwrap(), "one");
        });
    });
    assert_eq!(
        without_port(&seen.spans[1].fields),
        " url=\"http://HOST/e\" attempt=0 status=200 version=HTTP/1.1 time_to_head=0.0 \
         time_to_first_byte=0.0 time_to_first_event=0.0 \
         gen_ai.response.time_to_first_chunk=0.0 duration=0.0 mean_event_interval=0.0 \
         longest_event_interval=0.0"
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
                "INFO {at} disconnected cause=server ended the event stream (http://HOST/e) \
                 delay=700ms"
            ),
            format!("DEBUG {at} connecting"),
            format!(
                "INFO {at} disconnected cause=unexpected status 500 Internal Server Error \
                 (http://HOST/e) delay=700ms"
            ),
            format!("DEBUG {at} connecting"),
            format!("WARN {at} failed error=unexpected status 404 Not Found (http://HOST/e)"),
            "DEBUG sse_session/ closed reason=Failed".to_owned(),
        ]
    );
    for text in spans.iter().chain(&events) {
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_session_that_begins_with_a_response_has_a_span_of_its_connection() {
    let seen = capture(|| {
        run(async {
            let server = ScriptedServer::start([Reply::events("data: hunter2\n\n")]).await;
            let response = http().get(server.url("/e?token=hunter2")).send().await.unwrap();
            let request = response.with_sse_config(SseConfig::new().clock(TestClock::skipping()));
            rest(&mut request.sse_session().await.unwrap()).await;
        });
    });
    let spans =
        seen.spans.iter().map(|span| format!("{}{}", span.path, without_port(&span.fields)));
    let at = "sse_session/sse_connection/";
    let of_connection = format!(
        "{at} url=\"http://HOST/e\" attempt=0 status=200 version=HTTP/1.1 time_to_first_byte=0.0 \
         time_to_first_event=0.0 duration=0.0"
    );
    let expected = ["sse_session/ url=\"http://HOST/e\"".to_owned(), of_connection];
    assert_eq!(spans.collect::<Vec<_>>(), expected);
    let expected = [
        format!("DEBUG {at} beginning with a response"),
        format!("DEBUG {at} open status=200 version=HTTP/1.1"),
        format!("TRACE {at} event bytes=7"),
        "DEBUG sse_session/ closed reason=StreamEnded".to_owned(),
    ];
    assert_eq!(seen.events, expected);
}

#[test]
fn an_end_by_the_server_is_an_event_too() {
    let (spans, events) = trace(reconnecting(5), &[Reply::status(204)]);
    let expected = "attempt=0 status=204 version=HTTP/1.1 time_to_head=0.0 duration=0.0";
    assert!(spans[1].ends_with(expected), "{spans:?}");
    let expected = [
        "DEBUG sse_session/sse_connection/ connecting",
        "DEBUG sse_session/sse_connection/ no content status=204 version=HTTP/1.1",
        "DEBUG sse_session/ closed reason=NoContent",
    ];
    assert_eq!(events, expected);
}

#[test]
fn the_event_that_a_session_stops_on_comes_before_its_end_and_in_its_connection() {
    let config = SseConfig::new().stop_after(|event| event.data() == "end");
    let (_, events) = trace(config, &[Reply::messages(["one", "end"])]);
    let expected = [
        "DEBUG sse_session/sse_connection/ connecting",
        "DEBUG sse_session/sse_connection/ open status=200 version=HTTP/1.1",
        "TRACE sse_session/sse_connection/ event bytes=3",
        "TRACE sse_session/sse_connection/ event bytes=3",
        "DEBUG sse_session/ closed reason=Stopped",
    ];
    assert_eq!(events, expected);
}

/// Without an idle timeout, a session would wait for a silent server forever.
#[test]
fn expect_terminal_without_a_limit_of_silence_is_warned_of_once() {
    let expecting = || {
        let config = SseConfig::new().stop_after(|event| event.data() == "end");
        config.expect_terminal(true)
    };
    let minute = Duration::from_secs(60);
    let cases = [
        (expecting(), 1),
        (expecting().head_timeout(minute), 1),
        (expecting().max_reconnection_attempts(2).reconnection_time(Duration::ZERO), 1),
        (expecting().idle_timeout(minute), 0),
        (expecting().idle_timeout(IdleTimeout::auto()), 0),
        (expecting().first_byte_timeout(minute), 0),
        (expecting().expect_terminal(false), 0),
    ];
    let expected = "WARN sse_session/ expect_terminal without idle_timeout: a server that goes \
                    silent is waited for forever";
    for (config, count) in cases {
        let (_, events) = trace(config, &[Reply::messages(["one"]), Reply::messages(["end"])]);
        let warned = events.iter().filter(|event| *event == expected).count();
        assert_eq!(warned, count, "{events:?}");
    }
}

/// The truncated event is not an error here, and no reconnection reports it.
#[test]
fn completeness_of_a_stream_that_ends_in_the_middle_of_an_event_is_warned_of_once() {
    let expected = "WARN sse_session/sse_connection/ server ended the event stream in the middle of an \
                    event: what it sent of that is discarded";
    let default = SseConfig::new;
    let cases = [
        (default(), "data: 1\n\ndata: 2", 1),
        (default(), "data: 1\n\ndata: 2\n", 1),
        (default(), "data: 1\n\n: hi\n", 0),
        (default().dispatch_unfinished_event(true), "data: 1\n\ndata: 2", 0),
        (default().expect_complete_events(true), "data: 1\n\ndata: 2", 0),
        (reconnecting(9), "data: 1\n\ndata: 2", 0),
    ];
    for (config, body, count) in cases {
        let (_, events) = trace(config, &[Reply::events(body), Reply::status(204)]);
        let warned = events.iter().filter(|event| *event == expected).count();
        assert_eq!(warned, count, "{events:?}");
    }
}

#[test]
fn an_omitted_id_is_reported_without_its_value() {
    let replies = [Reply::events("id: hunter2\u{7}\ndata: 1\n\n"), Reply::status(204)];
    let (_, events) = trace(reconnecting(5), &replies);
    let expected = "WARN sse_session/sse_connection/ last event ID cannot be sent as a header: \
                    omitted";
    assert_eq!(events.iter().filter(|event| *event == expected).count(), 1, "{events:?}");
    assert!(events.iter().all(|event| !event.contains("hunter2")), "{events:?}");
}

#[test]
fn trace_payloads_shows_payloads() {
    let (_, events) = trace(SseConfig::new().trace_payloads(true), &replies());
    let expected = "TRACE sse_session/sse_connection/ event bytes=7 event_type=\"e\" id=\"i\" \
                    data=\"hunter2\"";
    assert!(events.iter().any(|event| event == expected), "{events:?}");
}

#[test]
fn send_with_runs_in_the_span_of_its_connection() {
    let seen = capture(|| {
        run(async {
            let request = http().get("http://127.0.0.1/").with_sse_config(SseConfig::new());
            let request = request.send_with(|_request| async {
                tracing::event!(target: "sse_reqwest_user", Level::INFO, "sending");
                Err("no network")
            });
            request.sse_session().await.unwrap_err();
        });
    });
    let expected = "INFO sse_session/sse_connection/ sending";
    assert!(seen.events.iter().any(|event| event == expected), "{:?}", seen.events);
}
