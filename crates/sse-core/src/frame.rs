//! Frame of an `EventBody`: the events that are ready at once.
//!
//! Responsible for not copying what lies in memory as it is sent: events that are already encoded,
//! and received or built events whose wire form is there.

use core::ops::Range;

use bytes::{Buf, Bytes, BytesMut};

use crate::{wire::write_bytes, wire_event::sealed::WireEvent};

/// Events in memory that they share. A frame of them alone is not copied.
#[derive(Debug)]
pub(crate) struct Slice {
    memory: Bytes,
    place: Range<usize>,
}

impl Slice {
    fn bytes(&self) -> &[u8] {
        &self.memory[self.place.clone()]
    }

    /// Adds bytes if they follow in the same memory, as consecutive events of a chunk do.
    #[inline]
    fn extend(&mut self, bytes: &[u8]) -> bool {
        let rest = &self.memory[self.place.end..];
        // Bytes at an address within memory that is alive are those of the memory.
        let follows = rest.as_ptr() == bytes.as_ptr() && bytes.len() <= rest.len();
        if follows {
            self.place.end += bytes.len();
        }
        follows
    }

    #[inline]
    fn into_bytes(self) -> Bytes {
        let Self { mut memory, place } = self;
        if place.end < memory.len() {
            memory.truncate(place.end);
        }
        memory.advance(place.start);
        memory
    }
}

/// Builder of a frame of the events that are ready at once.
pub(crate) struct FrameBuilder<'a> {
    /// The first events, as long as the frame has no others.
    slice: Option<Slice>,
    buffer: &'a mut BytesMut,
}

impl<'a> FrameBuilder<'a> {
    /// Starts a frame, with the events that had no room in the last one.
    pub(crate) fn new(held: &mut Option<Slice>, buffer: &'a mut BytesMut) -> Self {
        Self { slice: held.take(), buffer }
    }

    /// Adds events. Returns those that are encoded and have no room in this frame, so that they are
    /// not copied.
    #[inline]
    pub(crate) fn push(&mut self, event: impl WireEvent) -> Option<Slice> {
        let Some(place) = event.block() else {
            self.copy_slice();
            event.encode(self.buffer);
            return None;
        };
        // Events that are none: a frame must not be empty.
        if place.is_empty() || self.extend(&event.memory()[place.clone()]) {
            return None;
        }
        let len = self.len();
        if len == 0 {
            self.slice = Some(Slice { memory: event.into_memory(), place });
            return None;
        }
        if len + place.len() > MAX_FRAME_BYTES {
            return Some(Slice { memory: event.into_memory(), place });
        }
        self.copy_slice();
        write_bytes(self.buffer, &event.memory()[place]);
        None
    }

    #[inline]
    fn extend(&mut self, bytes: &[u8]) -> bool {
        self.slice.as_mut().is_some_and(|slice| slice.extend(bytes))
    }

    /// Copies the first events, as others follow that lie elsewhere.
    #[inline]
    fn copy_slice(&mut self) {
        if let Some(slice) = self.slice.take() {
            write_bytes(self.buffer, slice.bytes());
        }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.slice.as_ref().map_or(self.buffer.len(), |slice| slice.place.len())
    }

    #[inline]
    pub(crate) fn take(self) -> Option<Bytes> {
        if self.slice.is_some() || self.buffer.is_empty() {
            return self.slice.map(Slice::into_bytes);
        }
        let frame = self.buffer.split().freeze();
        if frame.len() > MAX_FRAME_BYTES {
            // The buffer would keep as much memory for as long as the connection lasts.
            *self.buffer = BytesMut::new();
        }
        Some(frame)
    }
}

/// Length from which a frame takes no more events.
pub(crate) const MAX_FRAME_BYTES: usize = 16 * 1024;
