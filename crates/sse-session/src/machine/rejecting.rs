//! Rejected response, while the start of its body is read.

use std::{ops::ControlFlow, time::Duration};

use bytes::Bytes;

use crate::{
    coding::{Decoded, Decoder},
    failure::{Failure, Rejection, append_bounded},
};

/// Rejected response, of whose body the start is read: it may say why.
#[derive(Debug)]
pub(super) struct Rejecting {
    rejection: Rejection,
    failure: fn(Box<Rejection>) -> Failure,
    /// `true` if the body has a content coding that this crate decodes.
    is_coded: bool,
    /// Decoder of such a body, until it fails.
    decoder: Option<Box<Decoder>>,
    /// Start of such a body as it was received.
    undecoded: Vec<u8>,
    pub(super) deadline: Duration,
}

impl Rejecting {
    /// Creates a rejected response without a body. `failure` is what it becomes.
    pub(super) fn new(
        rejection: Rejection,
        failure: fn(Box<Rejection>) -> Failure,
        decoder: Option<Box<Decoder>>,
        deadline: Duration,
    ) -> Self {
        let (is_coded, undecoded) = (decoder.is_some(), Vec::new());
        Self { rejection, failure, is_coded, decoder, undecoded, deadline }
    }

    /// Adds a chunk of the body. Breaks if no more is needed.
    pub(super) fn take(&mut self, chunk: Bytes) -> ControlFlow<()> {
        if !self.is_coded {
            return self.rejection.add_to_body(&chunk);
        }
        let is_full = append_bounded(&mut self.undecoded, &chunk).is_break();
        let Some(decoder) = &mut self.decoder else {
            // The body may be text although it cannot be decoded.
            return if is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
        };
        decoder.push(chunk);
        loop {
            match decoder.next() {
                Ok(Decoded::Bytes(bytes)) => self.rejection.add_to_body(&bytes)?,
                Ok(Decoded::Nothing) => {}
                Ok(Decoded::NeedsInput) => return ControlFlow::Continue(()),
                Err(_) => {
                    self.decoder = None;
                    return ControlFlow::Continue(());
                }
            }
        }
    }

    /// Returns the failure. The body is text even if the server has only labeled it as coded, as
    /// some frameworks do with the response to a failure.
    pub(super) fn into_failure(self) -> Failure {
        let Self { mut rejection, failure, decoder, undecoded, .. } = self;
        let is_decoded = decoder.is_some_and(|decoder| decoder.is_complete());
        if self.is_coded && !is_decoded && is_text(&undecoded) {
            rejection.body = undecoded;
        }
        failure(Box::new(rejection))
    }
}

/// Returns `true` if bytes are the start of a text.
fn is_text(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The text may have been split within its last character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && !text.contains(|c: char| c.is_control() && !c.is_whitespace())
}
