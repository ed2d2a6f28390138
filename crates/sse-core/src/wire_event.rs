//! Items of an `EventBody`: events, or their wire format.

use core::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::{
    encoded::{EncodedEvent, EncodedEvents},
    event::ServerSentEvent,
    wire::encode_event,
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
    use core::ops::Range;

    use bytes::{Bytes, BytesMut};

    #[allow(unnameable_types)] // sealed
    pub trait WireEvent {
        /// Returns the place of the wire format in the memory, if it is there.
        fn block(&self) -> Option<Range<usize>>;

        /// Returns the memory that the item shares.
        fn memory(&self) -> &[u8];

        /// Converts the item into the [memory](Self::memory) that it shares.
        fn into_memory(self) -> Bytes;

        /// Encodes the event and appends it to the buffer.
        fn encode(&self, buffer: &mut BytesMut);
    }
}

impl sealed::WireEvent for ServerSentEvent {
    #[inline]
    fn block(&self) -> Option<Range<usize>> {
        self.block()
    }

    #[inline]
    fn memory(&self) -> &[u8] {
        self.memory()
    }

    #[inline]
    fn into_memory(self) -> Bytes {
        self.into_memory()
    }

    #[inline]
    fn encode(&self, buffer: &mut BytesMut) {
        encode_event(buffer, self);
    }
}

/// Implements the trait for types that are their wire format.
macro_rules! encoded {
    ($($encoded:ty),*) => {$(
        impl sealed::WireEvent for $encoded {
            #[inline]
            fn block(&self) -> Option<Range<usize>> {
                Some(0..self.as_bytes().len())
            }

            #[inline]
            fn memory(&self) -> &[u8] {
                self.as_bytes()
            }

            #[inline]
            fn into_memory(self) -> Bytes {
                self.into_bytes()
            }

            #[inline]
            fn encode(&self, buffer: &mut BytesMut) {
                buffer.extend_from_slice(self.as_bytes());
            }
        }
    )*};
}

encoded!(EncodedEvent, EncodedEvents);
