//! Memory to read into: one buffer for each thread, so that a connection without data has none.

use std::{
    cell::Cell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use hyper::rt::{Read, ReadBuf};

/// Number of bytes that are read at once.
pub(crate) const READ_BYTES: usize = 32 * 1024;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
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
