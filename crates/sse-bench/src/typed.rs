//! Events in, values out, in two ways that are compared: by a typed session, and by a loop that
//! calls serde_json itself.
//!
//! Both take the same events from the same stream, and the events are there already: nothing is
//! parsed but JSON.
//!
//! Long because the streams, the types in them and both ways to decode these are read side by side.

use std::{
    convert::Infallible,
    fmt::Write,
    future::{Future, poll_fn},
    hint::black_box,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
    vec,
};

use bytes::Bytes;
use futures_core::Stream;
use serde::Deserialize;
use sse_core::{Parser, ServerSentEvent};
use sse_typed::EventStreamExt;

use crate::{alloc, machine, rng::Rng, workloads::STREAM_BYTES};

/// One stream of events, decoded in two ways.
pub struct Comparison {
    name: &'static str,
    what: &'static str,
    by_hand: Figures,
    typed: Figures,
    /// The time of the typed session over that of the loop.
    ratio: f64,
}

struct Figures {
    ns_per_event: f64,
    allocs_per_event: f64,
    bytes_per_event: f64,
}

/// A stream, and what decodes all of it in either way. Both give the number of values.
struct Pair {
    name: &'static str,
    what: &'static str,
    block: fn(&mut Rng) -> String,
    by_hand: fn(Events) -> u64,
    typed: fn(Events) -> u64,
}

const PAIRS: [Pair; 5] = [
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

// The shapes of `workloads.rs`, whose random text is no JSON.

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

/// Text that needs no escapes, but for a line break at its end.
fn text(rng: &mut Rng, min: usize, max: usize) -> String {
    let len = rng.range(min, max);
    rng.ascii(len).replace(['"', '\\'], "-") + "\\n"
}

#[derive(Deserialize)]
#[allow(dead_code)] // Decoded is what they have to be.
struct Completion {
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
    ContentBlockStart(Block),
    ContentBlockDelta(Block),
    Message(Edit),
    MessageStop,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Block {
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
struct Edit {
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
            Ok(value) => values += u64::from(!is_empty(&black_box((value, event)).1)),
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
            Ok(value) => values += u64::from(!is_empty(&black_box((value, event)).1)),
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
            Ok(value) => values += u64::from(!is_empty(&black_box((value, event)).1)),
            Err(error) => panic!("{error}"),
        }
    }
    values
}

/// Whether the event has no type, which none is: both ways keep the event and look at it.
fn is_empty(event: &ServerSentEvent) -> bool {
    event.event_type().is_empty()
}

async fn count<S, T, E>(mut values: S) -> u64
where
    S: Stream<Item = Result<sse_typed::TypedServerSentEvent<T>, E>> + Unpin,
    E: std::fmt::Display,
{
    let mut found = 0;
    while let Some(item) = poll_fn(|cx| Pin::new(&mut values).poll_next(cx)).await {
        match item {
            Ok(event) => found += u64::from(!black_box(event).event_type().is_empty()),
            Err(error) => panic!("{error}"),
        }
    }
    found
}

/// A stream that is always ready.
struct Events(vec::IntoIter<ServerSentEvent>);

impl Events {
    /// Copies of these.
    fn of(events: &[ServerSentEvent]) -> Self {
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

/// Waits for what never has to wait.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

pub fn compare(quick: bool) -> Vec<Comparison> {
    let rounds = if quick { 51 } else { 1001 };
    PAIRS.iter().map(|pair| pair.compare(rounds)).collect()
}

impl Pair {
    /// Lets both have their turns, one after the other, and each as often first.
    fn compare(&self, rounds: usize) -> Comparison {
        let events = self.events();
        let count = events.len() as u64;
        let passes = self.passes_of_a_turn(&events);
        let turn = |run: fn(Events) -> u64| {
            let time: Duration = (0..passes).map(|_| pass(run, &events, count)).sum();
            time.as_secs_f64() / f64::from(passes)
        };
        let (mut by_hand, mut typed, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..rounds {
            let (hand, own) = if round % 2 == 0 {
                let hand = turn(self.by_hand);
                (hand, turn(self.typed))
            } else {
                let own = turn(self.typed);
                (turn(self.by_hand), own)
            };
            by_hand.push(hand);
            typed.push(own);
            ratios.push(own / hand);
        }
        Comparison {
            name: self.name,
            what: self.what,
            by_hand: figures(self.by_hand, &events, quantile(by_hand, 4)),
            typed: figures(self.typed, &events, quantile(typed, 4)),
            ratio: quantile(ratios, 2),
        }
    }

    fn events(&self) -> Vec<ServerSentEvent> {
        let mut rng = Rng::new(42);
        let mut stream = String::new();
        while stream.len() < STREAM_BYTES {
            stream.push_str(&(self.block)(&mut rng));
        }
        let mut parser = Parser::new();
        let mut input = Bytes::from(stream);
        std::iter::from_fn(|| parser.next(&mut input).ok().flatten()).collect()
    }

    fn passes_of_a_turn(&self, events: &[ServerSentEvent]) -> u32 {
        let time = pass(self.by_hand, events, events.len() as u64).max(Duration::from_nanos(100));
        (TURN.as_nanos() / time.as_nanos()).clamp(1, 10_000) as u32
    }
}

/// How long a turn is.
const TURN: Duration = Duration::from_millis(3);

fn pass(run: fn(Events) -> u64, events: &[ServerSentEvent], count: u64) -> Duration {
    let input = Events::of(events);
    let start = Instant::now();
    let found = run(input);
    let time = start.elapsed();
    assert_eq!(found, count, "an event was not decoded");
    time
}

fn figures(run: fn(Events) -> u64, events: &[ServerSentEvent], seconds: f64) -> Figures {
    let input = Events::of(events);
    let (_, allocations) = alloc::count(|| run(input));
    let count = events.len() as f64;
    Figures {
        ns_per_event: seconds * 1e9 / count,
        allocs_per_event: allocations.calls as f64 / count,
        bytes_per_event: allocations.bytes as f64 / count,
    }
}

/// The value below which one in so many lies: 2 is the median, 4 the lower quartile.
fn quantile(mut values: Vec<f64>, one_in: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / one_in]
}

pub fn section(comparisons: &[Comparison]) -> String {
    let mut out = format!("## Typed sessions\n\n{}\n{ABOUT}", machine::describe());
    for Comparison { name, what, by_hand, typed, ratio } in comparisons {
        let _ = writeln!(
            out,
            "| {name} | {what} | {:.1} | {:.1} | {ratio:.3} | {:.2} ({:.0} B) | {:.2} ({:.0} B) |",
            by_hand.ns_per_event,
            typed.ns_per_event,
            by_hand.allocs_per_event,
            by_hand.bytes_per_event,
            typed.allocs_per_event,
            typed.bytes_per_event,
        );
    }
    out
}

const ABOUT: &str = "\
What a typed session costs beyond a loop that matches on the event type and calls
`serde_json::from_str` on the data. Both take the same events, which are in memory, from a stream
that is always ready, and take turns of 3 ms. The ratio is the median of those of two turns in a
row; the times are lower quartiles, since whatever else runs makes a turn longer. Allocations are
calls of the allocator, for an event. To run it again:

    cargo run --release --manifest-path crates/sse-bench/Cargo.toml -- \\
        typed --doc docs/PERFORMANCE.md

| events | decoded by | by hand, ns | typed, ns | ratio | by hand, allocations | typed, allocations |
|---|---|---|---|---|---|---|
";
