//! The coding br (RFC 7932).

use std::fmt;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{Decode, DecodeError, decode::Progress};

type State = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

/// Decoder of br. Its memory grows with the window of the stream, up to 16 MiB.
pub(super) struct Brotli {
    /// State of the stream that has begun.
    state: Option<Box<State>>,
}

impl Brotli {
    pub(super) fn new() -> Self {
        Self { state: None }
    }
}

impl Decode for Brotli {
    fn decode(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        done: &mut Progress,
    ) -> Result<(), DecodeError> {
        while done.written < output.len() {
            if self.state.is_none() && done.read == input.len() {
                break;
            }
            let state = self.state.get_or_insert_with(|| {
                let alloc = StandardAlloc::default;
                // Strict: the larger windows of newer encoders are not part of the content coding.
                Box::new(State::new_strict(alloc(), alloc(), alloc()))
            });
            let slice_end = input.len().min(done.read + SLICE_BYTES);
            let (mut input_left, mut output_left) =
                (slice_end - done.read, output.len() - done.written);
            let result = BrotliDecompressStream(
                &mut input_left,
                &mut done.read,
                input,
                &mut output_left,
                &mut done.written,
                output,
                &mut 0,
                state,
            );
            match result {
                BrotliResult::ResultSuccess => self.state = None,
                BrotliResult::NeedsMoreInput if done.read < input.len() => {}
                BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => break,
                BrotliResult::ResultFailure => {
                    let why = format!("{:?}", state.error_code);
                    return Err(DecodeError::new("br", why));
                }
            }
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.state.is_none()
    }
}

impl fmt::Debug for Brotli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Brotli").field("is_complete", &self.is_complete()).finish()
    }
}

/// Number of bytes that are decoded at once. If they contain an error, the data before it is lost:
/// the library has not written it yet.
const SLICE_BYTES: usize = 256;
