//! A whole stream and limits in, the byte that is one too many out: a count to compare ours with.
//!
//! Looks at one raw line after the other and adds up. Knows nothing of chunks, and does not say what
//! comes before the limit.

use sse_core::{Limit, Limits};

use crate::reference::Mode;

/// What a line costs beside its own bytes: its end, and the charge.
pub(crate) const LINE: usize = 1 + Limits::LINE_CHARGE;

/// Which limit the stream exceeds first, and where.
pub(crate) fn first_excess(stream: &[u8], limits: Limits, mode: Mode) -> Option<(Limit, u64)> {
    let mut used = 0;
    for line in lines(stream) {
        if line.ended && line.bytes.is_empty() {
            used = 0;
        }
        let Some((name, value)) = line.field() else {
            continue;
        };
        let limit = match name {
            b"event" => Some(Limit::EventType),
            b"id" => Some(Limit::Id),
            b"data" | b"retry" => None,
            b"" if mode.comments && !line.bytes.is_empty() => None,
            _ => continue,
        };
        let room = limits.max_bytes(Limit::Event).saturating_sub(used + LINE);
        let of_event = (Limit::Event, room);
        let of_value = limit.map(|limit| (limit, value + limits.max_bytes(limit)));
        let reached = [Some(of_event), of_value].into_iter().flatten();
        let reached = reached.filter(|(_, allowed)| line.bytes.len() > *allowed);
        if let Some((limit, allowed)) = reached.min_by_key(|(_, allowed)| *allowed) {
            return Some((limit, (line.start + allowed) as u64));
        }
        used += line.bytes.len() + LINE;
    }
    None
}

struct Line<'a> {
    bytes: &'a [u8],
    /// Where it starts in the stream.
    start: usize,
    ended: bool,
}

impl<'a> Line<'a> {
    /// The name, and where in the line the value starts. What comes before a line's end and has no
    /// colon in it may yet become another name.
    fn field(&self) -> Option<(&'a [u8], usize)> {
        let bytes = self.bytes;
        match bytes.iter().position(|byte| *byte == b':') {
            Some(colon) if bytes[colon..].starts_with(b": ") => Some((&bytes[..colon], colon + 2)),
            Some(colon) => Some((&bytes[..colon], colon + 1)),
            None => self.ended.then_some((bytes, bytes.len())),
        }
    }
}

fn lines(stream: &[u8]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = if stream.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    while let Some(len) = stream[start..].iter().position(|byte| b"\r\n".contains(byte)) {
        let (bytes, end) = stream[start..].split_at(len);
        lines.push(Line { bytes, start, ended: true });
        start += len + if end.starts_with(b"\r\n") { 2 } else { 1 };
    }
    lines.push(Line { bytes: &stream[start..], start, ended: false });
    lines
}
