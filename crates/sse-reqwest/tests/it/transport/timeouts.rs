//! Timeouts of the `reqwest::Client`, and their effect on a session.
//!
//! A request that the timeout has ended shows that real time has passed; no clock does.

use std::{
    convert::Infallible,
    future::{pending, ready},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    ClientBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
};
use sse_reqwest::{Deadline, EndReason, OpenSession, RequestBuilderExt as _, SseClient, SseConfig};

use crate::support::{
    Reply, ScriptedServer, TestClock, causes, data, failure, reconnecting, rest_of_data, run,
};

fn client(change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> reqwest::Client {
    change(reqwest::Client::builder().no_proxy()).build().unwrap()
}

/// Timeout of what must be ended by it, whenever that is.
const SHORT: Duration = Duration::from_millis(10);

/// Timeout of what must not end before the server has responded, on a busy machine too.
const READ: Duration = Duration::from_millis(300);

/// Returns a reply that sends its event on the test's command, and one that never does.
fn slow_and_never() -> [Reply; 2] {
    [Reply::events("").pause().send("data: late\n\n"), Reply::nothing()]
}

#[test]
fn the_clients_total_timeout_does_not_cut_a_session() {
    run(async {
        let server = ScriptedServer::start(slow_and_never()).await;
        let client = client(|builder| builder.timeout(SHORT));
        let mut session = client.get(server.url("/")).sse_session().await.unwrap();
        let error = client.get(server.url("/")).send().await.unwrap_err();
        assert!(error.is_timeout());
        server.go_on();
        assert_eq!(rest_of_data(&mut session).await, ["late"]);
        assert_eq!(session.end_reason(), Some(EndReason::StreamEnded));
    });
}

#[test]
fn the_clients_total_timeout_does_not_cut_a_session_that_has_reconnected() {
    run(async {
        let replies = [Reply::events("data: 1\n\n")].into_iter().chain(slow_and_never());
        let server = ScriptedServer::start(replies).await;
        let client = client(|builder| builder.timeout(SHORT));
        let sessions = SseClient::new(client.clone(), reconnecting(1));
        let mut session = sessions.sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        let ((), late) = tokio::join!(
            async {
                server.requested(2).await;
                assert!(client.get(server.url("/")).send().await.unwrap_err().is_timeout());
                server.go_on();
            },
            data(&mut session)
        );
        assert_eq!(late, "late");
    });
}

/// Lifted from the event stream, it still limits the time until the head.
#[test]
fn head_timeout_defaults_to_the_total_timeout_of_the_request() {
    run(async {
        let clock = TestClock::manual();
        let replies = [Reply::nothing(), Reply::nothing(), Reply::nothing(), Reply::nothing()];
        let server = ScriptedServer::start(replies).await;
        let sessions = SseClient::new(client(|it| it), SseConfig::new().clock(clock.clone()));
        let two = Duration::from_secs(2);
        let url = server.url("/");
        let request = move || client(|it| it).get(&url).timeout(two);
        let hour = Duration::from_secs(3600);

        // The request's timeout, for a factory too.
        let make = request.clone();
        let made = sessions.request_factory(move |_| ready(Ok::<_, Infallible>(make())));
        let openings = [sessions.request(request()).sse_session(), made.sse_session()];
        for (opening, count) in openings.into_iter().zip(1..) {
            let expire = async {
                clock.asked_for(count).await;
                server.requested(count).await;
                clock.advance(two);
            };
            let (opened, ()) = tokio::join!(opening, expire);
            assert_eq!(opened.unwrap_err().deadline(), Some(Deadline::Head));
        }
        assert_eq!(clock.asked(), [two, two]);

        // The option takes precedence, and a timeout that is kept is reqwest's own.
        let config = SseConfig::new().head_timeout(hour).clock(clock.clone());
        let mut opening = request().with_sse_config(config).sse_session();
        assert!(poll_until_requested(&mut opening, &server, 3).await);
        let config = SseConfig::new().lift_total_timeout(false).clock(clock.clone());
        let mut opening = request().with_sse_config(config).sse_session();
        assert!(poll_until_requested(&mut opening, &server, 4).await);
        assert_eq!(clock.asked(), [two, two, hour]);
    });
}

/// Polls until the server has received this many requests.
async fn poll_until_requested(
    opening: &mut OpenSession,
    server: &ScriptedServer,
    count: usize,
) -> bool {
    tokio::select! {
        _ = opening => false,
        () = server.requested(count) => true,
    }
}

#[test]
fn a_requests_own_total_timeout_does_not_cut_a_session() {
    run(async {
        let server = ScriptedServer::start(slow_and_never()).await;
        let client = client(|builder| builder);
        let request = |client: &reqwest::Client| client.get(server.url("/")).timeout(SHORT);
        // Its head may take any time, by a clock that stands still.
        let config = SseConfig::new().clock(TestClock::manual());
        let mut session = request(&client).with_sse_config(config).sse_session().await.unwrap();
        assert!(request(&client).send().await.unwrap_err().is_timeout());
        server.go_on();
        assert_eq!(rest_of_data(&mut session).await, ["late"]);
    });
}

#[test]
fn a_total_timeout_counts_if_it_is_kept() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").hang()]).await;
        let client = client(|builder| builder.timeout(READ));
        let sessions = SseClient::new(client, SseConfig::new().lift_total_timeout(false));
        let mut session = sessions.sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        let error = failure(&mut session).await;
        assert!(error.is_timeout() && error.is_transport() && error.is_retryable());
        server.closed_by_client(1).await;
    });
}

#[test]
fn a_read_timeout_counts_in_the_event_stream() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: 1\n\n").hang()]).await;
        let client = client(|builder| builder.read_timeout(READ));
        let mut session = client.get(server.url("/")).sse_session().await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        let error = failure(&mut session).await;
        assert!(error.is_timeout() && error.is_transport() && !error.is_connect());
        assert!(error.is_retryable());
        server.closed_by_client(1).await;
    });
}

#[test]
fn a_read_timeout_is_a_disconnect_to_reconnect_after() {
    run(async {
        let replies = [
            Reply::events("id: 1\ndata: 1\n\n").hang(),
            Reply::nothing(),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ];
        let server = ScriptedServer::start(replies).await;
        let client = client(|builder| builder.read_timeout(READ));
        let client = SseClient::new(client, reconnecting(2));
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        assert_eq!(session.end_reason(), Some(EndReason::NoContent));
    });
}

#[test]
fn a_read_timeout_counts_while_the_answer_is_waited_for() {
    run(async {
        let server = ScriptedServer::start([Reply::nothing()]).await;
        let client = client(|builder| builder.read_timeout(READ));
        let error = client.get(server.url("/")).sse_session().await.unwrap_err();
        assert!(error.is_timeout() && error.is_transport());
        server.closed_by_client(1).await;
    });
}

/// Resolver that never answers, so that no connection is ever made.
struct NoAnswer;

impl Resolve for NoAnswer {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(pending())
    }
}

#[test]
fn a_connect_timeout_counts() {
    run(async {
        let client =
            client(|builder| builder.connect_timeout(SHORT).dns_resolver(Arc::new(NoAnswer)));
        let client = SseClient::new(client, SseConfig::new());
        let error = client.sse_session("http://host.invalid/").await.unwrap_err();
        assert!(error.is_timeout() && error.is_connect() && error.is_transport());
    });
}

/// Resolver that knows no host.
struct Unknown;

impl Resolve for Unknown {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(async { Err::<Addrs, _>("no such host".into()) })
    }
}

#[test]
fn an_unknown_host_is_an_error_with_its_cause() {
    run(async {
        let client = client(|builder| builder.dns_resolver(Arc::new(Unknown)));
        let error = client.get("http://host.invalid/").sse_session().await.unwrap_err();
        assert!(error.is_connect() && error.is_transport() && error.is_retryable());
        assert!(!error.is_timeout());
        assert_eq!(error.status(), None);
        let causes = causes(&error);
        assert!(causes.last().unwrap().contains("no such host"), "{causes:?}");
    });
}

#[test]
fn a_host_that_refuses_is_an_error_with_its_cause() {
    run(async {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = client(|builder| builder).get(format!("http://{free}/")).sse_session().await;
        let error = error.unwrap_err();
        assert!(error.is_connect() && error.is_transport() && !error.is_timeout());
        assert!(causes(&error).len() > 1);
    });
}
