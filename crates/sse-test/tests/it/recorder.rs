//! Recorders: what they record of sessions that end in different ways.

use std::{
    fs,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use sse_session::{
    SendContext, SseClient, SseConfig, Transport, TransportError, TransportErrorKind,
};
use sse_test::{
    RecordedEnd, Recorder, Recording, RecordingErrorKind, RecordingTransport, Redaction, TestClock,
};

use crate::recording::scratch;
use crate::support::run;

mod body; // body of a transport in memory
mod playback; // recordings that a transport plays back in memory

use body::Chunks;

/// Transport in memory: each request takes the next answer.
struct Memory {
    answers: Mutex<Vec<Answer>>,
    seen: Arc<Mutex<Vec<Request<Bytes>>>>,
}

type Answer = Result<Response<Chunks>, TransportError>;

impl Memory {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        Self { answers: Mutex::new(answers), seen: Arc::default() }
    }
}

impl Transport for Memory {
    type Body = Chunks;
    type Error = TransportError;

    async fn send(&self, request: Request<Bytes>, _: SendContext) -> Answer {
        self.seen.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop();
        answer.unwrap_or_else(|| {
            Err(TransportError::new(TransportErrorKind::InvalidRequest, "no answer"))
        })
    }
}

fn events(chunks: Chunks) -> Answer {
    let response = Response::builder().header("content-type", "text/event-stream");
    Ok(response.header("set-cookie", "secret").body(chunks).unwrap())
}

/// Reads a session to its end, and returns its data and whether it failed.
async fn read(client: &SseClient, url: &str) -> (Vec<String>, bool) {
    let request = Request::get(url).header("authorization", "secret").body(Bytes::new()).unwrap();
    let mut data = Vec::new();
    let Ok(mut session) = client.sse_session(request).await else { return (data, true) };
    while let Some(event) = session.next().await {
        match event {
            Ok(event) => data.push(event.data().to_owned()),
            Err(_) => return (data, true),
        }
    }
    (data, false)
}

fn config(clock: &TestClock) -> SseConfig {
    SseConfig::new().clock(clock.clone())
}

#[test]
fn recording_transport_records_and_passes_on_what_it_receives() {
    run(async {
        let clock = TestClock::skipping();
        let recorder = Recorder::builder().clock(&clock).in_memory();
        let memory = Memory::new([
            Err(TransportError::new(
                TransportErrorKind::Connect,
                "refused: http://localhost/?key=secret",
            )),
            events(Chunks::new(["id: 1\ndata: 1\n\nda", "ta: 2"]).after(&clock, 60).cut("eof")),
            events(Chunks::new(["data: 3\n\n"])),
        ]);
        let seen = memory.seen.clone();
        let transport = RecordingTransport::new(memory, &recorder);
        let config = config(&clock).max_reconnection_attempts(2).retry_first_connection(true);
        let client = SseClient::new(transport, config.clean_end(sse_session::CleanEnd::Finish));
        let (data, failed) = read(&client, "http://u:secret@localhost/?key=secret&b=1").await;
        assert_eq!((data, failed), (vec!["1".to_owned(), "3".to_owned()], false));
        assert_eq!(seen.lock().unwrap()[0].headers()["accept-encoding"], "identity");
        assert_eq!(seen.lock().unwrap()[0].uri().query(), Some("key=secret&b=1"));

        let recording = recorder.recording().unwrap();
        assert!(!recording.to_string().contains("secret"), "{recording}");
        assert_eq!(recording.url(), Some("http://localhost/?key=REDACTED&b=1"));
        let [refused, cut, complete] = recording.exchanges() else { panic!("{recording}") };
        assert_eq!(refused.end(), RecordedEnd::Failed);
        assert_eq!(refused.request().unwrap().header("authorization"), Some("REDACTED"));
        assert_eq!(cut.end(), RecordedEnd::Truncated);
        assert_eq!(cut.error(), Some("eof"));
        assert_eq!(cut.response().unwrap().header("set-cookie"), Some("REDACTED"));
        let begun = cut.request().unwrap().at();
        let chunks: Vec<_> = cut.chunks().iter().map(|it| (it.at() - begun, it.bytes())).collect();
        let minute = Duration::from_secs(60);
        assert_eq!(chunks, [(minute, &b"id: 1\ndata: 1\n\nda"[..]), (2 * minute, b"ta: 2")]);
        assert_eq!(complete.request().unwrap().header("last-event-id"), Some("1"));
        assert_eq!(complete.end(), RecordedEnd::Complete);
        assert_eq!(Recording::parse(recording.to_string()).unwrap(), recording);
    });
}

#[test]
fn allow_compression_keeps_accept_encoding() {
    run(async {
        let memory = Memory::new([]);
        let seen = memory.seen.clone();
        let recorder = Recorder::in_memory();
        let transport = RecordingTransport::new(memory, &recorder).allow_compression(true);
        let client = SseClient::new(transport, config(&TestClock::skipping()));
        let mut account = http::HeaderValue::from_static("secret");
        account.set_sensitive(true);
        let request = Request::get("http://localhost/").header("accept-encoding", "gzip");
        let request = request.header("x-account", account);
        client.sse_session(request.body(Bytes::new()).unwrap()).await.unwrap_err();
        assert_eq!(seen.lock().unwrap()[0].headers()["accept-encoding"], "gzip");
        // A value that is marked as sensitive is redacted, whatever the name.
        assert_eq!(seen.lock().unwrap()[0].headers()["x-account"], "secret");
        let recording = recorder.recording().unwrap();
        let request = recording.exchanges()[0].request().unwrap();
        assert_eq!(request.header("x-account"), Some("REDACTED"));
    });
}

#[test]
fn recorder_records_that_a_body_without_bytes_is_complete() {
    run(async {
        let recorder = Recorder::in_memory();
        let transport = |_: Request<Bytes>| async {
            Response::builder().status(204).body(Full::<Bytes>::default())
        };
        let transport = RecordingTransport::new(transport, &recorder);
        let client = SseClient::new(transport, config(&TestClock::skipping()));
        assert_eq!(read(&client, "http://localhost/").await, (Vec::new(), false));
        assert_eq!(recorder.recording().unwrap().exchanges()[0].end(), RecordedEnd::Complete);
    });
}

#[test]
fn recorder_records_that_a_session_abandoned_the_body() {
    run(async {
        let clock = TestClock::skipping();
        let recorder = Recorder::in_memory();
        let memory = Memory::new([events(Chunks::new(["data: 1\n\n", "data: 2\n\n"]).hang())]);
        let client = SseClient::new(RecordingTransport::new(memory, &recorder), config(&clock));
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        session.next().await.unwrap().unwrap();
        assert_eq!(recorder.recording().unwrap().exchanges()[0].end(), RecordedEnd::Unrecorded);
        drop(session);
        assert_eq!(recorder.recording().unwrap().exchanges()[0].end(), RecordedEnd::Abandoned);
    });
}

#[test]
fn recorder_writes_each_line_at_once_and_keeps_a_file_that_exists() {
    run(async {
        let path = scratch("recorder");
        let recorder = Recorder::create(&path).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let memory = Memory::new([events(Chunks::new(["data: 1\n\n"]).hang())]);
        let transport = RecordingTransport::new(memory, &recorder);
        let client = SseClient::new(transport, config(&TestClock::skipping()));
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        session.next().await.unwrap().unwrap();
        let recording = Recording::load(&path).unwrap();
        assert_eq!(recording.exchanges()[0].body(), b"data: 1\n\n");
        assert_eq!(recorder.recording().unwrap(), recording);
        assert_eq!(Recorder::create(&path).unwrap_err().kind(), RecordingErrorKind::Io);
        drop(session);
        Recorder::builder().overwrite(&path).unwrap();
        assert!(Recording::load(&path).unwrap().exchanges().is_empty());
        fs::remove_file(&path).unwrap();
    });
}

#[test]
fn recorder_of_overlapping_sessions_keeps_them_apart() {
    run(async {
        let path = scratch("overlapping");
        let redaction = Redaction::new().json_path("key".parse().unwrap());
        let recorder = Recorder::builder().redaction(redaction).create(&path).unwrap();
        let chunks = ["data: {\"key\":\"sec", "ret\"}\n\n", "data: [DONE]\n\n"];
        let memory =
            Memory::new([events(Chunks::new(chunks).each()), events(Chunks::new(chunks).each())]);
        let transport = RecordingTransport::new(memory, &recorder);
        let client = SseClient::new(transport, config(&TestClock::skipping()));
        let (one, two) =
            tokio::join!(read(&client, "http://localhost/1"), read(&client, "http://localhost/2"));
        assert_eq!((one.0.len(), two.0.len()), (2, 2));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(r#""exchange":0"#), "{text}");
        let recording = recorder.recording().unwrap();
        for exchange in recording.exchanges() {
            assert_eq!(exchange.body(), b"data: {\"key\":\"REDACTED\"}\n\ndata: [DONE]\n\n");
            assert_eq!(exchange.end(), RecordedEnd::Complete);
        }
        assert_eq!(recording.exchanges().len(), 2);
        fs::remove_file(&path).unwrap();
    });
}

#[test]
fn recorder_that_fails_disturbs_no_session_and_reports_once() {
    run(async {
        let redaction = Redaction::new().json_path("key".parse().unwrap());
        let recorder = Recorder::builder().redaction(redaction).in_memory();
        // The session has no decoder for this coding, and accepts the response all the same.
        let transport = |_: Request<Bytes>| async {
            let response = Response::builder().status(503).header("content-encoding", "gzip");
            response.body(Full::<Bytes>::from("compressed"))
        };
        let transport = RecordingTransport::new(transport, &recorder);
        let client = SseClient::new(transport, config(&TestClock::skipping()));
        let error = client.sse_session("http://localhost/").await.unwrap_err();
        assert_eq!(error.status().map(|it| it.as_u16()), Some(503));
        // Only `check` takes the failure.
        for _ in 0..2 {
            let error = recorder.recording().unwrap_err();
            assert_eq!(error.kind(), RecordingErrorKind::Compressed);
            assert!(error.to_string().contains("compressed"), "{error}");
        }
        assert_eq!(recorder.check().unwrap_err().kind(), RecordingErrorKind::Compressed);
        recorder.check().unwrap();
        recorder.recording().unwrap_err();
    });
}

#[cfg(feature = "reqwest")]
#[test]
fn sender_records_sessions_over_reqwest() {
    use sse_test::{Reply, ScriptedServer};

    run(async {
        let replies = [
            Reply::events("id: 1\ndata: 1\n\nid: 2\nda").cut(),
            Reply::redirect(302, "/there?token=secret"),
            Reply::events("id: 2\ndata: 2\n\n"),
            Reply::nothing(),
        ];
        let server = ScriptedServer::start(replies).await;
        let recorder = Recorder::in_memory();
        let http = crate::support::http();
        let config = SseConfig::new()
            .clock(TestClock::skipping())
            .max_reconnection_attempts(1)
            .clean_end(sse_session::CleanEnd::Finish);
        let client =
            sse_reqwest::SseClient::new(http.clone(), config).send_with(recorder.sender(http));
        let mut session = client.sse_session(server.url("/here")).await.unwrap();
        let mut data = Vec::new();
        while let Some(event) = session.next().await {
            data.push(event.unwrap().data().to_owned());
        }
        assert_eq!(data, ["1", "2"]);
        let recording = recorder.recording().unwrap();
        let [cut, complete] = recording.exchanges() else { panic!("{recording}") };
        assert_eq!((cut.end(), complete.end()), (RecordedEnd::Truncated, RecordedEnd::Complete));
        let url = server.url("/there?token=REDACTED");
        assert_eq!(complete.response().unwrap().url(), url);
        assert_eq!(complete.request().unwrap().url(), server.url("/here"));
        assert_eq!(complete.request().unwrap().header("last-event-id"), Some("1"));

        // A request that is abandoned before its response is one, too.
        let hanging = client.sse_session(server.url("/"));
        tokio::select! {
            _ = hanging => panic!("there is no response"),
            () = server.requested(4) => {}
        }
        let recording = recorder.recording().unwrap();
        assert_eq!(recording.exchanges()[2].end(), RecordedEnd::Abandoned);
        assert!(recording.exchanges()[2].response().is_none());
    });
}
