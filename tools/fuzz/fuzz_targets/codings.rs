//! Decoders of content codings. Any bytes as a body in any coding and any chunks have a defined
//! end, whatever the chunks, in bounded pieces. Any stream, encoded, yields the same events as
//! without a coding.

#![no_main]

use std::{
    collections::VecDeque,
    convert::Infallible,
    io::Write,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use http::{Request, Response};
use http_body::{Body, Frame};
use libfuzzer_sys::fuzz_target;
use sse_session::{
    BoxFuture, Clock, SendContext, SessionObserver, SseClient, SseConfig, SseErrorKind, Transport,
};

use plan::Plan;

mod plan;

fuzz_target!(|input: &[u8]| {
    let Some(Plan { choice, chunks, stream }) = Plan::of(input) else { return };
    let (codings, encode) = CODINGS[usize::from(choice) % CODINGS.len()];
    let owned = chunks.iter().map(|chunk| Bytes::copy_from_slice(chunk)).collect::<Vec<_>>();
    if (choice / CODINGS.len() as u8) & 1 == 0 {
        same_end(codings, owned, stream);
    } else {
        let plain = read("identity", owned);
        let encoded = encode(&chunks).into_iter().map(Bytes::from).collect::<Vec<_>>();
        assert_eq!(read(codings, encoded.clone()), plain, "{codings}");
        same_end(codings, encoded.clone(), &encoded.concat());
    }
});

/// Encodes pieces, each as a chunk.
type Encode = fn(&[&[u8]]) -> Vec<Vec<u8>>;

/// Names of codings in a head, and an encoder that flushes after each piece.
const CODINGS: [(&str, Encode); 8] = [
    ("gzip", gzip),
    ("gzip", |pieces| pieces.iter().flat_map(|piece| gzip(&[piece])).collect()),
    ("deflate", |pieces| {
        let encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        flushed(pieces, encoder, ZlibEncoder::get_mut, |it| it.finish().unwrap())
    }),
    ("deflate", |pieces| {
        let encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        flushed(pieces, encoder, DeflateEncoder::get_mut, |it| it.finish().unwrap())
    }),
    ("br", br),
    ("zstd", zstd),
    ("gzip, br", |pieces| twice(pieces, gzip, br)),
    ("zstd, gzip", |pieces| twice(pieces, zstd, gzip)),
];

fn twice(pieces: &[&[u8]], first: Encode, second: Encode) -> Vec<Vec<u8>> {
    let once = first(pieces);
    second(&once.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn gzip(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = GzEncoder::new(Vec::new(), Compression::fast());
    flushed(pieces, encoder, GzEncoder::get_mut, |it| it.finish().unwrap())
}

fn br(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 1, 16);
    flushed(pieces, encoder, brotli::CompressorWriter::get_mut, |it| it.into_inner())
}

fn zstd(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    flushed(pieces, encoder, zstd::Encoder::get_mut, |it| it.finish().unwrap())
}

fn flushed<W: Write>(
    pieces: &[&[u8]],
    mut encoder: W,
    output: fn(&mut W) -> &mut Vec<u8>,
    finish: impl FnOnce(W) -> Vec<u8>,
) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    for piece in pieces {
        encoder.write_all(piece).unwrap();
        encoder.flush().unwrap();
        chunks.push(std::mem::take(output(&mut encoder)));
    }
    chunks.push(finish(encoder));
    chunks
}

/// Checks that the end of a session does not depend on its chunks. The amount that is decoded
/// before corrupt data may: a decoder that has more input at once may hold back a part of it. That
/// of br may also decode more, all that a command asks for beyond the end of its block.
fn same_end(codings: &'static str, chunks: Vec<Bytes>, body: &[u8]) {
    let (some, some_end) = read(codings, chunks);
    let (all, all_end) = read(codings, vec![Bytes::copy_from_slice(body)]);
    let single = body.iter().map(|&byte| Bytes::copy_from_slice(&[byte])).collect();
    let (each, each_end) = read(codings, single);
    assert_eq!((some_end, all_end), (each_end, each_end), "{codings}");
    if some_end == Some(SseErrorKind::Decode) {
        let is_start = |data: &Vec<String>| {
            each.starts_with(data) || codings.contains("br") && data.starts_with(&each)
        };
        assert!(is_start(&some) && is_start(&all), "{codings}");
    } else {
        assert_eq!((&some, &all), (&each, &each), "{codings}");
    }
}

/// Reads a session over a body in these chunks, and returns the data of its events and its error.
fn read(codings: &'static str, chunks: Vec<Bytes>) -> (Vec<String>, Option<SseErrorKind>) {
    let largest = Arc::new(Largest::default());
    let config = SseConfig::new().clock(Still).observer(largest.clone());
    let transport = InMemory { codings, chunks };
    let longest = transport.chunks.iter().map(Bytes::len).max().unwrap_or_default();
    let mut data = Vec::new();
    let end = run(async {
        let mut session =
            SseClient::new(transport, config).sse_session("http://localhost/").await.unwrap();
        while let Some(event) = session.next().await {
            match event {
                Ok(event) => data.push(event.data().to_owned()),
                Err(error) => return Some(error.kind()),
            }
        }
        None
    });
    if codings != "identity" {
        assert!(largest.0.load(Relaxed) <= 8192);
    } else {
        assert!(largest.0.load(Relaxed) <= longest);
    }
    (data, end)
}

/// Polls a future that is always ready to continue.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// Size of the largest piece.
#[derive(Default)]
struct Largest(AtomicUsize);

impl SessionObserver for Largest {
    fn on_bytes(&self, count: usize) {
        self.0.fetch_max(count, Relaxed);
    }
}

/// Clock of a session that needs none.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<()> {
        Box::pin(std::future::pending())
    }
}

struct InMemory {
    codings: &'static str,
    chunks: Vec<Bytes>,
}

impl Transport for InMemory {
    type Body = Chunks;
    type Error = http::Error;

    async fn send(
        &self,
        _: Request<Bytes>,
        _: SendContext,
    ) -> Result<Response<Chunks>, http::Error> {
        Response::builder()
            .header("content-type", "text/event-stream")
            .header("content-encoding", self.codings)
            .body(Chunks(self.chunks.clone().into()))
    }
}

struct Chunks(VecDeque<Bytes>);

impl Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|chunk| Ok(Frame::data(chunk))))
    }
}
