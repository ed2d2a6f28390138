//! Owned events: the implementation of [`Parser::next`].
//!
//! Each shape of a block has a function, the most frequent shape first. A function that does not
//! match passes the block on to the next one.

use bytes::{Buf, Bytes};

use super::Parser;
use crate::{
    event::{Rare, ServerSentEvent},
    layout::{Layout, Span},
    limits::LimitExceeded,
    reader::{Found, Lines, Message},
    scan::LineEnds,
    text::Text,
};

impl Parser {
    /// Takes a block of one line that lies whole in the input, or tries the next shape.
    #[inline(never)]
    pub(super) fn next_in_place(
        &mut self,
        input: &mut Bytes,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let mut ends = LineEnds::of(input, 0);
        match self.reader.read_one_line(input, &mut ends) {
            Some(Message { layout, consumed }) => {
                Ok(Some(self.split_off(input, consumed, &layout)))
            }
            None => self.next_of_few_lines(input, &mut ends),
        }
    }

    /// Takes a block of several lines that lies whole in the input. Out of line: inlined, it would
    /// make the one-line path spill callee-saved registers.
    #[inline(never)]
    fn next_of_few_lines(
        &mut self,
        input: &mut Bytes,
        ends: &mut LineEnds,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        if ends.is_at_end(input) {
            return self.next_of_split(input);
        }
        match self.reader.read_few_lines(input, ends) {
            Ok(Message { layout, consumed }) => Ok(Some(self.split_off(input, consumed, &layout))),
            Err(mut lines) => self.next_of_lines(input, ends, &mut lines),
        }
    }

    /// Takes the input, which seems to be the start of a split block.
    #[inline(never)]
    pub(super) fn next_of_split(
        &mut self,
        input: &mut Bytes,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let (found, consumed) = self.reader.read_split(input);
        self.build(found, input, consumed)
    }

    /// Slow path: takes the next block, whatever the state of the reader is.
    #[inline(never)]
    pub(super) fn next_slow(
        &mut self,
        input: &mut Bytes,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let mut rest: &[u8] = input;
        let found = self.reader.next_block(&mut rest);
        let consumed = input.len() - rest.len();
        self.build(found, input, consumed)
    }

    /// Takes a block that starts with these lines.
    #[inline(never)]
    fn next_of_lines(
        &mut self,
        input: &mut Bytes,
        ends: &mut LineEnds,
        lines: &mut Lines,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let (found, consumed) = self.reader.read_lines_on(input, ends, lines);
        self.build(found, input, consumed)
    }

    /// Creates an event from what was found in the input, of which `consumed` bytes were used.
    #[inline(always)]
    fn build(
        &mut self,
        found: Found,
        input: &mut Bytes,
        consumed: usize,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        if found == Found::Nothing {
            input.advance(consumed);
            self.reader.release_memory();
            return Ok(None);
        }
        self.build_found(found, input, consumed)
    }

    #[inline(never)]
    fn build_found(
        &mut self,
        found: Found,
        input: &mut Bytes,
        consumed: usize,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        match found {
            Found::InPlace => {
                let offset = self.reader.offset();
                input.advance(offset);
                let layout = *self.reader.layout();
                Ok(Some(self.split_off_any(input, consumed - offset, &layout)))
            }
            Found::InBuffer => {
                input.advance(consumed);
                self.build_buffered(input)
            }
            Found::Nothing | Found::Excess => self.reader.failure().map_or(Ok(None), Err),
        }
    }

    /// Creates an event from the block at the front of a chunk, and removes the block from the
    /// chunk.
    #[inline(always)]
    pub(super) fn split_off(
        &mut self,
        chunk: &mut Bytes,
        consumed: usize,
        layout: &Layout,
    ) -> ServerSentEvent {
        if consumed == chunk.len() {
            self.reader.release_memory_in_place();
        }
        ServerSentEvent::split_off(chunk, consumed, layout)
    }

    /// Like [`split_off`](Self::split_off), for a chunk of any length and a block that may have
    /// rare fields.
    pub(super) fn split_off_any(
        &mut self,
        chunk: &mut Bytes,
        consumed: usize,
        layout: &Layout,
    ) -> ServerSentEvent {
        if !layout.rare.is_none() {
            return self.split_off_with_rare(chunk, consumed, layout);
        }
        if chunk.len() <= Span::MAX_END {
            return self.split_off(chunk, consumed, layout);
        }
        // Splits off only the block, as spans cannot refer to more of the chunk.
        self.split_off(&mut chunk.split_to(consumed), consumed, layout)
    }

    #[cold]
    fn split_off_with_rare(
        &mut self,
        chunk: &mut Bytes,
        consumed: usize,
        layout: &Layout,
    ) -> ServerSentEvent {
        let mut block = chunk.split_to(consumed);
        if chunk.is_empty() {
            self.reader.release_memory_in_place();
        }
        ServerSentEvent::split_off(&mut block, consumed, layout).with_rare(layout)
    }

    /// Creates an event from the block in the buffers. Each kind of text has a function that ends
    /// with the construction, so that the event is constructed in the caller's return slot.
    #[inline(always)]
    pub(super) fn build_buffered(
        &mut self,
        input: &Bytes,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        if Text::is_short(self.reader.buffered().0) {
            return self.build_short(input);
        }
        match self.take_long(input) {
            Some(event) => Ok(Some(event)),
            None => self.build_copied(input),
        }
    }

    #[inline(never)]
    fn build_short(&mut self, input: &Bytes) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        match self.take_short(input) {
            Some(event) => Ok(Some(event)),
            None => self.build_copied(input),
        }
    }

    #[inline(never)]
    fn build_copied(&mut self, input: &Bytes) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let (text, layout) = self.reader.buffered();
        let event = ServerSentEvent::copied_whole(text, layout);
        self.reader.drop_copied(input);
        Ok(Some(event))
    }

    /// Takes the block from the buffers if its text is short enough to be held inline.
    #[inline(always)]
    fn take_short(&mut self, input: &[u8]) -> Option<ServerSentEvent> {
        let (text, layout) = self.reader.buffered();
        let text = Text::short(text, layout).filter(|_| layout.rare.is_none())?;
        self.reader.drop_copied(input);
        Some(ServerSentEvent::of(text, None))
    }

    /// Takes the block from the buffers if its text is not short: its memory becomes the event's.
    #[inline(always)]
    fn take_long(&mut self, input: &[u8]) -> Option<ServerSentEvent> {
        let (buffer, layout) = self.reader.buffered_mut();
        let len = buffer.len();
        let rare = Rare::of(buffer, layout);
        let text = Text::taken(buffer, layout)?;
        self.reader.drop_taken(len, input);
        Some(ServerSentEvent::of(text, rare))
    }
}

// Zeros that are never read take no memory on this platform.
#[cfg(all(test, target_os = "linux", target_pointer_width = "64"))]
mod tests {
    use alloc::{format, vec};

    use super::{Bytes, Parser, ServerSentEvent, Span};
    use crate::parser::Taken;

    #[test]
    fn a_block_at_the_front_of_a_chunk_longer_than_spans_reach_is_read_as_any_other() {
        let data = "longer than what an event holds in itself";
        let block = format!("data: {data}\n\n");
        let expected = ServerSentEvent::builder().data(data).build().unwrap();
        let mut chunk = vec![0; Span::MAX_END + 10];
        chunk[..block.len()].copy_from_slice(block.as_bytes());
        let chunk = Bytes::from(chunk);

        let event = Parser::new().next(&mut chunk.clone());
        assert_eq!(event, Ok(Some(expected.clone())));
        let mut input: &[u8] = &chunk;
        let mut parser = Parser::new();
        let lent = parser.next_ref(&mut input).unwrap().unwrap();
        assert_eq!((&*lent.event_type(), lent.id()), ("message", None));
        assert_eq!(lent.to_event(), expected);
        let taken = Parser::new().next_if(&mut chunk.clone(), |lent| lent.event().is_none());
        assert_eq!(taken, Ok(Some(Taken::Event(expected))));
        assert_eq!(input.len(), chunk.len() - block.len());
    }
}
