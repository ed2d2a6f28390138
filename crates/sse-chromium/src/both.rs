//! Scripts of replies in, what a page and what our sessions make of them out.
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

/// What in the page follows the streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follower {
    /// The browser's own.
    EventSource,
    /// A session of ours, in WebAssembly.
    Session(BeginsWith),
}

/// What a session in the page is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum BeginsWith {
    Request,
    /// To a request of the page's, and no request of its own before that is lost.
    Response,
}

/// What servers say, and the event types that a browser has to listen to in order to see all.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) for_page: Vec<Reply>,
    pub(crate) for_ours: Vec<Reply>,
    pub(crate) types: Vec<String>,
}

/// What has been seen of one script.
#[derive(Debug)]
pub(crate) struct Both {
    /// `None` of a page that came to no end.
    pub(crate) page: Option<Seen>,
    pub(crate) ours: Seen,
    /// The last event ID that ours has told that no header can carry it.
    pub(crate) unsendable_id: Option<String>,
}

/// Has both follow the scripts, all at the same time; pauses are short. Each script must end in a
/// reply after which a client asks no more.
pub(crate) async fn follow(
    page: &mut Page<'_>,
    follower: Follower,
    scripts: &[Script],
) -> Outcome<Vec<Both>> {
    let (function, begins_with) = match follower {
        Follower::EventSource => (include_str!("follow.js"), BeginsWith::Request),
        Follower::Session(begins_with) => (include_str!("session.js"), begins_with),
    };
    let for_page = future::join_all(scripts.iter().map(|it| start(it.for_page.clone()))).await;
    let for_ours = future::join_all(scripts.iter().map(|it| start(it.for_ours.clone()))).await;
    let streams: Vec<_> = scripts
        .iter()
        .zip(&for_page)
        .map(|(script, server)| Stream { url: server.url(PATH), types: &script.types, begins_with })
        .collect();
    let following = async {
        let sessions = future::join_all(for_ours.iter().map(|server| session(server.url(PATH))));
        tokio::join!(
            page.call_function::<Vec<Option<Vec<Dispatched>>>>(function, &streams),
            sessions
        )
    };
    let (dispatched, sessions) = tokio::select! {
        followed = following => followed,
        never = go_on(for_page.iter().chain(&for_ours)) => match never {},
    };
    let theirs = dispatched?.into_iter().zip(&for_page);
    let ours = sessions.into_iter().zip(&for_ours);
    let both = theirs.zip(ours).map(|((theirs, their_server), (session, our_server))| Both {
        page: theirs.map(|events| Seen { events, requests: asked(their_server) }),
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

/// Starts a server for a page of another origin.
async fn start(replies: Vec<Reply>) -> ScriptedServer {
    let allowed = |reply: Reply| reply.header("access-control-allow-origin", "*");
    let mut replies = replies.into_iter();
    ScriptedServer::answering(move |request| match request.method.as_str() {
        // Only a `fetch` asks whether it may name the last event ID.
        "OPTIONS" => {
            allowed(Reply::status(204)).header("access-control-allow-headers", "last-event-id")
        }
        _ => allowed(replies.next().unwrap_or_else(|| Reply::status(204))),
    })
    .await
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
    let requests = server.requests();
    requests.iter().filter(|request| request.method != "OPTIONS").map(Asked::from).collect()
}

#[derive(Debug, Serialize)]
struct Stream<'a> {
    url: String,
    types: &'a [String],
    begins_with: BeginsWith,
}

/// Long enough for a browser to read what has come.
const PAUSE: Duration = Duration::from_millis(2);

const PATH: &str = "/events";
