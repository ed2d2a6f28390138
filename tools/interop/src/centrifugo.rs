//! Centrifugo, the program: events are published over HTTP, and its unidirectional event stream has
//! them as JSON.
//!
//! The stream has no IDs. The first event of a connection has those that the client missed.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use reqwest::{Client, Url};
use serde_json::{Value, json};
use sse_reqwest::{ReconnectPolicy, ServerSentEvent, SseRequest};
use tokio::{process::Command, sync::watch, try_join};

use crate::{
    client::{self, Protocol},
    command::without_variables,
    cursor,
    ended::Shown,
    error::{Result, ScenarioError},
    follow::{Tally, follow_form},
    form::Form,
    packages::Go,
    payload::{END, Seen, payload},
    process::Process,
    progress::Progress,
    report::{Report, limited},
    scenarios::CUTS,
    server::EVENTS,
};

pub(crate) async fn trials(report: &mut Report) -> Result<()> {
    if !report.includes(false) {
        return Ok(());
    }
    let go = Go::find("centrifugo").await?;
    let program = go.build("github.com/centrifugal/centrifugo/v6", "centrifugo").await?;
    let version = go.version(Some("github.com/centrifugal/centrifugo/v6")).await?;
    let (mut process, [port]) = Process::start("centrifugo", "serving", |dir, [port]| {
        let mut command = Command::new(&program);
        command.args(["--config".into(), dir.write("config.json", &config(port))?]);
        without_variables(&mut command, &["CENTRIFUGO_"]);
        Ok(command)
    })
    .await?;
    let name = format!("Centrifugo {version}");
    let one = async { followed(port, "one", &[]).await?.with_one_connection() };
    report.scenario(&name, "one connection", &[&process], one).await;
    let cut = async { followed(port, "cut", CUTS).await?.with_connections(3) };
    report.scenario(&name, "cut by us, resumed", &[&process], cut).await;
    let stopped = limited(stopped(port, &mut process)).await;
    report.result(&name, "SIGTERM", &[&process], stopped);
    Ok(())
}

fn config(port: u16) -> String {
    let channel = json!({
        "history_size": 2 * EVENTS,
        "history_ttl": "600s",
        "force_recovery": true,
        "allow_subscribe_for_client": true,
        "allow_subscribe_for_anonymous": true,
    });
    json!({
        "client": { "insecure": true },
        "http_api": { "insecure": true },
        "http_server": { "address": "127.0.0.1", "port": port },
        "uni_sse": { "enabled": true },
        "channel": { "without_namespace": channel },
    })
    .to_string()
}

/// Follows a channel while events are published to it. Fails if a connection after one of the cuts
/// has no missed event.
async fn followed(port: u16, channel: &'static str, cuts: &'static [u64]) -> Result<Tally> {
    let (progress, publisher) = (Progress::with_cuts(cuts), client::plain()?);
    let (published, recovered) = (watch::Sender::new(0), Arc::new(AtomicU64::new(0)));
    let publish = async {
        for number in 1..=EVENTS as u64 {
            progress.may_send(number).await;
            publish(&publisher, port, channel, &payload(number)).await?;
            published.send_replace(number);
        }
        // Not among the missed events of a new connection.
        progress.number(EVENTS as u64).await;
        publish(&publisher, port, channel, END).await
    };
    let request = subscribe(port, channel, published.subscribe(), recovered.clone())?;
    let seen = Seen::up_to(EVENTS);
    let (tally, ()) = try_join!(follow_form(request, &FORM, seen, &progress), publish)?;
    let recoveries = recovered.load(Ordering::Relaxed);
    if recoveries < cuts.len() as u64 {
        let why = format!("{recoveries} connections with missed events, of {}", cuts.len());
        return Err(ScenarioError::failed(why));
    }
    tally.checked()
}

async fn publish(publisher: &Client, port: u16, channel: &str, data: &str) -> Result<()> {
    let body = json!({ "channel": channel, "data": data }).to_string();
    let request = publisher.post(format!("http://127.0.0.1:{port}/api/publish"));
    request.body(body).send().await?.error_for_status()?;
    Ok(())
}

/// Stops the server while a session waits for events. Returns the last event, and how the body
/// ended.
async fn stopped(port: u16, process: &mut Process) -> Result<String> {
    let (none, recovered) = (watch::Sender::new(0), Arc::default());
    let request = subscribe(port, "stopped", none.subscribe(), recovered)?;
    let reconnect = ReconnectPolicy::never();
    let mut session = request.configure(|config| config.reconnect(reconnect)).sse_session().await?;
    let mut last = String::new();
    // The first event, of the connection.
    if let Some(event) = session.next().await {
        event?.data().clone_into(&mut last);
        process.terminate().await?;
    }
    while let Some(event) = session.next().await {
        event?.data().clone_into(&mut last);
    }
    let ends = session.end_evidence().map(|it| (it.body_end(), it.completeness()));
    let (shutdown, framed) = (r#""reason":"shutdown""#, Some(Shown::COMPLETE.ends()));
    if last.contains(shutdown) && ends == framed {
        return Ok(format!("the event {last}  LastChunk, Framed"));
    }
    Err(ScenarioError::failed(format!("the last event is {last}, the end {ends:?}")))
}

/// Returns the request for a channel, from its first event. A further connection waits until an
/// event is published that it has missed; `recovered` counts those that receive such events at
/// once.
fn subscribe(
    port: u16,
    channel: &'static str,
    published: watch::Receiver<u64>,
    recovered: Arc<AtomicU64>,
) -> Result<SseRequest> {
    let client = Protocol::Http1.client(None)?;
    let url = Url::parse(&format!("http://127.0.0.1:{port}/connection/uni_sse"))?;
    let make = move |http: &Client, position: &str| {
        let (epoch, offset) = position.split_once(' ').unwrap_or_default();
        let offset: u64 = offset.parse().unwrap_or(0);
        let subscription = json!({ "recover": true, "epoch": epoch, "offset": offset });
        let connect = json!({ "subs": { channel: subscription } }).to_string();
        let mut url = url.clone();
        url.query_pairs_mut().append_pair("cf_connect", &connect);
        let (request, mut published) = (http.get(url), published.clone());
        async move {
            if offset > 0 {
                // The offset of an event is its number. The sender outlives the session.
                let _ = published.wait_for(|&number| number > offset).await;
            }
            request
        }
    };
    let next = move |event: &ServerSentEvent, last: &str| {
        let data: Value = serde_json::from_str(event.data()).ok()?;
        let has_missed = data.get("connect").is_some() && publications(&data).next().is_some();
        recovered.fetch_add(u64::from(has_missed && last != START), Ordering::Relaxed);
        next_position(&data, last)
    };
    Ok(cursor::request(&client, START, make, next))
}

/// Position before the first event of a channel whose epoch is unknown.
const START: &str = " 0";

/// Returns the epoch of a channel and the offset of its last event.
fn next_position(data: &Value, last: &str) -> Option<String> {
    let epoch = epoch(data).or_else(|| Some(last.split_once(' ')?.0.to_owned()))?;
    let offset = publications(data).filter_map(|it| it["offset"].as_u64()).last();
    let before = || last.split_once(' ').and_then(|(_, offset)| offset.parse().ok());
    Some(format!("{epoch} {}", offset.or_else(before)?))
}

fn epoch(data: &Value) -> Option<String> {
    let (_, channel) = data["connect"]["subs"].as_object()?.iter().next()?;
    Some(channel["epoch"].as_str()?.to_owned())
}

/// Returns the events in a message: the one that was published, or those that were missed.
fn publications(data: &Value) -> impl Iterator<Item = &Value> {
    let channels = data["connect"]["subs"].as_object().into_iter().flatten();
    let missed = channels.filter_map(|(_, channel)| channel["publications"].as_array()).flatten();
    data.get("pub").into_iter().chain(missed)
}

const FORM: Form = Form::messages(
    |data| {
        let data = serde_json::from_str(data).ok()?;
        publications(&data).map(|it| Some(it["data"].as_str()?.to_owned())).collect()
    },
    |event| {
        let data: Value = serde_json::from_str(event.data()).unwrap_or_default();
        data["pub"]["data"] == END
    },
);
