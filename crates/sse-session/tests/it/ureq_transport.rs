//! ureq over real sockets.

use std::{
    io::{self, ErrorKind, Read},
    net::TcpListener,
    sync::mpsc,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header::AUTHORIZATION};
use sse_session::{
    BlockingClient, BlockingTransport, BodyEnd, Deadline, EndReason, InvalidRequest, SendContext,
    SseConfig, SseError, SseErrorKind, UreqBody, UreqTransport,
};
use sse_test::{Reply, ScriptedServer, TestClock};
use ureq::{Agent, config::ConfigBuilder, typestate::AgentScope};

use crate::blocking::support::read;

fn agent(change: fn(ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope>) -> Agent {
    change(Agent::config_builder().proxy(None)).build().into()
}

fn client(config: SseConfig) -> BlockingClient {
    BlockingClient::new(UreqTransport::new(agent(|it| it)), config)
}

/// Runs a blocking test beside the server, on a thread without a runtime.
async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let joining = tokio::task::spawn_blocking(|| std::thread::spawn(work).join());
    joining.await.unwrap().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Follows what a server sends, and returns the data, the error, and how the last connection ended.
async fn follow(
    server: &ScriptedServer,
    client: BlockingClient,
) -> (Vec<String>, Option<SseError>, Option<BodyEnd>) {
    let url = server.url("/");
    on_thread(move || match client.sse_session(url) {
        Ok(mut session) => {
            let (data, error) = read(&mut session);
            (data, error, session.end_evidence().map(|it| it.body_end()))
        }
        Err(error) => (Vec::new(), Some(error), None),
    })
    .await
}

fn reconnecting() -> SseConfig {
    SseConfig::new().max_reconnection_attempts(3).reconnection_time(Duration::ZERO)
}

#[test]
fn ureq_session_reconnects_resumes_and_follows_redirects() {
    crate::support::run(async {
        let server = ScriptedServer::start([
            Reply::redirect(307, "/feed"),
            Reply::events("id: 1\ndata: one\n\nid: 2\nda").cut(),
            Reply::status(503).send("busy"),
            Reply::events("id: 2\ndata: two\n\n"),
            Reply::status(204),
        ])
        .await;
        let (data, error, end) = follow(&server, client(reconnecting())).await;
        assert!(error.is_none());
        assert_eq!((data, end), (vec!["one".into(), "two".into()], Some(BodyEnd::LastChunk)));
        let ids = server.last_event_ids();
        assert_eq!(ids[2..], [Some("1".into()), Some("1".into()), Some("2".into())]);
        assert_eq!(server.requests()[1].target, "/feed");
    });
}

#[test]
fn ureq_bodies_end_as_their_framing_says() {
    let events = || Reply::events("data: 1\n\ndata: 2\n\n");
    let bad_chunk = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
        transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\nno length\r\n";
    let cases = [
        (events(), BodyEnd::LastChunk, None),
        (events().with_length(), BodyEnd::LengthReached, None),
        (events().until_close(), BodyEnd::CloseDelimited, None),
        (events().cut(), BodyEnd::Truncated, Some("truncated")),
        (events().with_length_too_long_by(3), BodyEnd::Truncated, Some("truncated")),
        (Reply::raw(bad_chunk), BodyEnd::Malformed, Some("truncated")),
    ];
    for (reply, expected, error) in cases {
        crate::support::run(async {
            let server = ScriptedServer::start([reply]).await;
            let (data, failed, end) = follow(&server, client(SseConfig::new())).await;
            assert_eq!(end, Some(expected), "{data:?}, {failed:?}");
            let truncated = failed.as_ref().map(|it| it.is_truncated());
            assert_eq!(truncated, error.map(|it| it == "truncated"));
            assert!(failed.is_none_or(|it| it.kind() == SseErrorKind::Disconnected));
        });
    }
}

#[test]
fn ureq_requests_have_the_method_and_the_body_of_the_session() {
    crate::support::run(async {
        let events = || Reply::messages(["1"]);
        let server = ScriptedServer::start([events(), events(), events()]).await;
        for (method, body) in [("GET", ""), ("POST", "question"), ("REPORT", "filter")] {
            let uri = server.url("/");
            let request = Request::builder().method(method).uri(uri).body(Bytes::from(body));
            let client = client(SseConfig::new());
            let mut session =
                on_thread(move || client.sse_session(request.unwrap())).await.unwrap();
            assert_eq!(on_thread(move || read(&mut session).0).await, ["1"]);
        }
        for (seen, (method, body)) in
            server.requests().iter().zip([("GET", ""), ("POST", "question"), ("REPORT", "filter")])
        {
            assert_eq!((seen.method.as_str(), &seen.body[..]), (method, body.as_bytes()));
            assert_eq!(seen.value("accept"), Some("text/event-stream"));
            let length = (!body.is_empty()).then(|| body.len().to_string());
            assert_eq!(seen.value("content-length"), length.as_deref());
        }
    });
}

#[test]
fn ureq_rejections_are_judged_by_the_session_and_credentials_refreshed() {
    crate::support::run(async {
        let server = ScriptedServer::start([
            Reply::unauthorized(),
            Reply::messages(["1"]),
            Reply::status(404).send("no such topic"),
        ])
        .await;
        let config = SseConfig::new().refresh_credentials(|_| {
            let token = HeaderMap::from_iter([(AUTHORIZATION, "fresh".parse().unwrap())]);
            std::future::ready(Ok::<_, InvalidRequest>(token))
        });
        assert_eq!(follow(&server, client(config.clone())).await.0, ["1"]);
        assert_eq!(server.requests()[1].value("authorization"), Some("fresh"));
        let error = follow(&server, client(config)).await.1.unwrap();
        assert_eq!(error.body_text().unwrap(), "no such topic");
    });
}

#[test]
fn ureq_errors_have_kinds() {
    crate::support::run(async {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let url = format!("http://{closed}/");
        let refused = on_thread(move || client(SseConfig::new()).sse_session(url)).await;
        assert!(refused.unwrap_err().is_connect());

        let server = ScriptedServer::start(vec![Reply::raw("").cut(); 2]).await;
        let error = follow(&server, client(SseConfig::new())).await.1.unwrap();
        assert_eq!(error.kind(), SseErrorKind::NoResponse);
        assert!(error.is_unanswered() && !error.is_truncated(), "{error:?}");

        let strict = UreqTransport::new(agent(|it| it.https_only(true)));
        let strict = BlockingClient::new(strict, SseConfig::new());
        let secret = "http://user:hunter2@localhost/a?token=hunter2";
        let error = on_thread(move || strict.sse_session(secret)).await.unwrap_err();
        assert!(error.is_invalid_request());
        let source = std::error::Error::source(&error).unwrap();
        assert!(!format!("{error:?} {error} {source:?} {source}").contains("hunter2"), "{error:?}");
        assert_eq!(server.requests().len(), 2);
    });
}

#[test]
fn ureq_repeats_an_unanswered_first_request_over_a_fresh_connection() {
    crate::support::run(async {
        let busy = || Reply::status(503).with_length().keep_alive();
        let replies = [busy(), Reply::raw("").cut(), Reply::messages(["1"])];
        let server = ScriptedServer::start(replies).await;
        let client = client(SseConfig::new());
        assert!(follow(&server, client.clone()).await.1.unwrap().is_status());
        assert_eq!(follow(&server, client).await.0, ["1"]);
        let connections: Vec<_> = server.requests().iter().map(|it| it.connection).collect();
        assert_eq!(connections, [0, 0, 1]);
    });
}

#[test]
fn head_timeout_is_a_deadline_over_ureq() {
    crate::support::run(async {
        let server = ScriptedServer::start([Reply::messages(["1"]).pause_before_head()]).await;
        let config = SseConfig::new().head_timeout(Duration::from_millis(50));
        let error = follow(&server, client(config)).await.1.unwrap();
        assert_eq!(error.deadline(), Some(Deadline::Head), "{error:?}");
    });
}

#[test]
fn lift_total_timeout_decides_whether_one_of_the_agent_applies() {
    crate::support::run(async {
        let server = ScriptedServer::start([Reply::messages(["1"]), Reply::messages(["1"])]).await;
        for (lift, data) in [(true, &["1"][..]), (false, &[])] {
            let agent = agent(|it| it.timeout_global(Some(Duration::from_nanos(1))));
            let config = SseConfig::new().lift_total_timeout(lift).head_timeout(GUARD);
            let client = BlockingClient::new(UreqTransport::new(agent), config);
            let (seen, error, _) = follow(&server, client).await;
            assert_eq!(seen, data);
            assert_eq!(error.is_some_and(|it| it.is_timeout()), !lift);
        }
    });
}

#[test]
fn head_timeout_defaults_to_the_total_timeout_of_the_agent_that_is_lifted() {
    crate::support::run(async {
        let total: [fn(_) -> ConfigBuilder<AgentScope>; 2] = [
            |it: ConfigBuilder<AgentScope>| it.timeout_global(Some(Duration::from_millis(50))),
            |it: ConfigBuilder<AgentScope>| it.timeout_per_call(Some(Duration::from_millis(50))),
        ];
        for change in total {
            let server = ScriptedServer::start([Reply::nothing()]).await;
            let client = BlockingClient::new(UreqTransport::new(agent(change)), SseConfig::new());
            let error = follow(&server, client).await.1.unwrap();
            assert!(error.is_timeout() && error.is_transport(), "{error:?}");
        }
    });
}

/// Long enough for any machine.
const GUARD: Duration = Duration::from_secs(30);

/// ureq, and what says that a read of a body has timed out.
struct Watched {
    ureq: UreqTransport,
    timed_out: mpsc::Sender<()>,
}

struct WatchedBody {
    body: UreqBody,
    timed_out: mpsc::Sender<()>,
}

impl BlockingTransport for Watched {
    type Body = WatchedBody;
    type Error = sse_session::TransportError;

    fn send(
        &self,
        request: Request<Bytes>,
        context: SendContext,
    ) -> Result<Response<WatchedBody>, sse_session::TransportError> {
        let timed_out = self.timed_out.clone();
        let response = self.ureq.send(request, context)?;
        Ok(response.map(|body| WatchedBody { body, timed_out }))
    }
}

impl Read for WatchedBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.body.read(buffer);
        if read.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock) {
            let _ = self.timed_out.send(());
        }
        read
    }
}

#[test]
fn timeout_per_read_of_the_agent_lets_a_session_see_idle_timeout_and_loses_no_byte() {
    crate::support::run(async {
        let clock = TestClock::manual();
        let half = Reply::events("data: 1\n\nda").pause().send("ta: 2\n\n").hang();
        let server = ScriptedServer::start([half]).await;
        let (timed_out, timeouts) = mpsc::channel();
        // Long enough for the head of the response on a busy machine.
        let ureq = agent(|it| it.timeout_per_read(Some(Duration::from_secs(1))));
        let transport = Watched { ureq: UreqTransport::new(ureq), timed_out };
        let hour = Duration::from_secs(3600);
        let config = SseConfig::new().idle_timeout(hour).clock(clock.clone());
        let following = tokio::spawn({
            let client = BlockingClient::new(transport, config);
            let url = server.url("/");
            on_thread(move || read(&mut client.sse_session(url).unwrap()))
        });
        let timeouts = on_thread(move || {
            timeouts.recv().unwrap();
            timeouts
        })
        .await;
        server.go_on();
        on_thread(move || {
            timeouts.recv().unwrap();
            clock.advance(hour);
        })
        .await;
        let (data, error) = following.await.unwrap();
        assert_eq!(data, ["1", "2"]);
        assert_eq!(error.unwrap().deadline(), Some(Deadline::Idle));
    });
}

#[test]
fn shutdown_of_the_agent_after_close_ends_a_read_at_once() {
    crate::support::run(async {
        for reply in [Reply::messages(["1"]).hang(), Reply::messages(["1"]).until_close().hang()] {
            let server = ScriptedServer::start([reply]).await;
            let agent = agent(|it| it);
            let client = BlockingClient::new(UreqTransport::new(agent.clone()), reconnecting());
            let url = server.url("/");
            let (handles, handle) = mpsc::channel();
            let following = tokio::spawn(on_thread(move || {
                let mut session = client.sse_session(url).unwrap();
                handles.send(session.handle()).unwrap();
                (read(&mut session), session.end_reason())
            }));
            on_thread(move || {
                handle.recv().unwrap().close();
                agent.shutdown();
            })
            .await;
            let ((_, error), reason) = following.await.unwrap();
            assert!(error.is_none() && reason == Some(EndReason::Closed));
        }
    });
}
