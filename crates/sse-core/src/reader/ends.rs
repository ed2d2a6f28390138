//! State at the end of a stream: a line, an event and its data that are incomplete.
//!
//! Computed on demand, so that reading a stream costs nothing more.

use super::{BlockReader, Stage};
use crate::{
    field::FieldName,
    layout::{Layout, Span},
    partial::PartialLine,
};

impl BlockReader {
    /// Returns `true` if the stream is within a line, or within a byte order mark.
    pub(crate) fn is_in_line(&self) -> bool {
        !self.partial.is_start() || self.line_start.is_in_mark()
    }

    /// Returns `true` if a part of an event was received: a line of data, an event type or an ID
    /// after the last blank line, or the start of one.
    pub(crate) fn has_unfinished_event(&self) -> bool {
        let is_begun = match self.stage {
            Stage::Assembling => {
                let (_, Layout { data, event, id, .. }) = self.block.sealed();
                // Only data moves an event type or an ID to the side buffer.
                [data, event, id].into_iter().any(|span| span.is_present())
            }
            // An event that exceeds a limit has begun, and was not ended.
            Stage::Skipping | Stage::Failed(_) => true,
            Stage::Between | Stage::Dispatched => false,
        };
        is_begun || self.partial.field().is_some_and(FieldName::is_of_event)
    }

    /// Returns the data of the unfinished event, as far as it was received.
    pub(crate) fn unfinished_data(&self) -> &[u8] {
        let Stage::Assembling = self.stage else {
            return &[];
        };
        let (text, layout) = self.block.sealed();
        let data = match self.partial {
            PartialLine::Value(FieldName::Data) => {
                let open = Span::new(text.len() - self.block.open_len(), text.len());
                if layout.data.is_present() { layout.data.to_end_of(open) } else { open }
            }
            _ => layout.data,
        };
        data.of(text).unwrap_or_default()
    }
}
