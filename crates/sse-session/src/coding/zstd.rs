//! The coding zstd (RFC 8878), with the windows that it may have over HTTP (RFC 9659).

use std::fmt;

use zstd::stream::raw::{DParameter, Decoder, Operation};

use super::{Decode, DecodeError, decode::Progress};

/// Decoder of zstd. Its memory grows with the window of the stream, up to 8 MiB and some buffers.
pub(super) struct Zstd {
    /// Made with the first byte.
    inner: Option<Decoder<'static>>,
    /// Number of bytes up to the end of the next block, as the library estimates it; 0 if no frame
    /// has begun, or if the last one has ended and all its data was written.
    needed: usize,
}

impl Zstd {
    pub(super) fn new() -> Self {
        Self { inner: None, needed: 0 }
    }

    fn decoder(&mut self) -> std::io::Result<&mut Decoder<'static>> {
        if self.inner.is_none() {
            let mut decoder = Decoder::new()?;
            decoder.set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG))?;
            self.inner = Some(decoder);
        }
        self.inner.as_mut().ok_or_else(|| std::io::ErrorKind::Other.into())
    }
}

impl Decode for Zstd {
    fn decode(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        done: &mut Progress,
    ) -> Result<(), DecodeError> {
        while done.written < output.len() {
            let left = input.len() - done.read;
            if left == 0 && self.needed == 0 {
                break;
            }
            // A block at a time, without the header of the next one, which the estimate includes:
            // if a call fails, the blocks that it has decoded are lost.
            let slice_len = match self.needed {
                0 => MIN_FRAME_HEADER,
                needed if needed > BLOCK_HEADER => needed - BLOCK_HEADER,
                needed => needed,
            };
            let slice_end = input.len().min(done.read.saturating_add(slice_len));
            let status = self
                .decoder()
                .and_then(|it| {
                    it.run_on_buffers(&input[done.read..slice_end], &mut output[done.written..])
                })
                .map_err(|error| DecodeError::new("zstd", error))?;
            done.read += status.bytes_read;
            done.written += status.bytes_written;
            self.needed = status.remaining;
            let is_stuck = status.bytes_read == 0 && status.bytes_written == 0;
            if is_stuck || (done.read == input.len() && self.needed > 0) {
                break;
            }
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.needed == 0
    }
}

impl fmt::Debug for Zstd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zstd").field("needed", &self.needed).finish_non_exhaustive()
    }
}

/// Logarithm of the largest window: 8 MiB (RFC 9659, section 3).
const MAX_WINDOW_LOG: u32 = 23;

/// Number of bytes of a frame that are needed to know more about it: magic number and descriptor.
const MIN_FRAME_HEADER: usize = 5;

/// Number of bytes of a block's header.
const BLOCK_HEADER: usize = 3;
