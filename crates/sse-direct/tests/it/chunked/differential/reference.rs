//! Reference: decodes a whole chunked body at once, by the grammar of RFC 9112, section 7.1.
//!
//! It is strict: a line ends with CRLF, and white space is allowed only where the grammar has it.
//! It has no limits.

use std::ops::Range;

use sse_direct::HttpError;

use super::{Found, Outcome};

/// Body as the grammar has it.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) data: Vec<u8>,
    pub(super) end: End,
    /// Lengths of the complete size lines, without line ends, and of the data before each.
    pub(super) size_lines: Vec<(usize, usize)>,
}

#[derive(Debug)]
pub(super) enum End {
    Complete {
        /// Trailer fields, without the empty line.
        trailers: Range<usize>,
    },
    Truncated,
    Malformed {
        error: HttpError,
        /// Start of the line, or of the CRLF after data, that is malformed.
        start: usize,
    },
}

/// Line that has not arrived, or is malformed.
enum NoLine {
    Truncated,
    Malformed(HttpError),
}

impl Reference {
    pub(super) fn new(body: &[u8]) -> Self {
        let mut this = Self { data: Vec::new(), end: End::Truncated, size_lines: Vec::new() };
        let mut at = 0;
        this.end = loop {
            let (size, len) = match size_line(&body[at..]) {
                Ok(line) => line,
                Err(NoLine::Truncated) => break End::Truncated,
                Err(NoLine::Malformed(error)) => break End::Malformed { error, start: at },
            };
            this.size_lines.push((len, this.data.len()));
            at += len + 2;
            if size == 0 {
                break trailers(body, at);
            }
            let rest = &body[at..];
            let len = usize::try_from(size).map_or(rest.len(), |size| size.min(rest.len()));
            this.data.extend_from_slice(&rest[..len]);
            at += len;
            match &body[at..] {
                [b'\r', b'\n', ..] => at += 2,
                [] | [b'\r'] => break End::Truncated,
                _ => break End::Malformed { error: HttpError::InvalidChunkEnd, start: at },
            }
        };
        this
    }

    /// Returns what a decoder finds that decides as this one.
    pub(super) fn found(&self) -> Found {
        let end = match self.end {
            End::Complete { .. } => Outcome::Complete,
            End::Truncated => Outcome::Truncated,
            End::Malformed { .. } => Outcome::Malformed,
        };
        Found { data: self.data.clone(), end }
    }
}

/// Returns the size of a line, and the length of the line.
fn size_line(rest: &[u8]) -> Result<(u64, usize), NoLine> {
    let malformed = Err(NoLine::Malformed(HttpError::InvalidChunkSize));
    let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits == 0 {
        return if rest.is_empty() { Err(NoLine::Truncated) } else { malformed };
    }
    let text = std::str::from_utf8(&rest[..digits]).unwrap();
    let size =
        u64::from_str_radix(text, 16).map_err(|_| NoLine::Malformed(HttpError::ChunkTooLong))?;
    let spaces = rest[digits..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let mut len = digits + spaces;
    if rest.get(len) == Some(&b';') {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        len += rest[len..].iter().position(is_end).ok_or(NoLine::Truncated)?;
    }
    match &rest[len..] {
        [b'\r', b'\n', ..] => Ok((size, len)),
        [] | [b'\r'] => Err(NoLine::Truncated),
        _ => malformed,
    }
}

fn trailers(body: &[u8], start: usize) -> End {
    let mut at = start;
    loop {
        let Some(len) = body[at..].iter().position(|&byte| byte == b'\r') else {
            return End::Truncated;
        };
        match body.get(at + len + 1) {
            Some(b'\n') if len == 0 => return End::Complete { trailers: start..at },
            Some(b'\n') => at += len + 2,
            Some(_) => return End::Malformed { error: HttpError::InvalidTrailers, start: at },
            None => return End::Truncated,
        }
    }
}
