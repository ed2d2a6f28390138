//! Frame of an `EventBody`: the events that are ready at once.
//!
//! Responsible for sending without a copy what is already in memory in its wire format, unless it
//! is short: encoded events, and received or built events.

use core::ops::Range;

use bytes::{Buf, Bytes, BytesMut};

use crate::{wire::write_bytes, wire_event::sealed::WireEvent};

/// Consecutive events in memory that they share. A frame of them alone is not copied.
#[derive(Debug)]
pub(crate) struct Slice {
    memory: Bytes,
    place: Range<usize>,
}

impl Slice {
    fn bytes(&self) -> &[u8] {
        &self.memory[self.place.clone()]
    }

    #[inline]
    fn is_long(&self) -> bool {
        self.place.len() >= LONG_SLICE_BYTES
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
///
/// The frame is the buffer followed by the slice. A short slice is copied to the end of the buffer
/// once another event follows it. A long one is a frame of its own: it goes out alone if the buffer
/// is empty, and otherwise begins the next frame.
pub(crate) struct FrameBuilder<'a> {
    slice: Option<Slice>,
    buffer: &'a mut BytesMut,
    /// The events that begin the next frame.
    held: &'a mut Option<Slice>,
}

impl<'a> FrameBuilder<'a> {
    /// Starts a frame with the events that the last one has held for it.
    pub(crate) fn new(held: &'a mut Option<Slice>, buffer: &'a mut BytesMut) -> Self {
        Self { slice: held.take(), buffer, held }
    }

    /// Adds events to the frame, or holds them for the next one. The frame must not be full.
    #[inline]
    pub(crate) fn push(&mut self, event: impl WireEvent) {
        let Some(place) = event.block() else { return self.push_encoded(&event) };
        // Skips an item without events: a frame must not be empty.
        if place.is_empty() || self.extend(&event.memory()[place.clone()]) {
            return;
        }
        let len = self.len();
        if len == 0 {
            self.slice = Some(Slice { memory: event.into_memory(), place });
            return;
        }
        let has_room = len + place.len() <= MAX_FRAME_BYTES;
        if !has_room || place.len() >= LONG_SLICE_BYTES || self.has_long_slice() {
            *self.held = Some(Slice { memory: event.into_memory(), place });
            return;
        }
        self.copy_slice();
        if place.end < event.memory().len() {
            // The next event may follow it in the same memory.
            self.slice = Some(Slice { memory: event.into_memory(), place });
        } else {
            write_bytes(self.buffer, &event.memory()[place]);
        }
    }

    #[inline]
    fn push_encoded(&mut self, event: &impl WireEvent) {
        if self.has_long_slice() {
            // The buffer is empty: after other events, a long slice makes the frame full.
            event.encode(self.buffer);
            let memory = self.take_buffer();
            *self.held = Some(Slice { place: 0..memory.len(), memory });
        } else {
            self.copy_slice();
            event.encode(self.buffer);
        }
    }

    #[inline]
    fn extend(&mut self, bytes: &[u8]) -> bool {
        self.slice.as_mut().is_some_and(|slice| slice.extend(bytes))
    }

    /// Copies the slice, as other events follow it in the frame.
    #[inline]
    fn copy_slice(&mut self) {
        if let Some(slice) = self.slice.take() {
            write_bytes(self.buffer, slice.bytes());
        }
    }

    /// Returns `true` if the frame takes no more events.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.held.is_some()
            || self.len() >= MAX_FRAME_BYTES
            || (!self.buffer.is_empty() && self.has_long_slice())
    }

    #[inline]
    fn has_long_slice(&self) -> bool {
        self.slice.as_ref().is_some_and(Slice::is_long)
    }

    #[inline]
    fn len(&self) -> usize {
        self.buffer.len() + self.slice.as_ref().map_or(0, |slice| slice.place.len())
    }

    /// Returns the frame, or `None` without an event.
    #[inline]
    pub(crate) fn take(mut self) -> Option<Bytes> {
        if self.buffer.is_empty() {
            return self.slice.map(Slice::into_bytes);
        }
        if self.has_long_slice() {
            *self.held = self.slice.take();
        }
        self.copy_slice();
        Some(self.take_buffer())
    }

    fn take_buffer(&mut self) -> Bytes {
        let bytes = self.buffer.split().freeze();
        if bytes.len() > MAX_FRAME_BYTES {
            // The buffer would keep as much memory for as long as the connection lasts.
            *self.buffer = BytesMut::new();
        }
        bytes
    }
}

/// Length from which a frame takes no more events.
const MAX_FRAME_BYTES: usize = 16 * 1024;

/// Length from which a slice is sent as a frame of its own: a copy costs more than a frame.
const LONG_SLICE_BYTES: usize = 4 * 1024;
