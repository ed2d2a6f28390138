//! Clients that are replaced when a fresh connection is needed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sse_reqwest::SseClient;
use sse_test::Http2Error;

use crate::support::{Reply, ScriptedServer, TestClock, data, reconnecting, rest_of_data, run};

#[test]
fn client_factory_makes_a_client_after_a_deadline_and_on_request() {
    run(async {
        let clock = TestClock::manual();
        let replies = [
            Reply::messages(["1"]).hang(),
            Reply::messages(["2"]).pause().reset_stream(Http2Error::InternalError),
            Reply::messages(["3"]),
            Reply::status(204),
        ];
        let server = ScriptedServer::builder().http2().start(replies).await;
        let made = Arc::new(AtomicUsize::new(0));
        let count = made.clone();
        let make = move || {
            count.fetch_add(1, Ordering::Relaxed);
            reqwest::Client::builder().no_proxy().http2_prior_knowledge().build()
        };
        let idle = Duration::from_secs(10);
        let config = reconnecting(5).idle_timeout(idle).clock(clock.clone());
        let client = SseClient::new(make().unwrap(), config).client_factory(make);
        let mut session = client.sse_session(server.url("/")).await.unwrap();
        assert_eq!(data(&mut session).await, "1");
        let (second, ()) = tokio::join!(data(&mut session), async {
            while server.requests().len() < 2 {
                clock.advance(idle);
                tokio::task::yield_now().await;
            }
        });
        assert_eq!(second, "2");
        server.go_on();
        assert_eq!(rest_of_data(&mut session).await, ["3"]);
        let connections: Vec<_> = server.requests().iter().map(|it| it.connection).collect();
        assert_eq!((connections, made.load(Ordering::Relaxed)), (vec![0, 1, 1, 1], 2));
    });
}

#[test]
fn remote_addr_is_that_of_the_server_or_of_its_proxy() {
    run(async {
        let replies = [Reply::redirect(307, "/elsewhere"), Reply::messages(["1"])];
        let server = ScriptedServer::start(replies).await;
        let proxy = ScriptedServer::start([Reply::messages(["1"])]).await;
        let direct = reqwest::Client::builder().no_proxy().build().unwrap();
        let by_proxy = reqwest::Proxy::http(proxy.url("/")).unwrap();
        let proxied = reqwest::Client::builder().proxy(by_proxy).build().unwrap();
        for (client, url, peer) in [
            (direct, server.url("/"), server.url("/")),
            (proxied, "http://host.invalid/".to_owned(), proxy.url("/")),
        ] {
            let session = SseClient::from(client).sse_session(url).await.unwrap();
            let remote = session.call().response().remote_addr().unwrap();
            assert_eq!(format!("http://{remote}/"), peer);
            // reqwest does not report it.
            assert_eq!(session.call().response().local_addr(), None);
        }
    });
}
