//! Waits of a script: nothing is sent before they end.

use sse_test::{Gate, Reply, ScriptedServer};

use crate::support::{GET, RawClient, is_pending, run};

fn body(text: &str) -> Reply {
    Reply::status(200).send(text).until_close()
}

#[test]
fn a_pause_ends_with_go_on() {
    run(async {
        let server = ScriptedServer::start([body("7").pause().send("8").pause().send("9")]).await;
        let mut client = RawClient::send(&server, GET).await;
        assert!(client.read_until("7").await.ends_with("\r\n\r\n7"));
        assert!(client.is_silent());
        server.go_on();
        assert_eq!(client.read_until("8").await, "8");
        assert!(client.is_silent());
        server.go_on();
        assert_eq!(client.rest().await.unwrap(), b"9");
    });
}

#[test]
fn a_pause_may_be_ended_before_it_begins() {
    run(async {
        let server = ScriptedServer::start([body("7").pause().send("8")]).await;
        server.go_on();
        let mut client = RawClient::send(&server, GET).await;
        assert!(client.rest().await.unwrap().ends_with(b"78"));
    });
}

#[test]
fn pause_before_head_and_pause_within_head_delay_the_head() {
    run(async {
        let replies = [body("").pause_before_head(), body("").pause_within_head()];
        let server = ScriptedServer::start(replies).await;
        let mut client = RawClient::send(&server, GET).await;
        server.requested(1).await;
        assert!(client.is_silent());
        server.go_on();
        assert!(client.rest().await.unwrap().ends_with(b"\r\n\r\n"));

        let mut client = RawClient::send(&server, GET).await;
        let half = "HTTP/1.1 200 Scripted\r";
        assert_eq!(client.read_until("\r").await, half);
        assert!(client.is_silent());
        server.go_on();
        assert_eq!(client.rest().await.unwrap(), b"\nconnection: close\r\n\r\n");
    });
}

#[test]
fn pause_at_waits_until_the_gate_is_open() {
    run(async {
        let gate = Gate::new();
        let reply = body("7").pause_at(&gate).send("8");
        let server = ScriptedServer::start(vec![reply; 3]).await;
        let mut clients = Vec::new();
        for _ in 0..2 {
            clients.push(RawClient::send(&server, GET).await);
        }
        gate.reached(2).await;
        assert!(is_pending(gate.reached(3)).await);
        for client in &mut clients {
            client.read_until("7").await;
            assert!(client.is_silent());
        }
        gate.open();
        clients.push(RawClient::send(&server, GET).await);
        for client in &mut clients {
            assert!(client.rest().await.unwrap().ends_with(b"8"));
        }
    });
}

#[test]
fn a_reply_may_wait_for_a_further_request() {
    run(async {
        let server = ScriptedServer::start([body("7").pause_until_requested(2).send("8")]).await;
        let mut first = RawClient::send(&server, GET).await;
        first.read_until("7").await;
        assert!(first.is_silent());
        let _second = RawClient::send(&server, GET).await;
        assert_eq!(first.rest().await.unwrap(), b"8");
    });
}

#[test]
fn every_wait_ends_when_the_client_closes() {
    let gate = Gate::new();
    let replies = [
        body("7").pause(),
        body("7").pause_at(&gate),
        body("7").pause_until_requested(usize::MAX),
        body("7").hang(),
        body("7").half_close(),
    ];
    run(async {
        let server = ScriptedServer::start(replies).await;
        for number in 0..5 {
            let mut client = RawClient::send(&server, GET).await;
            client.read_until("7").await;
            assert!(is_pending(server.closed(number)).await);
            drop(client);
            server.closed(number).await;
        }
    });
}

#[test]
fn a_wait_in_the_head_ends_when_the_client_closes() {
    let replies = [body("").pause_before_head(), body("").pause_within_head(), Reply::nothing()];
    run(async {
        let server = ScriptedServer::start(replies).await;
        for number in 0..3 {
            let client = RawClient::send(&server, GET).await;
            server.requested(number + 1).await;
            drop(client);
            server.abandoned(number).await;
        }
    });
}
