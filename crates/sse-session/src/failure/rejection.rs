//! Rejected responses: what is kept of one for the error that it becomes.

use std::{ops::ControlFlow, time::Duration};

use http::header::{CONTENT_TYPE, HeaderName, TRANSFER_ENCODING};

use crate::{acceptance::RetryAdvice, call::ResponseHead, coding::Undecodable};

/// Response that was rejected, and the start of its body.
#[derive(Debug)]
pub(crate) struct Rejection {
    pub(crate) head: ResponseHead,
    pub(crate) body: Vec<u8>,
    pub(crate) advice: RetryAdvice,
    pub(crate) retry_after: Option<Duration>,
    /// Coding of the body that nothing decodes.
    pub(crate) undecodable: Option<Undecodable>,
}

impl Rejection {
    /// Names the content type.
    pub(super) fn content_type(&self) -> String {
        match self.escaped(&CONTENT_TYPE) {
            Some(value) => format!("content type {value}"),
            None => "no content type".to_owned(),
        }
    }

    /// Adds a chunk to the body. Breaks if no more of the body is kept.
    pub(crate) fn add_to_body(&mut self, chunk: &[u8]) -> ControlFlow<()> {
        append_bounded(&mut self.body, chunk)
    }

    /// Names the coding that nothing decodes, and the feature that would.
    pub(super) fn coding(&self) -> String {
        let Some(Undecodable { header, feature }) = &self.undecodable else {
            return String::new();
        };
        let value = self.escaped(header).unwrap_or_default();
        let kind = if *header == TRANSFER_ENCODING { "transfer" } else { "content" };
        match feature {
            Some(feature) => {
                format!("{kind} encoding {value}, which the feature `{feature}` decodes")
            }
            None => format!("{kind} encoding {value}"),
        }
    }

    /// Returns the start of a header that is not secret.
    fn escaped(&self, name: &HeaderName) -> Option<String> {
        let value = self.head.header(name)?;
        Some(value[..value.len().min(MAX_SHOWN_BYTES)].escape_ascii().to_string())
    }
}

/// Appends as much of a chunk to the start of a body as is kept. Breaks if no more is.
pub(crate) fn append_bounded(body: &mut Vec<u8>, chunk: &[u8]) -> ControlFlow<()> {
    let room = MAX_BODY_BYTES - body.len();
    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
    if chunk.len() < room { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

const MAX_SHOWN_BYTES: usize = 100;

/// Number of bytes that are kept of the body of a rejected response.
const MAX_BODY_BYTES: usize = 64 * 1024;
