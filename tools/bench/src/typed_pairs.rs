//! Streams of events, and for each the two functions that decode all of it.
//!
//! Measures nothing.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    hint::black_box,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    vec,
};

use bytes::Bytes;
use futures_core::Stream;
use serde::Deserialize;
use sse_core::{Parser, ServerSentEvent};
use sse_typed::{EventStreamExt, TypedServerSentEvent};

use crate::{
    rng::Rng,
    workloads::{STREAM_BYTES, Workload},
};

/// Stream, and the two functions that decode all of it. Both return the number of values.
pub struct Pair {
    pub name: &'static str,
    pub what: &'static str,
    block: fn(&mut Rng) -> String,
    pub by_hand: fn(Events) -> u64,
    pub typed: fn(Events) -> u64,
}

pub const PAIRS: [Pair; 5] = [
    Pair {
        name: "openai",
        what: "`json`, a struct with a list of structs, 330 B",
        block: openai,
        by_hand: |events| block_on(by_hand::<Completion>(events)),
        typed: |events| block_on(count(events.json::<Completion>())),
    },
    Pair {
        name: "ticks",
        what: "`json`, a number, 3 B",
        block: ticks,
        by_hand: |events| block_on(by_hand::<u32>(events)),
        typed: |events| block_on(count(events.json::<u32>())),
    },
    Pair {
        name: "anthropic",
        what: "`json_by_type`, an enum of structs, 100 B",
        block: anthropic,
        by_hand: |events| block_on(messages_by_hand(events)),
        typed: |events| block_on(count(events.json_by_type::<Message>())),
    },
    Pair {
        name: "wikimedia",
        what: "`json_by_type`, an enum of structs, 1 KB",
        block: wikimedia,
        by_hand: |events| block_on(messages_by_hand(events)),
        typed: |events| block_on(count(events.json_by_type::<Message>())),
    },
    Pair {
        name: "ticks",
        what: "`json_by_type`, an enum of a number, 3 B",
        block: ticks,
        by_hand: |events| block_on(ticks_by_hand(events)),
        typed: |events| block_on(count(events.json_by_type::<Tick>())),
    },
];

// The shapes of `workloads.rs`, whose random text is not JSON.

fn openai(rng: &mut Rng) -> String {
    let content = text(rng, 2, 9);
    format!(
        "data: {{\"id\":\"chatcmpl-D8Z5oo6uDh67AD85p73ksdT1KxhE0\",\"object\":\"chat.completion.chunk\",\
         \"created\":1770933892,\"model\":\"gpt-4.1-nano-2025-04-14\",\"service_tier\":\"default\",\
         \"system_fingerprint\":\"fp_de604bd877\",\"choices\":[{{\"index\":0,\"delta\":\
         {{\"content\":\"{content}\"}},\"logprobs\":null,\"finish_reason\":null}}],\
         \"usage\":null,\"obfuscation\":\"{}\"}}\n\n",
        rng.token(5),
    )
}

fn anthropic(rng: &mut Rng) -> String {
    format!(
        "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
         \"delta\":{{\"type\":\"text_delta\",\"text\":\"{}\"}}}}\n\n",
        text(rng, 2, 24),
    )
}

fn wikimedia(rng: &mut Rng) -> String {
    format!(
        "id: {}\ndata: {{\"$schema\":\"/mediawiki/recentchange/1.0.0\",\"meta\":{{\"domain\":\
         \"en.example.org\",\"stream\":\"mediawiki.recentchange\"}},\"type\":\"edit\",\"namespace\":0,\
         \"title\":\"{}\",\"comment\":\"{}\",\"minor\":false,\"bot\":true}}\n\n",
        rng.token(100),
        rng.token(24),
        text(rng, 600, 800),
    )
}

fn ticks(rng: &mut Rng) -> String {
    format!("id: {}\nevent: t\ndata: {}\n\n", rng.range(1000, 9999), rng.range(100, 999))
}

/// Text that needs no escapes, except for a line break at its end.
fn text(rng: &mut Rng, min: usize, max: usize) -> String {
    let len = rng.range(min, max);
    rng.ascii(len).replace(['"', '\\'], "-") + "\\n"
}

/// Shape of the blocks of a stream.
#[derive(Clone, Copy)]
pub struct Shape(fn(&mut Rng) -> String);

impl Shape {
    pub const OPENAI: Self = Self(openai);
    pub const ANTHROPIC: Self = Self(anthropic);
    pub const WIKIMEDIA: Self = Self(wikimedia);

    /// Creates a stream of such blocks, without a record of its data.
    pub fn workload(self) -> Workload {
        let (mut rng, mut bytes, mut flushes) = (Rng::new(42), Vec::new(), Vec::new());
        while bytes.len() < STREAM_BYTES {
            bytes.extend_from_slice(self.0(&mut rng).as_bytes());
            flushes.push(bytes.len());
        }
        let events = flushes.len() as u64;
        Workload {
            name: String::new(),
            shape: String::new(),
            bytes,
            flushes,
            events,
            data_bytes: 0,
        }
    }
}

impl Pair {
    pub fn events(&self) -> Vec<ServerSentEvent> {
        let mut rng = Rng::new(42);
        let mut stream = String::new();
        while stream.len() < STREAM_BYTES {
            stream.push_str(&(self.block)(&mut rng));
        }
        let mut parser = Parser::new();
        let mut input = Bytes::from(stream);
        std::iter::from_fn(|| parser.next(&mut input).ok().flatten()).collect()
    }
}

#[derive(Deserialize)]
#[allow(dead_code)] // Decoded is what they have to be.
pub struct Completion {
    id: String,
    created: u64,
    model: String,
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Choice {
    index: u32,
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Delta {
    content: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, clippy::enum_variant_names)] // The names are the server's.
enum Message {
    ContentBlockStart(BlockData),
    ContentBlockDelta(BlockData),
    Message(Edit),
    MessageStop,
}

#[derive(Deserialize)]
#[allow(dead_code)]
pub struct BlockData {
    index: u32,
    delta: Text,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
#[allow(dead_code)]
pub struct Edit {
    title: String,
    comment: String,
    bot: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum Tick {
    T(u32),
}

async fn by_hand<T: for<'a> Deserialize<'a>>(mut events: Events) -> u64 {
    let mut values = 0;
    while let Some(Ok(event)) = events.next().await {
        match serde_json::from_str::<T>(event.data()) {
            Ok(value) => {
                black_box((&value, &event));
                values += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    values
}

async fn messages_by_hand(mut events: Events) -> u64 {
    let mut values = 0;
    while let Some(Ok(event)) = events.next().await {
        let message = match event.event_type() {
            "content_block_start" => {
                serde_json::from_str(event.data()).map(Message::ContentBlockStart)
            }
            "content_block_delta" => {
                serde_json::from_str(event.data()).map(Message::ContentBlockDelta)
            }
            "message" => serde_json::from_str(event.data()).map(Message::Message),
            "message_stop" => Ok(Message::MessageStop),
            _ => continue,
        };
        match message {
            Ok(value) => {
                black_box((&value, &event));
                values += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    values
}

async fn ticks_by_hand(mut events: Events) -> u64 {
    let mut values = 0;
    while let Some(Ok(event)) = events.next().await {
        let tick = match event.event_type() {
            "t" => serde_json::from_str(event.data()).map(Tick::T),
            _ => continue,
        };
        match tick {
            Ok(value) => {
                black_box((&value, &event));
                values += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    values
}

async fn count<S, T, E>(mut values: S) -> u64
where
    S: Stream<Item = Result<TypedServerSentEvent<T>, E>> + Unpin,
    E: std::fmt::Display,
{
    let mut found = 0;
    while let Some(item) = poll_fn(|cx| Pin::new(&mut values).poll_next(cx)).await {
        match item {
            Ok(event) => {
                black_box((event.data(), &event));
                found += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    found
}

/// Stream that is always ready.
pub struct Events(vec::IntoIter<ServerSentEvent>);

impl Events {
    /// Copies of these.
    pub fn of(events: &[ServerSentEvent]) -> Self {
        let events: Vec<_> = events.to_vec();
        Self(events.into_iter())
    }

    async fn next(&mut self) -> Option<<Self as Stream>::Item> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl Stream for Events {
    type Item = Result<ServerSentEvent, Infallible>;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

/// Polls a future that never has to wait.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}
