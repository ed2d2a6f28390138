//! Behavior of servers in production, played to a client that is not ours.

use std::time::Duration;

use sse_test::{Reply, ScriptedServer, Side};

use crate::support::{GET, RawClient, http, run};

#[test]
fn redirects_lead_to_the_same_origin_and_to_another() {
    run(async {
        let other = ScriptedServer::start([Reply::messages(["there"])]).await;
        let replies = [Reply::redirect(302, "/again"), Reply::redirect(307, other.url("/b"))];
        let server = ScriptedServer::start(replies).await;
        let response = http().get(server.url("/a")).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "data: there\n\n");
        let targets: Vec<_> = server.requests().into_iter().map(|seen| seen.target).collect();
        assert_eq!(targets, ["/a", "/again"]);
        assert_eq!(other.requests()[0].target, "/b");
    });
}

#[test]
fn a_fresh_token_opens_what_an_old_one_did_not() {
    run(async {
        let server = ScriptedServer::answering(|seen| match seen.value("authorization") {
            Some("Bearer fresh") => Reply::messages(["in"]),
            _ => Reply::unauthorized(),
        })
        .await;
        let get =
            async |token| http().get(server.url("/")).bearer_auth(token).send().await.unwrap();
        let refused = get("old").await;
        assert_eq!(refused.status(), 401);
        assert_eq!(refused.headers()["www-authenticate"], "Bearer");
        assert_eq!(get("fresh").await.status(), 200);
    });
}

#[test]
fn a_server_under_load_says_when_to_come_back() {
    run(async {
        let later = Duration::from_secs(120);
        let replies = [
            Reply::status(429).retry_after(later),
            Reply::status(503).header("retry-after", "Wed, 21 Oct 2099 07:28:00 GMT"),
        ];
        let server = ScriptedServer::start(replies).await;
        for (status, value) in [(429, "120"), (503, "Wed, 21 Oct 2099 07:28:00 GMT")] {
            let response = http().get(server.url("/")).send().await.unwrap();
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()["retry-after"], value);
        }
    });
}

#[test]
fn bytes_come_one_by_one() {
    run(async {
        let server = ScriptedServer::start([Reply::events("data: é\n\n").in_pieces_of(1)]).await;
        let mut response = http().get(server.url("/")).send().await.unwrap();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.unwrap() {
            assert_eq!(chunk.len(), 1);
            body.extend(chunk);
        }
        assert_eq!(body, "data: é\n\n".as_bytes());
    });
}

#[test]
fn with_late_tails_holds_back_the_end_of_each_event() {
    run(async {
        let reply = Reply::with_late_tails(["data: 1\n\n", "data: 2\n\n"], 2);
        let server = ScriptedServer::start([reply.until_close()]).await;
        let mut client = RawClient::send(&server, GET).await;
        client.read_until("\r\n\r\n").await;
        assert_eq!(client.read_until("data: 1").await, "data: 1");
        server.go_on();
        assert_eq!(client.read_until("data: 2").await, "\n\ndata: 2");
        server.go_on();
        assert_eq!(client.rest().await.unwrap(), b"\n\n");
    });
}

#[test]
fn cut_as_malformed_chunk_sends_what_was_whole_before() {
    run(async {
        let reply = Reply::cut_as_malformed_chunk("data: 1\n\nda");
        let server = ScriptedServer::start([reply]).await;
        let mut response = http().get(server.url("/")).send().await.unwrap();
        assert_eq!(response.chunk().await.unwrap().unwrap(), "data: 1\n\nda");
        assert!(response.chunk().await.is_err());
        assert_eq!(server.closed(0).await, Side::Server);
    });
}

#[test]
fn keep_alive_events_wait_for_the_test() {
    run(async {
        let reply = Reply::keep_alive_events("", "data:\n\n", 2).until_close();
        let server = ScriptedServer::start([reply]).await;
        let mut client = RawClient::send(&server, GET).await;
        client.read_until("\r\n\r\n").await;
        for _ in 0..2 {
            assert!(client.is_silent());
            server.go_on();
            assert_eq!(client.read_until("\n\n").await, "data:\n\n");
        }
        assert!(client.rest().await.unwrap().is_empty());
    });
}

#[test]
fn failures_that_look_complete_end_regularly() {
    run(async {
        let half = "data: 1\n\n";
        let cases = [
            (Reply::failure_without_sign(half), half.to_owned()),
            (Reply::failure_as_text(half, "timeout"), format!("{half}timeout")),
            (
                Reply::failure_as_event(half, Some("2")),
                format!("{half}event: error\nid: 2\ndata: Internal Server Error\n\n"),
            ),
            (Reply::cut_hidden_by_proxy("data: 1\n\nda"), "data: 1\n\nda".to_owned()),
            (Reply::empty(), String::new()),
            (Reply::same_id("x", ["1"]), "id: x\ndata: 1\n\n".to_owned()),
        ];
        let (replies, bodies): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
        let server = ScriptedServer::start(replies).await;
        for body in bodies {
            let response = http().get(server.url("/")).send().await.unwrap();
            assert_eq!(response.headers()["transfer-encoding"], "chunked");
            assert_eq!(response.text().await.unwrap(), body);
        }
    });
}
