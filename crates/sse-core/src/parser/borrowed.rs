//! Borrowed events: the implementation of [`Parser::next_ref`].
//!
//! Tries the shapes of blocks in the same order as for [owned](super::owned) events.

use super::Parser;
use crate::{
    event_ref::EventRef,
    layout::Layout,
    limits::LimitExceeded,
    reader::{Found, Message},
    scan::LineEnds,
};

type Next<'a> = Result<Option<EventRef<'a>>, LimitExceeded>;

impl Parser {
    /// Takes a block that lies whole in the input, or tries the next shape.
    #[inline(never)]
    pub(super) fn next_ref_in_place<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Next<'a> {
        let chunk = *input;
        let mut ends = LineEnds::of(chunk, 0);
        if let Some(Message { layout, consumed }) = self.reader.read_one_line(chunk, &mut ends) {
            *input = &chunk[consumed..];
            return Ok(Some(self.event_ref(chunk, &layout)));
        }
        self.next_ref_of_few_lines(input, &mut ends)
    }

    #[inline(never)]
    fn next_ref_of_few_lines<'a, 'i: 'a>(
        &'a mut self,
        input: &mut &'i [u8],
        ends: &mut LineEnds,
    ) -> Next<'a> {
        let chunk = *input;
        match self.reader.read_few_lines(chunk, ends) {
            Ok(Message { layout, consumed }) => {
                *input = &chunk[consumed..];
                Ok(Some(self.event_ref(chunk, &layout)))
            }
            Err(mut lines) => {
                let (found, consumed) = self.reader.read_lines_on(chunk, ends, &mut lines);
                *input = &chunk[consumed..];
                self.lend(found, &chunk[..consumed])
            }
        }
    }

    #[inline(never)]
    pub(super) fn next_ref_of_split<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Next<'a> {
        let chunk = *input;
        let (found, consumed) = self.reader.read_split(chunk);
        *input = &chunk[consumed..];
        self.lend(found, &chunk[..consumed])
    }

    #[inline(never)]
    pub(super) fn next_ref_slow<'a, 'i: 'a>(&'a mut self, input: &mut &'i [u8]) -> Next<'a> {
        let chunk = *input;
        let found = self.reader.next_block(input);
        self.lend(found, &chunk[..chunk.len() - input.len()])
    }

    /// Returns what was found as a view. A block in place is selected from the consumed bytes, as
    /// the rest of the chunk may be longer than spans can refer to.
    fn lend<'a, 'i: 'a>(&'a self, found: Found, consumed: &'i [u8]) -> Next<'a> {
        let (text, layout) = match found {
            Found::InPlace => (&consumed[self.reader.offset()..], self.reader.layout()),
            Found::InBuffer => self.reader.buffered(),
            Found::Nothing => return Ok(None),
            Found::Excess => return self.reader.failure().map_or(Ok(None), Err),
        };
        Ok(Some(self.event_ref(text, layout)))
    }

    /// Creates a view of the block that was found last, whose ID has been committed.
    #[inline(always)]
    pub(super) fn event_ref<'a>(&'a self, text: &'a [u8], layout: &Layout) -> EventRef<'a> {
        EventRef::new(text, layout, &self.reader)
    }
}
