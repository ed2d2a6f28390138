//! Joins the lines of data of a block that lies whole in the input.
//!
//! Copies each line once, into memory that has room for all of them.

use super::{BlockReader, Found, Stage};
use crate::layout::{DataLines, Layout, Span};

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
        let buffer = self.block.begin_whole(data.len() + len);
        let mut joined = buffer.append_from(chunk, layout.ascii);
        joined.append(data);
        for line in more.iter() {
            joined.append_line(line);
        }
        let data = Span::new(0, joined.len());
        let event = joined.append_line(event);
        let id = joined.append_line(id);
        self.block.end_whole(Layout { data, event, id, ..*layout });
    }
}
