//! Joins the lines of data of a block that lies whole in the input.
//!
//! Copies each line once, into memory that has room for all of them.

use super::{BlockReader, Found, Stage};
use crate::{
    buffer::Buffer,
    layout::{DataLines, Layout, Span},
};

impl BlockReader {
    /// Returns a block that lies whole in the input; `more` holds its lines of data after the
    /// first.
    pub(super) fn dispatch(&mut self, chunk: &[u8], layout: &Layout, more: &DataLines) -> Found {
        if more.is_empty() {
            self.layout = *layout;
            self.offset = 0;
            return Found::InPlace;
        }
        self.join(chunk, layout, more);
        self.stage = Stage::Dispatched;
        Found::InBuffer
    }

    /// Joins the lines of data, and appends the other fields.
    #[inline(never)]
    fn join(&mut self, chunk: &[u8], layout: &Layout, more: &DataLines) {
        let Layout { data, event, id, .. } = *layout;
        let others = [event, id].into_iter().filter(|value| value.is_present());
        let len: usize = others.chain(more.iter()).map(|value| 1 + value.len()).sum();
        let joined = self.block.begin_whole(data.len() + len);
        joined.extend(data.of(chunk).unwrap_or_default(), 0);
        for line in more.iter() {
            append(joined, chunk, line);
        }
        let data = Span::new(0, joined.len());
        let event = append(joined, chunk, event);
        let id = append(joined, chunk, id);
        self.block.end_whole(Layout { data, event, id, ..*layout });
    }
}

/// Appends an LF and the value, if the value is present, and returns the value's place.
#[inline(always)]
fn append(joined: &mut Buffer, chunk: &[u8], span: Span) -> Span {
    let Some(value) = span.of(chunk) else {
        return Span::ABSENT;
    };
    joined.push(b'\n');
    let start = joined.len();
    match chunk[span.start()..].first_chunk() {
        Some(wide) if value.len() <= WIDE && joined.spare() >= WIDE => {
            let wide: &[u8; WIDE] = wide;
            joined.extend(wide, 0);
            joined.truncate(start + value.len());
        }
        _ => joined.extend(value, 0),
    }
    Span::new(start, joined.len())
}

/// Number of bytes that are copied for a shorter value, if there is room, with the excess
/// truncated: a copy of constant length is faster than one of variable length.
const WIDE: usize = 64;
