//! Splits a stream into chunks of the kind that an HTTP stack yields.
//!
//! hyper reads into a shared buffer and splits off what it has read, so that slicing a chunk only
//! increments a reference count. The chunks here do the same. Parses nothing.

use std::{fmt, str::FromStr};

use bytes::{Bytes, BytesMut};

use crate::workloads::Workload;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunking {
    /// One chunk per block, as a server flushes it: the live case.
    Event,
    /// Chunks of this many bytes.
    Bytes(usize),
    /// The whole stream is one chunk.
    Whole,
}

impl Chunking {
    pub const ALL: [Self; 7] = [
        Self::Event,
        Self::Bytes(16),
        Self::Bytes(128),
        Self::Bytes(1460),
        Self::Bytes(4096),
        Self::Bytes(16384),
        Self::Whole,
    ];

    pub fn cut(self, workload: &Workload) -> Vec<Bytes> {
        let len = workload.bytes.len();
        let ends: Vec<usize> = match self {
            Self::Event => workload.flushes.clone(),
            Self::Bytes(size) => (size..len).step_by(size).chain([len]).collect(),
            Self::Whole => vec![len],
        };
        let (mut chunks, mut start) = (Vec::with_capacity(ends.len()), 0);
        let mut buffer = BytesMut::new();
        for end in ends {
            if buffer.capacity() - buffer.len() < end - start {
                // A new buffer: the rest of the old one is released with its chunks.
                buffer = BytesMut::with_capacity(READ_BUFFER.max(end - start + 1));
            }
            buffer.extend_from_slice(&workload.bytes[start..end]);
            chunks.push(buffer.split().freeze());
            start = end;
        }
        chunks
    }
}

/// Size of the buffer that chunks are read into.
const READ_BUFFER: usize = 64 << 10;

impl fmt::Display for Chunking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event => f.write_str("event"),
            Self::Bytes(size) => size.fmt(f),
            Self::Whole => f.write_str("whole"),
        }
    }
}

impl FromStr for Chunking {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "event" => Ok(Self::Event),
            "whole" => Ok(Self::Whole),
            _ => match text.parse() {
                Ok(size) if size > 0 => Ok(Self::Bytes(size)),
                _ => Err(format!("no chunking: `{text}`; try event, whole or a number of bytes")),
            },
        }
    }
}
