//! Raw deflate and zlib, which deflate and gzip are made of.

use flate2::{Decompress, FlushDecompress, Status};

use super::{DecodeError, decode::Progress};

/// Decompressor of a deflate stream, with or without the wrapper of zlib.
#[derive(Debug)]
pub(super) struct Inflate {
    inner: Decompress,
    coding: &'static str,
}

impl Inflate {
    /// Creates a decompressor of raw deflate.
    pub(super) fn new(coding: &'static str) -> Self {
        Self { inner: Decompress::new(false), coding }
    }

    /// Begins another stream. Keeps the memory of the last one.
    pub(super) fn restart(&mut self, is_zlib: bool) {
        self.inner.reset(is_zlib);
    }

    /// Decompresses input from where `done` is. Returns `true` if the stream has ended.
    pub(super) fn decode(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        done: &mut Progress,
    ) -> Result<bool, DecodeError> {
        let (read, written) = (self.inner.total_in(), self.inner.total_out());
        let (input, output) = (&input[done.read..], &mut output[done.written..]);
        let status = self.inner.decompress(input, output, FlushDecompress::None);
        // Neither is more than the length of a slice.
        done.read += (self.inner.total_in() - read) as usize;
        done.written += (self.inner.total_out() - written) as usize;
        let status = status.map_err(|error| DecodeError::new(self.coding, error))?;
        Ok(status == Status::StreamEnd)
    }
}
