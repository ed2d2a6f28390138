//! Memory that is read into, and that events then share.
//!
//! Responsible for using memory again once no event shares it.

use std::io;

use bytes::{Bytes, BytesMut};

/// Buffer of an adapter that reads.
#[derive(Debug)]
pub(crate) struct Room {
    /// All of it is initialized.
    free: BytesMut,
    read_bytes: usize,
}

impl Room {
    /// Number of bytes that are read at once unless set otherwise.
    const DEFAULT_BYTES: usize = 16 * 1024;

    pub(crate) fn new() -> Self {
        Self { free: BytesMut::new(), read_bytes: Self::DEFAULT_BYTES }
    }

    /// Sets the number of bytes that are read at once at most. 0 counts as 1.
    pub(crate) fn set_read_bytes(&mut self, bytes: usize) {
        self.read_bytes = bytes.max(1);
    }

    /// Returns room to read into, which is never empty, and not larger than a read may be.
    pub(crate) fn free(&mut self) -> &mut [u8] {
        // Reads that bring little share one buffer, until it is not worth asking for the rest.
        if self.free.len() < self.read_bytes.div_ceil(2) {
            self.free.clear();
            self.free.reserve(self.read_bytes);
            self.free.resize(self.read_bytes, 0);
        }
        let len = self.len();
        &mut self.free[..len]
    }

    /// Takes the bytes that were read into the front of the room.
    ///
    /// # Errors
    ///
    /// Returns an error if the reader says that it has read more than there was room for.
    pub(crate) fn take(&mut self, read: usize) -> io::Result<Bytes> {
        if read > self.len() {
            return Err(io::Error::other("reader returned more bytes than it had room for"));
        }
        Ok(self.free.split_to(read).freeze())
    }

    /// Returns the length of the room: the buffer may be left from larger reads.
    fn len(&self) -> usize {
        self.free.len().min(self.read_bytes)
    }
}
