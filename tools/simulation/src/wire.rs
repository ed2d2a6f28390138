//! Bytes of an event stream, with the offset at which each of its blocks is complete.

use std::time::Duration;

use crate::{
    chance::Chance,
    feed::{Feed, Item},
};

/// Bytes of a body, and its blocks.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    pub(crate) bytes: Vec<u8>,
    /// Length of what precedes the first line that is not empty.
    pub(crate) mark: usize,
    pub(crate) blocks: Vec<Block>,
    /// Numbers of bytes after which the line of each comment is complete.
    pub(crate) comment_ends: Vec<usize>,
    /// Lines that are not empty.
    pub(crate) lines: Vec<Line>,
}

/// Line of an event stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub(crate) start: usize,
    /// Number of bytes after which the line is complete: a CR ends a line, whether or not an LF
    /// follows.
    pub(crate) end: usize,
    /// The line is data, an event type or an ID.
    pub(crate) is_of_event: bool,
}

/// Block of an event stream.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) start: usize,
    /// Number of bytes after which the block is complete.
    pub(crate) end: usize,
    /// Number of bytes before the next block.
    pub(crate) next: usize,
    pub(crate) item: Item,
    /// Index in the feed; `None` for a block between two items.
    pub(crate) index: Option<usize>,
    pub(crate) retry: Option<Duration>,
    pub(crate) has_comment: bool,
    /// Start of a line with an unknown name, unless the block exceeds a limit before it.
    pub(crate) unknown_line: Option<usize>,
}

impl Wire {
    /// Writes the items from `position`, with other blocks between them.
    pub(crate) fn new(chance: &mut Chance, feed: &Feed, position: usize, count: usize) -> Self {
        let mut wire = Self::default();
        if chance.percent(5) {
            let start = wire.bytes.len();
            wire.bytes.extend("\u{feff}".as_bytes());
            // A part of the mark is taken for the start of a line.
            wire.lines.push(Line { start, end: wire.bytes.len(), is_of_event: false });
        }
        if chance.percent(5) {
            wire.bytes.extend(chance.pick(&["\n", "\r\n\r\n"]).as_bytes());
        }
        wire.mark = wire.bytes.len();
        let end = (position + count).min(feed.items.len());
        for index in position..end {
            while chance.percent(15) {
                wire.write_other(chance);
            }
            wire.write(chance, Some(index), feed.items[index].clone(), false, false);
        }
        while chance.percent(20) {
            wire.write_other(chance);
        }
        wire
    }

    /// Writes comments only, as servers do that have nothing to say.
    pub(crate) fn comments(chance: &mut Chance, count: usize) -> Self {
        let mut wire = Self::default();
        if chance.percent(30) {
            // Some send no blank line after them.
            (0..count).for_each(|_| wire.write_comment(":", "\n"));
            return wire;
        }
        (0..count).for_each(|_| wire.write(chance, None, Item::default(), true, false));
        wire
    }

    fn write_comment(&mut self, comment: &str, line_end: &str) {
        self.write_line(comment, line_end, false);
        self.comment_ends.extend(self.lines.last().map(|line| line.end));
    }

    fn write_line(&mut self, line: &str, line_end: &str, is_of_event: bool) {
        let start = self.bytes.len();
        let end = start + line.len() + 1;
        self.lines.push(Line { start, end, is_of_event });
        self.bytes.extend([line, line_end].concat().as_bytes());
    }

    /// Writes a comment or a reconnection time.
    fn write_other(&mut self, chance: &mut Chance) {
        let has_comment = chance.percent(60);
        self.write(chance, None, Item::default(), has_comment, !has_comment);
    }

    fn write(
        &mut self,
        chance: &mut Chance,
        index: Option<usize>,
        item: Item,
        has_comment: bool,
        has_retry: bool,
    ) {
        let start = self.bytes.len();
        let line_end = chance.pick(&["\n", "\n", "\r\n", "\r"]);
        let space = chance.pick(&["", " "]);
        let has_comment = has_comment || (index.is_some() && chance.percent(5));
        if has_comment {
            self.write_comment(&format!(":{space}keep-alive"), line_end);
        }
        let mut line = |name: &str, value: &str| {
            let line = [name, ":", space, value].concat();
            self.write_line(&line, line_end, name != "retry");
        };
        let has_retry = has_retry || (index.is_some() && chance.percent(3));
        let retry = has_retry.then(|| chance.pick(&[0, 20, 500, 2000, 7000]));
        if let Some(retry) = retry {
            line("retry", &retry.to_string());
        }
        let id_last = chance.percent(50);
        for part in [id_last, !id_last] {
            if part {
                for data in item.data.iter().flat_map(|data| data.split('\n')) {
                    // Without the space, one in the data would be taken for it.
                    line("data", data);
                }
            } else if let Some(id) = &item.id {
                line("id", id);
            }
        }
        if let Some(event) = item.event {
            line("event", event);
        }
        let has_unknown_line = chance.percent(3);
        let unknown_line = has_unknown_line.then_some(self.bytes.len());
        if has_unknown_line {
            self.write_line(&["unknown:", space, "field"].concat(), line_end, false);
        }
        let unknown_line = unknown_line.filter(|_| !item.is_huge);
        let is_empty = self.bytes.len() == start && self.mark == start;
        self.bytes.extend(line_end.as_bytes());
        // A CR ends a line, whether or not an LF follows.
        let end = self.bytes.len() - (line_end.len() - 1);
        let next = self.bytes.len();
        if is_empty {
            self.mark = next;
        }
        let retry = retry.map(Duration::from_millis);
        self.blocks.push(Block { start, end, next, item, index, retry, has_comment, unknown_line });
    }
}
