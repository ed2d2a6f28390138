//! Encoders of content codings, each of which flushes after every piece.

use std::io::Write;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};

/// Names of the codings and their encoders.
pub(crate) const CODINGS: [(&str, Encode); 6] = [
    ("gzip", gzip),
    ("gzip", gzip_members),
    ("deflate", zlib),
    ("deflate", raw_deflate),
    ("br", brotli),
    ("zstd", zstd),
];

/// Encodes pieces, each as a chunk.
type Encode = fn(&[&[u8]]) -> Vec<Vec<u8>>;

/// Encodes each piece so that it can be decoded with what came before. The last chunk is the end of
/// the coding.
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

pub(crate) fn gzip(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = GzEncoder::new(Vec::new(), Compression::default());
    flushed(pieces, encoder, GzEncoder::get_mut, |encoder| encoder.finish().unwrap())
}

/// Encodes each piece as a member of its own.
pub(crate) fn gzip_members(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    pieces.iter().map(|piece| gzip(&[piece]).concat()).collect()
}

pub(crate) fn zlib(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    flushed(pieces, encoder, ZlibEncoder::get_mut, |encoder| encoder.finish().unwrap())
}

pub(crate) fn raw_deflate(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    flushed(pieces, encoder, DeflateEncoder::get_mut, |encoder| encoder.finish().unwrap())
}

pub(crate) fn brotli(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 18);
    flushed(pieces, encoder, brotli::CompressorWriter::get_mut, |it| it.into_inner())
}

pub(crate) fn zstd(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
    let encoder = zstd::Encoder::new(Vec::new(), 0).unwrap();
    flushed(pieces, encoder, zstd::Encoder::get_mut, |encoder| encoder.finish().unwrap())
}

/// Returns a gzip member with every field that its header can have.
pub(crate) fn gzip_with_all_fields(data: &[u8]) -> Vec<u8> {
    let builder = flate2::GzBuilder::new().extra(*b"ex").filename("name").comment("comment");
    let mut encoder = builder.write(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    let mut member = encoder.finish().unwrap();
    // The builder has no checksum of the header.
    member[3] |= 0b10;
    let header = b"comment\0";
    let end = member.windows(header.len()).position(|it| it == header).unwrap() + header.len();
    let mut crc = flate2::Crc::new();
    crc.update(&member[..end]);
    member.splice(end..end, (crc.sum() as u16).to_le_bytes());
    member
}
