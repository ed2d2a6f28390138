//! The coding deflate: zlib (RFC 1950), or raw deflate (RFC 1951), which some servers send.

use super::{
    Decode, DecodeError,
    decode::{Progress, padding},
    inflate::Inflate,
};

/// Decoder of deflate.
#[derive(Debug)]
pub(super) struct Deflate {
    inflate: Inflate,
    is_inside: bool,
    /// `true` after the first stream.
    may_end: bool,
}

impl Deflate {
    pub(super) fn new() -> Self {
        Self { inflate: Inflate::new("deflate"), is_inside: false, may_end: false }
    }
}

impl Decode for Deflate {
    fn decode(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        done: &mut Progress,
    ) -> Result<(), DecodeError> {
        while done.written < output.len() {
            if !self.is_inside {
                if self.may_end {
                    done.read += padding(&input[done.read..]);
                }
                let Some(&first) = input.get(done.read) else {
                    break;
                };
                self.inflate.restart(is_zlib(first));
                self.is_inside = true;
            }
            let has_ended = self.inflate.decode(input, output, done)?;
            self.is_inside = !has_ended;
            self.may_end = true;
            if !has_ended {
                break;
            }
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        !self.is_inside
    }
}

/// Returns `true` if a stream with this first byte is zlib: it then names the method 8 and a window
/// of at most 32 KiB. As raw deflate it would be a stored block whose padding is not zero, which no
/// encoder writes.
fn is_zlib(first: u8) -> bool {
    first & 0x0f == 8 && first >> 4 <= 7
}
