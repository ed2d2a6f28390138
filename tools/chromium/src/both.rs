//! Runs the same script of replies for a page and for a session of sse-reqwest, and returns what
//! each of them received and requested.
//!
//! Each of the two has a server of its own. Compares nothing.

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

/// Client in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follower {
    /// `EventSource` of the browser.
    EventSource,
    /// Session of ours, compiled to WebAssembly.
    Session(SessionKind),
}

/// Kind of a session in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) enum SessionKind {
    /// Session of sse-reqwest.
    Request,
    /// Session of sse-reqwest that begins with a response to a request of the page. Its own
    /// requests follow after a disconnect.
    Response,
    /// Session over the transport of the example `fetch-session`.
    Fetch,
}

/// Replies of the servers, and the event types that the page listens for.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) for_page: Vec<Reply>,
    pub(crate) for_ours: Vec<Reply>,
    pub(crate) types: Vec<String>,
}

/// Results of one script.
#[derive(Debug)]
pub(crate) struct Both {
    /// `None` if the page did not finish.
    pub(crate) page: Option<Seen>,
    pub(crate) ours: Seen,
    /// Last event ID that the session of sse-reqwest reported as invalid in a header.
    pub(crate) unsendable_id: Option<String>,
}

/// Runs all scripts at the same time, with short pauses. The last reply of each script must be one
/// after which a client sends no further request.
pub(crate) async fn follow(
    page: &mut Page<'_>,
    follower: Follower,
    scripts: &[Script],
) -> Outcome<Vec<Both>> {
    let (function, kind) = match follower {
        Follower::EventSource => (include_str!("follow.js"), SessionKind::Request),
        Follower::Session(kind) => (include_str!("session.js"), kind),
    };
    let for_page = future::join_all(scripts.iter().map(|it| start(it.for_page.clone()))).await;
    let for_ours = future::join_all(scripts.iter().map(|it| start(it.for_ours.clone()))).await;
    let streams: Vec<_> = scripts
        .iter()
        .zip(&for_page)
        .map(|(script, server)| Stream { url: server.url(PATH), types: &script.types, kind })
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
        never = end_pauses(for_page.iter().chain(&for_ours)) => match never {},
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

/// Ends the pauses of all servers repeatedly, until the future is dropped.
async fn end_pauses(servers: impl Iterator<Item = &ScriptedServer> + Clone) -> Infallible {
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
        // Only `fetch` sends a CORS preflight for the header `Last-Event-ID`.
        "OPTIONS" => {
            allowed(Reply::status(204)).header("access-control-allow-headers", "last-event-id")
        }
        _ => allowed(replies.next().unwrap_or_else(|| Reply::status(204))),
    })
    .await
}

/// Result of a session.
#[derive(Debug, Default)]
struct Followed {
    events: Vec<Dispatched>,
    unsendable_id: Option<String>,
}

/// Follows a stream as a browser does, to its end. An error counts as an end: the requests show it.
async fn session(url: String) -> Followed {
    let mut followed = Followed::default();
    let config =
        SseConfig::strict_whatwg().reconnect_url(ReconnectUrl::Final).clock(TestClock::skipping());
    let client = SseClient::new(http_client(), config);
    let Ok(mut session) = client.sse_session(url).await else { return followed };
    let mut lifecycle = session.lifecycle();
    while let Some(Ok(step)) = lifecycle.next().await {
        match step {
            SessionEvent::Event(event) => followed.events.push(Dispatched {
                event_type: event.event_type().to_owned(),
                data: event.data().to_owned(),
                last_event_id: lifecycle.session().last_event_id().to_owned(),
            }),
            SessionEvent::Disconnected { unsendable_id, .. } => {
                followed.unsendable_id = unsendable_id
            }
            _ => {}
        }
    }
    followed
}

fn asked(server: &ScriptedServer) -> Vec<Asked> {
    let requests = server.requests();
    requests.iter().filter(|request| request.method != "OPTIONS").map(Asked::from).collect()
}

#[derive(Debug, Serialize)]
struct Stream<'a> {
    url: String,
    types: &'a [String],
    kind: SessionKind,
}

/// Time for the browser to read what it has received.
const PAUSE: Duration = Duration::from_millis(2);

const PATH: &str = "/events";
