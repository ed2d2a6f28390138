//! Compares methods from the bytes of an event stream to values, step by step.
//!
//! Each method reads the same chunks through our `EventStream`; the first one decodes nothing.

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
    measure::quantile,
    typed_pairs::{BlockData, Completion, Edit, Shape},
};

/// Cost of one method from the bytes of one stream to its values.
pub struct Row {
    stream: &'static str,
    method: &'static str,
    ns_per_event: f64,
    /// The time over that of `serde_json` by hand.
    ratio: f64,
    allocs_per_event: f64,
}

type Source = Chunks<io::Error>;

struct Method {
    name: &'static str,
    read: fn(Source) -> u64,
}

/// Returns the methods that read values of this type; the others are compared with the second one.
fn methods<T: DeserializeOwned + 'static>() -> [Method; 5] {
    [
        Method { name: "events, not decoded", read: |source| run(events(source)) },
        Method {
            name: "`serde_json::from_str` by hand",
            read: |source| {
                run(by_hand(source, |data| {
                    serde_json::from_str::<T>(data).map_err(|error| error.to_string())
                }))
            },
        },
        Method {
            name: "typed, `json`",
            read: |source| run(count(EventStream::new(source).json::<T>())),
        },
        Method {
            name: "`sonic_rs::from_str` by hand",
            read: |source| {
                run(by_hand(source, |data| {
                    sonic_rs::from_str::<T>(data).map_err(|error| error.to_string())
                }))
            },
        },
        Method {
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
            methods::<Completion>(),
            rounds,
        ),
        rows(
            "anthropic, a struct of structs, 100 B",
            Shape::ANTHROPIC,
            methods::<BlockData>(),
            rounds,
        ),
        rows("wikimedia, a struct of strings, 1 KB", Shape::WIKIMEDIA, methods::<Edit>(), rounds),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Gives all methods their turns, one after the other, each as often first.
fn rows(stream: &'static str, shape: Shape, methods: [Method; 5], rounds: usize) -> Vec<Row> {
    let workload = shape.workload();
    let chunks = Chunking::Bytes(16384).cut(&workload);
    let mut times = vec![Vec::new(); methods.len()];
    for round in 0..rounds {
        for turn in 0..methods.len() {
            let at = (round + turn) % methods.len();
            times[at].push(pass(&methods[at], &chunks, workload.events).as_secs_f64());
        }
    }
    let row = |(at, method): (usize, &Method)| {
        let ratios =
            times[at].iter().zip(&times[BY_HAND]).map(|(time, hand)| time / hand).collect();
        let source = source(&chunks);
        let (_, allocations) = alloc::count(|| (method.read)(source));
        Row {
            stream,
            method: method.name,
            ns_per_event: quantile(times[at].clone(), 4) * 1e9 / workload.events as f64,
            ratio: quantile(ratios, 2),
            allocs_per_event: allocations.calls as f64 / workload.events as f64,
        }
    };
    methods.iter().enumerate().map(row).collect()
}

/// Place of the method that the others are compared with.
const BY_HAND: usize = 1;

fn pass(method: &Method, chunks: &[Bytes], events: u64) -> Duration {
    let source = source(chunks);
    let start = Instant::now();
    let found = (method.read)(source);
    let time = start.elapsed();
    assert_eq!(found, events, "{} does not find every value", method.name);
    time
}

fn source(chunks: &[Bytes]) -> Source {
    Input { chunks: chunks.to_vec(), deadline: None }.stream()
}

pub fn section(rows: &[Row]) -> String {
    let mut out = format!("## From bytes to values\n\n{}\n{ABOUT}", machine::describe());
    for Row { stream, method, ns_per_event, ratio, allocs_per_event } in rows {
        let _ = writeln!(
            out,
            "| {stream} | {method} | {ns_per_event:.0} | {ratio:.2} | {allocs_per_event:.2} |"
        );
    }
    out
}

const ABOUT: &str = "\
Where the time goes between the bytes of a stream and the values of a program. Every method reads 256 KiB
in chunks of 16 KiB through `EventStream`; the first one decodes nothing. `json` is serde_json with the
context of an error. sonic-rs, a JSON decoder that uses SIMD instructions, is called in the closure of
`decode_with`; here it is compiled for the baseline of the architecture, like everything else, which
leaves it no more than SSE2 on x86-64. The methods take turns of one pass; the ratio to serde_json by hand
is the median over all rounds, and the times are lower quartiles. To run it again:

    cargo xtask bench -- typed --form values --doc docs/PERFORMANCE.md

| events | method | ns per event | ratio | allocations per event |
|---|---|---|---|---|
";
