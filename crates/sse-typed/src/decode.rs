//! What makes values of events: a closure of the caller's, or one of our decoders.

use sse_core::ServerSentEvent;

use crate::decoded::{Decoded, IntoDecoded};

/// Makes values of events: every closure that takes a `&ServerSentEvent` and answers with a
/// [`Decoded`] or a `Result` does.
///
/// This trait is sealed.
pub trait Decode: sealed::Sealed {
    /// The type that events are decoded to.
    type Value;
    /// The type that tells why one could not be.
    type Error;

    /// Decides about one event.
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
