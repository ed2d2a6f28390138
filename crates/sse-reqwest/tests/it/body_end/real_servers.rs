//! Sessions with the replies of real servers and proxies: what is received of each, how it ends,
//! what the end shows, and what a session with reconnection does.
//!
//! One case for each constructor of sse-test's `real.rs`, and one for each variant of it.

mod cases; // one table for each kind of reply

use std::time::Duration;

use sse_reqwest::{
    ClientSseSession, Deadline, EndReason, SessionEvent, SseClient, SseConfig, SseError,
    reqwest::Client,
};
use sse_test::ScriptedServerBuilder;

use crate::support::{Reply, ScriptedServer, TestClock, builder, open, reconnecting, rest, run};

/// Reply of a real server, and the results of sessions with it.
struct Case {
    name: &'static str,
    reply: fn() -> Reply,
    http2: bool,
    /// Number of pauses that end before the request comes. All others end with an event.
    open_pauses: usize,
    /// Steps of a session with the defaults.
    by_default: &'static str,
    /// Steps of a session that reconnects until it receives a 204.
    reconnecting: &'static str,
}

/// Returns a server and a client for this version of HTTP. The client decodes content codings.
fn http(is_http2: bool) -> (ScriptedServerBuilder, Client) {
    let (server, client) = (ScriptedServer::builder(), Client::builder().no_proxy());
    match is_http2 {
        true => (server.http2(), client.http2_prior_knowledge().build().unwrap()),
        false => (server, client.build().unwrap()),
    }
}

/// Returns the steps of a session that gets this reply and then a 204.
async fn steps(case: &Case, config: SseConfig) -> String {
    let (server, client) = http(case.http2);
    let server = server.start([(case.reply)(), Reply::status(204)]).await;
    (0..case.open_pauses).for_each(|_| server.go_on());
    let client = SseClient::new(client, config.clock(TestClock::skipping()));
    let mut steps = Vec::new();
    match client.sse_session(server.url("/")).await {
        Err(error) => steps.push(failed(&error)),
        Ok(mut session) => {
            live(&mut session, &server, &mut steps).await;
            let evidence = session.end_evidence().unwrap();
            let (end, completeness) = (evidence.body_end(), evidence.completeness());
            steps.push(format!("{end:?} {completeness:?}"));
            let unknown_lines = evidence.unknown_lines();
            if unknown_lines > 0 {
                steps.push(format!("{unknown_lines} unknown lines"));
            }
        }
    }
    for id in &server.last_event_ids()[1..] {
        steps.push(format!("asked for more after {}", id.as_deref().unwrap_or("nothing")));
    }
    steps.join("; ")
}

async fn live(session: &mut ClientSseSession, server: &ScriptedServer, steps: &mut Vec<String>) {
    while let Some(step) = session.lifecycle().next().await {
        steps.push(match step {
            Ok(SessionEvent::Event(event)) => {
                server.go_on();
                match event.event() {
                    Some(event_type) => format!("{event_type} {}", event.data()),
                    None => event.data().to_owned(),
                }
            }
            Ok(SessionEvent::Disconnected { cause, .. }) => {
                format!("disconnected {:?}", cause.kind())
            }
            Ok(SessionEvent::Closed(reason)) => format!("closed {reason:?}"),
            Err(error) => failed(&error),
            Ok(_) => continue,
        });
    }
}

fn failed(error: &SseError) -> String {
    format!("failed {:?}", error.kind())
}

fn check(cases: &[Case]) {
    for case in cases {
        run(async {
            let by_default = steps(case, SseConfig::new()).await;
            assert_eq!(by_default, case.by_default, "{} by default", case.name);
            let reconnected = steps(case, reconnecting(9)).await;
            assert_eq!(reconnected, case.reconnecting, "{} with reconnection", case.name);
        });
    }
}

#[test]
fn not_found_after_silence_ends_a_session_unless_retry_rejected_reconnections_allows_it() {
    let replies = || [Reply::messages(["1"]), Reply::not_found_after_silence(), Reply::status(204)];
    let cases = [
        (reconnecting(9), EndReason::Failed, 2),
        (
            reconnecting(9).retry_rejected_reconnections(|status, _| status == 404),
            EndReason::NoContent,
            3,
        ),
    ];
    for (config, expected, requests) in cases {
        run(async {
            let server = ScriptedServer::start(replies()).await;
            server.go_on();
            let mut session = open(config, server.url("/")).await;
            assert_eq!(rest(&mut session).await.0.len(), 1);
            assert_eq!(session.end_reason(), Some(expected));
            assert_eq!(server.requests().len(), requests);
        });
    }
}

#[test]
fn head_with_first_event_needs_a_head_timeout_longer_than_the_silence() {
    run(async {
        let server = ScriptedServer::start([Reply::head_with_first_event("data: 1\n\n")]).await;
        let clock = TestClock::manual();
        let minute = Duration::from_secs(60);
        let config = SseConfig::new().head_timeout(minute).clock(clock.clone());
        let client = SseClient::new(builder().build().unwrap(), config);
        let (opened, ()) = tokio::join!(client.sse_session(server.url("/")), async {
            clock.asked_for(1).await;
            clock.advance(minute);
        });
        assert_eq!(opened.unwrap_err().deadline(), Some(Deadline::Head));
    });
}

#[test]
fn compressed_without_flush_is_silence_to_an_idle_timeout() {
    run(async {
        let events = "data: 1\n\n".repeat(100);
        let reply = Reply::compressed_without_flush(sse_test::ContentCoding::Gzip, events).pause();
        let server = ScriptedServer::start([reply]).await;
        let clock = TestClock::manual();
        let minute = Duration::from_secs(60);
        let config = SseConfig::new().idle_timeout(minute).clock(clock.clone());
        let (_, client) = http(false);
        let client = SseClient::new(client, config);
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        let ((events, error), ()) = tokio::join!(rest(&mut session), async {
            clock.asked_for(1).await;
            clock.advance(minute);
        });
        assert!(events.is_empty());
        assert!(error.unwrap().is_timeout());
    });
}

#[test]
fn empty_ends_a_feed_only_with_finish_on_empty_reconnection() {
    let replies = || [Reply::messages(["1"]), Reply::empty(), Reply::status(204)];
    for (finishes, expected) in [(true, EndReason::StreamEnded), (false, EndReason::NoContent)] {
        run(async {
            let server = ScriptedServer::start(replies()).await;
            let config = reconnecting(9).finish_on_empty_reconnection(finishes);
            let mut session = open(config, server.url("/")).await;
            assert!(rest(&mut session).await.1.is_none());
            assert_eq!(session.end_reason(), Some(expected));
        });
    }
}
