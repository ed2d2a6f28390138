//! Events that a closure accepts or drops before they are built: the implementation of
//! [`Parser::next_if`].
//!
//! Has the same routes as [owned](super::owned) events. The closure is inlined where the block is
//! read, so that its layout is not copied through memory.

use bytes::{Buf, Bytes};

use super::Parser;
use crate::{
    event::ServerSentEvent,
    event_ref::EventRef,
    layout::Layout,
    limits::LimitExceeded,
    reader::{Found, Lines, Message, Route},
    scan::LineEnds,
};

impl Parser {
    /// Like [`next`](Self::next), but calls `keep` with a view of the block before an event is
    /// built from it. If `keep` returns `false`, the block is dropped at once: its text is not
    /// checked, not copied, and does not keep the chunk's memory alive. The block sets the last
    /// event ID in either case, and [`EventRef::last_event_id`] is that ID already.
    ///
    /// ```
    /// use sse_core::{Parser, Taken};
    ///
    /// let mut parser = Parser::new();
    /// let mut input = "event: noise\nid: 1\ndata: x\n\n".into();
    /// let taken = parser.next_if(&mut input, |event| {
    ///     assert_eq!(event.last_event_id(), "1");
    ///     event.event_type() != "noise"
    /// })?;
    /// assert_eq!(taken, Some(Taken::Hidden));
    /// assert_eq!(parser.last_event_id(), "1");
    /// # Ok::<(), sse_core::LimitExceeded>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the event exceeds the [`Limits`](crate::Limits). The rest of `input`
    /// cannot be parsed then.
    #[inline]
    pub fn next_if(
        &mut self,
        input: &mut Bytes,
        keep: impl FnOnce(&EventRef<'_>) -> bool,
    ) -> Result<Option<Taken>, LimitExceeded> {
        match self.reader.route(input) {
            Route::InPlace => self.next_in_place_if(input, keep),
            Route::Nothing => {
                self.reader.release_memory();
                Ok(None)
            }
            route if self.read_fast(route, input) => Ok(None),
            route => self.next_found_if(route, input, keep),
        }
    }

    /// Like [`next_if`](Self::next_if), for a block that may well lie whole in the input.
    #[inline(always)]
    fn next_in_place_if(
        &mut self,
        input: &mut Bytes,
        keep: impl FnOnce(&EventRef<'_>) -> bool,
    ) -> Result<Option<Taken>, LimitExceeded> {
        let mut ends = LineEnds::of(input, 0);
        match self.reader.read_message(input, &mut ends) {
            Ok(Message { layout, consumed }) => {
                let is_kept = keep(&self.event_ref(&input[..consumed], &layout));
                Ok(Some(self.take_message(is_kept, input, consumed, &layout)))
            }
            Err(mut lines) => self.next_of_lines_if(input, &mut ends, &mut lines, keep),
        }
    }

    /// Like [`next_if`](Self::next_if), for any block, on its route.
    #[inline]
    fn next_found_if(
        &mut self,
        route: Route,
        input: &mut Bytes,
        keep: impl FnOnce(&EventRef<'_>) -> bool,
    ) -> Result<Option<Taken>, LimitExceeded> {
        let (found, consumed) = match route {
            Route::Fragment | Route::Assemble => self.reader.read_split(input),
            _ => {
                let mut rest: &[u8] = input;
                let found = self.reader.next_block(&mut rest);
                (found, input.len() - rest.len())
            }
        };
        self.take_found_if(found, input, consumed, keep)
    }

    /// Like [`next_if`](Self::next_if), for a block that starts with these lines.
    #[inline(never)]
    fn next_of_lines_if(
        &mut self,
        input: &mut Bytes,
        ends: &mut LineEnds,
        lines: &mut Lines,
        keep: impl FnOnce(&EventRef<'_>) -> bool,
    ) -> Result<Option<Taken>, LimitExceeded> {
        let (found, consumed) = self.reader.read_lines_on(input, ends, lines);
        self.take_found_if(found, input, consumed, keep)
    }

    /// Like [`next_if`](Self::next_if), for what was found in the input.
    #[inline(always)]
    fn take_found_if(
        &mut self,
        found: Found,
        input: &mut Bytes,
        consumed: usize,
        keep: impl FnOnce(&EventRef<'_>) -> bool,
    ) -> Result<Option<Taken>, LimitExceeded> {
        let taken = match found {
            Found::InPlace => {
                let (offset, layout) = (self.reader.offset(), *self.reader.layout());
                input.advance(offset);
                let consumed = consumed - offset;
                if keep(&self.event_ref(&input[..consumed], &layout)) {
                    Taken::Event(self.split_off_any(input, consumed, &layout))
                } else {
                    input.advance(consumed);
                    self.hide(input)
                }
            }
            Found::InBuffer => {
                input.advance(consumed);
                let (text, layout) = self.reader.buffered();
                if keep(&self.event_ref(text, layout)) {
                    let event = self.build_buffered(input)?;
                    return Ok(event.map(|event| Taken::Event(event.by_words())));
                }
                self.hide(input)
            }
            Found::Nothing => {
                input.advance(consumed);
                self.reader.release_memory();
                return Ok(None);
            }
            Found::Excess => return self.reader.failure().map_or(Ok(None), Err),
        };
        Ok(Some(taken))
    }

    /// Removes a message from the front of a chunk, and creates an event of it if it is kept. Out
    /// of line: the caller is generic.
    fn take_message(
        &mut self,
        is_kept: bool,
        chunk: &mut Bytes,
        consumed: usize,
        layout: &Layout,
    ) -> Taken {
        if is_kept {
            return Taken::Event(self.split_off(chunk, consumed, layout));
        }
        chunk.advance(consumed);
        self.hide(chunk)
    }

    /// Drops the block that was found. `input` is the rest of the chunk after it.
    #[inline]
    fn hide(&mut self, input: &[u8]) -> Taken {
        if input.is_empty() {
            self.reader.release_memory();
        }
        Taken::Hidden
    }
}

/// Result of [`Parser::next_if`] for one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The closure returned `true`.
    Event(ServerSentEvent),
    /// The closure returned `false`, and the block was dropped.
    Hidden,
}
