//! The coding zstd (RFC 8878), with the windows that it may have over HTTP (RFC 9659).

use std::fmt;

use zstd::stream::raw::{DParameter, Decoder, Operation};

use super::{Decode, DecodeError, decode::Progress};

/// Decoder of zstd. Its memory grows with the window of the stream, up to 8 MiB and some buffers.
pub(super) struct Zstd {
    /// Made with the first byte.
    inner: Option<Decoder<'static>>,
    is_inside: bool,
}

impl Zstd {
    pub(super) fn new() -> Self {
        Self { inner: None, is_inside: false }
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
    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, DecodeError> {
        let mut total = Progress::default();
        while total.written < output.len() {
            let input = &input[total.read..];
            if input.is_empty() && !self.is_inside {
                break;
            }
            let status = self
                .decoder()
                .and_then(|it| it.run_on_buffers(input, &mut output[total.written..]))
                .map_err(|error| DecodeError::new("zstd", error))?;
            total.read += status.bytes_read;
            total.written += status.bytes_written;
            // A frame has ended, and all its data was written.
            self.is_inside = status.remaining != 0;
            if self.is_inside {
                break;
            }
        }
        Ok(total)
    }

    fn is_complete(&self) -> bool {
        !self.is_inside
    }
}

impl fmt::Debug for Zstd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zstd").field("is_inside", &self.is_inside).finish_non_exhaustive()
    }
}

/// Logarithm of the largest window: 8 MiB (RFC 9659, section 3).
const MAX_WINDOW_LOG: u32 = 23;
