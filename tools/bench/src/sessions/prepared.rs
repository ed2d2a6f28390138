//! The bodies that the server sends, prepared so that sending costs little beside the clients.

use std::{cell::RefCell, collections::HashMap, io, rc::Rc};

use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{
    answer::Writes,
    coding::{self, Coding, Encoded},
};
use crate::workloads::{self, STREAM_BYTES, Workload};

/// The streams that have been asked for so far.
#[derive(Clone, Default)]
pub struct Prepared {
    streams: Rc<RefCell<HashMap<Key, Rc<Chunked>>>>,
}

/// Workload, coding and number of events. An uncoded stream is cyclic and has no number.
type Key = (String, Coding, Option<u64>);

impl Prepared {
    /// Returns a stream of which that many events can be sent.
    pub fn stream(&self, name: &str, coding: Coding, events: u64) -> io::Result<Rc<Chunked>> {
        let key = (name.to_owned(), coding, (coding != Coding::Identity).then_some(events));
        if let Some(stream) = self.streams.borrow().get(&key) {
            return Ok(stream.clone());
        }
        let workload = workloads::workload(name, STREAM_BYTES)
            .ok_or_else(|| io::Error::other(format!("no such workload: `{name}`")))?;
        let stream = Rc::new(match coding {
            Coding::Identity => Chunked::uncoded(workload),
            _ => Chunked::coded(coding::encode(&workload, coding, events)?),
        });
        self.streams.borrow_mut().insert(key, stream.clone());
        Ok(stream)
    }
}

/// A stream, and the same in chunked coding with a chunk for each event.
pub struct Chunked {
    stream: Vec<u8>,
    /// Ends of the events in `stream`.
    flushes: Vec<usize>,
    bytes: Vec<u8>,
    /// Ends of the chunks in `bytes`.
    ends: Vec<usize>,
    /// Chunk with the end of a content coding, or nothing.
    end: Vec<u8>,
}

impl Chunked {
    fn uncoded(workload: Workload) -> Self {
        Self::of(workload.bytes, workload.flushes, Vec::new())
    }

    fn coded(encoded: Encoded) -> Self {
        let mut end = Vec::new();
        if !encoded.end.is_empty() {
            put_chunk(&mut end, &encoded.end);
        }
        Self::of(encoded.bytes, encoded.flushes, end)
    }

    fn of(stream: Vec<u8>, flushes: Vec<usize>, end: Vec<u8>) -> Self {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        let mut start = 0;
        for &end in &flushes {
            put_chunk(&mut bytes, &stream[start..end]);
            ends.push(bytes.len());
            start = end;
        }
        Self { stream, flushes, bytes, ends, end }
    }

    /// Sends that many events, starting over at the end of the stream.
    pub async fn send(
        &self,
        socket: &mut (impl AsyncWrite + Unpin),
        writes: Writes,
        events: u64,
    ) -> io::Result<()> {
        let mut left = events as usize;
        while left > 0 {
            let ends = &self.ends[..left.min(self.ends.len())];
            let bytes = &self.bytes[..ends.last().copied().unwrap_or_default()];
            match writes {
                Writes::Coalesced => {
                    for piece in bytes.chunks(WRITE_BYTES) {
                        socket.write_all(piece).await?;
                    }
                }
                Writes::Packed => {
                    let end = self.flushes.get(ends.len() - 1).copied();
                    let bytes = &self.stream[..end.unwrap_or_default()];
                    for piece in bytes.chunks(WRITE_BYTES) {
                        let mut chunk = Vec::new();
                        put_chunk(&mut chunk, piece);
                        socket.write_all(&chunk).await?;
                    }
                }
                Writes::Single => {
                    let mut start = 0;
                    for &end in ends {
                        socket.write_all(&bytes[start..end]).await?;
                        start = end;
                    }
                }
            }
            left -= ends.len();
        }
        Ok(())
    }

    /// Sends the end of the content coding, if there is one.
    pub async fn end(&self, socket: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        socket.write_all(&self.end).await
    }
}

fn put_chunk(out: &mut Vec<u8>, chunk: &[u8]) {
    out.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
    out.extend_from_slice(chunk);
    out.extend_from_slice(b"\r\n");
}

const WRITE_BYTES: usize = 16 << 10;
