//! The coding br (RFC 7932).

use std::fmt;

use brotli_decompressor::{
    BrotliDecoderErrorCode, BrotliDecoderTakeOutput, BrotliDecompressStream, BrotliResult,
    BrotliState, StandardAlloc,
};

use super::{Decode, DecodeError, decode::Progress};

type State = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

/// Decoder of br. Its memory grows with the window of the stream, up to 16 MiB.
pub(super) struct Brotli {
    /// State of the stream that has begun.
    state: Option<Box<State>>,
    /// Error of that stream, after the data that the state still holds.
    failed: Option<DecodeError>,
}

impl Brotli {
    pub(super) fn new() -> Self {
        Self { state: None, failed: None }
    }

    /// Decompresses input until the output is full, the input is consumed, or the stream has
    /// failed.
    fn decompress(&mut self, input: &[u8], output: &mut [u8], done: &mut Progress) {
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
                    self.failed = Some(DecodeError::new("br", why));
                    break;
                }
            }
        }
    }

    /// Writes what was decoded before the error: the library keeps it in its window until it needs
    /// more input, and returns no output after an error.
    fn write_rest(&mut self, output: &mut [u8], done: &mut Progress) {
        let Some(state) = &mut self.state else { return };
        state.error_code = BrotliDecoderErrorCode::BROTLI_DECODER_NO_ERROR;
        // Negative after a command that was longer than its block, which is an error of its own.
        state.meta_block_remaining_len = state.meta_block_remaining_len.max(0);
        while done.written < output.len() {
            let room = &mut output[done.written..];
            let data = BrotliDecoderTakeOutput(state, &mut room.len());
            if data.is_empty() {
                break;
            }
            room[..data.len()].copy_from_slice(data);
            done.written += data.len();
        }
    }
}

impl Decode for Brotli {
    fn decode(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        done: &mut Progress,
    ) -> Result<(), DecodeError> {
        if self.failed.is_none() {
            self.decompress(input, output, done);
        }
        if self.failed.is_some() {
            self.write_rest(output, done);
        }
        // A full output may not be all of it.
        if done.written < output.len() { self.failed.take().map_or(Ok(()), Err) } else { Ok(()) }
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

/// Number of bytes that are decoded at once. The library decodes all input that fits into its window
/// before it returns output, which takes long if there is much of both.
const SLICE_BYTES: usize = 256;
