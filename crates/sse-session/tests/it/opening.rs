//! Sessions as lazy streams, and sessions that begin with a response.

use futures_util::StreamExt;
use http::{Response, Uri};
use sse_session::{EndReason, FinalUri, SseConfig, SseErrorOutcome};

use crate::support::{Frames, Reply, Script, events, read, run, status};

const TWO: &[&str] = &["id: 1\ndata: 1\n\n", "data: 2\n\n"];

#[test]
fn into_stream_does_nothing_before_it_is_polled() {
    run(async {
        let script = Script::new([Reply::Response(events(TWO))]);
        let client = script.client(SseConfig::new());
        let mut stream = client.sse_session("http://localhost/").into_stream();
        assert!(script.requests().is_empty() && stream.session().is_none());
        let data: Vec<_> =
            stream.by_ref().map(|event| event.unwrap().data().to_owned()).collect().await;
        assert_eq!(data, ["1", "2"]);
        assert_eq!(stream.session().unwrap().end_reason(), Some(EndReason::StreamEnded));
        assert!(stream.next().await.is_none());
    });
}

#[test]
fn into_stream_yields_the_error_of_a_session_that_does_not_open() {
    run(async {
        let script = Script::new([Reply::Response(status(404))]);
        let client = script.client(SseConfig::new());
        let mut stream = client.sse_session("http://localhost/").into_stream();
        assert_eq!(stream.next().await.unwrap().unwrap_err().status().unwrap(), 404);
        assert!(stream.next().await.is_none());
    });
}

fn at(uri: &'static str, mut response: Response<Frames>) -> Response<Frames> {
    response.extensions_mut().insert(FinalUri::new(Uri::from_static(uri)));
    response
}

#[test]
fn response_begins_a_session_without_a_request() {
    run(async {
        let script = Script::new([]);
        let client = script.client(SseConfig::new());
        let request = client.response(at("http://localhost/a?b", events(TWO)));
        let mut session = request.sse_session().await.unwrap();
        assert_eq!(session.call().response().uri(), "http://localhost/a?b");
        assert!(session.call().request().is_none());
        assert_eq!(read(&mut session).await.0, ["1", "2"]);
        let rejected = client.response(at("http://localhost/a?b", status(500)));
        let error = rejected.sse_session().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "unexpected status 500 Internal Server Error (http://localhost/a)"
        );
    });
}

#[test]
fn resume_request_continues_a_session_that_began_with_a_response() {
    run(async {
        let config = SseConfig::new().max_reconnection_attempts(1);
        let config = config.reconnection_time(std::time::Duration::ZERO);
        let script =
            Script::new([Reply::Response(events(&["data: 3\n\n"])), Reply::Response(status(204))]);
        let client = script.client(config);
        let request = client.response(at("http://localhost/a", events(TWO)));
        let request = request.resume_request("http://localhost/resume");
        assert_eq!(read(&mut request.sse_session().await.unwrap()).await.0, ["1", "2", "3"]);
        assert_eq!(script.requests()[0].headers()["last-event-id"], "1");
        assert_eq!(script.requests()[0].uri(), "http://localhost/resume");

        let config = |it: SseConfig| {
            it.resume(sse_session::Resume::FromBeginning)
                .clean_end(sse_session::CleanEnd::Reconnect)
        };
        let request = client.response(at("http://localhost/a", events(TWO))).configure(config);
        let error = read(&mut request.sse_session().await.unwrap()).await.1.unwrap();
        assert_eq!(error.outcome(), Some(SseErrorOutcome::RequestMissing));
    });
}
