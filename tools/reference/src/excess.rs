//! Naive count of what a stream may contain under limits: the byte that exceeds one, and the stream
//! without the blocks that do.
//!
//! It adds up the bytes of one line after another, and knows nothing of chunks. [`reader`] says
//! what the rest of the stream means.

use sse_core::{Limit, Limits};

use crate::{
    outcome::Outcome,
    reader::{self, Mode},
};

/// Number of bytes that a line counts beside its own: its end, and the charge.
pub const LINE: usize = 1 + Limits::LINE_CHARGE;

/// Returns the limit that the stream exceeds first, and the position.
pub fn first_excess(stream: &[u8], limits: Limits, mode: Mode) -> Option<(Limit, u64)> {
    skip(stream, limits, mode).excesses.first().copied()
}

/// Reads a stream without the blocks that exceed a limit.
pub fn read_skipping(stream: &[u8], limits: Limits, mode: Mode) -> Outcome {
    let remains = skip(stream, limits, mode);
    Outcome {
        reconnection_ms: reader::read(&remains.up_to_excess, mode).reconnection_ms,
        pending_bytes: reader::read(stream, mode).pending_bytes,
        skipped: remains.excesses.len() as u64,
        last_skipped: remains.excesses.last().copied(),
        ..reader::read(&remains.stream, mode)
    }
}

/// Returns the stream without the comments that are dropped for others in the same block.
pub fn without_old_comments(stream: &[u8], limits: Limits, mode: Mode) -> Vec<u8> {
    skip(stream, limits, mode).stream
}

/// Rest of a stream whose blocks that exceed a limit are skipped.
#[derive(Debug, Default)]
struct Remainder {
    /// Limit that each of these blocks exceeds first, and the position.
    excesses: Vec<(Limit, u64)>,
    /// The stream with only the blank lines of these blocks.
    stream: Vec<u8>,
    /// The stream with these blocks up to the line that exceeds a limit.
    up_to_excess: Vec<u8>,
}

fn skip(stream: &[u8], limits: Limits, mode: Mode) -> Remainder {
    let mut remains = Remainder::default();
    let (lines, mark) = lines(stream);
    remains.stream.extend_from_slice(mark);
    remains.up_to_excess.extend_from_slice(mark);
    for block in lines.split_inclusive(Line::is_blank) {
        let mut comments = Comments::new(limits);
        let excess = block_excess(block, limits, mode, &mut comments);
        let (kept, dropped) = block.split_at(excess.map_or(block.len(), |excess| excess.line));
        remains.up_to_excess.extend(kept.iter().flat_map(|line| line.raw));
        if let Some(Excess { limit, position, .. }) = excess {
            remains.excesses.push((limit, position));
        } else {
            let kept = kept.iter().enumerate().filter(|(number, _)| !comments.dropped(*number));
            remains.stream.extend(kept.flat_map(|(_, line)| line.raw));
        }
        let blank = dropped.last().filter(|line| line.is_blank()).map_or(&b""[..], |line| line.raw);
        remains.stream.extend_from_slice(blank);
        remains.up_to_excess.extend_from_slice(blank);
    }
    remains
}

#[derive(Debug, Clone, Copy)]
struct Excess {
    limit: Limit,
    position: u64,
    /// Number of the line in the block.
    line: usize,
}

/// Comments of a block. When another begins, the oldest are dropped if there are too many.
struct Comments {
    max: usize,
    /// Number of each line that is kept, and the bytes that it counts.
    kept: Vec<(usize, usize)>,
    dropped: Vec<usize>,
}

impl Comments {
    fn new(limits: Limits) -> Self {
        let max = (limits.max_bytes(Limit::Event) / 2).min(4096);
        Self { max, kept: Vec::new(), dropped: Vec::new() }
    }

    fn used(&self) -> usize {
        self.kept.iter().map(|(_, used)| used).sum()
    }

    fn drop_old(&mut self, block: &[Line<'_>]) {
        if self.used() <= self.max {
            return;
        }
        for (number, used) in &mut self.kept {
            // Each as if it began with a space.
            let value_at = block[*number].field().map_or(0, |(_, value_at)| value_at);
            *used = ": ".len() + block[*number].bytes.len() - value_at + LINE;
        }
        while self.used() > self.max / 2 {
            self.dropped.push(self.kept.remove(0).0);
        }
    }

    fn dropped(&self, number: usize) -> bool {
        self.dropped.contains(&number)
    }
}

fn block_excess(
    block: &[Line<'_>],
    limits: Limits,
    mode: Mode,
    comments: &mut Comments,
) -> Option<Excess> {
    let mut used_by_fields = 0;
    for (number, line) in block.iter().enumerate() {
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
        if name.is_empty() {
            comments.drop_old(block);
        }
        let used = used_by_fields + comments.used();
        let room = limits.max_bytes(Limit::Event).saturating_sub(used + LINE);
        let of_event = (Limit::Event, room);
        let of_value = limit.map(|limit| (limit, value + limits.max_bytes(limit)));
        let reached = [Some(of_event), of_value].into_iter().flatten();
        let reached = reached.filter(|(_, allowed)| line.bytes.len() > *allowed);
        if let Some((limit, allowed)) = reached.min_by_key(|(_, allowed)| *allowed) {
            return Some(Excess { limit, position: (line.start + allowed) as u64, line: number });
        }
        match name {
            b"" => comments.kept.push((number, line.bytes.len() + LINE)),
            _ => used_by_fields += line.bytes.len() + LINE,
        }
    }
    None
}

struct Line<'a> {
    bytes: &'a [u8],
    /// With its end.
    raw: &'a [u8],
    /// Position in the stream.
    start: usize,
}

impl<'a> Line<'a> {
    fn has_end(&self) -> bool {
        self.raw.len() > self.bytes.len()
    }

    fn is_blank(&self) -> bool {
        self.bytes.is_empty() && self.has_end()
    }

    /// Returns the name, and the position of the value in the line. A line without a colon is a
    /// name only once it has an end.
    fn field(&self) -> Option<(&'a [u8], usize)> {
        let bytes = self.bytes;
        match bytes.iter().position(|byte| *byte == b':') {
            Some(colon) if bytes[colon..].starts_with(b": ") => Some((&bytes[..colon], colon + 2)),
            Some(colon) => Some((&bytes[..colon], colon + 1)),
            None => self.has_end().then_some((bytes, bytes.len())),
        }
    }
}

/// Returns the lines, of which the last has no end, and the byte order mark before them.
fn lines(stream: &[u8]) -> (Vec<Line<'_>>, &[u8]) {
    let mut lines = Vec::new();
    let mut start = if stream.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let mark = &stream[..start];
    while let Some(len) = stream[start..].iter().position(|byte| b"\r\n".contains(byte)) {
        let (bytes, end) = stream[start..].split_at(len);
        let end = if end.starts_with(b"\r\n") { 2 } else { 1 };
        lines.push(Line { bytes, raw: &stream[start..start + len + end], start });
        start += len + end;
    }
    lines.push(Line { bytes: &stream[start..], raw: &stream[start..], start });
    (lines, mark)
}
