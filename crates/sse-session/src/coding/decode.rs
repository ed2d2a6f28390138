//! Decoder of one content coding, as the decoder of a body sees it.

use std::{error::Error, fmt};

use crate::threads::BoxError;

/// Decoder of one content coding, which decodes input as far as it goes.
///
/// Streams in a row are all decoded, as if their data were one stream: gzip allows it (RFC 1952,
/// section 2.2), and so does zstd (RFC 8878, section 3); for the other codings the alternative
/// would be to lose data.
pub(super) trait Decode: fmt::Debug + Send {
    /// Decodes input into an output that is not empty, and adds to `done` as it goes. If it has
    /// consumed the input without filling the output, all data of the input is in the output.
    ///
    /// If it fails, `done` counts the data before the error, and the decoder is not called again.
    fn decode(
        &mut self,
        input: &[u8],
        output: &mut [u8],
        done: &mut Progress,
    ) -> Result<(), DecodeError>;

    /// Returns `true` if the input can end here: no stream has begun, or the last one is complete.
    fn is_complete(&self) -> bool;
}

/// Numbers of bytes that a decoder has consumed and produced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) read: usize,
    pub(super) written: usize,
}

/// Returns the number of bytes at the start of an input that are padding after a stream: zeros, as
/// tape drives needed, or a line end that a server has appended. Browsers ignore them too. Anything
/// else may be data, and is not ignored.
#[allow(dead_code)] // without gzip and deflate
pub(super) fn padding(input: &[u8]) -> usize {
    let is_padding = |byte: &&u8| matches!(byte, 0 | b'\t' | b'\n' | b'\r' | b' ');
    input.iter().take_while(is_padding).count()
}

/// Error of a body that is not in the content coding that its head names.
#[derive(Debug)]
pub(crate) struct DecodeError {
    coding: &'static str,
    source: BoxError,
}

impl DecodeError {
    #[allow(dead_code)] // without a feature of a coding
    pub(super) fn new(coding: &'static str, source: impl Into<BoxError>) -> Self {
        Self { coding, source: source.into() }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid {} data: {}", self.coding, self.source)
    }
}

impl Error for DecodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.source()
    }
}
