//! Acknowledgment of events: the last event ID of the next request.

use sse_reqwest::{AckToken, ClientSseSession, SessionState, SseConfig};

use crate::support::{Reply, ScriptedServer, data, open, reach, reconnecting, rest_of_data, run};

const THREE: &str = "id: a\ndata: 1\n\nid: b\ndata: 2\n\nid: c\ndata: 3\n\n";

fn acknowledging() -> SseConfig {
    reconnecting(1).acknowledge_events(true)
}

/// Takes events with these data, and returns their positions.
async fn take<const N: usize>(
    session: &mut ClientSseSession,
    expected: [&str; N],
) -> [AckToken; N] {
    let mut positions = [AckToken::default(); N];
    for (position, expected) in positions.iter_mut().zip(expected) {
        assert_eq!(data(session).await, expected);
        *position = session.ack_token();
    }
    positions
}

#[test]
fn unacknowledged_events_are_requested_again() {
    // The number of acknowledged events of three, and the ID that is sent then.
    for (acknowledged, expected) in
        [(0_usize, None), (1, Some("a")), (2, Some("b")), (3, Some("c"))]
    {
        run(async {
            let replies = [Reply::events(THREE), Reply::events("data: x\n\n"), Reply::status(204)];
            let server = ScriptedServer::start(replies).await;
            let mut session = open(acknowledging(), server.url("/")).await;
            let positions = take(&mut session, ["1", "2", "3"]).await;
            if let Some(index) = acknowledged.checked_sub(1) {
                session.acknowledge(positions[index]);
            }
            assert_eq!(session.last_event_id(), expected.unwrap_or_default());
            rest_of_data(&mut session).await;
            assert_eq!(server.last_event_ids()[1].as_deref(), expected);
            // An event without an ID has the last event ID of the one before it.
            assert_eq!(server.last_event_ids()[2].as_deref(), expected);
        });
    }
}

#[test]
fn a_late_acknowledgment_still_counts() {
    run(async {
        let replies = [Reply::events(THREE), Reply::events("data: x\n\n"), Reply::status(204)];
        let server = ScriptedServer::start(replies).await;
        let mut session = open(acknowledging(), server.url("/")).await;
        let [_, second, _] = take(&mut session, ["1", "2", "3"]).await;
        assert_eq!(data(&mut session).await, "x");
        session.acknowledge(second);
        rest_of_data(&mut session).await;
        let sent = server.last_event_ids();
        assert_eq!(sent, [None, None, Some("b".to_owned())]);
    });
}

#[test]
fn a_repeated_id_is_acknowledged_by_its_position() {
    run(async {
        let body = "id: a\ndata: 1\n\nid: b\ndata: 2\n\nid: a\ndata: 3\n\n";
        let server = ScriptedServer::start([Reply::events(body), Reply::status(204)]).await;
        let mut session = open(acknowledging(), server.url("/")).await;
        let [_, second, _] = take(&mut session, ["1", "2", "3"]).await;
        session.acknowledge(second);
        rest_of_data(&mut session).await;
        assert_eq!(server.last_event_ids()[1].as_deref(), Some("b"));
    });
}

#[test]
fn the_id_of_a_hidden_block_is_acknowledged_with_the_event_before_it() {
    run(async {
        let body = "id: a\ndata: 1\n\nid: b\n\nid: c\ndata: 2\n\n";
        let server = ScriptedServer::start([Reply::events(body), Reply::status(204)]).await;
        let mut session = open(acknowledging(), server.url("/")).await;
        let [first, _] = take(&mut session, ["1", "2"]).await;
        session.acknowledge(first);
        rest_of_data(&mut session).await;
        assert_eq!(server.last_event_ids()[1].as_deref(), Some("b"));
    });
}

#[test]
fn without_an_acknowledgment_a_session_resumes_from_its_initial_last_event_id() {
    run(async {
        let server = ScriptedServer::start([Reply::events(THREE), Reply::status(204)]).await;
        let mut session = open(acknowledging().last_event_id("seed"), server.url("/")).await;
        rest_of_data(&mut session).await;
        let seed = Some("seed".to_owned());
        assert_eq!(server.last_event_ids(), [seed.clone(), seed]);
    });
}

#[test]
fn without_acknowledgment_yielded_events_count() {
    run(async {
        let server = ScriptedServer::start([Reply::events(THREE), Reply::status(204)]).await;
        let mut session = open(reconnecting(1), server.url("/")).await;
        let [first, second, _] = take(&mut session, ["1", "2", "3"]).await;
        assert_eq!(first, second);
        session.acknowledge(first);
        assert_eq!(session.last_event_id(), "c");
        rest_of_data(&mut session).await;
        assert_eq!(server.last_event_ids()[1].as_deref(), Some("c"));
    });
}

#[test]
fn acknowledging_needs_no_connection() {
    run(async {
        let server = ScriptedServer::start([Reply::events(THREE), Reply::status(204)]).await;
        let clock = crate::support::TestClock::manual();
        let config = acknowledging().reconnection_time(std::time::Duration::from_secs(1));
        let mut session = open(config.clock(clock.clone()), server.url("/")).await;
        let [.., third] = take(&mut session, ["1", "2", "3"]).await;
        reach(&mut session, SessionState::Waiting).await;
        session.acknowledge(third);
        clock.advance(std::time::Duration::from_secs(1));
        rest_of_data(&mut session).await;
        assert_eq!(server.last_event_ids()[1].as_deref(), Some("c"));
    });
}
