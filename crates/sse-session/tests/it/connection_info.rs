//! Addresses of a connection, as far as the transport reports them.

use std::net::SocketAddr;

use sse_session::{ConnectionInfo, SseConfig};

use crate::support::{Reply, Script, events, read, redirect, run, status};

const LOCAL: &str = "192.0.2.1:50000";
const REMOTE: &str = "[2001:db8::1]:443";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn connection_info_is_that_of_the_response_which_opened_the_session() {
    run(async {
        let mut moved = redirect(307, "/b");
        let mut opened = events(&["data: 1\n\n"]);
        let info = ConnectionInfo::new().with_remote_addr(address("192.0.2.9:80"));
        if let Reply::Response(response) = &mut moved {
            response.extensions_mut().insert(info);
        }
        let info = ConnectionInfo::new().with_local_addr(address(LOCAL));
        opened.extensions_mut().insert(info.with_remote_addr(address(REMOTE)));
        let script = Script::new([moved, Reply::Response(opened)]);
        let client = script.client(SseConfig::new());
        let session = client.sse_session("http://localhost/a").await.unwrap();
        let call = session.call();
        assert_eq!(call.response().local_addr(), Some(address(LOCAL)));
        assert_eq!(call.response().remote_addr(), Some(address(REMOTE)));
    });
}

#[test]
fn connection_info_of_a_new_connection_replaces_that_of_the_last() {
    run(async {
        let mut first = events(&["data: 1\n\n"]);
        let info = ConnectionInfo::new().with_remote_addr(address(REMOTE));
        first.extensions_mut().insert(info);
        let second = events(&["data: 2\n\n"]);
        let replies = [first, second, status(204)].map(Reply::Response);
        let config = SseConfig::new().max_reconnection_attempts(1);
        let client = Script::new(replies).client(config.clock(sse_test::TestClock::skipping()));
        let mut session = client.sse_session("http://localhost/").await.unwrap();
        assert_eq!(session.call().response().remote_addr(), Some(address(REMOTE)));
        assert_eq!(session.call().response().local_addr(), None);
        assert_eq!(read(&mut session).await.0, ["1", "2"]);
        // This transport knows nothing of the second.
        assert_eq!(session.call().response().remote_addr(), None);
    });
}

#[cfg(feature = "hyper")]
#[test]
fn connection_info_of_hyper_utils_connector_is_reported_by_tower_transport() {
    use bytes::Bytes;
    use http_body_util::Full;
    use hyper_util::{client::legacy::Client, rt::TokioExecutor};
    use sse_session::{SseClient, TowerTransport};

    run(async {
        let server = sse_test::ScriptedServer::start([sse_test::Reply::messages(["1"])]).await;
        let http = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let client = SseClient::new(TowerTransport::new(http), SseConfig::new());
        let session = client.sse_session(server.url("/")).await.unwrap();
        let response = session.call().response();
        let remote = response.remote_addr().unwrap();
        assert!(server.url("/").contains(&format!("//{remote}/")), "{remote}");
        let local = response.local_addr().unwrap();
        assert!(local.ip().is_loopback() && local != remote, "{local}");
    });
}
