//! Assembles a block from values that are copied out of their chunks.
//!
//! Used for a block that spans chunks or has several fields of a kind that cannot be read in place.
//! A block that lies inside one chunk, with one line of data, is assembled only if the chunk is
//! very short. [`crate::reader`] decides what a blank line does with a block.

use alloc::{boxed::Box, vec::Vec};

use crate::{
    ascii::AsciiPrefix,
    buffer::Buffer,
    field::{FieldName, is_ignored_id, parse_retry},
    layout::{Layout, Span},
    meter::LINE_OVERHEAD,
    scan::scan_line,
};

/// Block that is being read, with its values copied out of the chunks they came in.
#[derive(Debug, Clone)]
pub(crate) struct OpenBlock {
    /// The values in the order in which they came, separated by an LF, so that bytes of two values
    /// never form one character. Values that were replaced stay in it: the limit on a block's lines
    /// bounds them.
    text: Buffer,
    /// Places of the complete values in `text`.
    layout: Layout,
    /// Start of the open value in `text`.
    open_from: usize,
    side: Option<Box<SideBuffer>>,
}

/// Side buffer for what few blocks have, so that their data stays contiguous.
#[derive(Debug, Clone, Default)]
struct SideBuffer {
    /// Values that came between two lines of data and were moved here, so that the data could
    /// continue.
    values: Vec<u8>,
    /// Places in `values` of the fields that have not been replaced.
    event: Span,
    id: Span,
    comments: Vec<u8>,
    /// Size of the comment lines that are kept, as the limits count them.
    comments_used: usize,
}

impl Default for OpenBlock {
    fn default() -> Self {
        Self { text: Buffer::default(), layout: Layout::EMPTY, open_from: 0, side: None }
    }
}

impl OpenBlock {
    pub(crate) fn is_empty(&self) -> bool {
        // The side buffer holds only values that follow data, and comments, and neither is removed.
        self.layout.is_empty()
    }

    pub(crate) fn retry(&self) -> Option<u64> {
        self.layout.rare.retry
    }

    pub(crate) fn set_retry(&mut self, retry: Option<u64>) {
        self.layout.rare.retry = retry;
    }

    /// Starts with the part of a block that was read in place. Up to `room` bytes may follow.
    #[inline]
    pub(crate) fn start_with(&mut self, text: &[u8], layout: &Layout, room: usize) {
        self.extend(text, layout.ascii, room);
        self.layout = Layout { ascii: AsciiPrefix::NONE, ..*layout };
    }

    /// Opens the value of a field. Up to `room` bytes may follow.
    #[inline(always)]
    pub(crate) fn begin(&mut self, name: FieldName, room: usize) {
        let is_next_line = name == FieldName::Data && self.layout.data.is_present();
        if is_next_line && self.layout.data.end() != self.text.len() {
            self.move_to_side_buffer(room);
        }
        if is_next_line || !self.text.is_empty() {
            self.text.make_room(1, room);
            self.text.push_line_feed();
        }
        self.open_from = self.text.len();
    }

    /// Appends bytes to the open value, given their prefix. Up to `room` bytes may follow,
    /// including these.
    #[inline(always)]
    pub(crate) fn extend(&mut self, bytes: &[u8], ascii: AsciiPrefix, room: usize) {
        self.text.extend(bytes, ascii, room);
    }

    /// Fast path: appends a fragment of the open value if its length has a fast copy, and returns
    /// `true` if it did.
    #[inline(always)]
    pub(crate) fn try_extend(&mut self, piece: &[u8]) -> bool {
        self.text.try_extend(piece)
    }

    /// Appends the input to the open value, up to a line end or as far as there is room, and
    /// returns the number of bytes appended. Grows the buffer if it is nearly full; up to `room`
    /// bytes may follow, including these.
    #[inline(always)]
    pub(crate) fn extend_to_line_end(&mut self, input: &[u8], room: usize) -> usize {
        let spare = self.text.spare();
        if spare < input.len().min(MIN_ROOM) {
            return self.grow_to_line_end(input, room);
        }
        self.text.copy_line(&input[..input.len().min(spare)])
    }

    /// Like [`extend_to_line_end`](Self::extend_to_line_end), but scans first and grows the buffer
    /// by exactly the length found: the line may be short, and the input long.
    #[cold]
    #[inline(never)]
    fn grow_to_line_end(&mut self, input: &[u8], room: usize) -> usize {
        let line = scan_line(input);
        self.extend(&input[..line.len()], line.ascii(), room);
        line.len()
    }

    /// Returns the length of the open value so far.
    #[inline]
    pub(crate) fn open_len(&self) -> usize {
        self.text.len() - self.open_from
    }

    /// Closes the open value, which only now replaces the previous one. Up to `room` bytes may
    /// follow. Returns `true` if the value is part of the text.
    #[inline(always)]
    pub(crate) fn end(&mut self, name: FieldName, room: usize) -> bool {
        let value = Span::new(self.open_from, self.text.len());
        match name {
            FieldName::Data => {
                let data = &mut self.layout.data;
                *data = if data.is_present() { data.to_end_of(value) } else { value };
            }
            FieldName::Event if value.len() > 0 => {
                self.layout.event = value;
                if let Some(side) = &mut self.side {
                    side.event = Span::ABSENT;
                }
            }
            FieldName::Id if !is_ignored_id(&self.text[self.open_from..]) => {
                self.layout.id = value;
                if let Some(side) = &mut self.side {
                    side.id = Span::ABSENT;
                }
            }
            _ => {
                self.end_other(name, room);
                return false;
            }
        }
        true
    }

    /// Closes a value that is not part of the text.
    #[inline(never)]
    fn end_other(&mut self, name: FieldName, room: usize) {
        let value = &self.text[self.open_from..];
        match name {
            FieldName::Event => {
                self.layout.event = Span::ABSENT;
                if let Some(side) = &mut self.side {
                    side.event = Span::ABSENT;
                }
            }
            FieldName::Retry => {
                self.layout.rare.retry = parse_retry(value).or(self.layout.rare.retry);
            }
            FieldName::Comment => {
                let side = self.side.get_or_insert_default();
                reserve(&mut side.comments, 1 + value.len(), room);
                if self.layout.rare.comments.is_present() {
                    side.comments.push(b'\n');
                }
                side.comments.extend_from_slice(value);
                self.layout.rare.comments = Span::new(0, side.comments.len());
            }
            FieldName::Data | FieldName::Id => {}
        }
        // Including the LF in front of it.
        self.text.truncate(self.open_from.saturating_sub(1));
    }

    /// Adds the size of a comment line that has ended.
    pub(crate) fn count_comment(&mut self, used: usize) {
        if let Some(side) = &mut self.side {
            side.comments_used += used;
        }
    }

    /// Drops the oldest comments if their total size exceeds `max`, until the size of the others is
    /// at most half of that. Returns the size dropped.
    pub(crate) fn drop_old_comments(&mut self, max: usize) -> usize {
        let Some(side) = self.side.as_deref_mut().filter(|it| it.comments_used > max) else {
            return 0;
        };
        let used_before = side.comments_used;
        side.drop_old_comments(max / 2);
        self.layout.rare.comments = match side.comments_used {
            0 => Span::ABSENT,
            _ => Span::new(0, side.comments.len()),
        };
        used_before.saturating_sub(side.comments_used)
    }

    /// Moves the values after the data to the side buffer, so that more data can follow.
    #[cold]
    fn move_to_side_buffer(&mut self, room: usize) {
        let data_end = self.layout.data.end();
        let side = self.side.get_or_insert_default();
        let after_data = &self.text[data_end..];
        reserve(&mut side.values, after_data.len(), room);
        let offset = side.values.len();
        side.values.extend_from_slice(after_data);
        self.text.truncate(data_end);
        let fields =
            [(&mut self.layout.event, &mut side.event), (&mut self.layout.id, &mut side.id)];
        for (span, side) in fields {
            if span.is_present() && span.start() >= data_end {
                *side = Span::new(span.start() - data_end + offset, span.end() - data_end + offset);
                *span = Span::ABSENT;
            }
        }
    }

    /// Ends the block: appends the side buffer to the text.
    #[inline]
    pub(crate) fn seal(&mut self) {
        if self.side.as_deref().is_some_and(|side| !side.is_empty()) {
            self.append_side_buffer();
        }
        self.layout.ascii = self.text.ascii();
        self.text.end();
    }

    #[cold]
    fn append_side_buffer(&mut self) {
        let Some(side) = &mut self.side else { return };
        let len = side.values.len() + side.comments.len() + 2;
        if self.text.spare() < len {
            // Releases spare capacity first, so that a parser never holds more than twice the
            // limit.
            side.values.shrink_to_fit();
            side.comments.shrink_to_fit();
            self.text.make_room(len, len);
        }
        self.text.push_line_feed();
        if side.event.is_present() {
            self.layout.event = side.event.shift_right(self.text.len());
        }
        if side.id.is_present() {
            self.layout.id = side.id.shift_right(self.text.len());
        }
        self.text.extend(&side.values, AsciiPrefix::find(&side.values), 0);
        self.text.push_line_feed();
        self.layout.rare.comments = self.layout.rare.comments.shift_right(self.text.len());
        self.text.extend(&side.comments, AsciiPrefix::find(&side.comments), 0);
    }

    /// Returns the buffer with room for the text of a block that is assembled at once. No block is
    /// open.
    pub(crate) fn begin_whole(&mut self, len: usize) -> &mut Buffer {
        self.text.make_room_for_all(len);
        &mut self.text
    }

    /// Ends the block whose text was written after [`begin_whole`](Self::begin_whole).
    pub(crate) fn end_whole(&mut self, layout: Layout) {
        self.layout = Layout { ascii: self.text.ascii(), ..layout };
    }

    /// Returns the bytes of a sealed block, and the places of its fields in them.
    #[inline(always)]
    pub(crate) fn sealed(&self) -> (&[u8], &Layout) {
        (&self.text, &self.layout)
    }

    /// Like [`sealed`](Self::sealed), but lets the event take ownership of the bytes.
    #[inline(always)]
    pub(crate) fn sealed_mut(&mut self) -> (&mut Buffer, &Layout) {
        (&mut self.text, &self.layout)
    }

    /// Returns the expected length of the next block's text: about that of the last assembled one.
    #[inline(always)]
    pub(crate) fn expected_len(&self) -> usize {
        self.text.expected_len()
    }

    /// Clears the block, and keeps memory for the next one.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.layout = Layout::EMPTY;
        self.text.clear();
        if let Some(side) = &mut self.side {
            side.clear();
        }
    }

    /// Releases memory that may not be needed soon. The block is empty.
    #[inline(always)]
    pub(crate) fn release_memory(&mut self) {
        if self.text.has_memory() || self.side.is_some() {
            self.release();
        }
    }

    #[inline(never)]
    fn release(&mut self) {
        self.text.release();
        self.side = None;
    }

    /// Switches to shared memory if the input holds more blocks after one whose text had length
    /// `len`. An event may take up to `limit` bytes.
    #[inline(always)]
    pub(crate) fn expect_more(&mut self, len: usize, limit: usize) {
        self.text.share(len, limit);
    }
}

impl SideBuffer {
    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.comments.is_empty()
    }

    /// Drops the oldest comments until the size of the others is at most `max`.
    #[cold]
    fn drop_old_comments(&mut self, max: usize) {
        let (mut kept_from, mut used) = (self.comments.len(), 0);
        for line in self.comments.rsplit(|byte| *byte == b'\n') {
            let line_used = COMMENT_START + line.len() + LINE_OVERHEAD;
            if used + line_used > max {
                break;
            }
            used += line_used;
            // Including the LF before it, unless it is the first line.
            kept_from = kept_from.saturating_sub(line.len() + 1);
        }
        self.comments_used = used;
        if used == 0 {
            clear_and_keep(&mut self.comments, KEPT_SIDE_BYTES);
        } else {
            self.comments.drain(..kept_from + 1);
            self.comments.shrink_to(2 * max);
        }
    }

    #[cold]
    fn clear(&mut self) {
        self.comments_used = 0;
        self.event = Span::ABSENT;
        self.id = Span::ABSENT;
        clear_and_keep(&mut self.values, KEPT_SIDE_BYTES);
        clear_and_keep(&mut self.comments, KEPT_SIDE_BYTES);
    }
}

/// Doubles the capacity, but not beyond what may follow.
fn reserve(bytes: &mut Vec<u8>, additional: usize, room: usize) {
    if bytes.capacity() - bytes.len() < additional {
        bytes.reserve_exact(additional + bytes.len().min(room));
    }
}

#[inline(always)]
fn clear_and_keep(bytes: &mut Vec<u8>, max_bytes: usize) {
    bytes.clear();
    if bytes.capacity() > max_bytes {
        *bytes = Vec::new();
    }
}

/// Length of a colon and a space, which most comments begin with.
const COMMENT_START: usize = 2;

/// Capacity of the side buffer that is kept for the next block.
const KEPT_SIDE_BYTES: usize = 64;

/// Minimum room that is filled before the buffer grows: with less, a value would be copied in two
/// steps for a few bytes.
const MIN_ROOM: usize = 64;
