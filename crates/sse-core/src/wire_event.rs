//! Items of an `EventBody`: events, or their wire form.

use bytes::{Bytes, BytesMut};

use crate::{
    encoded::{EncodedEvent, EncodedEvents},
    event::ServerSentEvent,
    wire::{write_bytes, write_event},
};

/// Item that an [`EventBody`](crate::EventBody) sends (feature `http-body`): a [`ServerSentEvent`],
/// an [`EncodedEvent`] or [`EncodedEvents`].
///
/// Sealed: it has no other implementations.
pub trait WireEvent: sealed::WireEvent {}

impl WireEvent for ServerSentEvent {}

impl WireEvent for EncodedEvent {}

impl WireEvent for EncodedEvents {}

pub(crate) mod sealed {
    use bytes::{Bytes, BytesMut};

    #[allow(unnameable_types)] // sealed
    pub trait WireEvent {
        /// Writes the event behind what is in the buffer.
        fn write_to(&self, buffer: &mut BytesMut);

        /// Returns the wire form if it is in memory already.
        fn encoded(&self) -> Option<&Bytes>;
    }
}

impl sealed::WireEvent for ServerSentEvent {
    #[inline]
    fn write_to(&self, buffer: &mut BytesMut) {
        write_event(buffer, self);
    }

    #[inline]
    fn encoded(&self) -> Option<&Bytes> {
        None
    }
}

impl sealed::WireEvent for EncodedEvent {
    #[inline]
    fn write_to(&self, buffer: &mut BytesMut) {
        write_bytes(buffer, self.bytes());
    }

    #[inline]
    fn encoded(&self) -> Option<&Bytes> {
        Some(self.bytes())
    }
}

impl sealed::WireEvent for EncodedEvents {
    #[inline]
    fn write_to(&self, buffer: &mut BytesMut) {
        write_bytes(buffer, self.bytes());
    }

    #[inline]
    fn encoded(&self) -> Option<&Bytes> {
        Some(self.bytes())
    }
}
