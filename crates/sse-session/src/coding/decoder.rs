//! Decoder of a body: all its content codings, one after the other, in bounded pieces.

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};

use super::{Coding, Decode, DecodeError, decode::Progress};

/// Decoder of a body.
///
/// It holds at most the chunk that was pushed last and a piece of output, whatever a chunk expands
/// to.
pub(crate) struct Decoder {
    /// One for each coding; that of the last coding applied is the first.
    stages: Vec<Stage>,
    /// Initialized memory for output. Pieces are split off its front, so that small pieces share
    /// an allocation.
    block: BytesMut,
}

struct Stage {
    decode: Box<dyn Decode>,
    input: Bytes,
    /// `true` if the last output was full: there may be more without more input.
    may_have_more: bool,
    /// Error after the data that was decoded last.
    failed: Option<DecodeError>,
}

/// Result of a step of a decoder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// Decoded bytes, at least one.
    Bytes(Bytes),
    /// Progress without output.
    Nothing,
    /// Everything that was pushed is decoded.
    NeedsInput,
}

impl Decoder {
    /// Creates the decoder of a body to which these codings were applied in this order; `None` if
    /// there is nothing to decode.
    pub(crate) fn new(codings: &[Coding]) -> Option<Box<Self>> {
        let stages = codings.iter().rev().filter_map(|coding| coding.decode()).map(Stage::new);
        let stages: Vec<_> = stages.collect();
        (!stages.is_empty()).then(|| Box::new(Self { stages, block: BytesMut::new() }))
    }

    /// Adds a chunk of the body, once everything before is decoded.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        if let Some(first) = self.stages.first_mut() {
            first.input = chunk;
        }
    }

    /// Decodes a piece of what was pushed.
    pub(crate) fn next(&mut self) -> Result<Decoded, DecodeError> {
        step(&mut self.stages, &mut self.block)
    }

    /// Returns `true` if the body can end here.
    pub(crate) fn is_complete(&self) -> bool {
        self.stages.iter().all(|stage| stage.decode.is_complete())
    }
}

/// Takes a step of the last stage, or of an earlier one if the last has no input.
fn step(stages: &mut [Stage], block: &mut BytesMut) -> Result<Decoded, DecodeError> {
    let Some((stage, earlier)) = stages.split_last_mut() else {
        return Ok(Decoded::NeedsInput);
    };
    if let Some(error) = stage.failed.take() {
        return Err(error);
    }
    if stage.input.is_empty() && !stage.may_have_more {
        match step(earlier, block)? {
            Decoded::Bytes(bytes) => stage.input = bytes,
            other => return Ok(other),
        }
    }
    if block.len() < MIN_ROOM {
        // Reuses the memory of the last block, unless an event keeps it alive.
        block.clear();
        block.reserve(BLOCK_SIZE);
        block.resize(BLOCK_SIZE, 0);
    }
    stage.decode_into(block)
}

impl Stage {
    fn new(decode: Box<dyn Decode>) -> Self {
        Self { decode, input: Bytes::new(), may_have_more: false, failed: None }
    }

    fn decode_into(&mut self, block: &mut BytesMut) -> Result<Decoded, DecodeError> {
        let mut done = Progress::default();
        let result = self.decode.decode(&self.input, block, &mut done);
        let Progress { read, written } = done;
        self.may_have_more = written == block.len();
        if read == self.input.len() {
            // An empty slice would keep the transport from reusing its buffer.
            self.input = Bytes::new();
        } else {
            self.input.advance(read);
        }
        if written > 0 {
            self.failed = result.err();
            return Ok(Decoded::Bytes(block.split_to(written).freeze()));
        }
        result?;
        if read == 0 && !self.input.is_empty() {
            // It would be asked again forever.
            return Err(DecodeError::new("coded", "no progress"));
        }
        Ok(Decoded::Nothing)
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.stages.iter().map(|stage| &stage.decode)).finish()
    }
}

/// Size of the memory for output. An event keeps all of it alive, as it would a buffer of the
/// transport's.
const BLOCK_SIZE: usize = 4 * 1024;

/// Room for output below which there is a new block.
const MIN_ROOM: usize = 512;
