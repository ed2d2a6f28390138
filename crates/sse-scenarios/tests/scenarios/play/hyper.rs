//! Performances over hyper-util's client, as a service of tower.

use std::future::ready;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use sse_session::{SessionRequest, SseClient, SseConfig, TowerTransport};

use super::session::read;
use crate::{
    scenario::{Scenario, Server, Source},
    stage::Stage,
};

pub(super) async fn play(scenario: &Scenario, origin: &str, config: SseConfig, stage: &Stage) {
    let server = scenario.server;
    let transport =
        TowerTransport::new(client(server)).with_service_factory(move || client(server));
    let sse = SseClient::new(transport, config);
    let mut request = match scenario.source {
        Source::Request(request) => sse.request(request(origin)),
        Source::Factory(make) => {
            let origin = origin.to_owned();
            sse.request_factory(move |context| {
                ready(make(&context, &origin).map(SessionRequest::new))
            })
        }
    };
    if let Some(resume) = scenario.resume {
        request = request.resume_request(resume(origin));
    }
    read(request.sse_session(), stage).await;
}

fn client(server: Server) -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .http2_only(server == Server::Http2)
        .build_http()
}
