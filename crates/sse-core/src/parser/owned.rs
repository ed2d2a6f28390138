//! A chunk in, an event that shares it out: what [`Parser::next`] does once it is worth a call.
//!
//! Each shape of a block has a function, the most frequent first, which goes on to the next where it is
//! another.

use bytes::{Buf, Bytes};

use super::Parser;
use crate::{
    event::ServerSentEvent,
    limits::LimitExceeded,
    reader::{Found, Lines, Message},
    scan::LineEnds,
};

impl Parser {
    #[inline(never)]
    pub(super) fn next_event(
        &mut self,
        input: &mut Bytes,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        if self.reader.is_ready(input) {
            self.next_in_place(input)
        } else {
            self.next_in_pieces(input)
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
                Ok(Some(ServerSentEvent::split_off(input, consumed, &layout)))
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
        match self.reader.read_few_lines(input, ends) {
            Ok(Message { layout, consumed }) => {
                Ok(Some(ServerSentEvent::split_off(input, consumed, &layout)))
            }
            Err(mut lines) => self.next_of_lines(input, ends, &mut lines),
        }
    }

    /// Goes on with a block that lies in two chunks, or does what is to be done before one.
    #[inline(never)]
    fn next_in_pieces(
        &mut self,
        input: &mut Bytes,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let mut rest: &[u8] = input;
        let found = self.reader.next_block(&mut rest);
        let left = rest.len();
        self.give_out(found, input, left)
    }

    /// The same for any block that begins with these lines.
    #[inline(never)]
    fn next_of_lines(
        &mut self,
        input: &mut Bytes,
        ends: &mut LineEnds,
        lines: &mut Lines,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let (mut found, mut consumed) = self.reader.read_lines(input, ends, lines);
        if found == Found::Nothing && consumed < input.len() {
            let mut rest = &input[consumed..];
            found = self.reader.next_block_slowly(&mut rest, input.len());
            consumed = input.len() - rest.len();
        }
        let left = input.len() - consumed;
        self.give_out(found, input, left)
    }

    /// Makes an event of what was found, and leaves `left` bytes of the input.
    #[inline(never)]
    fn give_out(
        &mut self,
        found: Found,
        input: &mut Bytes,
        left: usize,
    ) -> Result<Option<ServerSentEvent>, LimitExceeded> {
        let consumed = input.len() - left;
        let event = match found {
            Found::InPlace => {
                let offset = self.reader.offset();
                input.advance(offset);
                ServerSentEvent::split_off(input, consumed - offset, self.reader.layout())
            }
            Found::InBuffer => {
                input.advance(consumed);
                let event = self.reader.take_buffered();
                if input.is_empty() {
                    self.reader.rest();
                }
                event
            }
            Found::Nothing => {
                input.advance(consumed);
                self.reader.rest();
                return Ok(None);
            }
            Found::Excess => return self.reader.failure().map_or(Ok(None), Err),
        };
        Ok(Some(event))
    }
}
