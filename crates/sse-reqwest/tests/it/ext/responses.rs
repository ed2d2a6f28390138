//! Sessions that begin with a response that was already received.
//!
//! Most of what is tested elsewhere of a session's own first connection is tested here of a
//! response.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::{Response, header::HeaderMap};
use sse_reqwest::{
    ClientSseSession, Deadline, EndReason, ResponseExt as _, Resume, SessionState, SseConfig,
    SseError, SseErrorKind,
};
use sse_typed::EventStreamExt as _;

use crate::support::{
    Reply, ScriptedServer, TestClock, causes, data, failure, http, reach, reconnecting,
    rest_of_data, run, sse,
};

/// Returns the response of a server to a POST that no session has sent.
pub(crate) async fn response(server: &ScriptedServer) -> Response {
    http().post(server.url("/rpc?q")).body("question").send().await.unwrap()
}

/// Creates a session that begins with the response of this server, and has no request to continue
/// with.
pub(crate) async fn open(config: SseConfig, server: &ScriptedServer) -> ClientSseSession {
    sse(config).response(response(server).await).sse_session().await.unwrap()
}

/// Creates a session that continues with a GET.
pub(crate) async fn open_to_resume(config: SseConfig, server: &ScriptedServer) -> ClientSseSession {
    let request = sse(config).response(response(server).await);
    request.resume_request(server.url("/stream")).sse_session().await.unwrap()
}

/// Returns a reply that is lost after an event with an ID.
pub(crate) fn disconnect() -> Reply {
    Reply::events("id: 1\ndata: 1\n\n").cut()
}

#[test]
fn a_session_begins_with_a_response_and_makes_no_request() {
    run(async {
        let moved = Reply::redirect(307, "/elsewhere?q");
        let reply = Reply::events("id: 7\ndata: 1\n\ndata: 2\n\n").header("x-own", "1");
        let server = ScriptedServer::start([moved, reply]).await;
        let mut session = open(SseConfig::new(), &server).await;
        assert_eq!((session.state(), session.connections()), (SessionState::Open, 1));
        let call = session.call();
        assert!(call.request().is_none());
        assert_eq!(call.response().status(), 200);
        assert_eq!(call.response().uri().to_string(), server.url("/elsewhere?q"));
        assert_eq!(call.response().headers()["x-own"], "1");
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        assert_eq!(session.last_event_id(), "7");
        assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
        assert_eq!(server.count_requests().await, 2);
    });
}

#[test]
fn a_response_needs_no_client() {
    run(async {
        let replies = [Reply::messages(["1"]), Reply::messages(["2", "3"])];
        let server = ScriptedServer::start(replies).await;
        let block = async |session: &mut ClientSseSession| Ok(data(session).await);
        assert_eq!(response(&server).await.sse(block).await.unwrap(), "1");
        let session = response(&server).await.sse_session().await.unwrap();
        let mut numbers = session.json::<u8>();
        assert_eq!(*numbers.next().await.unwrap().unwrap().data(), 2);
        assert_eq!(*numbers.next().await.unwrap().unwrap().data(), 3);
    });
}

#[test]
fn is_event_stream_examines_the_head_of_a_response() {
    let of_type = |name| Reply::status(200).header("content-type", name);
    let compressed = of_type("text/event-stream").header("content-encoding", "x-gzip");
    for (reply, expected) in [
        (of_type("text/event-stream"), true),
        (of_type("Text/Event-Stream;charset=utf-8"), true),
        (compressed, true),
        (of_type("application/json"), false),
        (Reply::status(200), false),
        (Reply::status(204), false),
        (Reply::status(500).header("content-type", "text/event-stream"), false),
    ] {
        run(async {
            let server = ScriptedServer::start([reply]).await;
            let response = response(&server).await;
            assert_eq!(response.is_event_stream(), expected, "{response:?}");
        });
    }
}

/// Asserts that a response with this reply is rejected like one to a session's own request.
#[track_caller]
fn check_refusal(reply: &Reply) {
    run(async {
        let server = ScriptedServer::start([reply.clone(), reply.clone()]).await;
        let refreshes = Arc::new(AtomicUsize::new(0));
        let config = || reconnecting(3).resume(Resume::FromBeginning);
        let own = sse(config()).sse_session(http().post(server.url("/rpc?q"))).await.unwrap_err();
        let config = config().retry_first_connection(true).refresh_credentials({
            let refreshes = refreshes.clone();
            move |_| {
                refreshes.fetch_add(1, Ordering::Relaxed);
                async { Ok::<_, SseError>(HeaderMap::new()) }
            }
        });
        let request = sse(config).response(response(&server).await);
        let error = request.resume_request(server.url("/")).sse_session().await.unwrap_err();
        assert_eq!(error.to_string(), own.to_string());
        assert_eq!(error.status(), own.status());
        assert_eq!(error.body(), own.body());
        assert_eq!(error.retry_after(), own.retry_after());
        assert_eq!(error.is_retryable(), own.is_retryable());
        assert_eq!(
            error.kind() == SseErrorKind::ContentType,
            own.kind() == SseErrorKind::ContentType
        );
        assert_eq!(
            error.kind() == SseErrorKind::ContentEncoding,
            own.kind() == SseErrorKind::ContentEncoding
        );
        assert_eq!(refreshes.load(Ordering::Relaxed), 0);
        assert_eq!(server.count_requests().await, 2);
    });
}

#[test]
fn a_response_that_is_not_an_event_stream_is_rejected_and_not_requested_again() {
    let json = Reply::status(200).header("content-type", "application/json");
    let refusals = [
        json.send("{}"),
        Reply::status(200).send("data: no type\n\n"),
        Reply::status(202),
        Reply::unauthorized(),
        Reply::status(404).send("no such thing"),
        Reply::status(503).retry_after(Duration::from_secs(7)).send("later"),
        Reply::status(500).repeat("no! ".repeat(1000)),
        Reply::events("").header("content-encoding", "compress").send("unreadable"),
    ];
    refusals.iter().for_each(check_refusal);
}

#[test]
fn a_204_is_a_session_without_events() {
    run(async {
        let server = ScriptedServer::start([Reply::status(204)]).await;
        let mut session = open_to_resume(reconnecting(3), &server).await;
        assert_eq!((session.connections(), session.call().response().status().as_u16()), (0, 204));
        assert_eq!(rest_of_data(&mut session).await, [""; 0]);
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn first_byte_and_idle_timeout_apply_to_a_response_and_head_timeout_does_not() {
    const SECOND: Duration = Duration::from_secs(1);
    let silent = || Reply::events("").hang();
    let begun = || Reply::events("data: 1\n\n").hang();
    for (reply, deadline) in [(silent(), Deadline::FirstByte), (begun(), Deadline::Idle)] {
        run(async {
            let clock = TestClock::manual();
            let server = ScriptedServer::start([reply]).await;
            let config = SseConfig::new().clock(clock.clone()).head_timeout(SECOND);
            let config = config.first_byte_timeout(2 * SECOND).idle_timeout(3 * SECOND);
            let mut session = open(config, &server).await;
            assert!(clock.asked().is_empty());
            if deadline == Deadline::Idle {
                assert_eq!(data(&mut session).await, "1");
            }
            reach(&mut session, SessionState::Open).await;
            clock.advance(if deadline == Deadline::Idle { 3 * SECOND } else { 2 * SECOND });
            assert_eq!(failure(&mut session).await.deadline(), Some(deadline));
        });
    }
}

#[test]
fn a_total_timeout_of_the_client_truncates_a_response_unless_its_request_overrides_it() {
    run(async {
        let reply = || Reply::events("").pause().send("data: late\n\n");
        let server = ScriptedServer::start([reply(), reply()]).await;
        let client = reqwest::Client::builder().no_proxy().timeout(READ).build().unwrap();
        let request = || client.post(server.url("/"));
        let without = request().timeout(Duration::MAX).send().await.unwrap();
        let mut without = without.sse_session().await.unwrap();
        let mut with = request().send().await.unwrap().sse_session().await.unwrap();
        let error = failure(&mut with).await;
        assert!(error.is_timeout() && error.deadline().is_none(), "{:?}", causes(&error));
        server.go_on();
        assert_eq!(rest_of_data(&mut without).await, ["late"]);
    });
}

/// Long enough for a server to respond, on a busy machine too.
const READ: Duration = Duration::from_millis(300);

#[test]
fn a_response_that_is_dropped_before_it_is_opened_closes_the_connection() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").hang()]).await;
        let opening = response(&server).await.sse_session();
        let handle = opening.handle();
        drop(opening);
        handle.reconnect_now();
        server.closed_by_client(1).await;
        assert_eq!(server.count_requests().await, 1);
    });
}

#[test]
fn a_response_that_is_closed_before_it_is_opened_opens_no_session() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").hang()]).await;
        let opening = response(&server).await.sse_session();
        opening.handle().close();
        assert!(opening.await.unwrap_err().kind() == SseErrorKind::Closed);
        server.closed_by_client(1).await;
    });
}
