//! Performance of a scenario over one transport: servers, a session, and its outcome.

mod session;
mod client;
mod hyper;
mod reqwest;
mod ureq;

use std::{future::pending, sync::Arc, time::Duration};

use sse_direct::DirectTransport;
use sse_session::{SseClient, SseConfig};
use sse_test::{Reply, ScriptedServer};
use tokio::net::TcpSocket;

use crate::{
    outcome,
    scenario::{Scenario, Server},
    stage::Stage,
    transport::Over,
};

/// Plays a scenario and returns its outcome.
pub(crate) fn play(scenario: &Scenario, over: Over) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let performance = async {
        tokio::time::timeout(GUARD, perform(scenario, over)).await.unwrap_or("it hangs\n".into())
    };
    runtime.block_on(performance)
}

/// Long enough for any machine: only a test that fails waits for it.
const GUARD: Duration = Duration::from_secs(30);

async fn perform(scenario: &Scenario, over: Over) -> String {
    let other = match scenario.other {
        Some(replies) => Some(ScriptedServer::start(replies()).await),
        None => None,
    };
    let replies = (scenario.replies)(&other.as_ref().map(origin).unwrap_or_default());
    // Keeps the port of a server that refuses connections from others.
    let socket = TcpSocket::new_v4().unwrap();
    let (server, origin) = if scenario.server == Server::Refusing {
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        (None, format!("http://{}", socket.local_addr().unwrap()))
    } else {
        let server = start(scenario.server, replies).await;
        let origin = origin(&server);
        (Some(Arc::new(server)), origin)
    };
    let stage = Arc::new(Stage::new(scenario, server));
    let config = (scenario.config)(SseConfig::new()).clock(stage.clock.clone());
    let session = async {
        match over {
            Over::Reqwest => reqwest::play(scenario, &origin, config, &stage).await,
            Over::Hyper => {
                let client = hyper::client(scenario.server, config);
                client::play(&client, scenario, &origin, &stage).await;
            }
            Over::Direct => {
                let client = SseClient::new(DirectTransport::tcp(), config);
                client::play(&client, scenario, &origin, &stage).await;
            }
            Over::Ureq => ureq::play(scenario, &origin, config, &stage).await,
        }
    };
    let acts = async {
        stage.watch_requests().await;
        pending::<()>().await;
    };
    tokio::select! {
        () = session => {}
        () = acts => {}
    }
    let mut lines = stage.take_lines();
    for (server, name) in [(stage.server.as_deref(), ""), (other.as_ref(), "other: ")] {
        let requests = server.map(ScriptedServer::requests).unwrap_or_default();
        lines.extend(requests.iter().map(|it| outcome::of_request(it, name, scenario)));
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

async fn start(server: Server, replies: Vec<Reply>) -> ScriptedServer {
    let builder = ScriptedServer::builder();
    let builder = if server == Server::Http2 { builder.http2() } else { builder };
    builder.start(replies).await
}

fn origin(server: &ScriptedServer) -> String {
    server.url("")
}
