//! Memory to read into: one buffer for each thread, so that a connection without data has none.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use hyper::rt::{Read, ReadBuf};

/// Number of bytes that are read at once.
pub(crate) const READ_BYTES: usize = 32 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Reads what is available, and passes it to `take`; an empty slice is the end of the connection.
pub(crate) fn poll_read<R>(
    io: Pin<&mut impl Read>,
    cx: &mut Context<'_>,
    take: impl FnOnce(&[u8]) -> R,
) -> Poll<io::Result<R>> {
    BUFFER.with(|buffer| match buffer.try_borrow_mut() {
        Ok(mut buffer) => {
            buffer.resize(READ_BYTES, 0);
            read_into(&mut buffer, io, cx, take)
        }
        // A connector whose reads poll another session.
        Err(_) => read_into(&mut vec![0; READ_BYTES], io, cx, take),
    })
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
