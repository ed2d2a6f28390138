//! Lines of data that lie whole in the input in, one text out.
//!
//! Copies each once, into memory of the length of all, or some that is there.

use super::{BlockReader, Found, Stage};
use crate::{
    buffer::Buffer,
    layout::{DataLines, Layout, Span},
};

impl BlockReader {
    /// Gives out a block that lies whole in the input, with more lines of data than the layout has.
    pub(super) fn give_out(&mut self, chunk: &[u8], layout: &Layout, more: &DataLines) -> Found {
        if more.is_empty() {
            self.layout = *layout;
            self.offset = 0;
            return Found::InPlace;
        }
        self.join(chunk, layout, more);
        self.stage = Stage::Dispatched;
        Found::InBuffer
    }

    /// Puts the lines of data together, and the other fields behind them.
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

/// Adds a value behind an LF, if there is one, and tells where it lies.
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

/// Where there is room, so many bytes are copied of a value that is not longer, and the rest dropped:
/// to find out how many they are takes longer.
const WIDE: usize = 64;
