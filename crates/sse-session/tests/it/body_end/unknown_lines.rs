//! Lines that are not fields, such as an error without `data:`: `EndEvidence::unknown_lines`.

use std::{
    io::ErrorKind,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::Response;
use sse_session::{EndReason, ReconnectDecision, ReconnectPolicy, SseConfig};

use crate::support::{Frames, Reply, Script, broken, events, read, run, status};

const JSON_ERROR: &str = r#"{"error": {"code": 429, "message": "slow down"}}"#;

/// Returns the number and the excerpt of the unknown lines of a body, which ends regularly.
fn unknown(response: Response<Frames>) -> (u64, Option<String>) {
    run(async {
        let script = Script::new([Reply::Response(response)]);
        let client = script.client(SseConfig::new());
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        read(&mut session).await;
        assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
        let evidence = session.end_evidence().unwrap();
        let shown = format!("{evidence:?}");
        assert!(shown.contains("unknown_lines: ") && !shown.contains("slow down"));
        (evidence.unknown_lines(), evidence.unknown_line_excerpt().map(str::to_owned))
    })
}

#[test]
fn unknown_lines_show_a_json_error_that_is_not_an_event() {
    assert_eq!(unknown(events(&[JSON_ERROR])), (1, Some(JSON_ERROR.to_owned())));
    let two = &["data: 1\n\n", JSON_ERROR, "\n\ndata: 2\n\nInternal Server Error"];
    assert_eq!(unknown(events(two)), (2, Some(JSON_ERROR.to_owned())));
    let ordinary = &[": hi\n\nid: 1\nretry: 5\nevent: e\ndata: 1\n\ndata: 2"];
    assert_eq!(unknown(events(ordinary)), (0, None));
}

#[test]
fn unknown_line_excerpt_is_one_bounded_line_that_is_safe_to_print() {
    let (count, excerpt) = unknown(events(&["\u{1b}[2J\tx\nsecond\n"]));
    assert_eq!((count, excerpt.as_deref()), (2, Some("\\u{1b}[2J x")));
    let long: &'static str = "é".repeat(1000).leak();
    let (_, excerpt) = unknown(events(&[long]));
    assert_eq!(excerpt.unwrap(), "é".repeat(128));
    assert_eq!(unknown(events(&["   \n"])), (1, None));
}

#[test]
fn unknown_lines_are_those_of_the_last_connection_and_known_to_policies_and_errors() {
    run(async {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let policy = ReconnectPolicy::custom(move |disconnect| {
            let evidence = disconnect.end_evidence().unwrap();
            let excerpt = evidence.unknown_line_excerpt().map(str::to_owned);
            log.lock().unwrap().push((evidence.unknown_lines(), excerpt));
            ReconnectDecision::After(Duration::ZERO)
        });
        let script = Script::new([
            Reply::Response(broken(events(&["oops\n"]), ErrorKind::ConnectionReset)),
            Reply::Response(events(&["data: 1\n\n"])),
            Reply::Response(status(204)),
        ]);
        let client = script.client(SseConfig::new().reconnect(policy));
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(read(&mut session).await.0, ["1"]);
        assert_eq!(*seen.lock().unwrap(), [(1, Some("oops".to_owned())), (0, None)]);
        assert_eq!(session.end_evidence().unwrap().unknown_lines(), 0);
    });
}

#[test]
fn unknown_lines_are_in_the_message_of_an_incomplete_event_stream() {
    run(async {
        let script = Script::new([Reply::Response(events(&["data: 1\n\n", JSON_ERROR, "\n"]))]);
        let config =
            SseConfig::new().stop_before(|event| event.data() == "[DONE]").expect_terminal(true);
        let mut session = script.client(config).sse_session("http://localhost/").await.unwrap();
        let error = read(&mut session).await.1.unwrap();
        let message = "event stream is incomplete: no terminal event after 1 events and 1 unknown \
                       lines (http://localhost/)";
        assert_eq!(error.to_string(), message);
        let evidence = error.end_evidence().unwrap();
        assert_eq!(evidence.unknown_line_excerpt(), Some(JSON_ERROR));
    });
}
