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

    /// Decompresses, and returns `true` if the stream has ended.
    pub(super) fn decode(
        &mut self,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<(Progress, bool), DecodeError> {
        let (read, written) = (self.inner.total_in(), self.inner.total_out());
        let status = self
            .inner
            .decompress(input, output, FlushDecompress::None)
            .map_err(|error| DecodeError::new(self.coding, error))?;
        // Neither is more than the length of a slice.
        let progress = Progress {
            read: (self.inner.total_in() - read) as usize,
            written: (self.inner.total_out() - written) as usize,
        };
        Ok((progress, status == Status::StreamEnd))
    }
}
