//! Result of a closure for an event.

/// Result of a decoding closure.
///
/// A closure that neither skips nor stops may return a `Result` instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decoded<T, E> {
    /// The event decodes to this value.
    Value(T),
    /// The event is ignored, and the next one is decoded.
    Skip,
    /// The stream of values ends before this event, which is not yielded.
    Stop,
    /// The event should have been a value, but is not.
    Failed(E),
}

/// Return type of a decoding closure: a [`Decoded`], or a `Result` whose `Ok` is a value and whose
/// `Err` is a failure.
///
/// This trait is sealed.
pub trait IntoDecoded: sealed::Sealed {
    /// Type that events are decoded to.
    type Value;
    /// Type of a decoding error.
    type Error;

    /// Converts the result to its general form.
    fn into_decoded(self) -> Decoded<Self::Value, Self::Error>;
}

impl<T, E> IntoDecoded for Decoded<T, E> {
    type Value = T;
    type Error = E;

    fn into_decoded(self) -> Self {
        self
    }
}

impl<T, E> IntoDecoded for Result<T, E> {
    type Value = T;
    type Error = E;

    fn into_decoded(self) -> Decoded<T, E> {
        match self {
            Ok(value) => Decoded::Value(value),
            Err(error) => Decoded::Failed(error),
        }
    }
}

mod sealed {
    #[allow(unnameable_types)] // That is what seals it.
    pub trait Sealed {}

    impl<T, E> Sealed for super::Decoded<T, E> {}
    impl<T, E> Sealed for Result<T, E> {}
}
