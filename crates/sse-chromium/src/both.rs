//! Scripts of replies in, what Chromium and what our sessions make of them out.
//!
//! Each of the two has a server of its own that follows the same script. Judges nothing.

use std::{convert::Infallible, time::Duration};

use futures_util::future;
use serde::Serialize;
use sse_reqwest::{ReconnectUrl, SessionEvent, SseClient, SseConfig};
use sse_test::{Reply, ScriptedServer, TestClock};

use crate::{
    Outcome, http_client,
    page::Page,
    seen::{Asked, Dispatched, Seen},
};

/// What servers say, and the event types that a browser has to listen to in order to see all.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) for_chromium: Vec<Reply>,
    pub(crate) for_ours: Vec<Reply>,
    pub(crate) types: Vec<String>,
}

/// What has been seen of one script.
#[derive(Debug)]
pub(crate) struct Both {
    /// `None` of a browser that came to no end.
    pub(crate) chromium: Option<Seen>,
    pub(crate) ours: Seen,
    /// The last event ID that ours has told that no header can carry it.
    pub(crate) unsendable_id: Option<String>,
}

/// Has both follow the scripts, all at the same time; pauses are short. Each script must end in a
/// reply after which a client asks no more.
pub(crate) async fn follow(page: &mut Page<'_>, scripts: &[Script]) -> Outcome<Vec<Both>> {
    let for_chromium = future::join_all(scripts.iter().map(|it| start(&it.for_chromium))).await;
    let for_ours = future::join_all(scripts.iter().map(|it| start(&it.for_ours))).await;
    let streams: Vec<_> = scripts
        .iter()
        .zip(&for_chromium)
        .map(|(script, server)| Stream { url: server.url(PATH), types: &script.types })
        .collect();
    let following = async {
        let sessions = future::join_all(for_ours.iter().map(|server| session(server.url(PATH))));
        tokio::join!(page.call_function::<Vec<Option<Vec<Dispatched>>>>(FOLLOW, &streams), sessions)
    };
    let (chromium, sessions) = tokio::select! {
        followed = following => followed,
        never = go_on(for_chromium.iter().chain(&for_ours)) => match never {},
    };
    let chromium = chromium?.into_iter().zip(&for_chromium);
    let ours = sessions.into_iter().zip(&for_ours);
    let both = chromium.zip(ours).map(|((theirs, their_server), (session, our_server))| Both {
        chromium: theirs.map(|events| Seen { events, requests: asked(their_server) }),
        ours: Seen { events: session.events, requests: asked(our_server) },
        unsendable_id: session.unsendable_id,
    });
    Ok(both.collect())
}

/// Ends every pause after a little while, for ever.
async fn go_on(servers: impl Iterator<Item = &ScriptedServer> + Clone) -> Infallible {
    loop {
        tokio::time::sleep(PAUSE).await;
        servers.clone().for_each(ScriptedServer::go_on);
    }
}

async fn start(replies: &[Reply]) -> ScriptedServer {
    // The page is of another origin than any of the servers.
    let replies = replies.iter().cloned();
    ScriptedServer::start(replies.map(|it| it.header("access-control-allow-origin", "*"))).await
}

/// What a session has told by its end.
#[derive(Debug, Default)]
struct Told {
    events: Vec<Dispatched>,
    unsendable_id: Option<String>,
}

/// Follows a stream as a browser does, to the end, of whatever kind: that shows in the requests.
async fn session(url: String) -> Told {
    let mut told = Told::default();
    let config =
        SseConfig::strict_whatwg().reconnect_url(ReconnectUrl::Final).clock(TestClock::skipping());
    let client = SseClient::new(http_client(), config);
    let Ok(mut session) = client.sse_session(url).await else { return told };
    let mut lifecycle = session.lifecycle();
    while let Some(Ok(step)) = lifecycle.next().await {
        match step {
            SessionEvent::Event(event) => told.events.push(Dispatched {
                event_type: event.event_type().to_owned(),
                data: event.data().to_owned(),
                last_event_id: lifecycle.session().last_event_id().to_owned(),
            }),
            SessionEvent::Disconnected { unsendable_id, .. } => told.unsendable_id = unsendable_id,
            _ => {}
        }
    }
    told
}

fn asked(server: &ScriptedServer) -> Vec<Asked> {
    server.requests().iter().map(Asked::from).collect()
}

#[derive(Debug, Serialize)]
struct Stream<'a> {
    url: String,
    types: &'a [String],
}

/// Long enough for a browser to read what has come.
const PAUSE: Duration = Duration::from_millis(2);

const FOLLOW: &str = include_str!("follow.js");

const PATH: &str = "/events";
