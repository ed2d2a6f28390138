//! A reply in, its bytes on HTTP/1.1 out.
//!
//! Writes the head and frames the pieces of the body. Sends nothing.

use crate::reply::{Afterwards, Framing, Head, Reply, Step};

/// The bytes of a reply.
#[derive(Debug)]
pub(super) struct Wire<'a> {
    reply: &'a Reply,
    has_body: bool,
}

impl<'a> Wire<'a> {
    pub(super) fn new(reply: &'a Reply, wants_body: bool) -> Self {
        let status = reply.head.as_ref().map(|head| head.status);
        // RFC 9112, section 6.3: these end with their head, whatever it says.
        let has_body = wants_body && !matches!(status, Some(100..=199 | 204 | 304));
        Self { reply, has_body }
    }

    /// The most that is written at once.
    pub(super) fn max_write(&self) -> usize {
        self.reply.max_piece
    }

    /// The head; empty if there is none.
    pub(super) fn head(&self) -> Vec<u8> {
        let Some(Head { status, headers, .. }) = &self.reply.head else {
            return Vec::new();
        };
        let mut head = format!("HTTP/1.1 {status} Scripted\r\n").into_bytes();
        let mut add = |name: &str, value: &[u8]| {
            head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
        };
        if self.reply.afterwards == Afterwards::Close {
            add("connection", b"close");
        }
        for (name, value) in headers {
            add(name, value);
        }
        match self.reply.framing {
            Framing::Chunked if self.has_body => add("transfer-encoding", b"chunked"),
            Framing::Length { missing } => {
                add("content-length", (self.body_len() + missing).to_string().as_bytes());
            }
            Framing::Chunked | Framing::UntilClose => {}
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// A piece of the body, as one chunk or several.
    pub(super) fn frame(&mut self, piece: &[u8]) -> Vec<Vec<u8>> {
        if !self.has_body {
            return Vec::new();
        }
        // An empty piece is no chunk: that would be the last one.
        piece.chunks(self.reply.max_piece).map(|part| self.frame_part(part)).collect()
    }

    fn frame_part(&self, part: &[u8]) -> Vec<u8> {
        match self.reply.framing {
            Framing::Chunked => {
                [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat()
            }
            Framing::Length { .. } | Framing::UntilClose => part.to_vec(),
        }
    }

    /// What completes the body.
    pub(super) fn last(&mut self) -> Vec<u8> {
        match self.reply.framing {
            Framing::Chunked if self.has_body => b"0\r\n\r\n".to_vec(),
            _ => Vec::new(),
        }
    }

    fn body_len(&self) -> usize {
        let len = |step: &Step| match step {
            Step::Send(piece) => piece.len(),
            Step::Wait(_) => 0,
        };
        self.reply.steps.iter().map(len).sum()
    }
}
