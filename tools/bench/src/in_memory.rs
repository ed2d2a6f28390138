//! Sessions over chunks from memory: no socket, no runtime, no timer.
//!
//! Opens a session with a response whose body yields the chunks, and reads its events. Only the
//! reading is inside the marker.

#![allow(unsafe_code)]

use std::{error::Error, io};

use reqwest::{Body, Client, Response};
use sse_reqwest::{ClientSseSession, SseClient, SseConfig};

use crate::{
    chunking::Chunking,
    contest::{Input, Tally, run},
    workloads::Workload,
};

/// Reader of a response's body.
#[derive(Clone, Copy)]
pub struct Reader {
    pub name: &'static str,
    open: fn(Response) -> Result<Opened, BoxError>,
}

type BoxError = Box<dyn Error + Send + Sync>;

enum Opened {
    /// Bytes that are not parsed: the limit.
    Response(Response),
    Session(ClientSseSession),
}

pub const READERS: [Reader; 3] = [
    Reader { name: "reqwest", open: |response| Ok(Opened::Response(response)) },
    Reader { name: "session", open: |response| open(response, SseConfig::new()) },
    Reader {
        name: "session, acknowledging",
        open: |response| open(response, SseConfig::new().acknowledge_events(true)),
    },
];

/// Symbol of the function that reads, for a tool to count inside.
pub const MARKER: &str = "sse_bench_session";

/// Reads the workload once, and returns the number of events found.
pub fn read(reader: Reader, workload: &Workload, chunking: Chunking) -> Result<u64, BoxError> {
    let mut input = Input { chunks: chunking.cut(workload), deadline: None };
    let body = Body::wrap_stream(input.stream::<io::Error>());
    let response = http::Response::builder().header("content-type", "text/event-stream");
    let mut opened = (reader.open)(response.body(body)?.into())?;
    Ok(sse_bench_session(&mut opened, workload.events)?.events)
}

// SAFETY: no other symbol of the program has this name.
#[unsafe(no_mangle)]
#[inline(never)]
fn sse_bench_session(opened: &mut Opened, events: u64) -> Result<Tally, BoxError> {
    match opened {
        Opened::Response(response) => run(drain(response, events)),
        Opened::Session(session) => run(take(session, events)),
    }
}

/// Takes this many events, so that the end of the session is not counted.
async fn take(session: &mut ClientSseSession, events: u64) -> Result<Tally, BoxError> {
    let mut tally = Tally::default();
    while tally.events < events {
        let event = session.next().await.ok_or("the session ended early")??;
        tally.add(event.data().len());
    }
    Ok(tally)
}

async fn drain(response: &mut Response, events: u64) -> Result<Tally, BoxError> {
    let mut tally = Tally { events, ..Tally::default() };
    while let Some(chunk) = response.chunk().await? {
        tally.data_bytes += chunk.len() as u64;
    }
    Ok(tally)
}

fn open(response: Response, config: SseConfig) -> Result<Opened, BoxError> {
    let http = Client::builder().no_proxy().build()?;
    let session = run(SseClient::new(http, config).response(response).sse_session())?;
    Ok(Opened::Session(session))
}
