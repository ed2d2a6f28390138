//! hyper-util's client, as a service of tower.

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use sse_session::{SseClient, SseConfig, TowerTransport};

use crate::scenario::Server;

pub(super) fn client(server: Server, config: SseConfig) -> SseClient {
    let transport = TowerTransport::new(http(server)).with_service_factory(move || http(server));
    SseClient::new(transport, config)
}

fn http(server: Server) -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .http2_only(server == Server::Http2)
        .build_http()
}
