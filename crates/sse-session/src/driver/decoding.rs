//! Undoes the content codings of a body between the transport and the parser.

use std::task::{Context, Poll};

use bytes::Bytes;

use super::{Driver, MAX_CHUNKS_IN_A_ROW};
use crate::transition::Transition;

impl Driver {
    /// Decodes what is left of the last chunk; `None` if nothing is.
    #[inline(never)] // kept out of the fast path
    pub(super) fn poll_decoder(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Option<Poll<Option<Box<Transition>>>> {
        // A chunk can expand to a thousand times its size: other tasks get to run meanwhile.
        if self.chunks_in_a_row == MAX_CHUNKS_IN_A_ROW {
            self.chunks_in_a_row = 0;
            cx.waker().wake_by_ref();
            return Some(Poll::Pending);
        }
        let decoded = self.decode()?;
        self.chunks_in_a_row += 1;
        Some(Poll::Ready(decoded))
    }

    /// Takes a chunk in a content coding and decodes the first piece of it.
    #[inline(never)] // kept out of the fast path
    pub(super) fn coded_chunk(&mut self, chunk: Bytes) -> Option<Box<Transition>> {
        self.is_expiring = false;
        let now = self.clock.now();
        self.machine.time_bytes(now);
        self.machine.chunk(chunk, now);
        self.decode().flatten()
    }

    /// Decodes a piece of the last chunk; `None` if there is nothing to decode.
    fn decode(&mut self) -> Option<Option<Box<Transition>>> {
        let decoded = self.machine.decode(|| self.clock.now())?;
        if decoded == 0 {
            return Some(self.settle());
        }
        self.observers.bytes(decoded);
        Some(None)
    }
}
