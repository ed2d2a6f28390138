//! HTTP/1.1 framing of a reply: its head, and the bytes around the parts of its body.
//!
//! Sends nothing.

use std::io;

use crate::{
    body,
    parts::{Afterwards, Framing, Head},
    reply::Reply,
};

/// Returns the head, which is empty if the reply has none.
pub(super) fn head(reply: &Reply, has_body: bool) -> io::Result<Vec<u8>> {
    let Some(Head { status, headers, .. }) = &reply.head else {
        return Ok(Vec::new());
    };
    let mut head = format!("HTTP/1.1 {status} Scripted\r\n").into_bytes();
    let mut add = |name: &str, value: &[u8]| {
        head.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
    };
    if reply.afterwards == Afterwards::Close {
        add("connection", b"close");
    }
    for (name, value) in headers {
        add(name, value);
    }
    match reply.framing {
        Framing::Chunked if has_body => add("transfer-encoding", b"chunked"),
        Framing::Length { missing } => {
            add("content-length", (body::len(reply)? + missing).to_string().as_bytes());
        }
        Framing::Chunked | Framing::UntilClose => {}
    }
    head.extend_from_slice(b"\r\n");
    Ok(head)
}

/// Frames a part of the body, which must not be empty: that would be the last chunk.
pub(super) fn frame(reply: &Reply, part: &[u8]) -> Vec<u8> {
    match reply.framing {
        Framing::Chunked => [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat(),
        Framing::Length { .. } | Framing::UntilClose => part.to_vec(),
    }
}

/// Returns the bytes after the last part.
pub(super) fn last(reply: &Reply, has_body: bool) -> &'static [u8] {
    match reply.framing {
        Framing::Chunked if has_body => b"0\r\n\r\n",
        _ => b"",
    }
}
