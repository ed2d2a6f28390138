//! Encoders of content codings, which flush after each event.

use std::io::Write;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use sse_test::Reply;

/// Encodes events, each as a chunk. The last chunk is the end of the coding.
pub(crate) type Encode = fn(&[&[u8]]) -> Vec<Vec<u8>>;

/// Starts an event stream that declares a coding.
pub(crate) fn coded(coding: &str, chunks: &[Vec<u8>]) -> Reply {
    let reply = Reply::events("").header("content-encoding", coding);
    chunks.iter().fold(reply, Reply::send)
}

fn flushed<W: Write>(
    events: &[&[u8]],
    mut encoder: W,
    output: fn(&mut W) -> &mut Vec<u8>,
    finish: impl FnOnce(W) -> Vec<u8>,
) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    for event in events {
        encoder.write_all(event).unwrap();
        encoder.flush().unwrap();
        chunks.push(std::mem::take(output(&mut encoder)));
    }
    chunks.push(finish(encoder));
    chunks
}

pub(crate) fn gzip(events: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = GzEncoder::new(Vec::new(), Compression::default());
    flushed(events, encoder, GzEncoder::get_mut, |encoder| encoder.finish().unwrap())
}

/// Encodes each event as a member of its own.
pub(crate) fn gzip_members(events: &[&[u8]]) -> Vec<Vec<u8>> {
    events.iter().map(|event| gzip(&[event]).concat()).collect()
}

pub(crate) fn zlib(events: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    flushed(events, encoder, ZlibEncoder::get_mut, |encoder| encoder.finish().unwrap())
}

pub(crate) fn raw_deflate(events: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    flushed(events, encoder, DeflateEncoder::get_mut, |encoder| encoder.finish().unwrap())
}

pub(crate) fn brotli(events: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 18);
    flushed(events, encoder, brotli::CompressorWriter::get_mut, |it| it.into_inner())
}

pub(crate) fn zstd(events: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = zstd::Encoder::new(Vec::new(), 0).unwrap();
    flushed(events, encoder, zstd::Encoder::get_mut, |encoder| encoder.finish().unwrap())
}
