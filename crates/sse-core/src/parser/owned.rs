//! A chunk in, an event that shares it out: what [`Parser::next`] does once it is worth a call.
//!
//! Each shape of a block has a function, the most frequent first, which goes on to the next where it is
//! another.

use bytes::{Buf, Bytes};

use super::Parser;
use crate::{
    event::ServerSentEvent,
    layout::{Layout, Span},
    limits::LimitExceeded,
    reader::{Found, Lines, Message, Way},
    scan::LineEnds,
    text::Text,
};

impl Parser {
    #[inline(never)]
    pub(super) fn next_event(
        &mut self,
        input: &mut Bytes,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        match self.reader.way(input) {
            Way::InPlace => self.next_in_place(input),
            Way::InPieces => self.next_of_cut(input),
            Way::StepByStep => self.next_in_pieces(input),
        }
    }

    /// Takes a block that lies whole in the input, if that is so. The shape that most have first.
    #[inline(never)]
    fn next_in_place(
        &mut self,
        input: &mut Bytes,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let mut ends = LineEnds::NONE;
        ends.look(input, 0);
        match self.reader.read_one_line(input, &mut ends) {
            Some(Message { layout, consumed }) => {
                Ok(Some(self.split_off(input, consumed, &layout)))
            }
            None => self.next_of_few_lines(input, &mut ends),
        }
    }

    /// The same, if it has not just one line: apart, as one line needs so little that it would have to
    /// save all that this uses.
    #[inline(never)]
    fn next_of_few_lines(
        &mut self,
        input: &mut Bytes,
        ends: &mut LineEnds,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        if ends.is_at_end(input) {
            return self.next_of_cut(input);
        }
        match self.reader.read_few_lines(input, ends) {
            Ok(Message { layout, consumed }) => Ok(Some(self.split_off(input, consumed, &layout))),
            Err(mut lines) => self.next_of_lines(input, ends, &mut lines),
        }
    }

    /// Takes the input, which is the start of a block that is cut, as it seems.
    #[inline(never)]
    fn next_of_cut(&mut self, input: &mut Bytes) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let (found, consumed) = self.reader.read_cut(input);
        self.give_out(found, input, consumed)
    }

    /// Takes the next block, wherever it lies, and whatever is to be done before.
    #[inline(never)]
    pub(super) fn next_in_pieces(
        &mut self,
        input: &mut Bytes,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let mut rest: &[u8] = input;
        let found = self.reader.next_block(&mut rest);
        let consumed = input.len() - rest.len();
        self.give_out(found, input, consumed)
    }

    /// The same for any block that begins with these lines.
    #[inline(never)]
    fn next_of_lines(
        &mut self,
        input: &mut Bytes,
        ends: &mut LineEnds,
        lines: &mut Lines,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let (found, consumed) = self.reader.read_lines_on(input, ends, lines);
        self.give_out(found, input, consumed)
    }

    /// Makes an event of what was found in the input, of which `consumed` bytes were used.
    #[inline(always)]
    fn give_out(
        &mut self,
        found: Found,
        input: &mut Bytes,
        consumed: usize,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        if found == Found::Nothing {
            input.advance(consumed);
            self.reader.rest();
            return Ok(None);
        }
        self.give_out_found(found, input, consumed)
    }

    #[inline(never)]
    fn give_out_found(
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
                self.give_out_buffered(input)
            }
            Found::Nothing | Found::Excess => self.reader.failure().map_or(Ok(None), Err),
        }
    }

    /// Makes an event of the block at the front of a chunk, and takes it off.
    #[inline(always)]
    pub(super) fn split_off(
        &mut self,
        chunk: &mut Bytes,
        consumed: usize,
        layout: &Layout,
    ) -> ServerSentEvent {
        if consumed == chunk.len() {
            self.reader.rest_in_place();
        }
        ServerSentEvent::split_off(chunk, consumed, layout)
    }

    /// The same for a chunk of any length, and a block that may have rare fields.
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
        // No more than the block, as spans do not reach further.
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
            self.reader.rest_in_place();
        }
        ServerSentEvent::split_off(&mut block, consumed, layout).with_rare(layout)
    }

    /// Makes an event of the block in the buffers. As the last thing in each of the functions for the
    /// kinds of text, so that it is written where the caller wants it, and not moved there.
    #[inline(always)]
    pub(super) fn give_out_buffered(
        &mut self,
        input: &Bytes,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        if Text::is_short(self.reader.buffered().0) {
            return self.give_out_short(input);
        }
        match self.reader.take_long(input) {
            Some(event) => Ok(Some(event)),
            None => self.give_out_copied(input),
        }
    }

    #[inline(never)]
    fn give_out_short(&mut self, input: &Bytes) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        match self.reader.take_short(input) {
            Some(event) => Ok(Some(event)),
            None => self.give_out_copied(input),
        }
    }

    #[inline(never)]
    fn give_out_copied(&mut self, input: &Bytes) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        Ok(Some(self.reader.take_copied(input)))
    }
}

// Zeros that nobody looks at take no memory there.
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
