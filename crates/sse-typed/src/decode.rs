//! Decoding trait: a closure of the caller's, or one of the decoders of this crate.

use sse_core::ServerSentEvent;

use crate::decoded::{Decoded, IntoDecoded};

/// Decoder of events: implemented by every closure that takes a `&ServerSentEvent` and returns a
/// [`Decoded`] or a `Result`.
///
/// This trait is sealed.
pub trait Decode: sealed::Sealed {
    /// Type that events are decoded to.
    type Value;
    /// Type of a decoding error.
    type Error;

    /// Decodes, skips or stops at one event.
    fn decode(&mut self, event: &ServerSentEvent) -> Decoded<Self::Value, Self::Error>;
}

impl<F, D> Decode for F
where
    F: FnMut(&ServerSentEvent) -> D,
    D: IntoDecoded,
{
    type Value = D::Value;
    type Error = D::Error;

    #[inline(always)]
    fn decode(&mut self, event: &ServerSentEvent) -> Decoded<D::Value, D::Error> {
        self(event).into_decoded()
    }
}

pub(crate) mod sealed {
    use super::{IntoDecoded, ServerSentEvent};

    #[allow(unnameable_types)] // That is what seals it.
    pub trait Sealed {}

    impl<F, D> Sealed for F
    where
        F: FnMut(&ServerSentEvent) -> D,
        D: IntoDecoded,
    {
    }
}
