//! Values in, one block out: what is kept of a block that does not lie in one piece.
//!
//! A block that lies inside one chunk, with one line of data, comes here only if the chunk is very
//! short. Decides nothing: what a blank line does with a block is [`crate::reader`]'s.

use alloc::{boxed::Box, vec::Vec};

use crate::{
    buffer::Buffer,
    field::{FieldName, is_ignored_id, parse_retry},
    layout::{Charset, Layout, Span},
    meter::LINE_OVERHEAD,
    scan,
};

/// The block that is being read, its values copied out of the chunks they came in.
#[derive(Debug, Clone)]
pub(crate) struct OpenBlock {
    /// The values in the order in which they came, with an LF between any two, so that bytes of two
    /// values never make one character. Values that were replaced are among them: that is not more
    /// than the block's lines, which are limited.
    text: Buffer,
    /// Where in it the values lie that are complete.
    layout: Layout,
    /// Where in it the value starts that is being read.
    open_from: usize,
    aside: Option<Box<Aside>>,
}

/// What few blocks have, out of the way of their data.
#[derive(Debug, Clone, Default)]
struct Aside {
    /// What came between two lines of data and made room for the second.
    values: Vec<u8>,
    /// Where in them the fields lie that have not been replaced.
    event: Span,
    id: Span,
    comments: Vec<u8>,
    /// Size of the comment lines that are kept, as the limits count them.
    comments_used: usize,
}

impl Default for OpenBlock {
    fn default() -> Self {
        Self { text: Buffer::default(), layout: Layout::EMPTY, open_from: 0, aside: None }
    }
}

impl OpenBlock {
    pub(crate) fn is_empty(&self) -> bool {
        // Nothing is set aside but by data and comments, which are never replaced.
        self.layout.is_empty()
    }

    pub(crate) fn retry(&self) -> Option<u64> {
        self.layout.rare.retry
    }

    pub(crate) fn set_retry(&mut self, retry: Option<u64>) {
        self.layout.rare.retry = retry;
    }

    /// Starts with what has been read of a block in place. Up to `room` bytes may come.
    #[inline]
    pub(crate) fn start_with(&mut self, text: &[u8], layout: &Layout, room: usize) {
        self.extend(text, room);
        self.layout = *layout;
    }

    /// Opens the value of a field. Up to `room` bytes may come.
    #[inline(always)]
    pub(crate) fn begin(&mut self, name: FieldName, room: usize) {
        let is_next_line = name == FieldName::Data && self.layout.data.is_present();
        if is_next_line && self.layout.data.end() != self.text.len() {
            self.set_aside(room);
        }
        if is_next_line || !self.text.is_empty() {
            self.text.make_room(1, room);
            self.text.push(b'\n');
        }
        self.open_from = self.text.len();
    }

    /// Tells what is known of bytes that are added.
    #[inline(always)]
    pub(crate) fn note(&mut self, charset: Charset) {
        if charset == Charset::Unknown {
            self.layout.charset = charset;
        }
    }

    /// Adds bytes to the value that is open. Up to `room` may come, with these.
    #[inline(always)]
    pub(crate) fn extend(&mut self, bytes: &[u8], room: usize) {
        self.text.extend(bytes, room);
    }

    /// Adds a piece to the value that is open, if it can be done in a moment, and says whether it was.
    #[inline(always)]
    pub(crate) fn extend_quickly(&mut self, piece: &[u8]) -> bool {
        let charset = scan::copy_quickly(piece, self.text.bytes_mut());
        if charset == Some(Charset::Unknown) {
            self.note(Charset::Unknown);
        }
        charset.is_some()
    }

    /// Adds the start of the input to the value that is open, up to a line end or as far as there is
    /// room, and says how much that was. Room is made if there is next to none; up to `room` bytes may
    /// come, with these.
    #[inline(always)]
    pub(crate) fn extend_to_line_end(&mut self, input: &[u8], room: usize) -> usize {
        let spare = self.text.spare();
        if spare < input.len().min(NEXT_TO_NO_ROOM) {
            return self.grow_to_line_end(input, room);
        }
        let scan = scan::copy_line(&input[..input.len().min(spare)], 0, self.text.bytes_mut());
        self.note(scan.charset);
        scan.end
    }

    /// Does the same, and makes room for just that before: the line may be short, and the input long.
    #[cold]
    #[inline(never)]
    fn grow_to_line_end(&mut self, input: &[u8], room: usize) -> usize {
        let scan = scan::scan_line(input, 0);
        self.note(scan.charset);
        self.extend(&input[..scan.end], room);
        scan.end
    }

    /// How long the value is so far that is open.
    #[inline]
    pub(crate) fn open_len(&self) -> usize {
        self.text.len() - self.open_from
    }

    /// Closes the value that is open: only now does it replace the one before it. Up to `room` bytes
    /// may come. Says whether it is part of the text.
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
                if let Some(aside) = &mut self.aside {
                    aside.event = Span::ABSENT;
                }
            }
            FieldName::Id if !is_ignored_id(&self.text[self.open_from..]) => {
                self.layout.id = value;
                if let Some(aside) = &mut self.aside {
                    aside.id = Span::ABSENT;
                }
            }
            _ => {
                self.end_other(name, room);
                return false;
            }
        }
        true
    }

    /// The same for a value that is no part of the text.
    #[inline(never)]
    fn end_other(&mut self, name: FieldName, room: usize) {
        let value = &self.text[self.open_from..];
        match name {
            FieldName::Event => {
                self.layout.event = Span::ABSENT;
                if let Some(aside) = &mut self.aside {
                    aside.event = Span::ABSENT;
                }
            }
            FieldName::Retry => {
                self.layout.rare.retry = parse_retry(value).or(self.layout.rare.retry);
            }
            FieldName::Comment => {
                let aside = self.aside.get_or_insert_default();
                reserve(&mut aside.comments, 1 + value.len(), room);
                if self.layout.rare.comments.is_present() {
                    aside.comments.push(b'\n');
                }
                aside.comments.extend_from_slice(value);
                self.layout.rare.comments = Span::new(0, aside.comments.len());
            }
            FieldName::Data | FieldName::Id => {}
        }
        // With the LF in front of it.
        self.text.truncate(self.open_from.saturating_sub(1));
    }

    /// Takes note of the size of a comment line that has ended.
    pub(crate) fn count_comment(&mut self, used: usize) {
        if let Some(aside) = &mut self.aside {
            aside.comments_used += used;
        }
    }

    /// Drops the oldest comments if all of them count more than `max`, until the rest count at most
    /// half of that. Returns by how much less they count.
    pub(crate) fn drop_old_comments(&mut self, max: usize) -> usize {
        let Some(aside) = self.aside.as_deref_mut().filter(|it| it.comments_used > max) else {
            return 0;
        };
        let used_before = aside.comments_used;
        aside.drop_old_comments(max / 2);
        self.layout.rare.comments = match aside.comments_used {
            0 => Span::ABSENT,
            _ => Span::new(0, aside.comments.len()),
        };
        used_before.saturating_sub(aside.comments_used)
    }

    /// Puts what came after the data aside, so that more data can follow it.
    #[cold]
    fn set_aside(&mut self, room: usize) {
        let data_end = self.layout.data.end();
        let aside = self.aside.get_or_insert_default();
        let after_data = &self.text[data_end..];
        reserve(&mut aside.values, after_data.len(), room);
        let offset = aside.values.len();
        aside.values.extend_from_slice(after_data);
        self.text.truncate(data_end);
        let fields =
            [(&mut self.layout.event, &mut aside.event), (&mut self.layout.id, &mut aside.id)];
        for (span, aside) in fields {
            if span.is_present() && span.start() >= data_end {
                *aside =
                    Span::new(span.start() - data_end + offset, span.end() - data_end + offset);
                *span = Span::ABSENT;
            }
        }
    }

    /// Puts all values side by side, which ends the block.
    #[inline]
    pub(crate) fn seal(&mut self) {
        if self.aside.as_deref().is_some_and(|aside| !aside.is_empty()) {
            self.append_aside();
        }
        self.text.end();
    }

    #[cold]
    fn append_aside(&mut self) {
        let Some(aside) = &mut self.aside else { return };
        let len = aside.values.len() + aside.comments.len() + 2;
        if self.text.spare() < len {
            // What is set aside for more is given back first, so that twice the limit is enough.
            aside.values.shrink_to_fit();
            aside.comments.shrink_to_fit();
            self.text.make_room(len, len);
        }
        self.text.push(b'\n');
        if aside.event.is_present() {
            self.layout.event = aside.event.behind(self.text.len());
        }
        if aside.id.is_present() {
            self.layout.id = aside.id.behind(self.text.len());
        }
        self.text.extend(&aside.values, 0);
        self.text.push(b'\n');
        self.layout.rare.comments = self.layout.rare.comments.behind(self.text.len());
        self.text.extend(&aside.comments, 0);
    }

    /// Lends memory for the text of a block that is put together at once, where none is open.
    pub(crate) fn begin_whole(&mut self, len: usize) -> &mut Buffer {
        self.text.make_room_for_all(len);
        &mut self.text
    }

    /// Ends such a block, whose fields lie there.
    pub(crate) fn end_whole(&mut self, layout: Layout) {
        self.layout = layout;
    }

    /// The bytes of a block that is sealed, and where in them its fields lie.
    #[inline(always)]
    pub(crate) fn sealed(&self) -> (&[u8], &Layout) {
        (&self.text, &self.layout)
    }

    /// The same, for its event to take them over.
    #[inline(always)]
    pub(crate) fn sealed_mut(&mut self) -> (&mut Buffer, &Layout) {
        (&mut self.text, &self.layout)
    }

    /// How long the next block's text may be, from the last one that was put together.
    #[inline(always)]
    pub(crate) fn expected_len(&self) -> usize {
        self.text.expected_len()
    }

    /// Forgets the block, and keeps memory for the next one.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.layout = Layout::EMPTY;
        self.text.clear();
        if let Some(aside) = &mut self.aside {
            aside.clear();
        }
    }

    /// Gives memory back of which no use may come for long. The block is empty.
    #[inline(always)]
    pub(crate) fn rest(&mut self) {
        if self.text.has_memory() || self.aside.is_some() {
            self.give_back();
        }
    }

    #[inline(never)]
    fn give_back(&mut self) {
        self.text.give_back();
        self.aside = None;
    }

    /// Makes the most of it that more blocks come at once, after one whose text was this long. An event may
    /// take up to `limit` bytes.
    #[inline(always)]
    pub(crate) fn expect_more(&mut self, len: usize, limit: usize) {
        self.text.share(len, limit);
    }
}

impl Aside {
    fn is_empty(&self) -> bool {
        self.values.is_empty() && self.comments.is_empty()
    }

    /// Drops the oldest comments until the rest count at most `max`.
    #[cold]
    fn drop_old_comments(&mut self, max: usize) {
        let (mut kept_from, mut used) = (self.comments.len(), 0);
        for line in self.comments.rsplit(|byte| *byte == b'\n') {
            let line_used = COMMENT_START + line.len() + LINE_OVERHEAD;
            if used + line_used > max {
                break;
            }
            used += line_used;
            // With the LF before it, unless it is the first.
            kept_from = kept_from.saturating_sub(line.len() + 1);
        }
        self.comments_used = used;
        if used == 0 {
            clear_and_keep(&mut self.comments, KEPT_ASIDE_BYTES);
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
        clear_and_keep(&mut self.values, KEPT_ASIDE_BYTES);
        clear_and_keep(&mut self.comments, KEPT_ASIDE_BYTES);
    }
}

/// Makes room for twice as much, unless that is more than may come.
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

/// What of the memory of what is set aside is kept for the next block.
const KEPT_ASIDE_BYTES: usize = 64;

/// Less room than this is not filled before more is made: a value would be copied in two steps for the
/// sake of a few bytes.
const NEXT_TO_NO_ROOM: usize = 64;
