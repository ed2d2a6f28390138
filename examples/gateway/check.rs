//! Follows the gateway with several clients over loopback, one of which stops reading for a while,
//! and prints a line about each.
//!
//! Fails if a client missed an event, received one twice or out of order, or if the slow client was
//! not disconnected.

use std::{error::Error, future::Future, time::Duration};

use axum::serve::Listener as _;
use sse_core::ServerSentEvent;
use sse_direct::DirectTransport;
use sse_reqwest::{ClientSseSession, EndReason, ReconnectPolicy, SseClient, SseConfig, reqwest};

use crate::{
    gateway::{Bounds, GAP, Gateway, TYPES},
    harbor::Harbor,
    upstream,
    web::{self, Settings},
    write_timeout,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Sends more bytes than fit into the buffers between the gateway and a client that does not read.
const HARBOR: Harbor =
    Harbor { events: 200, pace: Duration::ZERO, cut_after: 150, padding: 128 * 1024 };

pub(crate) async fn check() -> Outcome<()> {
    let settings = Settings {
        write_timeout: Duration::from_millis(200),
        reconnection_time: Duration::ZERO,
        ..Settings::default()
    };
    let expected: Vec<_> = (1..=HARBOR.events).map(|number| HARBOR.event(number)).collect();
    let expected = expected.into_iter().collect::<Result<Vec<_>, _>>()?;

    let source = format!("http://{}/events", HARBOR.open().await?);
    let listener = write_timeout::listen(([127, 0, 0, 1], 0).into())?;
    let url = format!("http://{}/events", listener.local_addr()?);
    let gateway = Gateway::new("check".to_owned(), Bounds::default());
    let serving = tokio::spawn(web::serve(listener, gateway.clone(), settings));
    let following = {
        let gateway = gateway.clone();
        tokio::spawn(async move {
            let config = upstream::config().reconnect(soon());
            let client = sse_direct::SseClient::new(DirectTransport::tcp(), config);
            let followed = upstream::follow(&source, client, &gateway).await;
            gateway.end();
            followed
        })
    };

    let mut slow = open(&url).await?;
    let mut read_slowly = take(&mut slow, 1).await?;
    let (one, two) = in_time("two browsers", async { tokio::join!(all(&url), all(&url)) }).await?;
    println!("upstream: {} events", expected.len());
    println!("browser 1: {}", compare(&one?, &expected)?);
    println!("browser 2: {}", compare(&two?, &expected)?);

    in_time("disconnecting the slow browser", no_browsers(&gateway)).await?;
    read_slowly.extend(in_time("the slow browser", take(&mut slow, usize::MAX)).await??);
    println!("slow browser: {}, though it was disconnected", compare(&read_slowly, &expected)?);

    following.await??;
    gateway.close();
    in_time("closing", serving).await???;
    println!("closed");
    Ok(())
}

async fn no_browsers(gateway: &Gateway) {
    while gateway.browsers() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Returns a policy with a short wait, as no server here is overloaded.
fn soon() -> ReconnectPolicy {
    ReconnectPolicy::fixed(Duration::from_millis(100))
}

async fn open(url: &str) -> Outcome<ClientSseSession> {
    let config = SseConfig::new().reconnect(soon());
    let client = reqwest::Client::builder().no_proxy().build()?;
    Ok(SseClient::new(client, config).sse_session(url).await?)
}

async fn all(url: &str) -> Outcome<Vec<ServerSentEvent>> {
    take(&mut open(url).await?, usize::MAX).await
}

/// Reads `count` events, or all up to the end.
async fn take(session: &mut ClientSseSession, count: usize) -> Outcome<Vec<ServerSentEvent>> {
    let mut events = Vec::new();
    while events.len() < count {
        let Some(event) = session.next().await.transpose()? else { break };
        match event.event_type() {
            TYPES => {}
            GAP => return Err(format!("missed events: {}", event.data()).into()),
            _ => events.push(event),
        }
    }
    match session.end_reason() {
        None | Some(EndReason::NoContent) => Ok(events),
        Some(reason) => Err(format!("ended by {reason:?}").into()),
    }
}

/// Compares the events of a browser with those of the upstream, under the IDs of the gateway.
fn compare(events: &[ServerSentEvent], expected: &[ServerSentEvent]) -> Outcome<String> {
    for (number, (event, expected)) in (1..).zip(events.iter().zip(expected)) {
        let is_same = event.id() == Some(&format!("check-{number}"))
            && event.event_type() == expected.event_type()
            && event.data() == expected.data();
        if !is_same {
            return Err(format!("event {number} is {:?} {:?}", event.id(), event.event()).into());
        }
    }
    if events.len() != expected.len() {
        return Err(format!("{} events instead of {}", events.len(), expected.len()).into());
    }
    Ok(format!("the same {} events", events.len()))
}

/// Fails if the work takes too long.
async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> Outcome<T> {
    let limit = Duration::from_secs(30);
    tokio::time::timeout(limit, work)
        .await
        .map_err(|_| format!("{what} took over {limit:?}").into())
}
