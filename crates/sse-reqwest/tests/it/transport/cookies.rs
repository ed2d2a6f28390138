//! Cookies and other state that bind a client to a server, in the requests of a session.
//!
//! reqwest keeps the cookies: these tests show that a session is one client to its server, however
//! many connections it has.

use sse_reqwest::{ReconnectUrl, SseClient, SseConfig};

use crate::support::{Reply, ScriptedServer, reconnecting, rest_of_data, run};

fn keeping_cookies(config: SseConfig) -> SseClient {
    let http = reqwest::Client::builder().no_proxy().cookie_store(true).build().unwrap();
    SseClient::new(http, config)
}

fn cookies(server: &ScriptedServer) -> Vec<Option<String>> {
    let requests = server.requests();
    requests.iter().map(|seen| seen.value("cookie").map(str::to_owned)).collect()
}

fn some(cookie: &str) -> Option<String> {
    Some(cookie.to_owned())
}

#[test]
fn a_cookie_comes_back_with_every_reconnection() {
    run(async {
        let server = ScriptedServer::start([
            Reply::events("data: 1\n\n").header("set-cookie", "node=7; Path=/"),
            Reply::status(503).header("set-cookie", "node=8; Path=/"),
            Reply::events("id: 2\ndata: 2\n\n").cut(),
            Reply::status(204),
        ])
        .await;
        let client = keeping_cookies(reconnecting(2));
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        assert_eq!(cookies(&server), [None, some("node=7"), some("node=8"), some("node=8")]);
    });
}

#[test]
fn a_cookie_that_a_redirect_sets_is_sent_where_it_leads_and_from_then_on() {
    for (url, targets) in [
        (ReconnectUrl::Original, ["/start", "/node", "/start"]),
        (ReconnectUrl::Final, ["/start", "/node", "/node"]),
    ] {
        run(async {
            let server = ScriptedServer::start([
                Reply::redirect(307, "/node").header("set-cookie", "node=7; Path=/"),
                Reply::events("data: 1\n\n"),
                Reply::status(204),
            ])
            .await;
            let client = keeping_cookies(reconnecting(1).reconnect_url(url));
            let mut session = client.sse_session(server.url("/start")).await.unwrap();
            assert_eq!(rest_of_data(&mut session).await, ["1"]);
            assert_eq!(cookies(&server), [None, some("node=7"), some("node=7")]);
            let requests = server.requests();
            assert_eq!(requests.iter().map(|seen| &*seen.target).collect::<Vec<_>>(), targets);
        });
    }
}

#[test]
fn a_cookie_stays_with_the_host_that_has_set_it() {
    run(async {
        let other = ScriptedServer::start([
            Reply::events("data: 1\n\n"),
            Reply::events("data: 2\n\n"),
            Reply::status(204),
        ])
        .await;
        // The ports of a host share its cookies: this needs another name of it.
        let there = other.url("/").replace("127.0.0.1", "localhost");
        let redirect = Reply::redirect(307, there).header("set-cookie", "node=7; Path=/");
        let server = ScriptedServer::start([redirect]).await;
        let client = keeping_cookies(reconnecting(1).reconnect_url(ReconnectUrl::Final));
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        assert_eq!(cookies(&other), [None, None, None]);
    });
}

#[test]
fn every_request_of_a_session_has_the_headers_of_the_first() {
    run(async {
        let server = ScriptedServer::start([
            Reply::events("data: 1\n\n"),
            Reply::status(503),
            Reply::events("id: 2\ndata: 2\n\n").cut(),
            Reply::status(204),
        ])
        .await;
        let client = keeping_cookies(reconnecting(2));
        let request = client.http_client().get(server.url("/?topic=a&topic=b"));
        let request = request
            .header("authorization", "Bearer token")
            .header("cookie", "own=1")
            .header("x-tenant", "first")
            .header("x-tenant", "second");
        let mut session = client.sse_session(request).await.unwrap();
        assert_eq!(rest_of_data(&mut session).await, ["1", "2"]);
        for seen in server.requests() {
            assert_eq!(seen.target, "/?topic=a&topic=b");
            assert_eq!(seen.values("authorization"), ["Bearer token"]);
            assert_eq!(seen.values("cookie"), ["own=1"]);
            assert_eq!(seen.values("x-tenant"), ["first", "second"]);
            assert_eq!(seen.values("accept"), ["text/event-stream"]);
        }
    });
}
