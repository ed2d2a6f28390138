//! Memory to read into, and memory of what small reads have brought: one buffer of each for a
//! thread, so that a connection without data has none, and a small read allocates nothing.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use hyper::rt::{Read, ReadBuf};

/// Number of bytes that are read at once.
pub(crate) const READ_BYTES: usize = 32 * 1024;

/// Largest number of bytes of a small read.
pub(crate) const SMALL_BYTES: usize = 1024;

/// Size of the memory that small reads share. An event keeps all of it alive.
const SHARED_BYTES: usize = 4096;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    static SHARED: Cell<Option<BytesMut>> = const { Cell::new(None) };
}

/// Reads what is available, and passes it to `take`; an empty slice is the end of the connection.
pub(crate) fn poll_read<R>(
    io: Pin<&mut impl Read>,
    cx: &mut Context<'_>,
    take: impl FnOnce(&[u8]) -> R,
) -> Poll<io::Result<R>> {
    // It is missing where a read polls another session, and when the thread ends.
    let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
    buffer.resize(READ_BYTES, 0);
    let read = read_into(&mut buffer, io, cx, take);
    let _ = BUFFER.try_with(|it| it.set(buffer));
    read
}

fn read_into<R>(
    buffer: &mut [u8],
    io: Pin<&mut impl Read>,
    cx: &mut Context<'_>,
    take: impl FnOnce(&[u8]) -> R,
) -> Poll<io::Result<R>> {
    let mut read = ReadBuf::new(buffer);
    ready!(io.poll_read(cx, read.unfilled()))?;
    Poll::Ready(Ok(take(read.filled())))
}

/// Lets `fill` add at most `len` bytes to memory that small reads share, and returns them.
///
/// The memory is used again from its start once all events in it have been dropped.
pub(crate) fn fill_shared<R>(len: usize, fill: impl FnOnce(&mut BytesMut) -> R) -> (Bytes, R) {
    let shared = SHARED.try_with(Cell::take).ok().flatten();
    let mut shared = shared.unwrap_or_else(|| BytesMut::with_capacity(SHARED_BYTES));
    shared.reserve(len);
    let result = fill(&mut shared);
    // An empty part would keep the memory from being used again.
    let data = if shared.is_empty() { Bytes::new() } else { shared.split().freeze() };
    let _ = SHARED.try_with(|it| it.set(Some(shared)));
    (data, result)
}
