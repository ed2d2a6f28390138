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

/// Number of bytes that are decoded at once. The library decodes all input that fits into its
/// window before it returns output, which takes long if there is much of both.
const SLICE_BYTES: usize = 256;

#[cfg(test)]
mod tests {
    use std::io::Write;

    use brotli::{CompressorWriter, enc::BrotliEncoderParams};
    use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

    use super::{super::decode::Progress, Brotli, Decode};

    /// Number of mutated bodies, unless the variable `BROTLI_BODIES` says otherwise.
    const BODIES: u64 = 200;

    #[test]
    fn a_mutated_body_yields_all_that_the_library_yields_byte_by_byte() {
        let bodies = std::env::var("BROTLI_BODIES").map_or(BODIES, |count| count.parse().unwrap());
        let mut failures = 0;
        for seed in 0..bodies {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut body = encoded(&mut random);
            for _ in 0..random.usize(1..4) {
                let at = random.usize(..body.len());
                match random.u8(..3) {
                    0 => body[at] ^= 1 << random.u8(..8),
                    1 => body[at] = random.u8(..),
                    _ => drop(body.splice(at..at, [random.u8(..)])),
                }
            }
            let plain = by_the_library(&body);
            let (single, single_fails) = decoded(&body, 1, 4096);
            let (whole, whole_fails) = decoded(&body, body.len(), random.usize(1..5000));
            assert!(whole.starts_with(&plain) && single.starts_with(&plain), "seed {seed}");
            // Both are of one sequence of commands, of which the last one may be incomplete.
            let shorter = whole.len().min(single.len());
            assert_eq!(whole[..shorter], single[..shorter], "seed {seed}");
            assert_eq!(whole_fails, single_fails, "seed {seed}");
            if !whole_fails {
                assert_eq!((whole.len(), single.len()), (plain.len(), plain.len()), "seed {seed}");
            }
            failures += u64::from(whole_fails);
        }
        // A few bodies may all have stayed valid.
        assert!(failures > bodies / 4 || bodies < BODIES, "{failures}");
    }

    /// Returns text that is flushed here and there, by an encoder of quality 0 to 6 with a window
    /// of 1 to 256 KiB.
    fn encoded(random: &mut fastrand::Rng) -> Vec<u8> {
        let params = BrotliEncoderParams {
            quality: random.i32(0..7),
            lgwin: random.i32(10..19),
            ..BrotliEncoderParams::default()
        };
        let mut encoder = CompressorWriter::with_params(Vec::new(), 4096, &params);
        for _ in 0..random.usize(1..20) {
            let word = random.u64(..);
            let most = 1 << random.u8(1..6);
            let times = random.usize(1..most);
            for number in 0..times {
                let noise = if random.bool() { random.u64(..) } else { 0 };
                write!(encoder, "data: {word:x}, the number {number}, {noise:x}\n\n").unwrap();
            }
            if random.bool() {
                encoder.flush().unwrap();
            }
        }
        encoder.into_inner()
    }

    /// Decodes chunks of this size with outputs of that size. Returns the data, and `true` if they
    /// are invalid.
    fn decoded(body: &[u8], chunk_len: usize, output_len: usize) -> (Vec<u8>, bool) {
        let (mut brotli, mut data) = (Brotli::new(), Vec::new());
        let mut output = vec![0; output_len];
        for chunk in body.chunks(chunk_len) {
            let mut read = 0;
            loop {
                let mut done = Progress::default();
                let result = brotli.decode(&chunk[read..], &mut output, &mut done);
                read += done.read;
                data.extend_from_slice(&output[..done.written]);
                if result.is_err() {
                    return (data, true);
                }
                if read == chunk.len() && done.written < output.len() {
                    break;
                }
            }
        }
        (data, false)
    }

    /// Decodes byte by byte with the library, up to its first error.
    fn by_the_library(body: &[u8]) -> Vec<u8> {
        let alloc = StandardAlloc::default;
        let new = || BrotliState::new_strict(alloc(), alloc(), alloc());
        let (mut state, mut data, mut output) = (new(), Vec::new(), [0; 4096]);
        for byte in body {
            let (mut input_left, mut read) = (1, 0);
            loop {
                let (mut output_left, mut written) = (output.len(), 0);
                let result = BrotliDecompressStream(
                    &mut input_left,
                    &mut read,
                    std::slice::from_ref(byte),
                    &mut output_left,
                    &mut written,
                    &mut output,
                    &mut 0,
                    &mut state,
                );
                data.extend_from_slice(&output[..written]);
                match result {
                    BrotliResult::ResultFailure => return data,
                    BrotliResult::ResultSuccess => state = new(),
                    BrotliResult::NeedsMoreOutput => continue,
                    BrotliResult::NeedsMoreInput => {}
                }
                if input_left == 0 {
                    break;
                }
            }
        }
        data
    }
}
