//! Recordings that a transport plays back in memory.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use sse_session::{BodyEnd, SseClient, SseConfig, TransportErrorKind};
use sse_test::{PlaybackTransport, Recorder, Recording, RecordingTransport, TestClock};

use super::{config, read};
use crate::{recording::HEADING, support::run};

fn exchange(at: u32, headers: &str, rest: &[&str]) -> String {
    let head = [
        format!(
            r#"{{"at":{at},"request":{{"method":"GET","url":"http://localhost/","headers":[]}}}}"#
        ),
        format!(
            r#"{{"at":{at},"response":{{"status":200,"version":"HTTP/1.1","url":"http://localhost/","headers":[["content-type","text/event-stream"]{headers}]}}}}"#
        ),
    ];
    let rest = rest.iter().map(|it| format!("{{\"at\":{at}{it}}}"));
    head.into_iter().chain(rest).collect::<Vec<_>>().join("\n")
}

fn recording(exchanges: &[String]) -> Recording {
    Recording::parse(format!("{HEADING}\n{}\n", exchanges.join("\n"))).unwrap()
}

#[test]
fn playback_transport_has_the_recorded_chunks_and_ends() {
    run(async {
        let one = r#","text":"id: 1\ndata: 1\n\nda""#;
        let original = recording(&[
            exchange(
                0,
                "",
                &[one, r#","text":"ta""#, r#","disconnected":{"error":"gone","kind":"reset"}"#],
            ),
            exchange(1, "", &[r#","disconnected":{"error":"eof","kind":"truncated"}"#]),
            exchange(
                2,
                r#",["content-length","99"]"#,
                &[r#","base64":"ZGF0YTogMgoK""#, r#","end":{}"#],
            ),
        ]);
        let clock = TestClock::skipping();
        let playback = PlaybackTransport::new(original.clone());
        let recorder = Recorder::builder().clock(&clock).in_memory();
        let transport = RecordingTransport::new(playback.clone(), &recorder);
        let config = config(&clock).max_reconnection_attempts(5);
        let client = SseClient::new(transport, config);
        // The request after the last exchange ends the session.
        let (data, failed) = read(&client, "http://localhost/").await;
        assert_eq!((data, failed), (vec!["1".to_owned(), "2".to_owned()], true));
        assert_eq!(playback.requests().len(), 4);
        assert_eq!(playback.requests()[2].headers()["last-event-id"], "1");
        // A recording of a playback equals the original.
        let copy = recorder.recording().unwrap();
        // The last request has no recorded answer.
        assert_eq!(copy.exchanges().len(), original.exchanges().len() + 1);
        for (copy, original) in copy.exchanges().iter().zip(original.exchanges()) {
            let bytes: Vec<_> = original.chunks().iter().map(|it| it.bytes()).collect();
            assert_eq!(copy.chunks().iter().map(|it| it.bytes()).collect::<Vec<_>>(), bytes);
            assert_eq!((copy.end(), copy.error()), (original.end(), original.error()));
            assert_eq!(copy.error_kind(), original.error_kind());
        }
    });
}

#[test]
fn playback_transport_has_the_recorded_kind_of_error() {
    use TransportErrorKind as Kind;

    run(async {
        for (kind, expected) in [
            ("connect", Kind::Connect),
            ("connect_timeout", Kind::ConnectTimeout),
            ("timeout", Kind::Timeout),
            ("tls", Kind::Tls),
            ("proxy_unauthorized", Kind::ProxyUnauthorized),
            ("redirect", Kind::Redirect),
            ("closed", Kind::Closed),
            ("truncated", Kind::Closed),
            ("reset", Kind::Reset),
            ("malformed", Kind::Malformed),
            ("decode", Kind::Decode),
            ("head_limit", Kind::HeadLimit),
            ("frame_limit", Kind::FrameLimit),
            ("invalid_request", Kind::InvalidRequest),
            ("other", Kind::Other),
            ("newer", Kind::Other),
        ] {
            let request =
                r#"{"at":1,"request":{"method":"GET","url":"http://localhost/","headers":[]}}"#;
            let failed = format!(r#"{{"at":1,"no_response":{{"error":"x","kind":"{kind}"}}}}"#);
            let playback = PlaybackTransport::new(recording(&[format!("{request}\n{failed}")]));
            // Recorded once more, it is the same.
            let recorder = Recorder::in_memory();
            let transport = RecordingTransport::new(playback, &recorder);
            let client = SseClient::new(transport, config(&TestClock::skipping()));
            client.sse_session("http://localhost/").await.unwrap_err();
            let recorded = recorder.recording().unwrap();
            assert_eq!(recorded.exchanges()[0].error_kind(), Some(expected), "{kind}");
        }
    });
}

/// Returns what the end of the body of the first exchange shows.
async fn body_end(recording: Recording) -> Option<BodyEnd> {
    let config = SseConfig::new().clock(TestClock::skipping());
    let client = SseClient::new(PlaybackTransport::new(recording), config);
    let request = Request::get("http://localhost/").body(Bytes::new()).unwrap();
    let mut session = client.sse_session(request).await.unwrap();
    while let Some(Ok(_)) = session.next().await {}
    session.end_evidence().map(|evidence| evidence.body_end())
}

#[test]
fn playback_transport_shows_how_a_body_ended() {
    run(async {
        let one = r#","text":"data: 1\n\n""#;
        for (headers, end, expected) in [
            (r#",["transfer-encoding","chunked"]"#, r#","end":{}"#, BodyEnd::LastChunk),
            (r#",["content-length","9"]"#, r#","end":{}"#, BodyEnd::LengthReached),
            // The body was redacted.
            (r#",["content-length","7"]"#, r#","end":{}"#, BodyEnd::LengthReached),
            ("", r#","end":{}"#, BodyEnd::CloseDelimited),
            ("", r#","abandoned":{}"#, BodyEnd::Truncated),
        ] {
            let end = body_end(recording(&[exchange(0, headers, &[one, end])])).await;
            assert_eq!(end, Some(expected), "{headers}");
        }
    });
}

#[test]
fn playback_transport_with_a_clock_has_the_recorded_times() {
    run(async {
        let content = [
            HEADING,
            r#"{"at":1,"request":{"method":"GET","url":"http://localhost/","headers":[]}}"#,
            r#"{"at":2,"response":{"status":200,"version":"HTTP/1.1","url":"","headers":[["content-type","text/event-stream"]]}}"#,
            r#"{"at":3,"text":"data: 1\n\n"}"#,
            r#"{"at":61,"text":"data: 2\n\n"}"#,
            r#"{"at":3601,"end":{}}"#,
        ];
        let recording = Recording::parse(content.join("\n")).unwrap();
        let clock = TestClock::skipping();
        let playback = PlaybackTransport::new(recording.clone()).clock(clock.clone());
        let client = SseClient::new(playback, SseConfig::new().clock(TestClock::manual()));
        let (data, failed) = read(&client, "http://localhost/").await;
        assert_eq!((data.len(), failed), (2, false));
        assert_eq!(clock.asked(), [1, 1, 58, 3540].map(Duration::from_secs));

        // A timeout that is shorter than a recorded silence expires, on the same clock.
        let clock = TestClock::manual();
        let playback = PlaybackTransport::new(recording).clock(clock.clone());
        let config = config(&clock).idle_timeout(Duration::from_secs(20));
        let client = SseClient::new(playback, config);
        let reading = read(&client, "http://localhost/");
        let asked = async |seconds: u64, count: usize| {
            let time = Duration::from_secs(seconds);
            while clock.asked().iter().filter(|it| **it == time).count() < count {
                tokio::task::yield_now().await;
            }
        };
        let moving = async {
            asked(1, 1).await; // the head
            clock.advance(Duration::from_secs(1));
            asked(1, 2).await; // the first chunk
            clock.advance(Duration::from_secs(1));
            asked(58, 1).await; // the second chunk
            clock.advance(Duration::from_secs(20));
        };
        let ((data, failed), ()) = tokio::join!(reading, moving);
        assert_eq!((data, failed), (vec!["1".to_owned()], true));
    });
}
