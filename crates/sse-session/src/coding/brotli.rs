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
    fn decode(&mut self, input: &[u8], output: &mut [u8]) -> Result<Progress, DecodeError> {
        let mut total = Progress::default();
        while total.written < output.len() {
            if self.state.is_none() && total.read == input.len() {
                break;
            }
            let state = self.state.get_or_insert_with(|| {
                let alloc = StandardAlloc::default;
                // Strict: the larger windows of newer encoders are no part of the content coding.
                Box::new(State::new_strict(alloc(), alloc(), alloc()))
            });
            let (mut input_left, mut output_left) =
                (input.len() - total.read, output.len() - total.written);
            let result = BrotliDecompressStream(
                &mut input_left,
                &mut total.read,
                input,
                &mut output_left,
                &mut total.written,
                output,
                &mut 0,
                state,
            );
            match result {
                BrotliResult::ResultSuccess => self.state = None,
                BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => break,
                BrotliResult::ResultFailure => {
                    let why = format!("{:?}", state.error_code);
                    return Err(DecodeError::new("br", why));
                }
            }
        }
        Ok(total)
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
