//! Compares ways from the bytes of an event stream to values, step by step.
//!
//! Each way reads the same chunks through our `EventStream`; the first one decodes nothing.

use std::{
    fmt::Write,
    future::poll_fn,
    hint::black_box,
    io,
    pin::Pin,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_core::Stream;
use serde::de::DeserializeOwned;
use sse_core::EventStream;
use sse_typed::{EventStreamExt, TypedServerSentEvent};

use crate::{
    alloc,
    chunking::Chunking,
    contest::{Chunks, Input, run},
    machine,
    typed_pairs::{BlockData, Completion, Edit, Shape},
};

/// Cost of one way from the bytes of one stream to its values.
pub struct Row {
    stream: &'static str,
    way: &'static str,
    ns_per_event: f64,
    /// The time over that of `serde_json` by hand.
    ratio: f64,
    allocs_per_event: f64,
}

type Source = Chunks<io::Error>;

struct Way {
    name: &'static str,
    read: fn(Source) -> u64,
}

/// Returns the ways to values of this type; the second one is what the others are compared with.
fn ways<T: DeserializeOwned + 'static>() -> [Way; 5] {
    [
        Way { name: "events, not decoded", read: |source| run(events(source)) },
        Way {
            name: "`serde_json::from_str` by hand",
            read: |source| {
                run(by_hand(source, |data| {
                    serde_json::from_str::<T>(data).map_err(|error| error.to_string())
                }))
            },
        },
        Way {
            name: "typed, `json`",
            read: |source| run(count(EventStream::new(source).json::<T>())),
        },
        Way {
            name: "`sonic_rs::from_str` by hand",
            read: |source| {
                run(by_hand(source, |data| {
                    sonic_rs::from_str::<T>(data).map_err(|error| error.to_string())
                }))
            },
        },
        Way {
            name: "typed, `decode_with` and sonic-rs",
            read: |source| {
                let events = EventStream::new(source);
                run(count(events.decode_with(|event| sonic_rs::from_str::<T>(event.data()))))
            },
        },
    ]
}

async fn events(source: Source) -> u64 {
    let (mut events, mut found) = (EventStream::new(source), 0);
    while let Some(event) = events.next().await {
        black_box(event.expect("the source does not fail"));
        found += 1;
    }
    found
}

async fn by_hand<T>(source: Source, decode: fn(&str) -> Result<T, String>) -> u64 {
    let (mut events, mut found) = (EventStream::new(source), 0);
    while let Some(event) = events.next().await {
        let event = event.expect("the source does not fail");
        let value = decode(event.data()).expect("the data is valid");
        black_box((&value, &event));
        found += 1;
    }
    found
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

pub fn compare(quick: bool) -> Vec<Row> {
    let rounds = if quick { 51 } else { 501 };
    [
        rows(
            "openai, a struct with a list of structs, 330 B",
            Shape::OPENAI,
            ways::<Completion>(),
            rounds,
        ),
        rows(
            "anthropic, a struct of structs, 100 B",
            Shape::ANTHROPIC,
            ways::<BlockData>(),
            rounds,
        ),
        rows("wikimedia, a struct of strings, 1 KB", Shape::WIKIMEDIA, ways::<Edit>(), rounds),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Gives all ways their turns, one after the other, each as often first.
fn rows(stream: &'static str, shape: Shape, ways: [Way; 5], rounds: usize) -> Vec<Row> {
    let workload = shape.workload();
    let chunks = Chunking::Bytes(16384).cut(&workload);
    let mut times = vec![Vec::new(); ways.len()];
    for round in 0..rounds {
        for turn in 0..ways.len() {
            let at = (round + turn) % ways.len();
            times[at].push(pass(&ways[at], &chunks, workload.events).as_secs_f64());
        }
    }
    let row = |(at, way): (usize, &Way)| {
        let ratios = times[at].iter().zip(&times[BY_HAND]).map(|(time, hand)| time / hand);
        let source = source(&chunks);
        let (_, allocations) = alloc::count(|| (way.read)(source));
        Row {
            stream,
            way: way.name,
            ns_per_event: quantile(times[at].iter().copied(), 4) * 1e9 / workload.events as f64,
            ratio: quantile(ratios, 2),
            allocs_per_event: allocations.calls as f64 / workload.events as f64,
        }
    };
    ways.iter().enumerate().map(row).collect()
}

/// Place of the way that the others are compared with.
const BY_HAND: usize = 1;

fn pass(way: &Way, chunks: &[Bytes], events: u64) -> Duration {
    let source = source(chunks);
    let start = Instant::now();
    let found = (way.read)(source);
    let time = start.elapsed();
    assert_eq!(found, events, "{} does not find every value", way.name);
    time
}

fn source(chunks: &[Bytes]) -> Source {
    Input { chunks: chunks.to_vec(), deadline: None }.stream()
}

/// Returns the value below which one in `one_in` lies: 2 is the median, 4 the lower quartile.
fn quantile(values: impl Iterator<Item = f64>, one_in: usize) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / one_in]
}

pub fn section(rows: &[Row]) -> String {
    let mut out = format!("## From bytes to values\n\n{}\n{ABOUT}", machine::describe());
    for Row { stream, way, ns_per_event, ratio, allocs_per_event } in rows {
        let _ = writeln!(
            out,
            "| {stream} | {way} | {ns_per_event:.0} | {ratio:.2} | {allocs_per_event:.2} |"
        );
    }
    out
}

const ABOUT: &str = "\
Where the time goes between the bytes of a stream and the values of a program. Every way reads 256 KiB
in chunks of 16 KiB through `EventStream`; the first one decodes nothing. `json` is serde_json with the
context of an error. sonic-rs, a JSON decoder that uses SIMD instructions, is called in the closure of
`decode_with`; here it is compiled for the baseline of the architecture, like everything else, which
leaves it no more than SSE2 on x86-64. The ways take turns of one pass; the ratio to serde_json by hand
is the median over all rounds, and the times are lower quartiles. To run it again:

    cargo xtask bench -- typed --form values --doc docs/PERFORMANCE.md

| events | way | ns per event | ratio | allocations per event |
|---|---|---|---|---|
";
