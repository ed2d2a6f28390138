//! Performances over reqwest.

use std::future::ready;

use bytes::Bytes;
use http::Request;
use reqwest::{Client, RequestBuilder};
use sse_reqwest::SseClient;
use sse_session::SseConfig;

use super::session::read;
use crate::{
    scenario::{Scenario, Server, Source},
    stage::Stage,
};

pub(super) async fn play(scenario: &Scenario, origin: &str, config: SseConfig, stage: &Stage) {
    let server = scenario.server;
    let http = client(server).unwrap();
    let sse = SseClient::new(http.clone(), config).client_factory(move || client(server));
    let mut request = match scenario.source {
        Source::Request(request) => sse.request(builder(&http, request(origin))),
        Source::Factory(make) => {
            let (http, origin) = (http.clone(), origin.to_owned());
            sse.request_factory(move |context| {
                ready(make(&context, &origin).map(|request| builder(&http, request)))
            })
        }
    };
    if let Some(resume) = scenario.resume {
        request = request.resume_request(builder(&http, resume(origin)));
    }
    read(request.sse_session(), stage).await;
}

fn client(server: Server) -> reqwest::Result<Client> {
    // The session decodes, whatever features of reqwest other crates of the build enable.
    let builder = Client::builder().no_proxy().no_gzip().no_brotli().no_deflate().no_zstd();
    let builder = match server {
        Server::Http2 => builder.http2_prior_knowledge(),
        Server::Http1 | Server::Refusing => builder,
    };
    builder.build()
}

fn builder(http: &Client, request: Request<Bytes>) -> RequestBuilder {
    let (head, body) = request.into_parts();
    let builder = http.request(head.method, head.uri.to_string()).headers(head.headers);
    if body.is_empty() { builder } else { builder.body(body) }
}
