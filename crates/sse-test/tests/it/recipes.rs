//! What servers do to clients in production, played to a client that is not ours.

use std::time::Duration;

use sse_test::{Reply, ScriptedServer};

use crate::support::{http, run};

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
